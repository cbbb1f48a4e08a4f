package memory

import (
	"cmp"
	"fmt"
	"strings"

	"github.com/google/uuid"

	"github.com/fromline/fromline/message"
	"github.com/fromline/fromline/recipients"
	"github.com/fromline/fromline/store"
	"github.com/fromline/fromline/store/internal/packed"
)

// record is one record: what it is found by, and the rest, because there may be
// millions, as plain facts where that is enough and else packed.
type record struct {
	tenant        *tenancy
	key           string
	message, chat uuid.UUID
	keepUntil     int64 // microseconds since 1970
	plain
	packed []byte // nil: the plain facts say everything
}

// plain is what most records say besides: who was in the chat is everybody of a
// set since then, no chat was abandoned, and nothing was attached or noted.
type plain struct {
	set         *set
	since, at   int64  // microseconds since 1970
	line        uint64 // its digits
	trace       string
	fingerprint message.Fingerprint
	reason      store.Reason
	service     message.Service

	continuation, moreChats bool
}

// keep keeps a record about a chat, which is nil if it is not known. It shares
// no memory with the caller's request.
func (s *Store) keep(t *tenancy, c *chat, from *store.Record) {
	r := &record{
		tenant: t, key: strings.Clone(from.Key), message: from.MessageID, chat: from.ChatID, keepUntil: from.KeepUntil.UnixMicro(),
	}
	if c != nil && c.set != nil && from.PreviousChatID == uuid.Nil && len(from.Attachments) == 0 && len(from.Notes) == 0 &&
		len(from.Moves) == 0 && from.NotBefore.IsZero() && from.Roster.Equal(store.NewRoster(c.set.people, fromMicros(c.created))) {
		r.plain = plain{
			set: c.set, since: c.created, at: from.At.UnixMicro(), line: from.Line.Digits(), trace: from.Trace, fingerprint: from.Fingerprint,
			reason: from.Reason, service: from.Service, continuation: from.Continuation, moreChats: from.MoreChats,
		}
	} else {
		r.packed = packed.Record(from)
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
func (t *tenancy) record(key string, messageID uuid.UUID) *record {
	if key != "" {
		return t.keys[key]
	}
	return t.messages[messageID]
}

// unpack makes a new record of the caller say what this one does.
func (r *record) unpack(v *store.Record) error {
	v.Key, v.MessageID, v.ChatID, v.KeepUntil = r.key, r.message, r.chat, fromMicros(r.keepUntil)
	if r.packed != nil {
		if err := packed.ReadRecord(r.packed, v); err != nil {
			return fmt.Errorf("memory: record of message %s: %w", r.message, err)
		}
		return nil
	}
	v.At, v.Fingerprint, v.Trace = fromMicros(r.at), r.fingerprint, r.trace
	v.Line, _ = recipients.FromDigits(r.line) // of a plan that was checked
	v.Reason, v.Service, v.Continuation, v.MoreChats = r.reason, r.service, r.continuation, r.moreChats
	v.Roster = store.NewRoster(r.set.people, fromMicros(r.since))
	return nil
}

// expiresBefore orders records by when they expire, and then somehow.
func expiresBefore(a, b *record) bool {
	if a.keepUntil != b.keepUntil {
		return a.keepUntil < b.keepUntil
	}
	return cmp.Or(compareIDs(a.message, b.message), strings.Compare(a.tenant.name, b.tenant.name)) < 0
}
