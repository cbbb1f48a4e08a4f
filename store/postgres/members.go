package postgres

import (
	"fmt"
	"time"

	"github.com/fromline/fromline/recipients"
	"github.com/fromline/fromline/store"
)

// joined returns the roster of a chat after somebody joined it.
func joined(m *members, e store.ParticipantAdded) (store.Roster, error) {
	set := m.roster.Set()
	switch {
	case e.Handle == m.line:
		return store.Roster{}, fmt.Errorf("postgres: %w: the line of the chat cannot join it", store.ErrInvalid)
	case set.Contains(e.Handle):
		return m.roster, nil
	}
	times := map[recipients.Handle]time.Time{e.Handle: e.At}
	members := []recipients.Handle{e.Handle}
	for i, h := range set.All() {
		members = append(members, h)
		times[h] = m.roster.JoinedAt(i)
	}
	return rosterOf(members, times, m.roster.Since())
}

// left returns the roster of a chat after somebody left it.
func left(m *members, gone recipients.Handle) (store.Roster, error) {
	times := make(map[recipients.Handle]time.Time)
	var members []recipients.Handle
	for i, h := range m.roster.Set().All() {
		if h != gone {
			members = append(members, h)
			times[h] = m.roster.JoinedAt(i)
		}
	}
	return rosterOf(members, times, m.roster.Since())
}

// rosterOf returns the roster of some people, nobody included.
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
