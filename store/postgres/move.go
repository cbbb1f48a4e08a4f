package postgres

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"

	"github.com/fromline/fromline/recipients"
	"github.com/fromline/fromline/store"
	"github.com/fromline/fromline/store/internal/packed"
)

// errSame is what a change of a roster answers that changes nothing.
var errSame = errors.New("nothing changes")

// move changes the participants of a chat. The chat is read, changed here, and
// written if it is still as it was read, or else read again.
func (s *Store) move(ctx context.Context, tenant string, chat uuid.UUID, change func(*store.Chat) (store.Roster, error)) error {
	for {
		row, err := s.chatRow(ctx, tenant, chat)
		if err != nil {
			return err
		}
		c, err := row.chat()
		if err != nil {
			return fmt.Errorf("postgres: %w", err)
		}
		roster, err := change(&c)
		if errors.Is(err, errSame) {
			return nil
		}
		if err != nil {
			return err
		}
		people, err := everybody(c.Roster.Set(), roster.Set())
		if err != nil {
			return err
		}
		var key []byte
		if roster.Len() > 0 && !c.LineLeft {
			key = keyBytes(roster.Set().Key())
		}
		var written bool
		args := []any{[]byte(tenant), id(chat), row.roster, key, roster.Len() > 1, packed.Roster(roster), people}
		if err := s.call(ctx, s.sql.move, args, &written); err != nil || written {
			return err
		}
	}
}

// everybody returns the names of all members of two sets, see packed.Person.
func everybody(sets ...recipients.Set) ([]byte, error) {
	var names []byte
	for _, set := range sets {
		for _, h := range set.All() {
			name, err := packed.Person(h)
			if err != nil {
				return nil, fmt.Errorf("postgres: %w: %w", store.ErrInvalid, err)
			}
			names = append(names, name[:]...)
		}
	}
	return names, nil
}

// joined returns the roster of a chat that somebody joined.
func joined(c *store.Chat, e store.ParticipantAdded) (store.Roster, error) {
	if e.Handle == c.Line {
		return store.Roster{}, fmt.Errorf("postgres: %w: the line of the chat cannot join it", store.ErrInvalid)
	}
	if c.Roster.Set().Contains(e.Handle) {
		return store.Roster{}, errSame
	}
	members, times := membersOf(c.Roster)
	times[e.Handle] = e.At
	return rosterOf(append(members, e.Handle), times, c.Roster.Since())
}

// left returns the roster of a chat that somebody left.
func left(c *store.Chat, h recipients.Handle) (store.Roster, error) {
	if !c.Roster.Set().Contains(h) {
		return store.Roster{}, errSame
	}
	members, times := membersOf(c.Roster)
	var stay []recipients.Handle
	for _, m := range members {
		if m != h {
			stay = append(stay, m)
		}
	}
	return rosterOf(stay, times, c.Roster.Since())
}

func membersOf(r store.Roster) ([]recipients.Handle, map[recipients.Handle]time.Time) {
	members := make([]recipients.Handle, 0, r.Len()+1)
	times := make(map[recipients.Handle]time.Time, r.Len()+1)
	for i, h := range r.Set().All() {
		members = append(members, h)
		times[h] = r.JoinedAt(i)
	}
	return members, times
}

func rosterOf(members []recipients.Handle, times map[recipients.Handle]time.Time, since time.Time) (store.Roster, error) {
	if len(members) == 0 {
		return store.NewRoster(recipients.Set{}, since), nil
	}
	set, err := recipients.NewLargeSet(members...)
	if err != nil {
		return store.Roster{}, fmt.Errorf("postgres: %w: %w", store.ErrInvalid, err)
	}
	joined := make([]time.Time, set.Len())
	for i, h := range set.All() {
		joined[i] = times[h]
	}
	return store.NewRosterJoined(set, since, joined), nil
}
