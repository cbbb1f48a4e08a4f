package fromline_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/fromline/fromline"
	"github.com/fromline/fromline/delivery"
	"github.com/fromline/fromline/fleet"
	"github.com/fromline/fromline/line"
	"github.com/fromline/fromline/message"
	"github.com/fromline/fromline/recipients"
	"github.com/fromline/fromline/store"
	"github.com/fromline/fromline/store/memory"
)

// network takes messages over from lines that it has not flagged, one after the
// other, and remembers their ids: some it takes and says that it did not.
type network struct {
	mu      sync.Mutex
	flagged map[recipients.Handle]bool
	lies    int // each so many-th answer is an error although the message was taken
	sends   int
	took    time.Duration
	seen    map[uuid.UUID]bool
	taken   []delivery.Delivery // each id once
}

func (n *network) Send(ctx context.Context, d delivery.Delivery) error {
	select {
	case <-time.After(n.took):
	case <-ctx.Done():
		return ctx.Err()
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	n.sends++
	if n.flagged[d.From] {
		return &delivery.Failure{Err: errors.New("refused"), Permanent: true, LineFlagged: true}
	}
	if !n.seen[d.MessageID] {
		n.seen[d.MessageID] = true
		n.taken = append(n.taken, d)
	}
	if n.lies > 0 && n.sends%n.lies == 0 {
		return errors.New("the answer was lost")
	}
	return nil
}

func (n *network) flag(l recipients.Handle, flagged bool) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.flagged[l] = flagged
}

// got is what it has taken, each id once.
func (n *network) got() []delivery.Delivery {
	n.mu.Lock()
	defer n.mu.Unlock()
	return slices.Clone(n.taken)
}

func newNetwork() *network {
	return &network{flagged: make(map[recipients.Handle]bool), seen: make(map[uuid.UUID]bool), took: 10 * time.Millisecond}
}

// A message that finds its line flagged goes out from another line under the
// same id, as its continuation since it opens a chat there; what waited behind
// it follows as it is; and its key answers with the decision as it stands.
func TestReroute(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		chats, net := memory.New(memory.Options{}), newNetwork()
		here, err := fleet.New(fleet.Options{})
		require.NoError(t, err)
		require.NoError(t, here.SetLines("acme", []line.Line{{Number: dc}, {Number: boston}}))
		r, err := fromline.New(chats, here, fromline.Options{Sender: net, Reroute: true})
		require.NoError(t, err)
		out := func(key, text string) fromline.Outgoing {
			return fromline.Outgoing{Tenant: "acme", Request: request(t, func(m *message.Request) {
				m.HeaderKey, m.Message.Parts = &key, []message.Part{message.Text(text)}
				if key != "0" {
					again := "again: " + text
					m.ContinuationMessage = &message.Continuation{Text: &again}
				}
			}, ann)}
		}
		first, err := r.Route(t.Context(), out("0", "hello"))
		require.NoError(t, err)
		require.NoError(t, r.Drain(t.Context()))
		net.flag(first.Line, true)
		var ids []uuid.UUID
		for _, key := range []string{"1", "2", "3"} {
			d, err := r.Route(t.Context(), out(key, "text "+key))
			require.NoError(t, err)
			require.Equal(t, first.ChatID, d.ChatID, "nobody knows yet")
			ids = append(ids, d.MessageID)
		}
		ctx, stop := context.WithCancel(t.Context())
		ran := make(chan error, 1)
		go func() { ran <- r.Run(ctx) }()
		time.Sleep(5 * time.Second)
		stop()
		require.NoError(t, <-ran)

		require.Len(t, net.got(), 4)
		var texts []string
		for i, d := range net.got()[1:] {
			require.Equal(t, ids[i], d.MessageID)
			require.NotEqual(t, first.Line, d.From)
			content, err := message.DecodeContent(d.Content)
			require.NoError(t, err)
			texts = append(texts, *content.Parts[0].(*message.TextPart).Value)
		}
		require.Equal(t, []string{"again: text 1", "text 2", "text 3"}, texts)

		again, err := r.Route(t.Context(), out("1", "text 1"))
		require.NoError(t, err)
		require.True(t, again.Replay)
		require.Equal(t, ids[0], again.MessageID)
		require.Equal(t, net.got()[1].ChatID, again.ChatID)
		require.Equal(t, net.got()[1].From, again.Line)
		require.Equal(t, store.FailoverFlagged, again.Reason)
		require.Equal(t, first.ChatID, again.PreviousChatID)
		require.True(t, again.ContinuationUsed)
		rec, err := chats.Decision(t.Context(), "acme", ids[0])
		require.NoError(t, err)
		require.Len(t, rec.Moves, 1)
		require.Equal(t, first.Line, rec.Moves[0].Line)
		require.Equal(t, rec.Moves[0].At, again.At, "the message is as old as it was")
	})
}

// A message that no line can take waits, and goes out when a line comes back;
// one that has waited for too long is parked for want of a line.
func TestRerouteWaitsForALine(t *testing.T) {
	for _, comes := range []bool{true, false} {
		synctest.Test(t, func(t *testing.T) {
			chats, net := memory.New(memory.Options{}), newNetwork()
			here, err := fleet.New(fleet.Options{})
			require.NoError(t, err)
			require.NoError(t, here.SetLines("acme", []line.Line{{Number: dc}}))
			r, err := fromline.New(chats, here, fromline.Options{Sender: net, Reroute: true, Delivery: delivery.Options{NoLineFor: time.Hour}})
			require.NoError(t, err)
			net.flag(dc, true)
			d, err := r.Route(t.Context(), fromline.Outgoing{Tenant: "acme", Request: request(t, nil, ann)})
			require.NoError(t, err)
			ctx, stop := context.WithCancel(t.Context())
			ran := make(chan error, 1)
			go func() { ran <- r.Run(ctx) }()
			time.Sleep(30 * time.Minute)
			parked, _, err := chats.Parked(ctx, "acme", uuid.Nil, 0)
			require.NoError(t, err)
			require.Empty(t, parked)
			if comes {
				require.NoError(t, here.SetLines("acme", []line.Line{{Number: dc}, {Number: boston}}))
			}
			time.Sleep(time.Hour)
			parked, _, err = chats.Parked(ctx, "acme", uuid.Nil, 0)
			require.NoError(t, err)
			if comes {
				require.Len(t, net.got(), 1)
				require.Equal(t, boston, net.got()[0].From)
				require.Empty(t, parked)
			} else {
				require.Len(t, parked, 1)
				require.Equal(t, d.MessageID, parked[0].Delivery.MessageID)
				require.Equal(t, store.ParkedNoLine, parked[0].Why)
				require.Empty(t, net.got())
			}
			stop()
			require.NoError(t, <-ran)
		})
	}
}

// A message that waits for another line goes out as soon as a line is there:
// where an event says so here or in another process, and where a host changed
// its lines and says so with Wake.
func TestRerouteWhenALineChanges(t *testing.T) {
	for _, by := range []string{"an event here", "an event elsewhere", "the host"} {
		t.Run(by, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				chats, net := memory.New(memory.Options{}), newNetwork()
				var fleets []*fleet.Fleet
				var routers []*fromline.Router
				ctx, stop := context.WithCancel(t.Context())
				var running sync.WaitGroup
				defer running.Wait()
				defer stop()
				for i := range 2 {
					f, err := fleet.New(fleet.Options{})
					require.NoError(t, err)
					require.NoError(t, f.SetLines("acme", []line.Line{{Number: dc}}))
					o := fromline.Options{Reroute: true}
					if i == 0 {
						o.Sender = net
					}
					r, err := fromline.New(chats, f, o)
					require.NoError(t, err)
					fleets, routers = append(fleets, f), append(routers, r)
				}
				net.flag(dc, true)
				_, err := routers[0].Route(ctx, fromline.Outgoing{Tenant: "acme", Request: request(t, nil, ann)})
				require.NoError(t, err)
				running.Go(func() { _ = routers[0].Run(ctx) })
				time.Sleep(20*time.Minute + 500*time.Millisecond)
				require.Empty(t, net.got())
				net.flag(dc, false)
				active := fleet.Event{Type: fleet.StatusUpdated, Tenant: "acme", Number: dc, Status: line.Active, ChangedAt: time.Now()}
				switch by {
				case "the host":
					require.NoError(t, fleets[0].SetLines("acme", []line.Line{{Number: dc}, {Number: boston}}))
					routers[0].Wake()
				case "an event here":
					_, err = routers[0].ReportLine(ctx, active)
				default:
					_, err = routers[1].ReportLine(ctx, active)
				}
				require.NoError(t, err)
				time.Sleep(3 * time.Second)
				require.Len(t, net.got(), 1)
			})
		})
	}
}

// Of many messages that wait for another line, a change sends 256 at once,
// never more beside each other than the option says, and the others follow
// within a minute. A Run that ends gives all of them back at once.
func TestRerouteOfManyWhenALineChanges(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		chats, net := memory.New(memory.Options{}), newNetwork()
		f, err := fleet.New(fleet.Options{})
		require.NoError(t, err)
		require.NoError(t, f.SetLines("acme", []line.Line{{Number: dc}}))
		sender := &counting{network: net}
		r, err := fromline.New(chats, f, fromline.Options{Sender: sender, Reroute: true, Delivery: delivery.Options{Concurrency: 8}})
		require.NoError(t, err)
		net.flag(dc, true)
		for _, person := range benchNumbers(t, 300) {
			_, err := r.Route(t.Context(), fromline.Outgoing{Tenant: "acme", Request: request(t, nil, person)})
			require.NoError(t, err)
		}
		run := func() (stop func()) {
			ctx, cancel := context.WithCancel(t.Context())
			ended := make(chan struct{})
			go func() { defer close(ended); _ = r.Run(ctx) }()
			return func() { cancel(); <-ended }
		}
		stop := run()
		time.Sleep(20 * time.Minute)
		began := time.Now()
		stop()
		require.Less(t, time.Since(began), time.Second)
		given, err := chats.Claim(t.Context(), time.Minute, 500)
		require.NoError(t, err)
		require.GreaterOrEqual(t, len(given), 256, "those that waited under a lease are due")
		for _, c := range given {
			require.NoError(t, chats.Nack(t.Context(), c.Lease, c.Attempts-1, 0))
		}

		stop = run()
		time.Sleep(time.Minute)
		require.Empty(t, net.got())
		net.flag(dc, false)
		_, err = r.ReportLine(t.Context(), fleet.Event{Type: fleet.StatusUpdated, Tenant: "acme", Number: dc, Status: line.Active, ChangedAt: time.Now()})
		require.NoError(t, err)
		time.Sleep(5 * time.Second)
		require.GreaterOrEqual(t, len(net.got()), 256)
		time.Sleep(time.Minute + 10*time.Second)
		require.Len(t, net.got(), 300)
		stop()
		require.LessOrEqual(t, sender.most, 8)
	})
}

// counting counts the most messages that are being sent beside each other.
type counting struct {
	*network
	mu        sync.Mutex
	now, most int
}

func (c *counting) Send(ctx context.Context, d delivery.Delivery) error {
	c.mu.Lock()
	c.now++
	c.most = max(c.most, c.now)
	c.mu.Unlock()
	defer func() { c.mu.Lock(); c.now--; c.mu.Unlock() }()
	return c.network.Send(ctx, d)
}

// Without the option a message stays with its line, and is parked.
func TestNoReroute(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		chats, net := memory.New(memory.Options{}), newNetwork()
		here, err := fleet.New(fleet.Options{})
		require.NoError(t, err)
		require.NoError(t, here.SetLines("acme", []line.Line{{Number: dc}, {Number: boston}}))
		r, err := fromline.New(chats, here, fromline.Options{Sender: net})
		require.NoError(t, err)
		net.flag(dc, true)
		net.flag(boston, true)
		_, err = r.Route(t.Context(), fromline.Outgoing{Tenant: "acme", Request: request(t, nil, ann)})
		require.NoError(t, err)
		require.NoError(t, r.Drain(t.Context()))
		parked, _, err := chats.Parked(t.Context(), "acme", uuid.Nil, 0)
		require.NoError(t, err)
		require.Len(t, parked, 1)
		require.Equal(t, store.ParkedLineFlagged, parked[0].Why)
	})
}

// storm is what happens to some sends: the network flags lines, at any time,
// and loses answers.
type storm struct {
	lies, processes int
	steps           []stormStep
}

type stormStep struct{ kind, flagged, ms, person, process int }

func drawStorm(t *rapid.T) storm {
	s := storm{lies: rapid.SampledFrom([]int{0, 2, 3, 4}).Draw(t, "lies"), processes: rapid.IntRange(1, 2).Draw(t, "processes")}
	for range rapid.IntRange(1, 25).Draw(t, "steps") {
		s.steps = append(s.steps, stormStep{
			rapid.IntRange(0, 3).Draw(t, "kind"), rapid.IntRange(1, 3).Draw(t, "flagged"), rapid.IntRange(1, 1500).Draw(t, "ms"),
			rapid.IntRange(0, 2).Draw(t, "person"), rapid.IntRange(0, s.processes-1).Draw(t, "process"),
		})
	}
	return s
}

// rage returns what was accepted and what the network took of it, by person,
// and what is left.
func (s *storm) rage(t *testing.T) (accepted, taken map[recipients.Handle][]uuid.UUID, left store.Backlog) {
	chats, net := memory.New(memory.Options{}), newNetwork()
	net.lies = s.lies
	numbers := benchNumbers(t, 4)
	lines := make([]line.Line, len(numbers))
	for i, n := range numbers {
		lines[i] = line.Line{Number: n}
	}
	ctx, stop := context.WithCancel(t.Context())
	var running sync.WaitGroup
	defer running.Wait()
	defer stop()
	var routers []*fromline.Router
	for range s.processes {
		here, err := fleet.New(fleet.Options{})
		require.NoError(t, err)
		require.NoError(t, here.SetLines("acme", lines))
		r, err := fromline.New(chats, here, fromline.Options{
			Sender: net, Reroute: true, Delivery: delivery.Options{Backoff: 50 * time.Millisecond, Concurrency: 4},
		})
		require.NoError(t, err)
		routers = append(routers, r)
		running.Go(func() { _ = r.Run(ctx) })
	}
	people := []recipients.Handle{ann, bob, recipients.MustParse("eve@example.com")}
	accepted, taken = make(map[recipients.Handle][]uuid.UUID), make(map[recipients.Handle][]uuid.UUID)
	for i, step := range s.steps {
		switch step.kind {
		case 0:
			net.flag(numbers[step.flagged], true)
		case 1:
			time.Sleep(time.Duration(step.ms) * time.Millisecond)
		default:
			person := people[step.person]
			d, err := routers[step.process].Route(ctx, fromline.Outgoing{
				Tenant: "acme", Request: request(t, withKey(fmt.Sprint("key ", i)), person),
			})
			require.NoError(t, err)
			accepted[person] = append(accepted[person], d.MessageID)
		}
	}
	time.Sleep(20 * time.Minute)
	for _, d := range net.got() {
		for _, person := range d.To.All() {
			taken[person] = append(taken[person], d.MessageID)
		}
	}
	left, err := chats.Backlog(ctx)
	require.NoError(t, err)
	return accepted, taken, left
}

// Whatever the network flags and when, with one line that it never flags: every
// message is taken exactly once by a network that remembers ids, those of a
// person in the order in which they were accepted, by two processes too.
func TestRerouteLosesAndDoublesNothing(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		s := drawStorm(rt)
		var accepted, taken map[recipients.Handle][]uuid.UUID
		var left store.Backlog
		synctest.Test(t, func(t *testing.T) { accepted, taken, left = s.rage(t) })
		require.Zero(rt, left.Waiting+left.Parked, "%+v", left)
		require.Equal(rt, accepted, taken)
	})
}

// What was sent another way is a line of the log that names lines and no
// person.
func TestRerouteIsLogged(t *testing.T) {
	var log strings.Builder
	synctest.Test(t, func(t *testing.T) {
		chats, net := memory.New(memory.Options{}), newNetwork()
		here, err := fleet.New(fleet.Options{})
		require.NoError(t, err)
		require.NoError(t, here.SetLines("acme", []line.Line{{Number: dc}}))
		r, err := fromline.New(chats, here, fromline.Options{Sender: net, Reroute: true, Logger: slog.New(slog.NewTextHandler(&log, nil))})
		require.NoError(t, err)
		_, err = r.Route(t.Context(), fromline.Outgoing{Tenant: "acme", Request: request(t, nil, ann)})
		require.NoError(t, err)
		require.NoError(t, here.SetLines("acme", []line.Line{{Number: dc, Status: line.Flagged}, {Number: boston}}))
		require.NoError(t, r.Drain(t.Context()))
	})
	require.Contains(t, log.String(), "leaves "+dc.String()+" for "+boston.String())
	require.NotContains(t, log.String(), ann.String())
}
