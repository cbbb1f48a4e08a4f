package fleet

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/fromline/fromline/line"
	"github.com/fromline/fromline/recipients"
)

// hostTable is the line health of a host with a table of lines of its own.
type hostTable struct {
	mu    sync.Mutex
	lines map[string][]line.Line
	err   error
	slow  time.Duration
	asked int
}

func (h *hostTable) Lines(ctx context.Context, tenant string) ([]line.Line, error) {
	h.mu.Lock()
	h.asked++
	lines, known, err, slow := h.lines[tenant], false, h.err, h.slow
	_, known = h.lines[tenant]
	h.mu.Unlock()
	if slow > 0 {
		select {
		case <-time.After(slow):
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
	switch {
	case err != nil:
		return nil, err
	case !known:
		return nil, fmt.Errorf("no row: %w", ErrUnknownTenant)
	}
	return lines, nil
}

// say changes what the table answers.
func (h *hostTable) say(tenant string, err error, lines ...line.Line) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.lines == nil {
		h.lines = map[string][]line.Line{}
	}
	h.lines[tenant], h.err = slices.Clone(lines), err
}

func (h *hostTable) times() int {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.asked
}

func over(t *testing.T, h *hostTable, o Options) *Fleet {
	o.Source = h
	f, err := New(o)
	require.NoError(t, err)
	return f
}

// numbers returns what a view of the tenant shows.
func numbers(f *Fleet, tenant string) ([]recipients.Handle, error) {
	v, err := f.View(context.Background(), tenant, time.Now())
	var list []recipients.Handle
	for l := range v.All() {
		list = append(list, l.Number)
	}
	return list, err
}

var errTable = errors.New("the table is locked")

// A source is asked again when its answer is older than RefreshEvery, and not
// before.
func TestSourceIsAskedAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		one, two := handle("+14157770000"), handle("+14157770001")
		h := &hostTable{}
		h.say("acme", nil, line.Line{Number: one})
		f := over(t, h, Options{RefreshEvery: 2 * time.Second})
		for range 3 {
			got, err := numbers(f, "acme")
			require.NoError(t, err)
			require.Equal(t, []recipients.Handle{one}, got)
		}
		require.Equal(t, 1, h.times())

		h.say("acme", nil, line.Line{Number: two})
		time.Sleep(2*time.Second - 1)
		got, err := numbers(f, "acme")
		require.NoError(t, err)
		require.Equal(t, []recipients.Handle{one}, got)
		time.Sleep(time.Nanosecond)
		got, err = numbers(f, "acme")
		require.NoError(t, err)
		require.Equal(t, []recipients.Handle{two}, got)
		require.Equal(t, 2, h.times())

		h.say("acme", nil) // a tenant without lines is no error
		time.Sleep(time.Minute)
		got, err = numbers(f, "acme")
		require.NoError(t, err)
		require.Empty(t, got)
	})
}

// A source that fails keeps its last answer for StaleAfter, and is refused from
// then on until it answers. Meanwhile it is not asked at every send.
func TestSourceThatFails(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		one := handle("+14157770000")
		h := &hostTable{err: errTable}
		var told []error
		f := over(t, h, Options{RefreshEvery: time.Second, StaleAfter: 5 * time.Second, OnPollError: func(err error) { told = append(told, err) }})
		_, err := numbers(f, "acme")
		require.ErrorIs(t, err, ErrStale, "it never answered")
		require.ErrorIs(t, err, errTable)
		require.Len(t, told, 1)

		h.say("acme", nil, line.Line{Number: one})
		_, err = numbers(f, "acme")
		require.NoError(t, err, "the first answer is not waited for")
		for name, fail := range map[string]func(){
			"an error": func() { h.say("acme", errTable, line.Line{Number: one}) },
			"a line that cannot be one": func() {
				h.say("acme", nil, line.Line{Number: one}, line.Line{Number: one, Status: 77})
			},
			"a number twice": func() { h.say("acme", nil, line.Line{Number: one}, line.Line{Number: one, Label: "spring"}) },
		} {
			answered, asked := time.Now(), h.times()
			fail()
			for time.Since(answered) <= 5*time.Second {
				got, err := numbers(f, "acme")
				require.NoError(t, err)
				require.Equal(t, []recipients.Handle{one}, got)
				time.Sleep(100 * time.Millisecond)
			}
			_, err := numbers(f, "acme")
			require.ErrorIs(t, err, ErrStale, name)
			require.LessOrEqual(t, h.times()-asked, 7, "once a second, and now")

			h.say("acme", nil, line.Line{Number: one})
			got, err := numbers(f, "acme")
			require.NoError(t, err)
			require.Equal(t, []recipients.Handle{one}, got)
		}
	})
}

// Of many senders one asks. The others wait where there is no answer yet, and go
// on with the last one where there is.
func TestOneAsksForAll(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := &hostTable{slow: time.Second}
		h.say("acme", nil, line.Line{Number: handle("+14157770000")})
		f := over(t, h, Options{RefreshEvery: time.Minute, StaleAfter: time.Hour})
		all := func(want time.Duration) (waited int) {
			began := time.Now()
			results := make(chan time.Duration, 20)
			for range 20 {
				go func() {
					_, err := numbers(f, "acme")
					require.NoError(t, err)
					results <- time.Since(began)
				}()
			}
			for range 20 {
				if took := <-results; took == want {
					waited++
				} else {
					require.Zero(t, took)
				}
			}
			return waited
		}
		require.Equal(t, 20, all(time.Second))
		require.Equal(t, 1, h.times())
		time.Sleep(time.Minute)
		require.Equal(t, 1, all(time.Second))
		require.Equal(t, 2, h.times())
	})
}

// A sender that gives up while it asks says nothing of the source: those that
// wait with it ask themselves. A source that hangs is given up on after
// StaleAfter.
func TestSenderThatGivesUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := &hostTable{slow: time.Second}
		h.say("acme", nil, line.Line{Number: handle("+14157770000")})
		f := over(t, h, Options{OnPollError: func(error) { t.Error("the source did not fail") }})
		ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
		defer cancel()
		gaveUp, waited := make(chan error), make(chan error)
		go func() { _, err := f.View(ctx, "acme", time.Now()); gaveUp <- err }()
		synctest.Wait()
		go func() { _, err := numbers(f, "acme"); waited <- err }()
		require.ErrorIs(t, <-gaveUp, context.DeadlineExceeded)
		require.NoError(t, <-waited)
		require.Equal(t, 2, h.times())

		// One that only waits goes too.
		h.slow = time.Hour
		began, failures := time.Now(), 0
		hung := over(t, h, Options{StaleAfter: 3 * time.Second, OnPollError: func(error) { failures++ }})
		ctx, cancel = context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		go func() { _, err := numbers(hung, "acme"); waited <- err }()
		synctest.Wait()
		_, err := hung.View(ctx, "acme", time.Now())
		require.ErrorIs(t, err, context.DeadlineExceeded)
		require.Equal(t, time.Second, time.Since(began))
		require.ErrorIs(t, <-waited, ErrStale)
		require.Equal(t, 3*time.Second, time.Since(began))
		require.Equal(t, 1, failures)
	})
}

// A tenant that the source does not know is an unknown one, before and after it
// had lines, and whatever the age of the last answer.
func TestSourceThatKnowsNoTenant(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := &hostTable{}
		f := over(t, h, Options{OnPollError: func(err error) { t.Error(err) }})
		for _, tenant := range []string{"acme", ""} {
			_, err := numbers(f, tenant)
			require.ErrorIs(t, err, ErrUnknownTenant)
		}
		require.Nil(t, f.tenants.find("acme"), "an unknown tenant takes no room")
		h.say("acme", nil, line.Line{Number: handle("+14157770000")})
		_, err := numbers(f, "acme")
		require.NoError(t, err)
		delete(h.lines, "acme")
		time.Sleep(time.Second)
		for range 2 { // it stays unknown
			_, err = numbers(f, "acme")
			require.ErrorIs(t, err, ErrUnknownTenant)
			require.NotErrorIs(t, err, ErrStale, "the source did answer")
		}
		_, owned := f.Owner(handle("+14157770000"))
		require.False(t, owned)
	})
}

// A line that moves to another tenant in the table moves in the fleet; one that
// two tenants have is an error of the second, which has its last answer until it
// is too old.
func TestLineThatMoves(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		one, two := handle("+14157770000"), handle("+14157770001")
		h := &hostTable{}
		h.say("acme", nil, line.Line{Number: one})
		h.say("beta", nil, line.Line{Number: two})
		f := over(t, h, Options{})
		for _, tenant := range []string{"acme", "beta"} {
			_, err := numbers(f, tenant)
			require.NoError(t, err)
		}
		h.say("acme", nil)
		h.say("beta", nil, line.Line{Number: one}, line.Line{Number: two})
		time.Sleep(time.Second)
		got, err := numbers(f, "beta")
		require.NoError(t, err)
		require.Equal(t, []recipients.Handle{one, two}, got)
		got, err = numbers(f, "acme")
		require.NoError(t, err)
		require.Empty(t, got)

		h.say("acme", nil, line.Line{Number: one})
		ended := time.Now().Add(6 * time.Second)
		for time.Now().Before(ended) {
			got, err = numbers(f, "beta")
			require.NoError(t, err)
			require.Equal(t, []recipients.Handle{one, two}, got)
			got, err = numbers(f, "acme")
			if err == nil {
				require.Empty(t, got)
			}
			time.Sleep(300 * time.Millisecond)
		}
		require.ErrorIs(t, err, ErrTaken)
	})
}

// An event about a line of a tenant that nobody sent for yet is not lost: the
// source is asked for it.
func TestEventBeforeTheFirstSend(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		one := handle("+14157770000")
		h := &hostTable{err: errTable}
		f := over(t, h, Options{})
		e := Event{Type: StatusUpdated, Tenant: "acme", Number: one, Status: line.Flagged, ChangedAt: time.Now()}
		_, err := f.ReportLine(t.Context(), e)
		require.ErrorIs(t, err, ErrStale, "whether it is ours is not known")
		h.say("acme", nil, line.Line{Number: one})
		e.Tenant = "beta"
		_, err = f.StateOf(t.Context(), e)
		require.ErrorIs(t, err, ErrUnknownNumber)
		e.Tenant = "acme"
		applied, err := f.ReportLine(t.Context(), e)
		require.NoError(t, err)
		require.True(t, applied)
		lines, err := f.Lines(t.Context(), "acme")
		require.NoError(t, err)
		require.Equal(t, line.Flagged, lines[0].Status)
	})
}

// The lines of a fleet with a source are set by nothing else, and its options are
// checked.
func TestSourceAlone(t *testing.T) {
	f := over(t, &hostTable{}, Options{})
	l := line.Line{Number: handle("+14157770000")}
	for _, err := range []error{
		f.SetLines("acme", []line.Line{l}), f.PutLine("acme", l), f.RemoveLine("acme", l.Number),
		(&Fleet{}).SetLines("acme", nil), (&Fleet{}).PutLine("acme", l), // made without New
	} {
		require.ErrorIs(t, err, ErrOptions)
	}
	_, err := f.Load("acme", []byte(`{"phone_numbers":[]}`))
	require.ErrorIs(t, err, ErrOptions)
	for _, o := range []Options{{RefreshEvery: -1}, {Source: &hostTable{}, RefreshEvery: 6 * time.Second}} {
		_, err := New(o)
		require.ErrorIs(t, err, ErrOptions)
	}
}

// What a commit found full is left out, also by a clock that says that the time
// has come: the next pick is another one.
func TestFullByAnotherClock(t *testing.T) {
	one, two := handle("+14157770000"), handle("+14157770001")
	f := newFleet(t, Options{HoldFor: time.Minute}, line.Line{Number: one}, line.Line{Number: two, Status: line.Flagged})
	contact, err := recipients.NewSet(handle("+14155550177"))
	require.NoError(t, err)
	q := Query{Recipients: contact}
	at := epoch
	for range 3 {
		v, err := f.View(t.Context(), "acme", at)
		require.NoError(t, err)
		require.Equal(t, one, v.BestRef(q).Number())
		f.Full("acme", one, at.Add(-time.Hour))
		v, err = f.View(t.Context(), "acme", at)
		require.NoError(t, err)
		require.False(t, v.BestRef(q).IsValid())
		at = at.Add(time.Minute)
		require.Equal(t, Counts{NewChatLimit: 1, Flagged: 1, NextFree: at}, v.PassedOver(q))
	}
}

// Lines that are told again as they were change nothing, not even the view; and
// whatever of a line is told anew counts.
func TestToldAgain(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		f := newFleet(t, Options{})
		var lines []line.Line
		for range rapid.IntRange(1, 4).Draw(t, "times") {
			lines = slices.Clone(lines)
			if len(lines) == 0 || rapid.Bool().Draw(t, "more") {
				if l := drawLine(t); !slices.ContainsFunc(lines, func(o line.Line) bool { return o.Number == l.Number }) {
					lines = append(lines, l)
				}
			}
			if i := rapid.IntRange(0, len(lines)-1).Draw(t, "line"); rapid.Bool().Draw(t, "changes") {
				number := lines[i].Number
				lines[i] = drawLine(t)
				lines[i].Number = number
			}
			require.NoError(t, f.SetLines("acme", lines))
			before, err := f.View(context.Background(), "acme", epoch)
			require.NoError(t, err)
			require.NoError(t, f.SetLines("acme", lines))
			after, err := f.View(context.Background(), "acme", epoch)
			require.NoError(t, err)
			require.True(t, before == after)
			fresh := newFleet(t, Options{}, lines...)
			want, err := fresh.View(context.Background(), "acme", epoch)
			require.NoError(t, err)
			require.Equal(t, slices.Collect(want.All()), slices.Collect(after.All()))
		}
	})
}
