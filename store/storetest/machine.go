package storetest

import (
	"fmt"
	"maps"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/fromline/fromline/line"
	"github.com/fromline/fromline/recipients"
	"github.com/fromline/fromline/store"
	"github.com/fromline/fromline/store/storetest/internal/model"
)

// Same runs generated histories on several stores at once and on a model of the
// contract: after every step each store must give the answer of the model, and
// so all give the same. A failing history is shrunk, and the printed seed runs
// it again.
func Same(t testing.TB, open ...Open) {
	t.Helper()
	rapid.Check(t, Histories(t, open...))
}

// Histories opens stores, and returns the law that Same checks, also for
// rapid.MakeFuzz. The stores are closed when tb ends.
func Histories(tb testing.TB, open ...Open) func(*rapid.T) {
	var subjects []*subject
	for i, o := range open {
		w := newWorld(tb, o(tb))
		tb.Cleanup(w.close)
		subjects = append(subjects, &subject{Harness: w.Harness, name: fmt.Sprintf("store %d", i+1)})
	}
	histories := 0
	return func(t *rapid.T) {
		histories++
		m := newMachine(t, subjects, histories)
		t.Repeat(m.actions())
		m.checkAll()
	}
}

// subject is a store that is compared with the model.
type subject struct {
	Harness
	name string

	// State of the comparison of one history.
	revisions map[place]map[store.Revision]store.Revision // from the model's to the store's
	backlog   store.Backlog
	uses      line.Change
	states    line.Change
	forgot    bool // a set may be as if it never had a chat
}

// place is a recipient set of a tenant.
type place struct {
	tenant string
	set    recipients.Key
}

// machine is one history: the model, the stores, and the values that it used.
type machine struct {
	*rapid.T
	model    *model.Model
	clock    *atomic.Int64
	subjects []*subject

	tenants  []string
	sets     []recipients.Set
	chats    []uuid.UUID // ids that were used, or soon will be
	mails    []uuid.UUID
	ids      uint32
	expiry   []time.Time // expiry times of records, all different
	leases   []leases    // all leases so far
	sights   []sight
	uses     line.Change
	states   line.Change
	outboxes bool
}

// leases is one lease, as the model and each store gave it.
type leases struct {
	model  store.LeaseID
	stores []store.LeaseID
}

// sight is a look-up that plans rest on.
type sight struct {
	tenant    string
	set       recipients.Set
	chats     []store.Chat
	revision  store.Revision // of the model
	revisions []store.Revision
}

// newMachine begins a history, with tenants that no history had before. It
// first empties what all tenants share.
func newMachine(t *rapid.T, subjects []*subject, history int) *machine {
	clock := new(atomic.Int64)
	clock.Store(Start.UnixNano())
	m := &machine{
		T: t, subjects: subjects, clock: clock,
		model:    model.New(func() time.Time { return time.Unix(0, clock.Load()) }),
		tenants:  []string{fmt.Sprintf("history %d", history), fmt.Sprintf("History %d", history)},
		outboxes: true,
	}
	for _, is := range [][]int{{1}, {1, 2}, {2, 3}, {1, 2, 3}} {
		m.sets = append(m.sets, people(is...))
	}
	for _, s := range subjects {
		m.outboxes = m.outboxes && s.has(Outbox) && s.has(Clock)
		s.begin(t)
	}
	return m
}

// begin empties what histories share.
func (s *subject) begin(t *rapid.T) {
	s.revisions = make(map[place]map[store.Revision]store.Revision)
	s.forgot = false
	if purger, ok := s.Store.(store.Purger); ok {
		for removed := 1; removed > 0; {
			var err error
			removed, err = purger.Purge(background, noon.Add(100_000*time.Hour), 0)
			require.NoError(t, err)
		}
	}
	if outbox, ok := s.Store.(store.Outbox); ok && s.Advance != nil {
		s.Advance(time.Hour) // longer than any lease or wait of a history
		for {
			claimed, err := outbox.Claim(background, time.Hour, 0)
			require.NoError(t, err)
			for _, c := range claimed {
				require.NoError(t, outbox.Ack(background, c.Lease))
			}
			s.Advance(time.Second) // a claim then gets the deliveries that were held back
			if len(claimed) == 0 {
				break
			}
		}
		var err error
		s.backlog, err = outbox.Backlog(background)
		require.NoError(t, err)
	}
	if s.Settle != nil {
		s.Settle()
	}
	if reader, ok := s.Store.(store.UseReader); ok {
		_, s.uses = follow(t, reader, s.uses, store.MaxPage)
	}
	if reader, ok := s.Store.(store.LineStates); ok {
		_, s.states = followStates(t, reader, s.states, store.MaxPage)
	}
}

// actions are the steps of histories.
func (m *machine) actions() map[string]func(*rapid.T) {
	actions := map[string]func(*rapid.T){
		"look up":                          m.look,
		"commit":                           m.commit,
		"commit again, from an older look": m.commitStale,
		"apply":                            m.apply,
		"":                                 func(*rapid.T) {},
	}
	all := func(p Power) bool {
		return !slices.ContainsFunc(m.subjects, func(s *subject) bool { return !s.has(p) })
	}
	for power, more := range map[Power]map[string]func(*rapid.T){
		ChatReader:     {"read a chat": m.readChat, "read chats of a line": m.readLine},
		DecisionReader: {"read a decision": m.readDecision},
		KnownReader:    {"ask which lines people know": m.readKnown},
		UseReader:      {"follow uses": m.followUses},
		LineStates:     {"report a line": m.reportLine, "follow states": m.followStates},
		Purger:         {"purge": m.purge},
		Forgetter:      {"forget": m.forget},
	} {
		if all(power) {
			maps.Copy(actions, more)
		}
	}
	if m.outboxes {
		maps.Copy(actions, map[string]func(*rapid.T){
			"claim": m.claim, "settle": m.settle, "acknowledge some": m.ackAll, "release": m.release, "read parked": m.readParked,
			"let time pass": m.pass, "backlog": m.readBacklog,
		})
	}
	return actions
}

// pick draws one of several values.
func pick[T any](t *rapid.T, what string, values []T) T {
	return values[rapid.IntRange(0, len(values)-1).Draw(t, what)]
}

// tenant draws a tenant, mostly the first one, so that it has much data.
func (m *machine) tenant(t *rapid.T) string {
	return m.tenants[max(0, rapid.IntRange(-3, 1).Draw(t, "tenant"))]
}

func (m *machine) line(t *rapid.T) recipients.Handle {
	return number(rapid.IntRange(1, 3).Draw(t, "line"))
}

func (m *machine) person(t *rapid.T) recipients.Handle {
	return person(rapid.IntRange(1, 3).Draw(t, "person"))
}

// at draws one of a few times, so that some are equal, and some hours leave the
// window.
func (m *machine) at(t *rapid.T) time.Time {
	return noon.Add(pick(t, "hours", []time.Duration{0, 1, -3, 24, 26})*time.Hour +
		pick(t, "microseconds", []time.Duration{0, 1})*time.Microsecond)
}

// fresh returns an id that was not used in this history.
func (m *machine) fresh() uuid.UUID {
	m.ids++
	return uuid.NewSHA1(uuid.NameSpaceOID, fmt.Append(nil, m.ids))
}

// chat draws the id of a chat, rarely of one that does not exist.
func (m *machine) chat(t *rapid.T) uuid.UUID {
	if len(m.chats) == 0 || rapid.IntRange(0, 9).Draw(t, "new chat") == 9 {
		m.chats = append(m.chats, m.fresh())
	}
	return pick(t, "chat", m.chats)
}

// mail draws a message id that was used.
func (m *machine) mail(t *rapid.T) uuid.UUID {
	if len(m.mails) == 0 {
		return m.fresh()
	}
	return pick(t, "message", m.mails)
}
