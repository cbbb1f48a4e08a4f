package castest

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/fromline/fromline/line"
	"github.com/fromline/fromline/recipients"
	"github.com/fromline/fromline/store"
)

const acme = "acme"

var noon = time.Date(2026, time.March, 1, 12, 0, 0, 0, time.UTC)

// TestCrashes runs histories in which clients take turns at single operations
// of the engine, in random order, and die at random ones. The store must keep
// its promises to the survivors. A history that fails prints its seed; add the
// seed to TestSeeds to run it again.
func TestCrashes(t *testing.T) {
	n := 3_000
	if testing.Short() {
		n = 500
	}
	if os.Getenv("FROMLINE_LONG") != "" {
		n = 100_000
	}
	for i := range n {
		seed := uint64(time.Now().UnixNano()) + uint64(i)
		if err := history(seed, 0); err != nil {
			t.Fatalf("seed %d: %v", seed, err)
		}
	}
}

// TestSeeds runs histories that once failed.
func TestSeeds(t *testing.T) {
	for _, seed := range []uint64{1, 2, 3} {
		require.NoError(t, history(seed, 0), "seed %d", seed)
	}
}

// TestEveryRuleIsNeeded leaves out one rule at a time, and checks that the
// histories fail.
func TestEveryRuleIsNeeded(t *testing.T) {
	for without, name := range map[rule]string{
		fencing: "fencing", renewal: "renewal", helping: "helping",
		holding: "holding", releasing: "releasing", collecting: "collecting",
	} {
		t.Run(name, func(t *testing.T) {
			for seed := range uint64(50_000) {
				if err := history(seed, without); err != nil {
					t.Logf("noticed in history %d: %v", seed, err)
					return
				}
			}
			t.Error("nothing noticed that the rule was left out")
		})
	}
}

// errCrashed is the panic of a client that dies.
var errCrashed = errors.New("crashed")

// turns is an engine that waits for its turn before every operation.
type turns struct {
	engine
	ready chan struct{}
	lives chan bool
}

func (e *turns) await() {
	e.ready <- struct{}{}
	if !<-e.lives {
		panic(errCrashed)
	}
}

func (e *turns) get(key string) (cell, uint64) {
	e.await()
	return e.engine.get(key)
}

func (e *turns) swap(key string, version uint64, to cell) bool {
	e.await()
	return e.engine.swap(key, version, to)
}

// sent is what a client knows about a send.
type sent struct {
	plan  *store.Plan // the last plan that it tried
	acked bool        // the commit returned nil
	over  bool        // the send ended: acknowledged, replayed or refused
}

// client is a process.
type client struct {
	store *casStore
	turns *turns
	done  chan struct{}
	sends []*sent
	seen  map[state][]uuid.UUID
	moves bool // whether people join and leave chats
	wrong error
}

// state is a key under which a set must always have the same chats.
type state struct {
	set      recipients.Key
	revision store.Revision
}

// ended waits until the client wants a turn, or has ended.
func (c *client) ended() bool {
	select {
	case <-c.turns.ready:
		return false
	case <-c.done:
		return true
	}
}

const (
	sets  = 3
	lines = 2
	limit = 2
	keys  = 2
)

func digits(n int) recipients.Handle {
	h, err := recipients.FromDigits(uint64(12_025_550_000 + n))
	if err != nil {
		panic(err)
	}
	return h
}

// stranger is a person who joins and leaves chats.
const stranger = 200

func setOf(people ...int) recipients.Set {
	handles := []recipients.Handle{digits(100)}
	for _, n := range people {
		handles = append(handles, digits(n))
	}
	set, err := recipients.NewSet(handles...)
	if err != nil {
		panic(err)
	}
	return set
}

func lineOf(i int) recipients.Handle { return digits(9000 + i) }

// history runs one history, and returns an error if it breaks a promise.
func history(seed uint64, without rule) error {
	random := rand.New(rand.NewPCG(seed, 0))
	cells, seen, moves := newTable(), make(map[state][]uuid.UUID), random.IntN(2) == 0
	clients := make([]*client, 2+random.IntN(3))
	for i := range clients {
		e := &turns{cells, make(chan struct{}), make(chan bool)}
		c := &client{store: newStore(e), turns: e, done: make(chan struct{}), seen: seen, moves: moves}
		c.store.without = without
		clients[i] = c
		program := rand.New(rand.NewPCG(seed, uint64(i+1)))
		go c.run(func() { c.work(program) })
	}
	waiting := slices.DeleteFunc(slices.Clone(clients), (*client).ended)
	for deaths := random.IntN(len(clients) + 1); len(waiting) > 0; {
		i := random.IntN(len(waiting))
		dies := deaths > 0 && random.IntN(60) == 0
		if dies {
			deaths--
		}
		waiting[i].turns.lives <- !dies
		if waiting[i].ended() {
			waiting = slices.Delete(waiting, i, i+1)
		}
	}
	for _, c := range clients {
		if c.wrong != nil {
			return c.wrong
		}
	}
	survivor := newStore(cells)
	survivor.without = without
	return check(survivor, clients, moves)
}

// run calls a function until it returns or the client dies.
func (c *client) run(do func()) {
	defer close(c.done)
	defer func() {
		if p := recover(); p != nil && p != errCrashed {
			c.wrong = fmt.Errorf("panic: %v", p)
		}
	}()
	do()
}

// work makes some sends.
func (c *client) work(random *rand.Rand) {
	for range 1 + random.IntN(3) {
		if c.moves && random.IntN(2) == 0 {
			if c.wrong = c.move(random); c.wrong != nil {
				return
			}
		}
		s := &sent{plan: &store.Plan{
			Tenant: acme, Set: setOf(random.IntN(sets)),
			Record:       store.Record{At: noon.Add(time.Duration(random.IntN(3)) * time.Hour), Line: lineOf(random.IntN(lines))},
			NewChatLimit: limit,
		}}
		s.plan.MessageID, s.plan.KeepUntil = draw(random), s.plan.At
		if random.IntN(2) == 0 {
			s.plan.Key = fmt.Sprint("key ", random.IntN(keys))
		}
		s.plan.ChatID = draw(random)
		c.sends = append(c.sends, s)
		if err := c.send(s, draw(random)); err != nil {
			c.wrong = err
			return
		}
	}
}

// send sends as a router does.
func (c *client) send(s *sent, fresh uuid.UUID) error {
	ctx := context.Background()
	for {
		p := s.plan
		snap, err := c.look(store.Query{Set: p.Set.Key(), IdempotencyKey: p.Key, MessageID: p.MessageID})
		if err != nil {
			return err
		}
		if r := snap.Record; r != nil {
			if r.MessageID == p.MessageID {
				return fmt.Errorf("message %s has a record and was not committed", r.MessageID)
			}
			mine := false // whether it is for this set: then its chat must be here
			for _, other := range snap.Chats {
				mine = mine || other.ID == r.ChatID
			}
			if !mine && !c.moves && r.Roster.Set().Equal(p.Set) {
				return fmt.Errorf("the record of chat %s was seen without it", r.ChatID)
			}
			s.over = true
			return nil
		}
		next := *p
		next.Revision, next.Reason, next.ChatID = snap.Revision, store.NewBestNumber, fresh
		if len(snap.Chats) > 0 {
			next.Reason, next.ChatID, next.Line = store.ReusedActiveChat, snap.Chats[0].ID, snap.Chats[0].Line
		}
		next.Roster = store.NewRoster(next.Set, next.At)
		s.plan = &next
		err = c.store.Commit(ctx, &next)
		var conflict *store.Conflict
		switch {
		case err == nil:
			s.acked, s.over = true, true
			return nil
		case !errors.As(err, &conflict):
			return fmt.Errorf("commit: %w", err)
		case conflict.Kind == store.LineFull:
			s.over = true // refused
			return nil
		}
	}
}

// look looks up. A revision must always have the same chats.
func (c *client) look(q store.Query) (store.Snapshot, error) {
	q.Tenant = acme
	snap, err := c.store.Lookup(context.Background(), q)
	var ids []uuid.UUID
	for _, chat := range snap.Chats {
		ids = append(ids, chat.ID)
	}
	slices.SortFunc(ids, func(a, b uuid.UUID) int { return slices.Compare(a[:], b[:]) })
	at := state{q.Set, snap.Revision}
	if before, known := c.seen[at]; known && !slices.Equal(before, ids) {
		return snap, fmt.Errorf("revision %d has the chats %v, and %v", snap.Revision, before, ids)
	}
	c.seen[at] = ids
	return snap, err
}

// move makes a person join a chat of a set, or leave it.
func (c *client) move(random *rand.Rand) error {
	i := random.IntN(sets)
	for _, set := range []recipients.Set{setOf(i), setOf(i, stranger)} {
		snap, err := c.look(store.Query{Set: set.Key()})
		if err != nil {
			return err
		}
		if len(snap.Chats) == 0 || random.IntN(2) == 0 {
			continue
		}
		id := snap.Chats[random.IntN(len(snap.Chats))].ID
		var e store.Event = store.ParticipantAdded{Chat: id, Handle: digits(stranger), At: noon}
		if random.IntN(2) == 0 {
			e = store.ParticipantRemoved{Chat: id, Handle: digits(stranger)}
		}
		return c.store.Apply(context.Background(), acme, []store.Event{e})
	}
	return nil
}

func draw(random *rand.Rand) (id uuid.UUID) {
	for i := range id {
		id[i] = byte(random.Uint32())
	}
	return id
}

// check checks the store after a history, as a client that was not in it.
func check(s *casStore, clients []*client, moves bool) error {
	ctx := context.Background()
	look := func(q store.Query) store.Snapshot {
		q.Tenant = acme
		snap, err := s.Lookup(ctx, q)
		if err != nil {
			panic(err)
		}
		return snap
	}
	opened := make(map[recipients.Handle]int)
	chats := make(map[uuid.UUID]bool)
	for i := range sets {
		here, there := look(store.Query{Set: setOf(i).Key()}).Chats, look(store.Query{Set: setOf(i, stranger).Key()}).Chats
		if len(here) > 1 && !moves {
			return fmt.Errorf("set %d has %d chats", i, len(here))
		}
		for _, c := range append(here, there...) {
			if chats[c.ID] {
				return fmt.Errorf("chat %s is in two places", c.ID)
			}
			chats[c.ID] = true
			opened[c.Line]++
			if key, _, _, at := s.locate(acme, c.ID); at < 0 || key != home(acme, c) {
				return fmt.Errorf("chat %s is not where it is said to be", c.ID)
			}
		}
	}
	byKey := make(map[string]uuid.UUID)
	for _, c := range clients {
		for _, sent := range c.sends {
			r := sent.plan.Record
			kept := look(store.Query{MessageID: r.MessageID}).Record
			switch {
			case sent.acked && kept == nil:
				return fmt.Errorf("message %s was acknowledged and is lost", r.MessageID)
			case sent.over && !sent.acked && kept != nil:
				return fmt.Errorf("message %s was refused and has a record", r.MessageID)
			case kept != nil && !chats[kept.ChatID]:
				return fmt.Errorf("message %s has a record and no chat", r.MessageID)
			}
			if r.Key == "" || kept == nil {
				continue
			}
			if other, taken := byKey[r.Key]; taken && other != r.MessageID {
				return fmt.Errorf("%s has two decisions", r.Key)
			}
			byKey[r.Key] = r.MessageID
			if under := look(store.Query{IdempotencyKey: r.Key}).Record; under == nil || under.MessageID != r.MessageID {
				return fmt.Errorf("%s does not lead to its decision", r.Key)
			}
		}
	}
	for i := range lines {
		use := s.useOf(acme, lineOf(i))
		used := use.Window(line.HourOf(noon))
		if used != opened[lineOf(i)] {
			return fmt.Errorf("line %d opened %d chats and counts %d", i, opened[lineOf(i)], used)
		}
		if used > limit {
			return fmt.Errorf("line %d opened %d chats, %d are allowed", i, used, limit)
		}
		if err := checkRoom(s, i, used); err != nil {
			return err
		}
	}
	return nil
}

// checkRoom opens as many more chats as the limit of a line allows: the slots
// of dead clients must be free, and no others.
func checkRoom(s *casStore, line, used int) error {
	for n := used; n <= limit; n++ {
		at := noon.Add(2 * time.Hour)
		set := setOf(1000*(line+1) + n)
		p := &store.Plan{
			Tenant: acme, Set: set, NewChatLimit: limit,
			Record: store.Record{ChatID: uuid.New(), MessageID: uuid.New(), Line: lineOf(line), Reason: store.NewBestNumber, At: at, KeepUntil: at},
		}
		if err := s.Commit(context.Background(), p); (err == nil) != (n < limit) {
			return fmt.Errorf("line %d has opened %d chats of %d, and the next: %v", line, n, limit, err)
		}
	}
	return nil
}
