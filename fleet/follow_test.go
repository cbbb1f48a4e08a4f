package fleet

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/fromline/fromline/line"
	"github.com/stretchr/testify/require"
)

// Inside a synctest bubble the system's clock is a made-up one, and waiting
// costs no time.

func TestFollowKeepsInStep(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		number := handle("+14157770000")
		f := newFleet(t, Options{}, line.Line{Number: number})
		store := newMemorySource()
		ctx, stop := context.WithCancel(context.Background())
		done := make(chan error)
		go func() { done <- f.Follow(ctx, store) }()
		synctest.Wait()

		// An event that another process stored is acted on within a second, and
		// so is its use.
		store.report(line.State{Tenant: "acme", Number: number, Status: line.Flagged, Reputation: line.AtRisk, StatusAt: time.Now(), ReputationAt: time.Now()})
		store.open("acme", number, time.Now())
		time.Sleep(time.Second)
		synctest.Wait()
		v, err := f.View(ctx, "acme", time.Now())
		require.NoError(t, err)
		l, _ := v.Line(number)
		require.Equal(t, []any{line.Flagged, line.AtRisk, 1}, []any{l.Status, l.Reputation, l.NewChats})

		// A nudge is acted on at once.
		store.open("acme", number, time.Now())
		f.Nudge()
		f.Nudge() // never blocks
		synctest.Wait()
		require.Equal(t, []int{2}, use(t, f, time.Now()))

		stop()
		require.ErrorIs(t, <-done, context.Canceled)
	})
}

func TestLostTouchIsRefused(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var failures []error
		f := newFleet(t, Options{StaleAfter: 3 * time.Second, OnPollError: func(err error) { failures = append(failures, err) }}, line.Line{Number: handle("+14157770000")})
		store := newMemorySource()
		store.failAt = 1
		lines := func() error { _, err := f.View(context.Background(), "acme", time.Now()); return err }
		require.NoError(t, lines(), "nothing is followed yet")
		require.ErrorIs(t, f.Sync(context.Background(), store), errDown)
		require.ErrorIs(t, lines(), ErrStale, "it was never in touch")
		require.Zero(t, f.LastPoll())

		ctx, stop := context.WithCancel(context.Background())
		defer stop()
		go func() { _ = f.Follow(ctx, store) }()
		synctest.Wait()
		require.NoError(t, lines())
		require.Equal(t, time.Now(), f.LastPoll())

		store.mu.Lock()
		store.down = true
		store.mu.Unlock()
		time.Sleep(3 * time.Second)
		synctest.Wait()
		require.NoError(t, lines())
		time.Sleep(time.Nanosecond)
		require.ErrorIs(t, lines(), ErrStale)
		require.NotEmpty(t, failures)
		require.ErrorIs(t, failures[0], errDown)

		store.mu.Lock()
		store.down = false
		store.mu.Unlock()
		time.Sleep(500 * time.Millisecond)
		synctest.Wait()
		require.NoError(t, lines(), "it is in touch again")
	})
}

// A store that hangs is given up on, so that a later poll can succeed.
func TestHangingPollsEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var failure error
		f := newFleet(t, Options{OnPollError: func(err error) { failure = err }}, line.Line{Number: handle("+14157770000")})
		ctx, stop := context.WithCancel(context.Background())
		defer stop()
		go func() { _ = f.Follow(ctx, hangingSource{}) }()
		time.Sleep(5 * time.Second)
		synctest.Wait()
		require.ErrorIs(t, failure, context.DeadlineExceeded)
	})
}

type hangingSource struct{}

func (hangingSource) LineStates(ctx context.Context, _ line.Change, _ int) ([]line.State, line.Change, error) {
	<-ctx.Done()
	return nil, 0, ctx.Err()
}

func (hangingSource) LineUse(context.Context, line.Change, int) ([]line.Use, line.Change, error) {
	return nil, 0, errors.New("not reached")
}

// A pick that is committed while a poll is under way, too late for the poll to
// see it, counts until a poll that began later is done.
func TestPicksOutliveThePollTheyMissed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		number := handle("+14157770000")
		f := newFleet(t, Options{}, line.Line{Number: number})
		store := newMemorySource()
		slow := &slowSource{memorySource: store, read: make(chan struct{}), answer: make(chan struct{})}
		now := time.Now()

		commit := func() {
			require.True(t, f.Reserve("acme", now, toOne(1), number))
			store.open("acme", number, now)
			f.Confirm("acme", now, number, false)
		}
		commit()
		polled := make(chan error)
		go func() { polled <- f.Sync(context.Background(), slow) }()
		<-slow.read // the poll has read the use and not answered yet
		commit()
		time.Sleep(2 * time.Second)
		slow.answer <- struct{}{}
		require.NoError(t, <-polled)
		require.Equal(t, now, f.LastPoll(), "what a poll says is as old as its beginning")
		require.Equal(t, []int{2}, use(t, f, now), "the poll saw one of them")

		go func() { polled <- f.Sync(context.Background(), slow) }()
		<-slow.read
		require.Equal(t, []int{2}, use(t, f, now))
		slow.answer <- struct{}{}
		require.NoError(t, <-polled)
		require.Equal(t, []int{2}, use(t, f, now), "this one saw both")
	})
}

// slowSource waits between reading the use of lines and answering.
type slowSource struct {
	*memorySource
	read, answer chan struct{}
}

func (s *slowSource) LineUse(ctx context.Context, after line.Change, limit int) ([]line.Use, line.Change, error) {
	uses, last, err := s.memorySource.LineUse(ctx, after, limit)
	s.read <- struct{}{}
	<-s.answer
	return uses, last, err
}

// What a poll says of lines and tenants that nobody configured is kept, for a
// file may name them later.
func TestStatesAreKeptForLinesToCome(t *testing.T) {
	number := handle("+14157770000")
	f, err := New(Options{Clock: fixedClock(epoch)})
	require.NoError(t, err)
	store := newMemorySource()
	store.report(line.State{Tenant: "acme", Number: number, Status: line.Flagged, Reputation: line.Critical, StatusAt: epoch, ReputationAt: epoch})
	store.open("acme", number, epoch)
	store.report(line.State{Tenant: "", Number: number, Status: line.Flagged, Reputation: line.Critical, StatusAt: epoch, ReputationAt: epoch})
	require.NoError(t, f.Sync(context.Background(), store))
	_, err = f.View(context.Background(), "acme", epoch)
	require.ErrorIs(t, err, ErrUnknownTenant)

	require.NoError(t, f.PutLine("acme", line.Line{Number: number}))
	v, err := f.View(context.Background(), "acme", epoch)
	require.NoError(t, err)
	l, _ := v.Line(number)
	require.Equal(t, []any{line.Flagged, line.Critical, 1}, []any{l.Status, l.Reputation, l.NewChats})

	require.NoError(t, f.RemoveLine("acme", number))
	require.NoError(t, f.PutLine("acme", line.Line{Number: number}))
	v, err = f.View(context.Background(), "acme", epoch)
	require.NoError(t, err)
	l, _ = v.Line(number)
	require.Equal(t, line.Flagged, l.Status, "a line that comes back is not forgotten")
}

// A poll asks for page after page until one is not full.
func TestPollsTakeEveryPage(t *testing.T) {
	for _, changes := range []int{0, 1, 2, 3, 4, 5} {
		lines := equalLines(changes+1, 0)
		f := newFleet(t, Options{Clock: fixedClock(epoch)}, lines...)
		f.page = 2
		store := newMemorySource()
		for _, l := range lines[:changes] {
			store.report(line.State{Tenant: "acme", Number: l.Number, Status: line.Flagged, Reputation: line.AtRisk, StatusAt: epoch, ReputationAt: epoch})
		}
		for _, l := range lines[:changes] {
			store.open("acme", l.Number, epoch)
		}
		require.NoError(t, f.Sync(context.Background(), store))
		require.Equal(t, changes, sum(use(t, f, epoch)))
		v, err := f.View(context.Background(), "acme", epoch)
		require.NoError(t, err)
		require.Equal(t, Counts{Flagged: changes, Eligible: 1}, v.PassedOver(toOne(1)))
	}
}

// What this package never wrote is passed over, and makes nothing known.
func TestPollsPassOverWhatIsNoState(t *testing.T) {
	number, address := handle("+14157770000"), handle("ann@example.com")
	f, err := New(Options{Clock: fixedClock(epoch)})
	require.NoError(t, err)
	store := newMemorySource()
	for _, s := range []line.State{
		{Tenant: "", Number: number, Status: line.Flagged, Reputation: line.AtRisk},
		{Tenant: "acme", Number: address, Status: line.Flagged, Reputation: line.AtRisk},
		{Tenant: "acme", Status: line.Flagged, Reputation: line.AtRisk},
		{Tenant: "acme", Number: number},
		{Tenant: "acme", Number: number, Status: line.Flagged, Reputation: 9},
	} {
		s.StatusAt, s.ReputationAt = epoch, epoch
		store.put(s)
	}
	store.open("", number, epoch)
	store.open("acme", address, epoch)
	require.NoError(t, f.Sync(context.Background(), store))
	for range f.tenants.all {
		t.Error("a tenant is known")
	}
}

// fixedClock is a clock that stands still.
func fixedClock(now time.Time) func() time.Time { return func() time.Time { return now } }

// Of two changes of one time the worse one counts, in the store, in a file and
// in this process.
func TestTheWorseOfOneTime(t *testing.T) {
	number := handle("+14157770000")
	f := newFleet(t, Options{Clock: fixedClock(epoch)}, line.Line{Number: number, Status: line.Active, ChangedAt: epoch})
	store := newMemorySource()
	store.report(line.State{Tenant: "acme", Number: number, Status: line.Flagged, Reputation: line.Healthy, StatusAt: epoch, ReputationAt: epoch})
	require.NoError(t, f.Sync(context.Background(), store))
	v, err := f.View(context.Background(), "acme", epoch)
	require.NoError(t, err)
	l, _ := v.Line(number)
	require.Equal(t, line.Flagged, l.Status)
	require.NoError(t, f.PutLine("acme", line.Line{Number: number, Status: line.Active, ChangedAt: epoch}))
	v, err = f.View(context.Background(), "acme", epoch)
	require.NoError(t, err)
	l, _ = v.Line(number)
	require.Equal(t, line.Flagged, l.Status, "the file says nothing later")
}

// A pick counts in the hour that the store counts it in, which is never before
// one it has counted already.
func TestPicksCountInTheHourOfTheStore(t *testing.T) {
	number := handle("+14157770000")
	ahead := epoch.Add(2 * time.Hour) // the clock of another process
	f := newFleet(t, Options{Clock: fixedClock(epoch), StaleAfter: 100 * time.Hour}, line.Line{Number: number})
	store := newMemorySource()
	store.open("acme", number, ahead)
	require.NoError(t, f.Sync(context.Background(), store))
	require.True(t, f.Reserve("acme", epoch, toOne(1), number))
	f.Confirm("acme", epoch, number, false)
	later := epoch.Truncate(time.Hour).Add(25 * time.Hour)
	require.Equal(t, []int{2}, use(t, f, later))
	require.Equal(t, []int{0}, use(t, f, later.Add(2*time.Hour)))
}
