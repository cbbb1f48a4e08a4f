package fleet

import (
	"context"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/fromline/fromline/line"
)

// What is wrong with an answer is told exactly when it is not what was wrong
// with the answer before.
func TestWhatIsWrongIsToldWhenItChanges(t *testing.T) {
	good, one, two := line.Line{Number: handle("+14157770000")}, handle("+14157770001"), handle("+14157770002")
	answers := [][]line.Line{
		{good},
		{good, {Number: one, Status: 77}},
		{good, {Number: two, Status: 77}},
		{good, {Number: one, Status: 77}, {Number: two, Status: 77}},
	}
	rapid.Check(t, func(t *rapid.T) {
		rapid.SyncTest(t, func(t *rapid.T) {
			h, told := &hostTable{}, 0
			f, err := New(Options{Source: h, RefreshEvery: 1, OnPollError: func(error) { told++ }})
			require.NoError(t, err)
			last, want := 0, 0
			for range 12 {
				answer := rapid.IntRange(0, len(answers)-1).Draw(t, "answer")
				h.say("acme", nil, answers[answer]...)
				_, err := f.View(t.Context(), "acme", time.Now())
				require.NoError(t, err)
				if answer != 0 && answer != last {
					want++
				}
				require.Equal(t, want, told)
				last = answer
				time.Sleep(time.Nanosecond)
			}
		})
	})
}

// Of the lines that cannot be used the first eight are told, and then how many
// more there are.
func TestTheFirstEightAreTold(t *testing.T) {
	for faulty := range 12 {
		f := newFleet(t, Options{}, line.Line{Number: handle("+14157770000")})
		var lines []line.Line
		for _, l := range equalLines(faulty, 0) {
			l.Status = 77
			lines = append(lines, l)
		}
		s := f.sift(f.lineup("acme"), lines, inList)
		if faulty == 0 {
			require.NoError(t, s.err())
			continue
		}
		told := s.err().(interface{ Unwrap() []error }).Unwrap()
		require.Len(t, told, min(faulty, 8)+int(oneIf(faulty > 8)))
		for _, err := range told[:min(faulty, 8)] {
			require.ErrorIs(t, err, line.ErrLine)
		}
		if faulty > 8 {
			require.ErrorContains(t, told[8], []string{"1", "2", "3"}[faulty-9])
		}
	}
}

// An answer, and what it said of a line that is set aside since, may be used
// until it is exactly StaleAfter old: then nobody waits for a source that
// hangs, and the line is still one. A nanosecond later it may not.
func TestAnswersMayBeUsedUntilTheyAreStale(t *testing.T) {
	const stale = 5 * time.Second
	one, two := handle("+14157770000"), handle("+14157770001")
	for _, age := range []time.Duration{1, stale - 1, stale, stale + 1, time.Hour} {
		synctest.Test(t, func(t *testing.T) {
			h := &hostTable{}
			h.say("acme", nil, line.Line{Number: one}, line.Line{Number: two})
			f := over(t, h, Options{RefreshEvery: 1, StaleAfter: stale})
			_, err := numbers(f, "acme")
			require.NoError(t, err)
			h.say("acme", nil, line.Line{Number: one}, line.Line{Number: two, Status: 77})
			for range 2 { // that others are told well meanwhile is of no help
				time.Sleep(age / 2)
				_, err = numbers(f, "acme")
				require.NoError(t, err)
			}
			time.Sleep(age % 2)
			got, err := numbers(f, "acme")
			require.NoError(t, err)
			require.Equal(t, age <= stale, slices.Contains(got, two), age)
		})
		synctest.Test(t, func(t *testing.T) {
			h := &hostTable{}
			h.say("acme", nil, line.Line{Number: one})
			f := over(t, h, Options{RefreshEvery: 1, StaleAfter: stale})
			_, err := numbers(f, "acme")
			require.NoError(t, err)
			time.Sleep(age)
			h.slow = time.Hour
			asked := make(chan error)
			go func() { _, err := numbers(f, "acme"); asked <- err }()
			synctest.Wait()
			began := time.Now()
			_, err = numbers(f, "acme")
			if age <= stale {
				require.NoError(t, err)
				require.Zero(t, time.Since(began), age)
			} else {
				require.ErrorIs(t, err, ErrStale)
				require.Equal(t, stale, time.Since(began), age)
			}
			<-asked
		})
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

// What cannot be used of a list is told of all that stands in it, also behind a
// line without a number.
func TestSiftReadsOn(t *testing.T) {
	good, bad := handle("+14157770000"), handle("+14157770001")
	f := newFleet(t, Options{})
	s := f.sift(f.lineup("acme"), []line.Line{{}, {Number: bad, Status: 77}, {}, {Number: good}}, inList)
	require.True(t, s.nameless)
	require.Equal(t, 3, s.faults)
	require.Len(t, s.errs, 3)
	require.True(t, s.wrong[bad.Digits()])
	require.False(t, s.wrong[good.Digits()])
	require.Len(t, s.given, 2)
}
