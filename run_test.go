package fromline_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/fromline/fromline"
	"github.com/fromline/fromline/delivery"
	"github.com/fromline/fromline/fleet"
	"github.com/fromline/fromline/line"
	"github.com/fromline/fromline/message"
	"github.com/fromline/fromline/recipients"
	"github.com/fromline/fromline/store"
	"github.com/fromline/fromline/store/memory"
)

// sender takes messages over, or says that the line of the first one is
// flagged.
type sender struct {
	flags bool

	mu      sync.Mutex
	got     []delivery.Delivery
	flagged recipients.Handle
}

func (s *sender) Send(_ context.Context, d delivery.Delivery) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.flags && !s.flagged.IsValid() {
		s.flagged = d.From
	}
	if d.From == s.flagged {
		return &delivery.Failure{Err: errors.New("refused"), Permanent: true, LineFlagged: true}
	}
	s.got = append(s.got, d)
	return nil
}

func (s *sender) count() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.got)
}

// Run follows, delivers and purges until its context ends, which is no error;
// one Router runs once at a time, and can run again.
func TestRun(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		chats, network := memory.New(memory.Options{}), &sender{}
		here, err := fleet.New(fleet.Options{})
		require.NoError(t, err)
		require.NoError(t, here.SetLines("acme", []line.Line{{Number: dc}, {Number: boston}}))
		r, err := fromline.New(chats, here, fromline.Options{Sender: network, KeepUnkeyed: time.Minute})
		require.NoError(t, err)
		for range 2 {
			ctx, stop := context.WithCancel(t.Context())
			ran := make(chan error, 1)
			go func() { ran <- r.Run(ctx) }()
			synctest.Wait()
			require.ErrorIs(t, r.Run(ctx), fromline.ErrRunning)

			before := network.count()
			d, err := r.Route(ctx, fromline.Outgoing{Tenant: "acme", Request: request(t, nil, ann)})
			require.NoError(t, err)
			synctest.Wait()
			require.Equal(t, before+1, network.count(), "it is handed over at once")

			// What another process learns is known within a second.
			_, _, err = chats.FlagLine(ctx, "acme", d.Line, time.Now())
			require.NoError(t, err)
			time.Sleep(time.Second)
			view, err := here.View(ctx, "acme", time.Now())
			require.NoError(t, err)
			require.False(t, view.Find(d.Line).CanContinue())

			// A record whose time is over is gone with the next purge.
			_, err = chats.Decision(ctx, "acme", d.MessageID)
			require.NoError(t, err)
			time.Sleep(2 * time.Minute)
			_, err = chats.Decision(ctx, "acme", d.MessageID)
			require.ErrorIs(t, err, store.ErrNoRecord)

			stop()
			require.NoError(t, <-ran)
		}
	})
}

// Run ends with the first error that trying again cannot mend.
func TestRunReturnsTheFirstError(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		chats := memory.New(memory.Options{})
		r, err := fromline.New(chats, lineTable{&table{notes: &notes{}}}, fromline.Options{Sender: &sender{}})
		require.NoError(t, err)
		ran := make(chan error, 1)
		go func() { ran <- r.Run(t.Context()) }()
		synctest.Wait()
		require.NoError(t, chats.Close())
		require.ErrorIs(t, <-ran, store.ErrClosed)
	})
}

// Drain hands over what is due, and says so if there is no Sender.
func TestDrain(t *testing.T) {
	chats, network := memory.New(memory.Options{}), &sender{}
	lines := lineTable{&table{notes: &notes{}, lines: []line.Line{{Number: dc}}}}
	r, err := fromline.New(chats, lines, fromline.Options{Sender: network})
	require.NoError(t, err)
	_, err = r.Route(t.Context(), fromline.Outgoing{Tenant: "acme", Request: request(t, nil, ann)})
	require.NoError(t, err)
	require.NoError(t, r.Drain(t.Context()))
	require.Equal(t, 1, network.count())

	r, err = fromline.New(chats, lines, fromline.Options{})
	require.NoError(t, err)
	require.ErrorIs(t, r.Drain(t.Context()), fromline.ErrNoSender)
	r.Wake() // nothing is woken, and nothing breaks
}

// A delivery that finds its line flagged makes the next send fail over, here
// and in every process on the store; the log tells it in words, with the number
// in full and how many chats wait, once.
func TestADeliveryFindsItsLineFlagged(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var out strings.Builder
		chats, network := memory.New(memory.Options{}), &sender{flags: true}
		lines := lineTable{&table{notes: &notes{}, lines: []line.Line{{Number: dc}, {Number: boston}}}}
		r, err := fromline.New(chats, lines, fromline.Options{Sender: network, Logger: slog.New(slog.NewTextHandler(&out, nil))})
		require.NoError(t, err)
		ctx, stop := context.WithCancel(t.Context())
		ran := make(chan error, 1)
		go func() { ran <- r.Run(ctx) }()
		for _, want := range []store.Reason{store.NewBestNumber, store.FailoverFlagged, store.ReusedActiveChat} {
			d, err := r.Route(ctx, fromline.Outgoing{Tenant: "acme", Request: request(t, nil, ann)})
			require.NoError(t, err)
			require.Equal(t, want, d.Reason)
			synctest.Wait()
		}
		stop()
		require.NoError(t, <-ran)
		words := network.flagged.String() + " ACTIVE → FLAGGED, 1 chat waits for another line"
		require.Equal(t, 1, strings.Count(out.String(), words), out.String())
		require.NotContains(t, out.String(), ann.String()[1:])
		states, _, err := chats.LineStates(t.Context(), 0, 0)
		require.NoError(t, err)
		require.Len(t, states, 1)
		require.Equal(t, network.flagged, states[0].Number)
	})
}

// What another process learns is one line of the log too, when it is read; what
// the store knew at the start is none.
func TestWhatOthersLearnIsLogged(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var out strings.Builder
		chats := memory.New(memory.Options{})
		_, _, err := chats.FlagLine(t.Context(), "acme", dallas, time.Now())
		require.NoError(t, err)
		lines := lineTable{&table{notes: &notes{}, lines: []line.Line{{Number: dc}, {Number: boston}, {Number: dallas}}}}
		r, err := fromline.New(chats, lines, fromline.Options{Logger: slog.New(slog.NewTextHandler(&out, nil))})
		require.NoError(t, err)
		_, err = r.Route(t.Context(), fromline.Outgoing{Tenant: "acme", Request: request(t, nil, ann)})
		require.NoError(t, err)
		out.Reset()
		ctx, stop := context.WithCancel(t.Context())
		ran := make(chan error, 1)
		go func() { ran <- r.Run(ctx) }()
		_, err = chats.ReportLine(ctx, line.State{Tenant: "acme", Number: dc, Reputation: line.AtRisk, ReputationAt: time.Now()})
		require.NoError(t, err)
		_, _, err = chats.FlagLine(ctx, "beta", dc, time.Now())
		require.NoError(t, err)
		time.Sleep(2 * time.Second)
		stop()
		require.NoError(t, <-ran)
		require.Equal(t, 1, strings.Count(out.String(), "→"), out.String())
		require.Contains(t, out.String(), dc.String()+" ACTIVE → ACTIVE, AT_RISK")
	})
}

// slowly is a store that tells of lines only when it is let.
type slowly struct {
	*memory.Store
	asked, let chan struct{}
}

func (s slowly) LineStates(ctx context.Context, after line.Change, limit int) ([]line.State, line.Change, error) {
	select {
	case s.asked <- struct{}{}:
	default:
	}
	<-s.let
	return s.Store.LineStates(ctx, after, limit)
}

// A send that comes before the first poll of Run waits for it: nothing is
// decided on what a restart forgot.
func TestNoSendBeforeTheFirstPoll(t *testing.T) {
	chats := slowly{memory.New(memory.Options{}), make(chan struct{}, 1), make(chan struct{})}
	_, _, err := chats.FlagLine(t.Context(), "acme", dc, time.Now())
	require.NoError(t, err)
	r, err := fromline.New(chats, lineTable{&table{notes: &notes{}, lines: []line.Line{{Number: dc}}}}, fromline.Options{})
	require.NoError(t, err)
	ctx, stop := context.WithCancel(t.Context())
	ran, sent := make(chan error, 1), make(chan error, 1)
	go func() { ran <- r.Run(ctx) }()
	<-chats.asked // by the first poll of Run
	go func() {
		_, err := r.Route(ctx, fromline.Outgoing{Tenant: "acme", Request: request(t, nil, ann)})
		sent <- err
	}()
	time.Sleep(20 * time.Millisecond) // in which a send that does not wait is decided
	close(chats.let)
	require.Equal(t, 2015, int(fromline.CodeOf(<-sent)))
	stop()
	require.NoError(t, <-ran)
}

// A Router that New did not make says so, and nothing of it panics.
func TestZeroRouter(t *testing.T) {
	var r fromline.Router
	ctx := t.Context()
	_, sent := r.Send(ctx, "acme", &message.Request{To: []string{ann.String()}, Message: &message.Content{Parts: []message.Part{message.Text("hi")}}})
	_, foretold := r.Preview(ctx, fromline.Outgoing{Tenant: "acme", Request: request(t, nil, ann)})
	_, reported := r.ReportLine(ctx, fleet.Event{Type: fleet.StatusUpdated, Number: dc, Status: line.Flagged, ChangedAt: noon})
	_, listed := r.Lines(ctx, "acme")
	_, shown := r.Chat(ctx, "acme", uuid.Nil)
	r.Wake()
	for name, err := range map[string]error{
		"Send": sent, "Preview": foretold, "ReportLine": reported, "Lines": listed, "Chat": shown, "Run": r.Run(ctx), "Drain": r.Drain(ctx),
		"LineFlagged": r.LineFlagged(ctx, "acme", dc), "Ready": r.Ready(ctx),
	} {
		require.Error(t, err, name)
	}
}

// 64 concurrent first contacts use forty equal lines of a host's own table
// evenly, as a filled fleet does.
func TestFirstContactsSpreadOverATable(t *testing.T) {
	var lines []line.Line
	for i := range 40 {
		lines = append(lines, line.Line{Number: recipients.MustParse(fmt.Sprintf("+120255501%02d", i))})
	}
	r, err := fromline.New(memory.New(memory.Options{}), lineTable{&table{notes: &notes{}, lines: lines}}, fromline.Options{})
	require.NoError(t, err)
	picked := map[recipients.Handle]int{}
	var mu sync.Mutex
	var sends sync.WaitGroup
	for i := range 64 {
		to := request(t, nil, recipients.MustParse(fmt.Sprintf("+120255511%02d", i)))
		sends.Go(func() {
			d, err := r.Route(t.Context(), fromline.Outgoing{Tenant: "acme", Request: to})
			mu.Lock()
			defer mu.Unlock()
			if err != nil {
				t.Error(err)
			}
			picked[d.Line]++
		})
	}
	sends.Wait()
	least, most := 64, 0
	for _, l := range lines {
		least, most = min(least, picked[l.Number]), max(most, picked[l.Number])
	}
	require.LessOrEqual(t, most-least, 1, "%v", picked)
}

// A line health that fails keeps its last answer for its bound; then sends are
// answered 4004, and go on when it answers again.
func TestALineHealthThatFails(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		lines := lineTable{&table{notes: &notes{}, lines: []line.Line{{Number: dc}}}}
		r, err := fromline.New(memory.New(memory.Options{}), lines, fromline.Options{Fleet: fleet.Options{StaleAfter: 10 * time.Second}})
		require.NoError(t, err)
		send := func() error {
			_, err := r.Route(t.Context(), fromline.Outgoing{Tenant: "acme", Request: request(t, nil, ann)})
			return err
		}
		require.NoError(t, send())
		lines.err = errors.New("the table is away")
		for range 5 {
			time.Sleep(2 * time.Second)
			require.NoError(t, send())
		}
		time.Sleep(time.Second)
		err = send()
		require.Equal(t, 4004, int(fromline.CodeOf(err)))
		require.ErrorIs(t, err, fleet.ErrStale)
		require.ErrorIs(t, err, lines.err)
		lines.err = nil
		time.Sleep(time.Second)
		require.NoError(t, send())
	})
}

// A Router that does not run knows all the same what a restart forgot.
func TestARouterThatDoesNotRunKnowsTheStore(t *testing.T) {
	chats := memory.New(memory.Options{})
	_, _, err := chats.FlagLine(t.Context(), "acme", dc, time.Now())
	require.NoError(t, err)
	r, err := fromline.New(chats, lineTable{&table{notes: &notes{}, lines: []line.Line{{Number: dc}}}}, fromline.Options{})
	require.NoError(t, err)
	_, err = r.Route(t.Context(), fromline.Outgoing{Tenant: "acme", Request: request(t, nil, ann)})
	require.Equal(t, 2015, int(fromline.CodeOf(err)))
}

// A Router that does not run polls the store when the fleet says that it is
// time, whatever its own clock says: one that stands still, or is another than
// the fleet's, does not make sends unavailable.
func TestOtherClocksAreNotLate(t *testing.T) {
	for _, skew := range []time.Duration{0, -time.Hour, time.Hour} {
		synctest.Test(t, func(t *testing.T) {
			lines, err := fleet.New(fleet.Options{})
			require.NoError(t, err)
			require.NoError(t, lines.SetLines("acme", []line.Line{{Number: dc}}))
			at := time.Now().Add(skew) // and stands there
			r, err := fromline.New(memory.New(memory.Options{}), lines, fromline.Options{Clock: func() time.Time { return at }})
			require.NoError(t, err)
			for range 4 {
				_, err := r.Route(t.Context(), fromline.Outgoing{Tenant: "acme", Request: request(t, nil, ann)})
				require.NoError(t, err)
				require.NoError(t, r.Ready(t.Context()))
				time.Sleep(7 * time.Second)
			}
		})
	}
}
