package fromline_test

import (
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/fromline/fromline"
	"github.com/fromline/fromline/fault"
	"github.com/fromline/fromline/fleet"
	"github.com/fromline/fromline/internal/reference"
	"github.com/fromline/fromline/line"
	"github.com/fromline/fromline/message"
	"github.com/fromline/fromline/recipients"
	"github.com/fromline/fromline/routing"
	"github.com/fromline/fromline/store"
	"github.com/fromline/fromline/store/memory"
)

// Histories are told twice: to a Router over a fleet and a store, and to the
// reference world. Every send must be answered the same, and hand over one
// delivery for each decision; a refusal and a replay write nothing; a restart
// forgets nothing (laws 1, 3 to 7, 9, 11, 12, 15, 17).
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
	store  *memory.Store
	fleet  *fleet.Fleet
	router *fromline.Router
	now    time.Time
	drawn  int                    // ids
	file   map[string][]line.Line // the lines of each tenant, as a file has them
	gone   map[recipients.Handle]bool
	opened map[recipients.Handle][]time.Time
}

func (h *history) NewID() uuid.UUID { h.drawn++; return id('i', h.drawn) }

func (h *history) Now() time.Time { return h.now }

func newHistory(t *rapid.T) *history {
	h := &history{
		now: noon, file: map[string][]line.Line{}, gone: map[recipients.Handle]bool{},
		opened: map[recipients.Handle][]time.Time{},
	}
	h.world.SkipNamedGroups = rapid.Bool().Draw(t, "skip named groups")
	h.world.AllowCritical = rapid.Bool().Draw(t, "allow critical")
	h.store = memory.New(memory.Options{Clock: h.Now})
	for _, name := range tenantNames {
		for _, number := range tenants[name] {
			l := line.Line{Number: number, Status: line.Active, Reputation: line.Healthy}
			l.Limits.NewChatsPerDay = rapid.SampledFrom([]int{0, 0, 1, 2}).Draw(t, "new chats a day")
			l.Limits.MessagesPerDay = rapid.SampledFrom([]int{0, 0, 0, 2, 5}).Draw(t, "messages a day")
			if chance(t, 5, "few services") {
				l.Services = line.Services(message.SMS)
			}
			h.world.AddLine(name, l)
			h.file[name] = append(h.file[name], l)
		}
	}
	h.start(t)
	return h
}

// start is what a process does when it starts: it knows the file, and the
// store.
func (h *history) start(t *rapid.T) {
	var err error
	h.fleet, err = fleet.New(fleet.Options{Policy: fleet.Policy{AllowCritical: h.world.AllowCritical}, Clock: h.Now})
	require.NoError(t, err)
	for name, lines := range h.file {
		there := slices.DeleteFunc(slices.Clone(lines), func(l line.Line) bool { return h.gone[l.Number] })
		require.NoError(t, h.fleet.SetLines(name, there))
	}
	h.router, err = fromline.New(h.store, h.fleet, fromline.Options{
		NewID: h.NewID, Clock: h.Now, SkipNamedGroups: h.world.SkipNamedGroups, KeepRecords: keepRecords, Deliver: true,
	})
	require.NoError(t, err)
}

const keepRecords = 3 * 24 * time.Hour

func historiesAreToldTheSameTwice(t *rapid.T) {
	h := newHistory(t)
	t.Repeat(map[string]func(*rapid.T){
		"send":      h.send,
		"send more": h.send,
		"chat":      h.chatEvent,
		"line":      h.lineEvent,
		"fleet":     h.fleetChange,
		"restart":   h.start,
		"purge":     h.purge,
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
	require.NoError(t, h.fleet.Sync(t.Context(), h.store))
	before := h.dump(t)
	asked := checked(t, request)
	out := fromline.Outgoing{Tenant: name, Request: asked, At: h.now}
	lines, err := h.router.Lines(t.Context(), name)
	require.NoError(t, err)
	foretold, foretoldErr := h.router.Preview(t.Context(), out)
	require.Equal(t, before, h.dump(t), "a preview wrote something")
	after, err := h.router.Lines(t.Context(), name)
	require.NoError(t, err)
	require.Equal(t, lines, after, "a preview reserved something")
	d, err := h.router.Route(t.Context(), out)
	foretells(t, foretold, foretoldErr, d, err)
	refusal, refused := errors.AsType[*routing.Refusal](err)
	if err != nil || d.Replay {
		require.Equal(t, before, h.dump(t), "a refusal or a replay wrote something")
	}

	print := reference.Meaning(asked, request)
	if kept, again := h.world.Kept(name, key); again {
		if kept.Request != print {
			wrong, is := errors.AsType[*fault.Error](err)
			require.True(t, is, "%v", err)
			require.Equal(t, fault.CodeValue, wrong.Primary().Code)
			return
		}
		require.NoError(t, err)
		require.True(t, d.Replay)
		compare(t, kept.Answer, d, nil, kept.Chat)
		return
	}
	want := reference.Decide(h.world.Facts(name, h.now, s))
	if !refused {
		require.NoError(t, err)
		require.False(t, d.Replay)
	}
	compare(t, want, d, refusal, d.ChatID)
	if refused {
		return
	}
	h.delivers(t, name, d)
	h.world.Decided(name, h.now, s, want, d.ChatID, key, reference.Kept{Request: print, Until: h.now.Add(keepRecords)})
	if d.OpensChat() {
		h.opened[d.Line] = append(h.opened[d.Line], h.now)
	}
}

// foretells requires that a preview said what was then decided, but for the ids
// that are drawn anew.
func foretells(t *rapid.T, foretold routing.Decision, foretoldErr error, d routing.Decision, err error) {
	if err != nil {
		require.Error(t, foretoldErr)
		require.Equal(t, err.Error(), foretoldErr.Error())
		return
	}
	require.NoError(t, foretoldErr)
	require.Equal(t, d.Reason, foretold.Reason)
	require.Equal(t, d.Line, foretold.Line)
	require.Equal(t, d.PreviousChatID, foretold.PreviousChatID)
	if !d.OpensChat() || d.Replay {
		require.Equal(t, d.ChatID, foretold.ChatID)
	}
	foretold.ChatID, foretold.MessageID = d.ChatID, d.MessageID
	require.Equal(t, answerOf(t, d), answerOf(t, foretold))
}

// delivers takes from the outbox what the decision left there: one message.
func (h *history) delivers(t *rapid.T, name string, d routing.Decision) {
	claimed, err := h.store.Claim(t.Context(), time.Minute, 10)
	require.NoError(t, err)
	require.Len(t, claimed, 1)
	content, err := message.EncodeContent(d.Message)
	require.NoError(t, err)
	require.Equal(t, name, claimed[0].Lease.Tenant)
	require.Equal(t, store.Delivery{
		MessageID: d.MessageID, ChatID: d.ChatID, From: d.Line, To: d.Roster.Set(), Reason: d.Reason, Content: content,
		Terms: claimed[0].Delivery.Terms, // for a reroute; reroute_test.go looks at them
	}, claimed[0].Delivery)
	require.NoError(t, h.store.Ack(t.Context(), claimed[0].Lease))
}

// dump is everything that the store shows: chats, use and deliveries.
func (h *history) dump(t *rapid.T) any {
	type everything struct {
		chats   [][]store.Chat
		uses    []line.Use
		states  []line.State
		backlog store.Backlog
	}
	var all everything
	var err error
	for _, name := range tenantNames {
		for _, number := range append(slices.Clone(tenants[name]), stranger) {
			chats, _, err := h.store.ChatsOfLine(t.Context(), name, number, uuid.Nil, 0)
			require.NoError(t, err)
			all.chats = append(all.chats, chats)
		}
	}
	all.uses, _, err = h.store.LineUse(t.Context(), 0, 0)
	require.NoError(t, err)
	all.states, _, err = h.store.LineStates(t.Context(), 0, 0)
	require.NoError(t, err)
	all.backlog, err = h.store.Backlog(t.Context())
	require.NoError(t, err)
	return all
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
	at := h.now.Add(time.Duration(rapid.IntRange(-5, 0).Draw(t, "ago")) * time.Hour)
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

// lineEvent changes the health of a line: its status, its reputation, or both.
func (h *history) lineEvent(t *rapid.T) {
	name := rapid.SampledFrom(tenantNames).Draw(t, "tenant")
	number := rapid.SampledFrom(tenants[name]).Draw(t, "number")
	if h.gone[number] {
		return
	}
	e := fleet.Event{
		Type: fleet.StatusUpdated, Tenant: name, Number: number,
		ChangedAt: h.now.Add(time.Duration(rapid.IntRange(-2, 4).Draw(t, "minutes")) * time.Minute),
	}
	says := rapid.IntRange(1, 3).Draw(t, "the status, the reputation or both")
	if says&1 != 0 {
		e.Status = rapid.SampledFrom([]line.Status{line.Active, line.Flagged}).Draw(t, "status")
	}
	if says&2 != 0 {
		e.Reputation = rapid.SampledFrom([]line.Reputation{line.Healthy, line.AtRisk, line.Critical}).Draw(t, "reputation")
	}
	state, err := h.fleet.StateOf(t.Context(), e)
	require.NoError(t, err)
	_, err = h.store.ReportLine(t.Context(), state)
	require.NoError(t, err)
	h.world.LineChanged(name, number, e.Status, e.Reputation, e.ChangedAt)
}

// fleetChange takes a line out of the fleet, or puts it back.
func (h *history) fleetChange(t *rapid.T) {
	name := rapid.SampledFrom(tenantNames).Draw(t, "tenant")
	l := rapid.SampledFrom(h.file[name]).Draw(t, "line")
	if gone := h.gone[l.Number]; gone {
		require.NoError(t, h.fleet.PutLine(name, l))
	} else {
		require.NoError(t, h.fleet.RemoveLine(name, l.Number))
	}
	h.gone[l.Number] = !h.gone[l.Number]
	h.world.SetGone(name, l.Number, h.gone[l.Number])
}

// purge forgets what has expired; until then it answers.
func (h *history) purge(t *rapid.T) {
	_, err := h.store.Purge(t.Context(), h.now, 0)
	require.NoError(t, err)
	h.world.Purge(h.now)
}

func (h *history) timePasses(t *rapid.T) {
	minutes := rapid.SampledFrom([]int{0, 1, 59, 60, 24 * 60, 25 * 60}).Draw(t, "minutes")
	h.now = h.now.Add(time.Duration(minutes)*time.Minute + time.Second)
}

// limitsHold is law 15, from the times at which chats were opened alone.
func (h *history) limitsHold(t *rapid.T) {
	for _, name := range tenantNames {
		for _, l := range h.file[name] {
			times, limit := h.opened[l.Number], l.Limits.NewChatsPerDay
			for i := limit; limit > 0 && i < len(times); i++ {
				require.Greater(t, times[i].Sub(times[i-limit]), 24*time.Hour, "more than %d in a day", limit)
			}
		}
	}
}
