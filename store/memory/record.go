package memory

import (
	"bytes"
	"fmt"
	"slices"
	"strings"

	"github.com/google/uuid"

	"github.com/fromline/fromline/message"
	"github.com/fromline/fromline/store"
)

// record is what is remembered of a decision, packed: there may be millions. It
// is guarded by the shard of its message id, and nothing of it ever changes but the
// links of the tables.
type record struct {
	message uuid.UUID
	chat    uuid.UUID
	line    *account

	// Who was in the chat: everybody of a set since the chat was created, unless
	// rest knows better.
	set   *set
	since int64

	at      int64   // like all times here in microseconds since 1970
	expires int64   // Record.KeepUntil
	rest    *rest   // nil for most records
	next    *record // of those whose message ids have the same hash

	key     string
	keyHash uint64    // of the tenant's key
	nextKey *underKey // of those whose keys have the same hash

	fingerprint  message.Fingerprint
	reason       store.Reason
	service      message.Service
	continuation bool
	moreChats    bool
}

func (r *record) tenant() tenantID { return r.set.tenant }
func (r *record) hash() uint64     { return hashOfID(r.tenant(), r.message) }
func (r *record) link() **record   { return &r.next }

// underKey is a record as it is found by its key, if it has one.
type underKey record

func (r *underKey) hash() uint64     { return r.keyHash }
func (r *underKey) link() **underKey { return &r.nextKey }

// rest is what most records do without.
type rest struct {
	previous    uuid.UUID
	roster      *store.Roster // nil: set and since tell it
	attachments []message.Media
	notes       []string
}

// pack returns a record of a decision about a chat. It shares no memory with the
// caller's request.
func pack(r *store.Record, c *chat) *record {
	kept := &record{
		message: r.MessageID, chat: r.ChatID, line: c.line, set: c.set, since: c.created,
		at: toMicros(r.At), expires: toMicros(r.KeepUntil), key: strings.Clone(r.Key),
		fingerprint: r.Fingerprint, reason: r.Reason, service: r.Service,
		continuation: r.Continuation, moreChats: r.MoreChats,
	}
	plain := r.Roster.Equal(kept.roster())
	if plain && r.PreviousChatID == uuid.Nil && len(r.Attachments) == 0 && len(r.Notes) == 0 {
		return kept
	}
	kept.rest = &rest{previous: r.PreviousChatID}
	if !plain {
		kept.rest.roster = new(r.Roster)
	}
	for _, a := range r.Attachments {
		kept.rest.attachments = append(kept.rest.attachments, message.Media{
			ID: a.ID, Filename: strings.Clone(a.Filename), MimeType: strings.Clone(a.MimeType),
			SizeBytes: a.SizeBytes, URL: strings.Clone(a.URL),
		})
	}
	for _, note := range r.Notes {
		kept.rest.notes = append(kept.rest.notes, strings.Clone(note))
	}
	return kept
}

// roster returns who was in the chat.
func (r *record) roster() store.Roster {
	if r.rest != nil && r.rest.roster != nil {
		return *r.rest.roster
	}
	return store.NewRoster(r.set.people, fromMicros(r.since))
}

// view returns the record as package store shows it. It is the caller's own.
func (r *record) view() *store.Record {
	v := &store.Record{
		Key: r.key, MessageID: r.message, ChatID: r.chat, Line: r.line.number(), Reason: r.reason, At: fromMicros(r.at),
		Roster: r.roster(), Service: r.service, Continuation: r.continuation, MoreChats: r.moreChats,
		Fingerprint: r.fingerprint, KeepUntil: fromMicros(r.expires),
	}
	if r.rest != nil {
		v.PreviousChatID = r.rest.previous
		v.Attachments, v.Notes = slices.Clone(r.rest.attachments), slices.Clone(r.rest.notes)
	}
	return v
}

// placesOf returns where the record is found.
func (s *Store) placesOf(r *record) placeSet {
	set := placeOfID(r.tenant(), r.message).set()
	if r.key != "" {
		set |= placeOf(r.tenant(), r.keyHash).set()
	}
	return set
}

// decided returns the record of a message, nil if there is none. The shard of
// the message is locked.
func (s *Store) decided(t tenantID, messageID uuid.UUID) *record {
	return s.shards[placeOfID(t, messageID)].messages.find(hashOfID(t, messageID), func(r *record) bool {
		return r.message == messageID && r.tenant() == t
	})
}

// decidedUnder returns the record kept under a key, nil if there is none. The
// shard of the key is locked.
func (s *Store) decidedUnder(t tenantID, key string) *record {
	hash := s.hashOfKey(t, key)
	return (*record)(s.shards[placeOf(t, hash)].keys.find(hash, func(r *underKey) bool {
		return r.key == key && r.set.tenant == t
	}))
}

// reserve makes room for a record, or says that there is none.
func (s *Store) reserve() error {
	if s.records.Add(1) > s.maxRecords {
		s.records.Add(-1)
		return fmt.Errorf("memory: %w: it keeps %d records at most; purge those that have expired", store.ErrFull, s.maxRecords)
	}
	return nil
}

// keep adds a record, for which room was reserved. Its shards are locked.
func (s *Store) keep(r *record) {
	at := &s.shards[placeOfID(r.tenant(), r.message)]
	at.messages.add(r)
	at.expiry.Load(r.expiry()) // fast for what expires after all others, and right for the rest
	if r.key != "" {
		r.keyHash = s.hashOfKey(r.tenant(), r.key)
		s.shards[placeOf(r.tenant(), r.keyHash)].keys.add((*underKey)(r))
	}
}

// drop removes a record unless somebody else did, and says whether it did.
func (s *Store) drop(r *record) bool {
	set := s.placesOf(r)
	s.lock(set)
	defer s.unlock(set)
	if s.decided(r.tenant(), r.message) != r {
		return false
	}
	at := &s.shards[placeOfID(r.tenant(), r.message)]
	at.messages.remove(r)
	at.expiry.Delete(r.expiry())
	if r.key != "" {
		s.shards[placeOf(r.tenant(), r.keyHash)].keys.remove((*underKey)(r))
	}
	s.records.Add(-1)
	return true
}

// expiry is a record in the order of expiry. It has the time beside it, so that
// finding its place reads no other records.
type expiry struct {
	at     int64
	record *record
}

func (r *record) expiry() expiry { return expiry{r.expires, r} }

// expiresBefore orders records by when they expire, and then somehow.
func expiresBefore(a, b expiry) bool {
	switch {
	case a.at != b.at:
		return a.at < b.at
	case a.record.tenant() != b.record.tenant():
		return a.record.tenant() < b.record.tenant()
	}
	return bytes.Compare(a.record.message[:], b.record.message[:]) < 0
}
