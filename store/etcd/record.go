package etcd

import (
	"fmt"

	"github.com/google/uuid"

	"github.com/fromline/fromline/store"
	"github.com/fromline/fromline/store/internal/packed"
)

// The forms of the value of a message id.
const (
	recordHere  = 1
	recordByKey = 2 // under its idempotency key, so that a replay is one round trip
)

func writeRecord(r *store.Record) []byte {
	w := newWriter()
	w.byte(recordHere)
	w.id(r.MessageID)
	w.id(r.ChatID)
	w.int(micros(r.KeepUntil))
	w.bytes([]byte(r.Key))
	return append(w, packed.Record(r)...)
}

// readRecord reads a record, or the idempotency key that has it.
func readRecord(v value) (rec *store.Record, key string, err error) {
	if !v.there() {
		return nil, "", nil
	}
	r := newReader(v.bytes)
	if r.byte() == recordByKey {
		key = string(r.bytes())
		return nil, key, r.end()
	}
	rec = &store.Record{MessageID: r.id(), ChatID: r.id(), KeepUntil: fromMicros(r.int()), Key: string(r.bytes())}
	if r.err != nil {
		return nil, "", r.err
	}
	if err := packed.ReadRecord(r.rest, rec); err != nil {
		return nil, "", fmt.Errorf("record of message %s: %w", rec.MessageID, err)
	}
	return rec, "", nil
}

// keepRecord writes a record.
func (t *tx) keepRecord(tenant string, r *store.Record) {
	b := writeRecord(r)
	if r.Key != "" {
		t.put(t.s.keyOfKey(tenant, r.Key), b)
		w := newWriter()
		w.byte(recordByKey)
		w.bytes([]byte(r.Key))
		b = w
	}
	t.put(t.s.keyOf(kindMessage, tenant, r.MessageID), b)
	t.put(t.s.keyAt(kindExpiry, micros(r.KeepUntil), tenant, r.MessageID), nil)
}

// record returns the record of a message, nil if there is none.
func (t *tx) record(tenant string, message uuid.UUID) *store.Record {
	r, key, err := readRecord(t.get(t.s.keyOf(kindMessage, tenant, message)))
	t.damage(store.UnreadableRecord, tenant, message.String(), err)
	if key != "" {
		r, _, err = readRecord(t.get(t.s.keyOfKey(tenant, key)))
		t.damage(store.UnreadableRecord, tenant, message.String(), err)
	}
	return r
}

// dropRecord removes a record.
func (t *tx) dropRecord(tenant string, r *store.Record) {
	if r.Key != "" {
		t.del(t.s.keyOfKey(tenant, r.Key))
	}
	t.del(t.s.keyOf(kindMessage, tenant, r.MessageID))
	t.del(t.s.keyAt(kindExpiry, micros(r.KeepUntil), tenant, r.MessageID))
}

// dropDamaged removes a record that cannot be read. expiry is the key under
// which Purge found it.
func (t *tx) dropDamaged(tenant string, message uuid.UUID, expiry string) {
	at := t.s.keyOf(kindMessage, tenant, message)
	if _, key, err := readRecord(t.get(at)); err == nil && key != "" {
		t.del(t.s.keyOfKey(tenant, key))
	}
	t.del(at)
	t.del(expiry)
}

// hasRecord reports whether there is a record with that message id or key.
func (t *tx) hasRecord(tenant string, r *store.Record) bool {
	has := t.get(t.s.keyOf(kindMessage, tenant, r.MessageID)).there()
	return r.Key != "" && t.get(t.s.keyOfKey(tenant, r.Key)).there() || has
}
