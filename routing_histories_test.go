package fromline_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/fromline/fromline/fleet"
	"github.com/fromline/fromline/internal/reference"
	"github.com/fromline/fromline/message"
	"github.com/fromline/fromline/recipients"
	"github.com/fromline/fromline/routing"
	"github.com/fromline/fromline/store"
	"github.com/fromline/fromline/store/memory"
	"github.com/fromline/fromline/validate"
)

// Histories are told twice: to a Router over a fleet and a store, and to the
// reference world. Every send must be answered the same, and what was written
// must be one decision for each answer and nothing for a refusal (laws 1, 9,
// 11, 12, 15).
func TestHistories(t *testing.T) { rapid.Check(t, historiesAreToldTheSameTwice) }

func FuzzHistories(f *testing.F) {
	f.Add([]byte{})
	f.Add([]byte("a history is a long list of draws, so a seed should be long as well; this one is not very"))
	f.Fuzz(rapid.MakeFuzz(historiesAreToldTheSameTwice))
}

// tenants have lines of their own, and write to the same people under the same
// keys and with the same chat ids.
var tenants = map[string][]recipients.Handle{"acme": numbers[:4], "beta": numbers[4:]}

var tenantNames = []string{"acme", "beta"}

// history is one world, told twice.
type history struct {
	world  reference.World
	store  *ledger
	fleet  *fleet.Fleet
	router *routing.Router
	now    time.Time
	drawn  int // ids
	opened map[recipients.Handle][]time.Time
	limits map[recipients.Handle]int
	gone   map[recipients.Handle]fleet.Line
}

// ledger notes every plan that was committed.
type ledger struct {
	store.ChatStore
	committed []store.Plan
}

func (l *ledger) Commit(ctx context.Context, p *store.Plan) error {
	err := l.ChatStore.Commit(ctx, p)
	if err == nil {
		l.committed = append(l.committed, *p)
	}
	return err
}

func (h *history) NewID() uuid.UUID { h.drawn++; return id('i', h.drawn) }

func (h *history) Now() time.Time { return h.now }

func (h *history) After(time.Duration) <-chan time.Time { panic("nothing waits in a history") }

func newHistory(t *rapid.T) *history {
	h := &history{now: noon, opened: map[recipients.Handle][]time.Time{}, limits: map[recipients.Handle]int{}, gone: map[recipients.Handle]fleet.Line{}}
	h.world.SkipNamedGroups = rapid.Bool().Draw(t, "skip named groups")
	h.world.AllowCritical = rapid.Bool().Draw(t, "allow critical")
	h.store = &ledger{ChatStore: memory.New(memory.Options{})}
	var err error
	h.fleet, err = fleet.New(fleet.Options{Policy: fleet.Policy{AllowCritical: h.world.AllowCritical}, Clock: h})
	require.NoError(t, err)
	for _, name := range tenantNames {
		var lines []fleet.Line
		for _, number := range tenants[name] {
			l := fleet.Line{Number: number, Status: fleet.Active, Reputation: fleet.Healthy}
			l.Limits.NewChatsPerDay = rapid.SampledFrom([]int{0, 0, 1, 2}).Draw(t, "new chats a day")
			if chance(t, 5, "few services") {
				l.Services = fleet.Services(message.SMS)
			}
			h.limits[number] = l.Limits.NewChatsPerDay
			h.world.AddLine(name, l)
			lines = append(lines, l)
		}
		require.NoError(t, h.fleet.SetLines(name, lines))
	}
	h.router, err = routing.New(h.store, h.fleet, routing.Options{
		IDs: h, Clock: h.Now, SkipNamedGroups: h.world.SkipNamedGroups, KeepRecords: 3 * 24 * time.Hour,
	})
	require.NoError(t, err)
	return h
}

func historiesAreToldTheSameTwice(t *rapid.T) {
	h := newHistory(t)
	t.Repeat(map[string]func(*rapid.T){
		"send":      h.send,
		"send more": h.send,
		"chat":      h.chatEvent,
		"line":      h.lineEvent,
		"fleet":     h.fleetChange,
		"time":      h.timePasses,
		"":          h.limitsHold,
	})
}

// send routes one send, some of them under a key.
func (h *history) send(t *rapid.T) {
	name := rapid.SampledFrom(tenantNames).Draw(t, "tenant")
	s, request := anySend(t)
	key := rapid.SampledFrom([]string{"", "", "k1", "k2"}).Draw(t, "key")
	if key != "" {
		request.HeaderKey = &key
	}
	written := len(h.store.committed)
	d, err := h.router.Route(t.Context(), routing.Send{Tenant: name, Request: checked(t, request), At: h.now})
	committed := h.store.committed[written:]

	print := fmt.Sprintf("%+v", normal(s))
	if kept, again := h.world.Kept(name, key); again {
		require.Empty(t, committed)
		if kept.Request != print {
			fault, is := errors.AsType[*validate.Error](err)
			require.True(t, is, "%v", err)
			require.Equal(t, validate.CodeValue, fault.Primary().Code)
			return
		}
		require.NoError(t, err)
		require.True(t, d.Replay)
		compare(t, kept.Answer, d, nil, kept.Chat)
		return
	}

	want := reference.Decide(h.world.Facts(name, h.now, s))
	refusal, refused := errors.AsType[*routing.Refusal](err)
	if !refused {
		require.NoError(t, err)
		require.False(t, d.Replay)
	}
	compare(t, want, d, refusal, d.ChatID)
	if refused {
		require.Empty(t, committed, "a refusal wrote something")
		return
	}
	require.Len(t, committed, 1)
	require.Equal(t, d.MessageID, committed[0].Record.MessageID)
	require.Equal(t, d.ChatID, committed[0].Chat)
	require.Equal(t, name, committed[0].Tenant)
	require.Equal(t, key, committed[0].Record.Key)
	h.world.Decided(name, h.now, s, want, d.ChatID, key, reference.Kept{Request: print, Until: h.now.Add(3 * 24 * time.Hour)})
	if d.OpensChat() {
		h.opened[d.Line] = append(h.opened[d.Line], h.now)
	}
}

// normal is a send without what does not make it another one.
func normal(s reference.Send) reference.Send {
	slices.SortFunc(s.To, recipients.Handle.Compare)
	slices.SortFunc(s.ExcludeFrom, recipients.Handle.Compare)
	return s
}

// chatEvent lets something happen in a chat, or makes chats known.
func (h *history) chatEvent(t *rapid.T) {
	name := rapid.SampledFrom(tenantNames).Draw(t, "tenant")
	known := h.world.Chats(name)
	if len(known) == 0 || chance(t, 3, "a chat from elsewhere") {
		h.chatsSeen(t, name)
		return
	}
	c := rapid.SampledFrom(known).Draw(t, "chat")
	at := h.now.Add(time.Duration(rapid.IntRange(-3, 2).Draw(t, "ago")) * time.Hour)
	person := rapid.SampledFrom(people).Draw(t, "person")
	var event store.Event
	switch kind := rapid.SampledFrom([]string{"activity", "activity", "added", "removed", "renamed", "left"}).Draw(t, "event"); kind {
	case "activity":
		event = store.Activity{Chat: c.ID, At: at}
		h.world.Active(name, c.ID, at, 1)
	case "added":
		if person == c.Line {
			return
		}
		event = store.ParticipantAdded{Chat: c.ID, Handle: person, At: at}
		h.world.Joined(name, c.ID, person)
	case "removed":
		event = store.ParticipantRemoved{Chat: c.ID, Handle: person}
		h.world.Gone(name, c.ID, person)
	case "renamed":
		named := rapid.Bool().Draw(t, "named")
		event = store.Renamed{Chat: c.ID, Named: named}
		h.world.Named(name, c.ID, named)
	case "left":
		event = store.LineLeft{Chat: c.ID}
		h.world.Left(name, c.ID)
	}
	require.NoError(t, h.store.Apply(t.Context(), name, []store.Event{event}))
}

// chatsSeen makes some chats of one set known; seldom more than are considered.
func (h *history) chatsSeen(t *rapid.T, name string) {
	with := someOf(t, people, 1, 2, "with")
	set, err := recipients.NewSet(with...)
	require.NoError(t, err)
	count := 1
	if chance(t, 4, "many") {
		count = store.MaxChats + 1
	}
	lines := append(slices.Clone(tenants[name]), stranger)
	var events []store.Event
	for n := range count {
		chatID := id('c', 256*count+rapid.IntRange(0, 9).Draw(t, "id")+10*n)
		line := lines[(int(chatID[15])+n)%len(lines)]
		if set.Contains(line) || slices.ContainsFunc(h.world.Chats(name), func(c store.Chat) bool { return c.ID == chatID }) {
			continue
		}
		created := h.now.Add(-time.Duration(rapid.IntRange(0, 3).Draw(t, "age")) * time.Hour)
		events = append(events, store.ChatSeen{ID: chatID, Line: line, Participants: set, CreatedAt: created})
		h.world.Saw(name, chatID, line, with, false, created, created)
	}
	require.NoError(t, h.store.Apply(t.Context(), name, events))
}

// lineEvent changes the health of a line.
func (h *history) lineEvent(t *rapid.T) {
	name := rapid.SampledFrom(tenantNames).Draw(t, "tenant")
	number := rapid.SampledFrom(tenants[name]).Draw(t, "number")
	if _, gone := h.gone[number]; gone {
		return
	}
	e := fleet.Event{
		Type: fleet.StatusUpdated, Tenant: name, Number: number,
		Status:     rapid.SampledFrom([]fleet.Status{fleet.Active, fleet.Flagged}).Draw(t, "status"),
		Reputation: rapid.SampledFrom([]fleet.Reputation{fleet.Healthy, fleet.AtRisk, fleet.Critical}).Draw(t, "reputation"),
		ChangedAt:  h.now.Add(time.Duration(rapid.IntRange(-2, 4).Draw(t, "minutes")) * time.Minute),
	}
	_, err := h.fleet.ReportLine(t.Context(), e)
	require.NoError(t, err)
	h.world.LineChanged(name, number, e.Status, e.Reputation, e.ChangedAt)
}

// fleetChange takes a line out of the fleet, or puts it back.
func (h *history) fleetChange(t *rapid.T) {
	name := rapid.SampledFrom(tenantNames).Draw(t, "tenant")
	number := rapid.SampledFrom(tenants[name]).Draw(t, "number")
	l, gone := h.gone[number]
	if gone {
		require.NoError(t, h.fleet.PutLine(name, l))
		delete(h.gone, number)
	} else {
		for _, l := range h.world.Lines(name, h.now) {
			if l.Number == number {
				l.ChangedAt = time.Time{} // the file does not say
				h.gone[number] = l
			}
		}
		require.NoError(t, h.fleet.RemoveLine(name, number))
	}
	h.world.SetGone(name, number, !gone)
}

func (h *history) timePasses(t *rapid.T) {
	minutes := rapid.SampledFrom([]int{0, 1, 59, 60, 24 * 60, 25 * 60}).Draw(t, "minutes")
	h.now = h.now.Add(time.Duration(minutes)*time.Minute + time.Second)
}

// limitsHold is law 15, from the times at which chats were opened alone.
func (h *history) limitsHold(t *rapid.T) {
	for number, times := range h.opened {
		limit := h.limits[number]
		for i := range times {
			if limit > 0 && i >= limit {
				require.Greater(t, times[i].Sub(times[i-limit]), 24*time.Hour, "more than %d in a day", limit)
			}
		}
	}
}
