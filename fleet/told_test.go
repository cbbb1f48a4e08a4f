package fleet

import (
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/fromline/fromline/line"
)

// What is wrong with an answer is told exactly when it is not what was wrong with the
// answer before.
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
				time.Sleep(1)
			}
		})
	})
}

// Of the lines that cannot be used the first eight are told, and then how many more
// there are.
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

// An answer, and what it said of a line that is set aside since, may be used until it
// is exactly StaleAfter old: then nobody waits for a source that hangs, and the line is
// still one. A nanosecond later it may not.
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
