package storetest

import (
	"fmt"
	"time"

	"github.com/fromline/fromline/store"
)

// heard hears a message of a person whose direct chat the store has.
func heard(s *sends, n uint64) error {
	i := int(n * 7919 % benchSets)
	_, heard, err := s.store.(store.Inbox).Hear(background, acme, store.DirectMessage{
		Line: number(i % benchLines), Sender: person(i), Chat: benchID(6, n), At: noon.Add(time.Duration(n) * time.Millisecond),
	})
	if err == nil && heard == store.HeardElsewhere {
		err = fmt.Errorf("a message of %v was heard on another line", person(i))
	}
	return err
}

// consented opts a person out, or in again.
func consented(s *sends, n uint64) error {
	out := n/benchSets%2 == 0
	_, _, err := s.store.(store.Consents).ChangeConsent(background, acme, person(int(n*7919%benchSets)),
		store.ConsentChange{OptedOut: &out, At: noon.Add(time.Duration(n) * time.Millisecond)})
	return err
}

// rerouted commits a message that opens a chat, leases it, and reroutes it to
// another line.
func rerouted(s *sends, n uint64) error {
	outbox := s.store.(store.Outbox)
	at := noon.Add(time.Duration(n) * time.Millisecond)
	set := people(1_000_000 + int(n))
	first := withDelivery(planOf(store.NewBestNumber, set, benchID(7, n), number(int(n)%benchLines), at, benchID(8, n)), "a message")
	lease, err := outbox.CommitLeased(background, first, time.Hour)
	if err != nil {
		return err
	}
	snap, err := s.look(set, n)
	if err != nil {
		return err
	}
	p := withDelivery(planOf(store.FailoverFlagged, set, benchID(9, n), number(int(n+1)%benchLines), at, first.MessageID), "a message")
	p.PreviousChatID, p.Revision = first.ChatID, snap.Revision
	p.Moves = []store.Move{{ChatID: first.ChatID, Line: first.Line, At: at}}
	return outbox.Reroute(background, lease, p)
}

// opening opens a chat with a leased message: the first half of rerouted.
func opening(s *sends, n uint64) error {
	set := people(1_000_000 + int(n))
	_, err := s.store.(store.Outbox).CommitLeased(background, withDelivery(
		planOf(store.NewBestNumber, set, benchID(7, n), number(int(n)%benchLines), noon.Add(time.Duration(n)*time.Millisecond), benchID(8, n)), "a message"), time.Hour)
	return err
}
