package memory

import (
	"context"

	"github.com/google/uuid"

	"github.com/fromline/fromline/store"
)

// Lookup implements store.ChatStore.
func (s *Store) Lookup(ctx context.Context, q store.Query) (store.Snapshot, error) {
	if err := q.Check(); err != nil {
		return store.Snapshot{}, err
	}
	if err := s.begin(ctx); err != nil {
		return store.Snapshot{}, err
	}
	t := s.tenants.find(q.Tenant)
	if t == 0 {
		return store.Snapshot{}, nil
	}
	held := placeOfSet(t, q.Set).set()
	if q.IdempotencyKey != "" {
		held |= s.placeOfKey(t, q.IdempotencyKey).set()
	} else if q.MessageID != uuid.Nil {
		held |= placeOfID(t, q.MessageID).set()
	}
	for _, number := range q.Lines {
		held |= placeOfLine(t, number).set()
	}
	s.lock(held)
	defer s.unlock(held)

	var snap store.Snapshot
	if set := s.findSet(t, q.Set); set != nil {
		snap.Revision = set.revision
		snap.Chats, snap.More = set.view(q.SkipNamed)
	}
	var r *record
	if q.IdempotencyKey != "" {
		r = s.decidedUnder(t, q.IdempotencyKey)
	} else if q.MessageID != uuid.Nil {
		r = s.decided(t, q.MessageID)
	}
	if r != nil {
		snap.Record = r.view()
	}
	for _, number := range q.Lines {
		l := s.shards[placeOfLine(t, number)].lines[owned[uint64]{t, number.Digits()}]
		if l != nil && l.used() {
			snap.Uses = append(snap.Uses, l.use)
		}
	}
	return snap, nil
}

// view returns the chats of a set as package store shows them.
func (s *set) view(skipNamed bool) (chats []store.Chat, more bool) {
	if len(s.chats) == 0 {
		return nil, false
	}
	skipNamed = skipNamed && s.people.IsGroup()
	chats = make([]store.Chat, 0, min(len(s.chats), store.MaxChats))
	for _, c := range s.chats {
		if skipNamed && c.named {
			continue
		}
		if len(chats) == store.MaxChats {
			return chats, true
		}
		chats = append(chats, c.view())
	}
	return chats, false
}
