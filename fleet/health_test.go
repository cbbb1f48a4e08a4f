package fleet

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/fromline/fromline/line"
	"github.com/fromline/fromline/recipients"
)

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

// Of many senders one asks. The others wait if there is no answer yet, and go
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
// two tenants have is an error of the second, which has its last answer until
// it is too old.
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

// The lines of a fleet with a source are set by nothing else, and its options
// are checked.
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
