package fromline_test

import (
	"fmt"
	"sync"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/fromline/fromline"
	"github.com/fromline/fromline/fleet"
	"github.com/fromline/fromline/line"
	"github.com/fromline/fromline/message"
	"github.com/fromline/fromline/recipients"
	"github.com/fromline/fromline/routing"
	"github.com/fromline/fromline/store"
	"github.com/fromline/fromline/store/memory"
)

// crowd is a Router that many send through at once.
type crowd struct {
	router *fromline.Router
	chats  *memory.Store
	fleet  *fleet.Fleet
}

func newCrowd(t require.TestingT, lines ...line.Line) crowd {
	c := crowd{chats: memory.New(memory.Options{})}
	var err error
	c.fleet, err = fleet.New(fleet.Options{})
	require.NoError(t, err)
	require.NoError(t, c.fleet.SetLines("acme", lines))
	c.router, err = fromline.New(c.chats, c.fleet, fromline.Options{Retries: 1000})
	require.NoError(t, err)
	return c
}

// at once routes all sends, each in a goroutine of its own.
func (c crowd) atOnce(t *rapid.T, sends []fromline.Outgoing) ([]routing.Decision, []error) {
	decisions, errs := make([]routing.Decision, len(sends)), make([]error, len(sends))
	start := make(chan struct{})
	var wait sync.WaitGroup
	for i, s := range sends {
		wait.Go(func() {
			<-start
			decisions[i], errs[i] = c.router.Route(t.Context(), s)
		})
	}
	close(start)
	wait.Wait()
	return decisions, errs
}

func sendTo(t require.TestingT, key string, to ...recipients.Handle) fromline.Outgoing {
	r := &message.Request{To: texts(to), Message: &message.Content{Parts: []message.Part{message.Text("Hello")}}}
	if key != "" {
		r.HeaderKey = &key
	}
	return fromline.Outgoing{Tenant: "acme", Request: checked(t, r), At: noon}
}

// Many first contacts, or failovers, of one set of people open one chat; all
// the others reuse it (law 10).
func TestConcurrentSendsOpenOneChat(t *testing.T) { rapid.Check(t, concurrentSendsOpenOneChat) }

func FuzzConcurrentSendsOpenOneChat(f *testing.F) {
	f.Add([]byte{})
	f.Fuzz(rapid.MakeFuzz(concurrentSendsOpenOneChat))
}

func concurrentSendsOpenOneChat(t *rapid.T) {
	flagged := line.Line{Number: numbers[0], Status: line.Flagged}
	c := newCrowd(t, flagged, line.Line{Number: numbers[1]}, line.Line{Number: numbers[2]})
	to := someOf(t, people[:6], 1, 3, "to")
	set, err := recipients.NewSet(to...)
	require.NoError(t, err)
	reason, old := store.NewBestNumber, uuid.Nil
	if rapid.Bool().Draw(t, "failover") {
		reason, old = store.FailoverFlagged, id('c', 1)
		seen := store.ChatSeen{ID: old, Line: flagged.Number, Participants: set, CreatedAt: noon}
		require.NoError(t, c.chats.Apply(t.Context(), "acme", []store.Event{seen}))
	}
	sends := make([]fromline.Outgoing, rapid.IntRange(2, 12).Draw(t, "sends"))
	keyed := rapid.Bool().Draw(t, "keys of their own")
	for i := range sends {
		key := ""
		if keyed {
			key = fmt.Sprint(i)
		}
		sends[i] = sendTo(t, key, to...)
	}
	decisions, errs := c.atOnce(t, sends)
	opened := 0
	messages := map[uuid.UUID]bool{}
	for i, d := range decisions {
		require.NoError(t, errs[i])
		require.False(t, d.Replay)
		require.Equal(t, decisions[0].ChatID, d.ChatID)
		require.Equal(t, decisions[0].Line, d.Line)
		messages[d.MessageID] = true
		if d.OpensChat() {
			opened++
			require.Equal(t, reason, d.Reason)
			require.Equal(t, old, d.PreviousChatID)
		}
	}
	require.Equal(t, 1, opened)
	require.Len(t, messages, len(sends))
}

// Many sends with one key make one decision, and the others repeat it (law 9).
func TestOneKeyOneDecision(t *testing.T) { rapid.Check(t, oneKeyOneDecision) }

func FuzzOneKeyOneDecision(f *testing.F) {
	f.Add([]byte{})
	f.Fuzz(rapid.MakeFuzz(oneKeyOneDecision))
}

func oneKeyOneDecision(t *rapid.T) {
	c := newCrowd(t, line.Line{Number: numbers[1]}, line.Line{Number: numbers[2]})
	to := someOf(t, people[:6], 1, 3, "to")
	if rapid.Bool().Draw(t, "known already") {
		_, err := c.router.Route(t.Context(), sendTo(t, "", to...))
		require.NoError(t, err)
	}
	sends := make([]fromline.Outgoing, rapid.IntRange(2, 12).Draw(t, "sends"))
	for i := range sends {
		sends[i] = sendTo(t, "k", rapid.Permutation(to).Draw(t, "to again")...)
	}
	decisions, errs := c.atOnce(t, sends)
	first := 0
	for i, d := range decisions {
		require.NoError(t, errs[i])
		if !d.Replay {
			first++
		}
		d.Replay = decisions[0].Replay
		require.Equal(t, decisions[0], d)
	}
	require.Equal(t, 1, first)
}

// However many first contacts come at once, no line opens more chats than it
// may (law 15), and none is refused while another line has room.
func TestConcurrentSendsStayWithinLimits(t *testing.T) {
	rapid.Check(t, concurrentSendsStayWithinLimits)
}

func FuzzConcurrentSendsStayWithinLimits(f *testing.F) {
	f.Add([]byte{})
	f.Fuzz(rapid.MakeFuzz(concurrentSendsStayWithinLimits))
}

func concurrentSendsStayWithinLimits(t *rapid.T) {
	room := 0
	var lines []line.Line
	for _, number := range numbers[:rapid.IntRange(1, 4).Draw(t, "lines")] {
		limit := rapid.IntRange(1, 3).Draw(t, "limit")
		lines = append(lines, line.Line{Number: number, Limits: line.Limits{NewChatsPerDay: limit}})
		room += limit
	}
	c := newCrowd(t, lines...)
	sends := make([]fromline.Outgoing, rapid.IntRange(1, 14).Draw(t, "sends"))
	for i := range sends {
		person, err := recipients.FromDigits(12025550100 + uint64(i))
		require.NoError(t, err)
		sends[i] = sendTo(t, "", person)
	}
	decisions, errs := c.atOnce(t, sends)
	answered := 0
	opened := map[recipients.Handle]int{}
	for i, d := range decisions {
		if errs[i] == nil {
			answered++
			opened[d.Line]++
			continue
		}
		require.Equal(t, 2015, int(fromline.CodeOf(errs[i])), "%v", errs[i])
	}
	require.Equal(t, min(room, len(sends)), answered)
	for _, l := range lines {
		require.LessOrEqual(t, opened[l.Number], l.Limits.NewChatsPerDay)
	}
}
