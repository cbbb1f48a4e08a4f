package storetest

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/anishathalye/porcupine"
	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/fromline/fromline/recipients"
	"github.com/fromline/fromline/store"
)

// Linear runs generated programs concurrently on a store, and looks for an
// order in which the answers are possible: each call takes effect at one moment
// between its beginning and its end. A failing program is shrunk, and the
// printed seed runs it again; the interleaving of its calls is not repeated.
func Linear(t testing.TB, open Open) {
	t.Helper()
	w := newWorld(t, open(t))
	defer w.close()
	runs := 0
	rapid.Check(t, func(t *rapid.T) {
		runs++
		sets := []recipients.Set{people(runs, 0), people(runs, 1_000_000)} // new sets in every run

		programs := rapid.SliceOfN(rapid.SliceOfN(drawOrder, 1, 8), 2, 5).Draw(t, "programs")
		start := time.Now()
		history := make([][]porcupine.Operation, len(programs))
		failures := make([]error, len(programs))
		var running sync.WaitGroup
		for i, program := range programs {
			c := client{store: w.Store, sets: sets, line: number(i), seen: map[int]seenSet{}}
			running.Go(func() {
				call := func(in input) {
					begun := time.Since(start)
					out, err := c.do(in)
					failures[i] = errors.Join(failures[i], err)
					history[i] = append(history[i], porcupine.Operation{
						ClientId: i, Input: in, Call: int64(begun), Output: out, Return: int64(time.Since(start)),
					})
				}
				for _, o := range program {
					if o.Fresh {
						call(input{Set: o.Set, Do: lookOrder})
					}
					call(c.prepare(o))
				}
			})
		}
		running.Wait()
		require.NoError(t, errors.Join(failures...))
		if !porcupine.CheckOperations(setModel, slices.Concat(history...)) {
			for _, op := range slices.Concat(history...) {
				t.Logf("client %d, %d to %d: %s", op.ClientId, op.Call, op.Return, describe(op.Input, op.Output))
			}
			require.FailNow(t, "no order of these calls makes sense")
		}
	})
}

// order is one step of a program: what a client does with one of the sets.
type order struct {
	Set    int
	Do     orderKind
	Fresh  bool // look up first
	Choice int  // which chat of the last look-up
	At     int  // seconds
}

type orderKind int

const (
	lookOrder orderKind = iota
	openOrder
	reuseOrder
	failoverOrder
	activityOrder
)

var drawOrder = rapid.Custom(func(t *rapid.T) order {
	return order{
		Set:    rapid.IntRange(0, 1).Draw(t, "set"),
		Do:     orderKind(rapid.IntRange(0, 4).Draw(t, "do")),
		Fresh:  rapid.Bool().Draw(t, "fresh"),
		Choice: rapid.IntRange(0, 2).Draw(t, "choice"),
		At:     rapid.IntRange(0, 5).Draw(t, "at"),
	}
})

// client runs one program.
type client struct {
	store store.ChatStore
	sets  []recipients.Set
	line  recipients.Handle
	seen  map[int]seenSet
}

// seenSet is the answer of a look-up about a set.
type seenSet struct {
	Revision store.Revision
	Chats    []seenChat
}

type seenChat struct {
	ID, Successor uuid.UUID
	Active        int64
	Created       int64
	Line          recipients.Handle
}

// input is one call. Histories are split by Set.
type input struct {
	Set      int
	Do       orderKind
	Chat     uuid.UUID
	Old      uuid.UUID
	At       int64
	Revision store.Revision
	plan     *store.Plan
}

// prepare turns an order into a call. It may look up first.
func (c *client) prepare(o order) input {
	in := input{Set: o.Set, Do: o.Do, At: noon.Add(time.Duration(o.At) * time.Second).UnixMicro()}
	if in.Do == lookOrder {
		return in
	}
	seen := c.seen[o.Set]
	reason := store.NewBestNumber
	line := c.line
	in.Chat, in.Revision = uuid.New(), seen.Revision
	if in.Do != openOrder && len(seen.Chats) == 0 {
		in.Do = openOrder
	}
	switch in.Do {
	case reuseOrder, activityOrder:
		chat := seen.Chats[o.Choice%len(seen.Chats)]
		reason, in.Chat, line = store.ReusedActiveChat, chat.ID, chat.Line
	case failoverOrder:
		reason, in.Old = store.FailoverFlagged, seen.Chats[o.Choice%len(seen.Chats)].ID
	}
	in.plan = planOf(reason, c.sets[o.Set], in.Chat, line, time.UnixMicro(in.At).UTC(), uuid.New())
	in.plan.Revision, in.plan.PreviousChatID, in.plan.PreviousChatID = in.Revision, in.Old, in.Old
	return in
}

// do makes the call. Later plans rest on the answer of a look-up.
func (c *client) do(in input) (any, error) {
	switch in.Do {
	case lookOrder:
		err := c.refresh(in.Set)
		return c.seen[in.Set], err
	case activityOrder:
		return nil, c.store.Apply(background, acme, []store.Event{store.Activity{Chat: in.Chat, At: in.plan.At}})
	}
	kind, err := kindOf(c.store.Commit(background, in.plan))
	return kind, err
}

func (c *client) refresh(set int) error {
	snap, err := c.store.Lookup(background, store.Query{Tenant: acme, Set: c.sets[set].Key()})
	if err != nil {
		return err
	}
	seen := seenSet{Revision: snap.Revision}
	for _, chat := range snap.Chats {
		seen.Chats = append(seen.Chats, seenChat{
			ID: chat.ID, Successor: chat.Successor, Line: chat.Line,
			Active: chat.ActiveAt.UnixMicro(), Created: chat.CreatedAt.UnixMicro(),
		})
	}
	c.seen[set] = seen
	return nil
}

// setState is the state of one set in the model after some calls. The model
// does not know the revisions of the store. It learns one when a look-up
// returns it, and then no other state may have it.
type setState struct {
	chats []seenChat
	shown bool           // whether a look-up returned the current revision
	now   store.Revision // that revision
	past  []store.Revision
}

// setModel is one recipient set under look-ups, commits and activity.
var setModel = porcupine.Model{
	Partition: func(history []porcupine.Operation) (parts [][]porcupine.Operation) {
		parts = make([][]porcupine.Operation, 2)
		for _, op := range history {
			set := op.Input.(input).Set
			parts[set] = append(parts[set], op)
		}
		return parts
	},
	Init: func() any { return setState{shown: true} },
	Step: func(state, in, out any) (bool, any) {
		return state.(setState).step(in.(input), out)
	},
	Equal: func(a, b any) bool {
		x, y := a.(setState), b.(setState)
		return slices.Equal(x.chats, y.chats) && x.shown == y.shown && x.now == y.now && slices.Equal(x.past, y.past)
	},
	DescribeOperation: describe,
}

func (s setState) step(in input, out any) (possible bool, next setState) {
	switch in.Do {
	case lookOrder:
		seen := out.(seenSet)
		switch {
		case s.shown && s.now != seen.Revision, !s.shown && slices.Contains(s.past, seen.Revision):
			return false, s
		}
		s.shown, s.now = true, seen.Revision
		return slices.Equal(s.chats, seen.Chats), s
	case activityOrder:
		return s.touched(in, false)
	}
	switch current := s.shown && s.now == in.Revision; out.(store.ConflictKind) {
	case store.RevisionMoved:
		return !current, s
	case 0:
		if !current {
			return false, s
		}
		if in.Do == reuseOrder {
			return s.touched(in, true)
		}
		return true, s.opened(in)
	}
	return false, s
}

// touched returns the state after a chat became active. A reuse also clears the
// note.
func (s setState) touched(in input, reuse bool) (possible bool, next setState) {
	i := slices.IndexFunc(s.chats, func(c seenChat) bool { return c.ID == in.Chat })
	if i < 0 {
		return false, s
	}
	top := s.chats[0].ID
	s.chats = slices.Clone(s.chats)
	c := &s.chats[i]
	c.Active = max(c.Active, in.At)
	cleared := reuse && c.Successor != uuid.Nil
	if reuse {
		c.Successor = uuid.Nil
	}
	s.sort()
	if cleared || s.chats[0].ID != top {
		s.move()
	}
	return true, s
}

// opened returns the state after a chat was opened.
func (s setState) opened(in input) setState {
	s.chats = slices.Clone(s.chats)
	active := in.At
	if len(s.chats) > 0 {
		active = max(active, s.chats[0].Active+1)
	}
	for i := range s.chats {
		if s.chats[i].ID == in.Old {
			s.chats[i].Successor = in.Chat
		}
	}
	s.chats = append(s.chats, seenChat{ID: in.Chat, Active: active, Created: in.At, Line: in.plan.Line})
	s.sort()
	s.move()
	return s
}

// sort puts the most recently active first.
func (s *setState) sort() {
	slices.SortFunc(s.chats, func(a, b seenChat) int {
		return cmp.Or(cmp.Compare(b.Active, a.Active), cmp.Compare(b.Created, a.Created), bytes.Compare(a.ID[:], b.ID[:]))
	})
}

func (s *setState) move() {
	if s.shown {
		s.past = append(slices.Clone(s.past), s.now)
	}
	s.shown, s.now = false, 0
}

func describe(in, out any) string {
	i := in.(input)
	return fmt.Sprintf("%s of set %d: chat %s, old %s, at %d, on revision %d: %v",
		[...]string{"look-up", "opening", "reuse", "failover", "activity"}[i.Do], i.Set, i.Chat, i.Old, i.At, i.Revision, out)
}
