// Package people computes the roster of a chat after a person joined or left,
// and the names under which a store finds the chats of a person.
//
// # What this package does not do
//
// It knows no stores: they keep rosters and names as they like.
package people

import (
	"fmt"
	"time"

	"github.com/fromline/fromline/recipients"
	"github.com/fromline/fromline/store"
)

// Joined returns the roster of a chat on a line after a person joined. If the
// person takes part already, it is the same roster. If the person is the line
// itself, the error wraps store.ErrInvalid.
func Joined(r store.Roster, line, who recipients.Handle, at time.Time) (store.Roster, error) {
	switch {
	case who == line:
		return r, fmt.Errorf("%w: the line of the chat cannot join it", store.ErrInvalid)
	case r.Set().Contains(who):
		return r, nil
	}
	times := map[recipients.Handle]time.Time{who: at}
	members := []recipients.Handle{who}
	for i, h := range r.Set().All() {
		members = append(members, h)
		times[h] = r.JoinedAt(i)
	}
	return rosterOf(members, times, r.Since())
}

// Left returns the roster of a chat after a person left. If the person does not
// take part, it is the same roster.
func Left(r store.Roster, who recipients.Handle) (store.Roster, error) {
	if !r.Set().Contains(who) {
		return r, nil
	}
	times := make(map[recipients.Handle]time.Time)
	var members []recipients.Handle
	for i, h := range r.Set().All() {
		if h != who {
			members = append(members, h)
			times[h] = r.JoinedAt(i)
		}
	}
	return rosterOf(members, times, r.Since())
}

// rosterOf returns the roster of some people. There may be none.
func rosterOf(members []recipients.Handle, times map[recipients.Handle]time.Time, since time.Time) (store.Roster, error) {
	if len(members) == 0 {
		return store.NewRoster(recipients.Set{}, since), nil
	}
	set, err := recipients.NewLargeSet(members...)
	if err != nil {
		return store.Roster{}, fmt.Errorf("%w: %w", store.ErrInvalid, err)
	}
	joined := make([]time.Time, set.Len())
	for i, h := range set.All() {
		joined[i] = times[h]
	}
	return store.NewRosterJoined(set, since, joined), nil
}

// Name returns the name under which a store finds the chats of a person: the
// key of the set of that person alone. So the set of a direct chat already has
// that key, and only groups need a list of names. The error wraps
// store.ErrInvalid.
func Name(h recipients.Handle) (recipients.Key, error) {
	alone, err := recipients.NewSet(h)
	if err != nil {
		return recipients.Key{}, fmt.Errorf("%w: %w", store.ErrInvalid, err)
	}
	return alone.Key(), nil
}

// Names returns the names of all members of some sets, in their order. The
// error wraps store.ErrInvalid.
func Names(sets ...recipients.Set) ([]recipients.Key, error) {
	var names []recipients.Key
	for _, set := range sets {
		for _, h := range set.All() {
			name, err := Name(h)
			if err != nil {
				return nil, err
			}
			names = append(names, name)
		}
	}
	return names, nil
}

// ReadNames splits concatenated names of 32 bytes.
func ReadNames(b []byte) (names []recipients.Key, err error) {
	for ; len(b) > 0; b = b[min(32, len(b)):] {
		name, err := recipients.KeyFromBytes(b[:min(32, len(b))])
		if err != nil {
			return nil, err
		}
		names = append(names, name)
	}
	return names, nil
}
