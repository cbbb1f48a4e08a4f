package memory

import (
	"bytes"
	"cmp"
	"strings"

	"github.com/google/uuid"

	"github.com/fromline/fromline/store"
	"github.com/fromline/fromline/store/internal/packed"
)

// record is one record: what it is found by, and the rest of it packed, because
// there may be millions.
type record struct {
	tenant        *tenant
	key           string
	message, chat uuid.UUID
	keepUntil     int64 // microseconds since 1970
	rest          []byte
}

// keep keeps a record. It shares no memory with the caller's request.
func (s *Store) keep(t *tenant, from *store.Record) {
	r := &record{
		tenant: t, key: strings.Clone(from.Key), message: from.MessageID, chat: from.ChatID,
		keepUntil: from.KeepUntil.UnixMicro(), rest: packed.Record(from),
	}
	t.messages[r.message] = r
	if r.key != "" {
		t.keys[r.key] = r
	}
	s.expiry.Load(r) // fast for what expires after all others, and right for the rest
	s.records++
}

// drop removes a record.
func (s *Store) drop(r *record) {
	delete(r.tenant.messages, r.message)
	delete(r.tenant.keys, r.key)
	s.expiry.Delete(r)
	s.records--
}

// record returns the record kept under a key, or of a message if there is no
// key, nil if there is none.
func (t *tenant) record(key string, messageID uuid.UUID) *record {
	if key != "" {
		return t.keys[key]
	}
	return t.messages[messageID]
}

// unpack returns a record as the caller's own.
func (r *record) unpack() (*store.Record, error) {
	v := &store.Record{Key: r.key, MessageID: r.message, ChatID: r.chat, KeepUntil: fromMicros(r.keepUntil)}
	return v, packed.ReadRecord(r.rest, v)
}

// expiresBefore orders records by when they expire, and then somehow.
func expiresBefore(a, b *record) bool {
	if a.keepUntil != b.keepUntil {
		return a.keepUntil < b.keepUntil
	}
	return cmp.Or(bytes.Compare(a.message[:], b.message[:]), strings.Compare(a.tenant.name, b.tenant.name)) < 0
}
