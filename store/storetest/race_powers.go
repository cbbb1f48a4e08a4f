package storetest

import (
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/fromline/fromline/line"
	"github.com/fromline/fromline/recipients"
	"github.com/fromline/fromline/store"
)

// racePowerClauses are about races of calls of the optional powers.
var racePowerClauses = []Clause{
	{
		Name:  "race/a delivery has one holder, a chat one delivery out",
		IDs:   []string{"claim.alone", "claim.order"},
		Needs: []Power{Outbox},
		check: func(w *world) {
			s := w.Store.(store.Outbox)
			chats, each := 6, size(24)
			ids := make([]uuid.UUID, chats)
			revisions := make([]store.Revision, chats)
			for n := range ids {
				ids[n] = w.seen(people(n), number(n), noon)
				revisions[n] = w.revision(people(n))
			}
			var mu sync.Mutex
			out := make(map[uuid.UUID]string)
			next := make(map[uuid.UUID]int)
			handed := 0
			take := func(c store.Claimed) error {
				mu.Lock()
				defer mu.Unlock()
				id := c.Delivery.ChatID
				if other, busy := out[id]; busy {
					return fmt.Errorf("%s is out beside %s", c.Delivery.Content, other)
				}
				if want := fmt.Sprint(next[id]); string(c.Delivery.Content) != want {
					return fmt.Errorf("%s is out before %s", c.Delivery.Content, want)
				}
				out[id] = string(c.Delivery.Content)
				return nil
			}
			give := func(c store.Claimed, ack bool) {
				mu.Lock()
				defer mu.Unlock()
				delete(out, c.Delivery.ChatID)
				if ack {
					next[c.Delivery.ChatID]++
					handed++
				}
			}
			w.together(chats+4, func(i int, well func() bool) error {
				for k := 0; i < chats && k < each; k++ {
					p := planOf(store.ReusedActiveChat, people(i), ids[i], number(i), noon, uuid.New())
					p.Revision = revisions[i]
					if err := w.Store.Commit(background, withDelivery(p, fmt.Sprint(k))); err != nil {
						return err
					}
				}
				for turn := 0; i >= chats && well(); turn++ {
					mu.Lock()
					all := handed == chats*each
					mu.Unlock()
					if all {
						return nil
					}
					claimed, err := s.Claim(background, time.Hour, 1+i%3)
					if err != nil {
						return err
					}
					for _, c := range claimed {
						if err := take(c); err != nil {
							return err
						}
					}
					for _, c := range claimed {
						ack := turn%5 != 0
						give(c, ack) // before it can be claimed again
						if ack {
							err = s.Ack(background, c.Lease)
						} else {
							err = s.Nack(background, c.Lease, 1, 0)
						}
						if err != nil {
							return err
						}
					}
				}
				return nil
			})
			backlog, err := s.Backlog(background)
			require.NoError(w, err)
			require.Zero(w, backlog)
		},
	},
	{
		Name:  "race/a follower of use misses nothing",
		IDs:   []string{"use.changes"},
		Needs: []Power{UseReader},
		check: func(w *world) {
			s := w.Store.(store.UseReader)
			each, lines := size(60), 5
			seen := make(map[recipients.Handle]line.Use)
			var last line.Change
			poll := func(limit int) error {
				uses, next, err := s.LineUse(background, last, limit)
				for _, u := range uses {
					seen[u.Number] = hard(u)
				}
				last = next
				return err
			}
			w.followed(func() error { return poll(1 + int(last)%3) }, func(i int) error {
				for n := range each {
					p := planOf(store.NewBestNumber, people(i*1000+n), uuid.New(), number((n+i)%lines), noon, uuid.New())
					if err := w.Store.Commit(background, p); err != nil {
						return err
					}
				}
				return nil
			})
			for range 2 * lines {
				require.NoError(w, poll(1))
			}
			for i := range lines {
				require.Equal(w, []line.Use{seen[number(i)]}, w.uses(number(i)))
				require.Equal(w, callers*each/lines, int(seen[number(i)].NewChats[0]))
			}
		},
	},
	{
		Name:  "race/a follower of states misses nothing",
		IDs:   []string{"state.changes"},
		Needs: []Power{LineStates},
		check: func(w *world) {
			s := w.Store.(store.LineStates)
			each, lines := size(60), 5
			seen := make(map[recipients.Handle]time.Time)
			var last line.Change
			poll := func(limit int) error {
				states, next, err := s.LineStates(background, last, limit)
				for _, state := range states {
					seen[state.Number] = state.StatusAt
				}
				last = next
				return err
			}
			w.followed(func() error { return poll(1 + int(last)%3) }, func(i int) error {
				for n := range each {
					at := noon.Add(time.Duration(n*callers+i) * time.Second)
					if _, err := s.ReportLine(background, stateOf((n+i)%lines, line.Active, at)); err != nil {
						return err
					}
				}
				return nil
			})
			for range 2 * lines {
				require.NoError(w, poll(1))
			}
			states, _ := w.states(0, 100)
			require.Len(w, states, lines)
			for _, state := range states {
				assert.Equal(w, state.StatusAt, seen[state.Number])
			}
		},
	},
	{
		Name:  "race/halves of a state meet",
		IDs:   []string{"state.merge"},
		Needs: []Power{LineStates},
		check: func(w *world) {
			s := w.Store.(store.LineStates)
			lines := size(60)
			w.together(2, func(i int, _ func() bool) (err error) {
				for n := range lines {
					half := line.State{Tenant: acme, Number: number(n), Status: line.Flagged, StatusAt: noon}
					if i == 0 {
						_, err = s.ReportLine(background, half) // the older report
					} else {
						half = line.State{Tenant: acme, Number: number(n), Reputation: line.Critical, ReputationAt: noon.Add(time.Second)}
						_, err = s.ReportLine(background, half)
					}
					if err != nil {
						return err
					}
				}
				return nil
			})
			states, _ := w.states(0, lines)
			require.Len(w, states, lines)
			for _, state := range states {
				assert.Equal(w, line.Critical, state.Reputation)
				assert.Equal(w, line.Flagged, state.Status, "each half has its own time")
			}
		},
	},
	{
		Name:  "race/purging and forgetting beside commits",
		IDs:   []string{"purge.beside", "call.concurrent"},
		Needs: []Power{Purger, Forgetter},
		check: func(w *world) {
			purger, forgetter := w.Store.(store.Purger), w.Store.(store.Forgetter)
			n := size(60)
			var kept, purged atomic.Int64
			w.together(callers, func(i int, _ func() bool) error {
				for k := range n {
					switch {
					case i == 0:
						removed, err := purger.Purge(background, noon.Add(1000*time.Hour), 5)
						if err != nil {
							return err
						}
						purged.Add(int64(removed))
					case i == 1:
						if _, err := forgetter.Forget(background, acme, person(9000+k%4)); err != nil {
							return err
						}
					case i == 2:
						if err := w.failOver(people(100+k%2), number(k%callers)); err != nil {
							return err
						}
					case i < 6:
						if _, err := w.send(people(k%8, 9000+i%4), number(i)); err != nil {
							return err
						}
					default:
						if _, err := w.send(people(k%8), number(i)); err != nil {
							return err
						}
						kept.Add(1)
					}
				}
				return nil
			})
			for k := range 8 {
				require.Len(w, w.look(people(k)).Chats, 1)
			}
			for i := range 4 {
				_, err := forgetter.Forget(background, acme, person(9000+i))
				require.NoError(w, err)
				for k := range 8 {
					require.Empty(w, w.look(people(k, 9000+i)).Chats)
				}
			}
			total := purged.Load()
			for {
				removed := w.purge(noon.Add(1000*time.Hour), 100)
				total += int64(removed)
				if removed == 0 {
					break
				}
			}
			require.GreaterOrEqual(w, total, kept.Load(), "a record went without being purged")
		},
	},
}

// followed runs callers that write concurrently, and one more that polls until
// all of them have ended.
func (w *world) followed(poll func() error, write func(caller int) error) {
	w.Helper()
	var writing atomic.Int64
	writing.Store(callers)
	w.together(callers+1, func(i int, well func() bool) error {
		if i < callers {
			defer writing.Add(-1)
			return write(i)
		}
		for writing.Load() > 0 && well() {
			if err := poll(); err != nil {
				return err
			}
		}
		return nil
	})
}
