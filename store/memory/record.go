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

	// Who was in the chat: everybody of a set since then; nil: the rest says it.
	set   *set
	since int64
	rest  []byte
}

// keep keeps a record about a chat, which is nil if it is not known. It shares no
// memory with the caller's request.
func (s *Store) keep(t *tenant, c *chat, from *store.Record) {
	r := &record{
		tenant: t, key: strings.Clone(from.Key), message: from.MessageID, chat: from.ChatID, keepUntil: from.KeepUntil.UnixMicro(),
	}
	rest := *from
	if c != nil && c.set != nil && from.Roster.Equal(store.NewRoster(c.set.people, fromMicros(c.created))) {
		r.set, r.since = c.set, c.created
		rest.Roster = store.Roster{}
	}
	r.rest = packed.Record(&rest)
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
	if err := packed.ReadRecord(r.rest, v); err != nil || r.set == nil {
		return v, err
	}
	v.Roster = store.NewRoster(r.set.people, fromMicros(r.since))
	return v, nil
}

// expiresBefore orders records by when they expire, and then somehow.
func expiresBefore(a, b *record) bool {
	if a.keepUntil != b.keepUntil {
		return a.keepUntil < b.keepUntil
	}
	return cmp.Or(bytes.Compare(a.message[:], b.message[:]), strings.Compare(a.tenant.name, b.tenant.name)) < 0
}
