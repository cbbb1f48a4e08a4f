package fleet

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/fromline/fromline/line"
	"github.com/fromline/fromline/recipients"
)

// toOne returns a query for one person.
func toOne(i int) Query {
	set, err := recipients.NewSet(handle(fmt.Sprintf("+1646555%04d", i)))
	if err != nil {
		panic(err)
	}
	return Query{Recipients: set}
}

// equalLines returns lines that differ in nothing but their numbers.
func equalLines(n, limit int) []line.Line {
	var lines []line.Line
	for i := range n {
		lines = append(lines, line.Line{Number: handle(fmt.Sprintf("+1415777%04d", i)), Limits: line.Limits{NewChatsPerDay: limit}})
	}
	return lines
}

func newFleet(t require.TestingT, options Options, lines ...line.Line) *Fleet {
	f, err := New(options)
	require.NoError(t, err)
	require.NoError(t, f.SetLines("acme", lines))
	return f
}

// use returns the new chats of each line of a tenant.
func use(t require.TestingT, f *Fleet, at time.Time) []int {
	v, err := f.View(context.Background(), "acme", at)
	require.NoError(t, err)
	var counts []int
	for l := range v.All() {
		counts = append(counts, l.NewChats)
	}
	return counts
}

func TestSettlingTheUnknownChangesNothing(t *testing.T) {
	f := newFleet(t, Options{}, equalLines(1, 0)...)
	line := equalLines(1, 0)[0].Number
	f.Release("nobody", epoch, line, false)
	f.Confirm("nobody", epoch, line, false)
	f.Full("nobody", line, epoch.Add(time.Hour))
	f.Confirm("acme", epoch, recipients.MustParse("a@example.com"), false)
	f.Release("acme", epoch, line, false)
	require.Equal(t, []int{0}, use(t, f, epoch))
	require.False(t, f.Reserve("nobody", epoch, toOne(1), line))
	require.False(t, f.Reserve("acme", epoch, toOne(1), recipients.Handle{}))
}
