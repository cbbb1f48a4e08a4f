package proctest

import (
	"context"
	"errors"
	"fmt"
	"io"
	"sync"
	"time"

	"github.com/google/uuid"

	"github.com/fromline/fromline/message"
	"github.com/fromline/fromline/recipients"
	"github.com/fromline/fromline/store"
)

const (
	workers = 4  // sending goroutines in each child
	sets    = 3  // sets of people for each goroutine
	lines   = 2  // lines of all goroutines
	lease   = 60 // seconds: long enough that no live child loses one
)

// suffer sends and delivers until it is killed.
func (c *child) suffer() error {
	errs := make(chan error, workers+1)
	for w := range workers {
		go func() { errs <- c.send((c.number*workers + w) * sets) }()
	}
	go func() { errs <- c.deliver() }()
	return <-errs
}

// ticker reports acknowledged decisions to the parent.
type ticker struct {
	mu  sync.Mutex
	out io.Writer
}

func (t *ticker) tick() error {
	t.mu.Lock()
	defer t.mu.Unlock()
	_, err := t.out.Write([]byte{'.'})
	return err
}

// send sends to some sets in turn. It continues where the journal ends: it
// repeats the last send that was tried, with the same key.
func (c *child) send(first int) error {
	next := make([]int, sets)
	for i := range next {
		next[i] = max(1, c.before.tried[first+i])
	}
	for {
		for i := range next {
			if err := c.sendOne(send{first + i, next[i]}); err != nil {
				return err
			}
			next[i]++
		}
	}
}

// sendOne makes one decision as a router does: it looks up, decides and
// commits, and looks up again if the commit failed for any reason.
func (c *child) sendOne(s send) error {
	people := peopleOf(s.set)
	key := fmt.Sprintf("%d/%d", s.set, s.n)
	id := uuid.NewSHA1(uuid.NameSpaceURL, []byte(key))
	if err := c.journal.write("try", s, id); err != nil {
		return err
	}
	return until(func() error {
		for {
			snap, err := c.store.Lookup(context.Background(), store.Query{Tenant: tenant, Set: people.Key(), IdempotencyKey: key})
			if err != nil {
				return err
			}
			if snap.Record != nil {
				return c.acked(s, snap.Record.MessageID)
			}
			if err := c.store.Commit(context.Background(), planFor(s, people, key, id, &snap)); err == nil {
				return c.acked(s, id)
			} else if errors.Is(err, store.ErrInvalid) {
				return err
			}
		}
	})
}

// acked notes an acknowledged decision, and ticks.
func (c *child) acked(s send, id uuid.UUID) error {
	if err := c.journal.write("ack", s, id); err != nil {
		return err
	}
	return c.ticks.tick()
}

// deliver hands over due deliveries.
func (c *child) deliver() error {
	for {
		err := until(func() error {
			n, err := handOver(c.store, c.journal)
			if n == 0 && err == nil {
				<-time.After(time.Millisecond)
			}
			return err
		})
		if err != nil {
			return err
		}
	}
}

// handOver claims deliveries, notes each as handed over, and then acknowledges
// it. It returns how many it claimed.
func handOver(s Store, j journal) (int, error) {
	claimed, err := s.Claim(context.Background(), lease*time.Second, 5)
	if err != nil {
		return 0, err
	}
	for _, c := range claimed {
		var of send
		if _, err := fmt.Sscan(string(c.Delivery.Content), &of.set, &of.n); err != nil {
			return 0, err
		}
		if err := j.write("hand", of, c.Delivery.MessageID); err != nil {
			return 0, err
		}
		// Repeat an ack whose outcome is unknown, so that the lease does not
		// hold the chat back.
		err := until(func() error {
			err := s.Ack(context.Background(), c.Lease)
			if errors.Is(err, store.ErrLeaseLost) {
				return nil
			}
			return err
		})
		if err != nil {
			return 0, err
		}
	}
	return len(claimed), nil
}

func planFor(s send, people recipients.Set, key string, id uuid.UUID, snap *store.Snapshot) *store.Plan {
	at := time.Now()
	p := &store.Plan{
		Tenant: tenant, Set: people, Revision: snap.Revision,
		Record: store.Record{
			Key: key, MessageID: id, Reason: store.NewBestNumber, ChatID: uuid.New(), Line: lineOf(s.set % lines),
			At: at, Roster: store.NewRoster(people, at),
			Service: message.IMessage, Fingerprint: message.Fingerprint{Version: 1}, KeepUntil: at.Add(24 * time.Hour),
		},
		Content: fmt.Appendf(nil, "%d %d", s.set, s.n),
	}
	if len(snap.Chats) > 0 {
		p.Reason, p.ChatID, p.Line = store.ReusedActiveChat, snap.Chats[0].ID, snap.Chats[0].Line
	}
	return p
}

func peopleOf(set int) recipients.Set {
	people, err := recipients.NewSet(digits(12025550000 + uint64(set)))
	if err != nil {
		panic(err)
	}
	return people
}

func lineOf(i int) recipients.Handle { return digits(13015550000 + uint64(i)) }

func digits(d uint64) recipients.Handle {
	h, err := recipients.FromDigits(d)
	if err != nil {
		panic(err)
	}
	return h
}
