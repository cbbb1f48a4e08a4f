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

// record is what is remembered of a decision, guarded by the shard of its
// message id. Nothing of it ever changes.
type record struct {
	store.Record
	tenant  tenantID
	expires int64 // Record.KeepUntil, in microseconds since 1970
}

// places returns where the record is found.
func (s *Store) placesOf(r *record) placeSet {
	set := placeOfID(r.tenant, r.MessageID).set()
	if r.Key != "" {
		set |= s.placeOfKey(r.tenant, r.Key).set()
	}
	return set
}

// decided returns the record of a message, nil if there is none. The shard of
// the message is locked.
func (s *Store) decided(t tenantID, messageID uuid.UUID) *record {
	return s.shards[placeOfID(t, messageID)].messages[owned[uuid.UUID]{t, messageID}]
}

// decidedUnder returns the record kept under a key, nil if there is none. The
// shard of the key is locked.
func (s *Store) decidedUnder(t tenantID, key string) *record {
	return s.shards[s.placeOfKey(t, key)].keys[owned[string]{t, key}]
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
func (s *Store) keep(t tenantID, r *store.Record, now store.Roster) {
	kept := &record{Record: detached(r), tenant: t, expires: toMicros(r.KeepUntil)}
	if kept.Roster.Equal(now) {
		kept.Roster = now // shares the memory of the chat
	}
	at := &s.shards[placeOfID(t, r.MessageID)]
	at.messages[owned[uuid.UUID]{t, r.MessageID}] = kept
	at.expiry.Set(kept)
	if kept.Key != "" {
		s.shards[s.placeOfKey(t, kept.Key)].keys[owned[string]{t, kept.Key}] = kept
	}
}

// drop removes a record unless somebody else did, and says whether it did.
func (s *Store) drop(r *record) bool {
	set := s.placesOf(r)
	s.lock(set)
	defer s.unlock(set)
	if s.decided(r.tenant, r.MessageID) != r {
		return false
	}
	at := &s.shards[placeOfID(r.tenant, r.MessageID)]
	delete(at.messages, owned[uuid.UUID]{r.tenant, r.MessageID})
	at.expiry.Delete(r)
	if r.Key != "" {
		delete(s.shards[s.placeOfKey(r.tenant, r.Key)].keys, owned[string]{r.tenant, r.Key})
	}
	s.records.Add(-1)
	return true
}

// expiresBefore orders records by when they expire, and then somehow.
func expiresBefore(a, b *record) bool {
	switch {
	case a.expires != b.expires:
		return a.expires < b.expires
	case a.tenant != b.tenant:
		return a.tenant < b.tenant
	}
	return bytes.Compare(a.MessageID[:], b.MessageID[:]) < 0
}

// detached returns a record that shares no memory with the caller's request.
func detached(r *store.Record) store.Record {
	c := *copyOf(r)
	c.At, c.KeepUntil = store.Micros(r.At), store.Micros(r.KeepUntil)
	c.Key = strings.Clone(r.Key)
	for i, note := range c.Notes {
		c.Notes[i] = strings.Clone(note)
	}
	for i, a := range c.Attachments {
		c.Attachments[i] = message.Media{
			ID: a.ID, Filename: strings.Clone(a.Filename), MimeType: strings.Clone(a.MimeType),
			SizeBytes: a.SizeBytes, URL: strings.Clone(a.URL),
		}
	}
	return c
}

// copyOf returns a record that is the caller's own.
func copyOf(r *store.Record) *store.Record {
	c := *r
	c.Attachments = slices.Clone(r.Attachments)
	c.Notes = slices.Clone(r.Notes)
	return &c
}
