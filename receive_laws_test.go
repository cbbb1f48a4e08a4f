//go:build unix

package fromline_test

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/fromline/fromline"
	"github.com/fromline/fromline/fleet"
	"github.com/fromline/fromline/inbound"
	"github.com/fromline/fromline/internal/pgtest"
	"github.com/fromline/fromline/line"
	"github.com/fromline/fromline/recipients"
	"github.com/fromline/fromline/store"
	"github.com/fromline/fromline/store/memory"
	"github.com/fromline/fromline/store/postgres"
	"github.com/fromline/fromline/store/sqlite"
)

// story is all that a network has to tell: of two people who write directly,
// and of two groups whose people are others.
type story struct {
	events  []inbound.Event
	members map[string][]recipients.Handle // of the groups, when they were opened
}

// drawStory draws a story. The times are few, so that many are equal.
func drawStory(rt *rapid.T) story {
	s := story{members: map[string][]recipients.Handle{}}
	at := func() time.Time {
		return noon.Add(-time.Duration(rapid.IntRange(0, 9).Draw(rt, "minutes")) * time.Minute)
	}
	for i := range rapid.IntRange(0, 5).Draw(rt, "direct messages") {
		e := wrote(rapid.SampledFrom([]recipients.Handle{ann, bob}).Draw(rt, "who"), rapid.SampledFrom([]recipients.Handle{dc, boston}).Draw(rt, "line"), "", at())
		if rapid.Bool().Draw(rt, "an id") {
			e.Chat = "net " + e.Sender.String() + e.Line.String() + fmt.Sprint(i%2)
		}
		s.events = append(s.events, e)
	}
	for i := range 2 {
		id := uuid.UUID{0: 'g', 15: byte(i + 1)}.String()
		person := func(k int) recipients.Handle { return recipients.MustParse(fmt.Sprintf("p%d@group%d.example", k, i)) }
		s.members[id] = []recipients.Handle{person(0), person(1)}
		s.events = append(s.events, inbound.Event{
			Type: inbound.ChatCreated, Line: dc, Chat: id, Group: true, At: at(), Participants: append([]recipients.Handle{dc}, s.members[id]...),
			Named: rapid.Bool().Draw(rt, "named"),
		})
		for range rapid.IntRange(0, 7).Draw(rt, "changes") {
			e := inbound.Event{Chat: id, At: at()}
			switch kind := rapid.IntRange(0, 9).Draw(rt, "kind"); {
			case kind < 3:
				e.Type, e.Participant = inbound.ParticipantAdded, person(rapid.IntRange(0, 3).Draw(rt, "who"))
			case kind < 6:
				e.Type, e.Participant = inbound.ParticipantRemoved, person(rapid.IntRange(0, 3).Draw(rt, "who"))
			case kind < 7:
				e.Type, e.Named = inbound.GroupNameUpdated, rapid.Bool().Draw(rt, "named")
			case kind < 9:
				e.Type, e.Line, e.Group, e.Sender = inbound.MessageReceived, dc, true, person(0)
			default:
				e.Type, e.Participant = inbound.ParticipantRemoved, dc
			}
			s.events = append(s.events, e)
		}
	}
	return s
}

// end is what a chat has to come out as.
type end struct {
	people string
	named  bool
	active time.Time
}

// ends works out from the whole story how it ends: the direct chats by person
// and line, and the groups by id; those that our line or all others left are
// missing. It goes through the events in the order of their times, which no
// store and no Router does.
func (s *story) ends() (direct map[[2]recipients.Handle]time.Time, groups map[string]end) {
	direct, groups = map[[2]recipients.Handle]time.Time{}, map[string]end{}
	events := slices.Clone(s.events)
	slices.SortStableFunc(events, func(a, b inbound.Event) int {
		gone := func(e inbound.Event) int { // at the same time what is not so comes last
			if e.Type == inbound.ParticipantRemoved || e.Type == inbound.GroupNameUpdated && !e.Named {
				return 1
			}
			return 0
		}
		return cmp.Or(a.At.Compare(b.At), cmp.Compare(gone(a), gone(b)))
	})
	in, left := map[string]map[string]bool{}, map[string]bool{}
	for _, e := range events {
		if !e.Group && e.Type == inbound.MessageReceived {
			direct[[2]recipients.Handle{e.Sender, e.Line}] = e.At
			continue
		}
		g := groups[e.Chat]
		if in[e.Chat] == nil {
			in[e.Chat] = map[string]bool{}
		}
		switch e.Type {
		case inbound.ChatCreated:
			for _, h := range e.Participants[1:] {
				in[e.Chat][h.String()] = true
			}
			g.named = g.named || e.Named
			g.active = e.At
		case inbound.MessageReceived:
			g.active = e.At
		case inbound.ParticipantAdded:
			in[e.Chat][e.Participant.String()] = true
		case inbound.ParticipantRemoved:
			left[e.Chat] = left[e.Chat] || e.Participant == dc
			delete(in[e.Chat], e.Participant.String())
		case inbound.GroupNameUpdated:
			g.named = e.Named
		}
		groups[e.Chat] = g
	}
	for id, g := range groups {
		g.people = fmt.Sprint(slices.Sorted(maps.Keys(in[id])))
		groups[id] = g
		if left[id] || len(in[id]) == 0 { // it matches nothing
			delete(groups, id)
		}
	}
	return direct, groups
}

// inboxes are the stores that the laws are tried on.
func inboxes(t *testing.T) map[string]store.Store {
	file, err := sqlite.Open(t.Context(), filepath.Join(t.TempDir(), "inbox.db"), sqlite.Options{})
	require.NoError(t, err)
	server, err := postgres.Open(t.Context(), pgtest.Start(t, pgtest.Options{}).Database(t), postgres.Options{})
	require.NoError(t, err)
	stores := map[string]store.Store{"memory": memory.New(memory.Options{}), "sqlite": file, "postgres": server}
	for _, s := range stores {
		t.Cleanup(func() { require.NoError(t, s.Close()) })
	}
	return stores
}

var storyTellers atomic.Int64

// tell tells a Router on a store a story in an order of its own, some of it
// twice, by so many callers at once, and returns how it ended.
func tell(rt *rapid.T, chats store.Store, s story, callers int) (direct map[[2]recipients.Handle]time.Time, groups map[string]end, err error) {
	lines := lineTable{&table{notes: &notes{}, lines: []line.Line{{Number: dc}, {Number: boston}}}}
	router, err := fromline.New(chats, lines, fromline.Options{Clock: func() time.Time { return noon }, Fleet: fleet.Options{RefreshEvery: 1, Clock: new(ticking).Now}})
	require.NoError(rt, err)
	told := append(slices.Clone(s.events), s.events[:rapid.IntRange(0, len(s.events)).Draw(rt, "twice")]...)
	seed := rapid.Uint64().Draw(rt, "order")
	rand.New(rand.NewPCG(seed, 0)).Shuffle(len(told), func(i, j int) { told[i], told[j] = told[j], told[i] })
	tenant, ctx := fmt.Sprint("tenant ", storyTellers.Add(1)), context.Background()

	var wait sync.WaitGroup
	errs := make([]error, callers)
	for c := range callers {
		wait.Go(func() {
			for i := c; i < len(told) && errs[c] == nil; i += callers {
				_, errs[c] = router.Receive(ctx, tenant, told[i])
			}
		})
	}
	wait.Wait()
	for _, err := range errs {
		if err != nil {
			return nil, nil, err
		}
	}
	direct, groups = map[[2]recipients.Handle]time.Time{}, map[string]end{}
	for _, number := range []recipients.Handle{dc, boston} {
		all, _, err := chats.ChatsOfLine(ctx, tenant, number, uuid.Nil, 0)
		if err != nil {
			return nil, nil, err
		}
		for _, c := range all {
			if _, is := s.members[c.ID.String()]; is {
				var people []string
				for _, h := range c.Roster.Set().All() {
					people = append(people, h.String())
				}
				slices.Sort(people)
				if !c.LineLeft && len(people) > 0 {
					groups[c.ID.String()] = end{fmt.Sprint(people), c.Named, c.ActiveAt}
				}
				continue
			}
			key := [2]recipients.Handle{c.Roster.Set().At(0), number}
			if !direct[key].IsZero() {
				return nil, nil, fmt.Errorf("two chats of %v on %v", key[0], number)
			}
			direct[key] = c.ActiveAt
		}
	}
	return direct, groups, nil
}

// Whatever the order, however often and by how many callers a story is told, it
// ends as it does in the order of its times.
func TestAnyOrderEndsTheSame(t *testing.T) {
	for name, chats := range inboxes(t) {
		t.Run(name, func(t *testing.T) {
			rapid.Check(t, func(rt *rapid.T) {
				s := drawStory(rt)
				direct, groups, err := tell(rt, chats, s, rapid.SampledFrom([]int{1, 1, 3}).Draw(rt, "callers"))
				require.NoError(rt, err)
				wantDirect, wantGroups := s.ends()
				require.Equal(rt, wantDirect, direct)
				require.Equal(rt, wantGroups, groups)
			})
		})
	}
}

// deaf is a store with something wrong about what it is told.
type deaf struct {
	*memory.Store
	hear func(*store.DirectMessage)
	keep func(*store.Note)
}

func (d deaf) Hear(ctx context.Context, tenant string, m store.DirectMessage) (uuid.UUID, store.Heard, error) {
	if d.hear != nil {
		d.hear(&m)
	}
	return d.Store.Hear(ctx, tenant, m)
}

func (d deaf) Note(ctx context.Context, tenant, name string) (store.Note, error) {
	n, err := d.Store.Note(ctx, tenant, name)
	if d.keep != nil && n.Name != "" {
		d.keep(&n)
	}
	return n, err
}

func (d deaf) KeepNote(ctx context.Context, tenant string, was, now store.Note) (bool, error) {
	if d.keep != nil {
		is, err := d.Store.Note(ctx, tenant, now.Name)
		if err != nil {
			return false, err
		}
		was = is
	}
	return d.Store.KeepNote(ctx, tenant, was, now)
}

// The law is one that mistakes break.
func TestMistakesChangeTheEnd(t *testing.T) {
	var count int64
	for name, broken := range map[string]deaf{
		"the latest is the last one told": {hear: func(m *store.DirectMessage) { m.At = noon.Add(time.Duration(atomic.AddInt64(&count, 1)) * time.Second) }},
		"the wrong line":                  {hear: func(m *store.DirectMessage) { m.Line = boston }},
		"what was told is not kept":       {keep: func(n *store.Note) { n.Body = nil }},
	} {
		t.Run(name, func(t *testing.T) {
			found := false
			rapid.Check(t, func(rt *rapid.T) {
				broken.Store = memory.New(memory.Options{})
				s := drawStory(rt)
				direct, groups, err := tell(rt, broken, s, 1)
				wantDirect, wantGroups := s.ends()
				found = found || err != nil || !maps.Equal(direct, wantDirect) || !maps.Equal(groups, wantGroups)
			})
			require.True(t, found, "nobody noticed")
		})
	}
}
