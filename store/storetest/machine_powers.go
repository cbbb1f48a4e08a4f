package storetest

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/fromline/fromline/line"
	"github.com/fromline/fromline/store"
)

func (m *machine) readChat(t *rapid.T) {
	tenant, id := m.tenant(t), m.chat(t)
	want, wantErr := m.model.Chat(background, tenant, id)
	for _, s := range m.subjects {
		got, err := s.Store.(store.ChatReader).Chat(background, tenant, id)
		m.sameError(s, wantErr, err)
		require.Equal(m, want, got, s.name)
	}
}

func (m *machine) readLine(t *rapid.T) {
	tenant, line, limit := m.tenant(t), m.line(t), rapid.IntRange(0, 4).Draw(t, "limit")
	after := uuid.Nil
	if rapid.Bool().Draw(t, "from the middle") {
		after = m.chat(t)
	}
	want, wantNext, err := m.model.ChatsOfLine(background, tenant, line, after, limit)
	require.NoError(m, err)
	for _, s := range m.subjects {
		got, next, err := s.Store.(store.ChatReader).ChatsOfLine(background, tenant, line, after, limit)
		require.NoError(m, err, s.name)
		require.Equal(m, len(want), len(got), s.name)
		for i := range want {
			require.Equal(m, want[i], got[i], s.name)
		}
		require.Equal(m, wantNext, next, s.name)
	}
}

func (m *machine) readDecision(t *rapid.T) {
	tenant, id := m.tenant(t), m.mail(t)
	want, wantErr := m.model.Decision(background, tenant, id)
	for _, s := range m.subjects {
		got, err := s.Store.(store.DecisionReader).Decision(background, tenant, id)
		m.sameError(s, wantErr, err)
		require.Equal(m, plainRecord(&want), plainRecord(&got), s.name)
	}
}

// line of a use, for comparison.
type lineUse struct {
	hard     line.Use
	hour     int64
	messages [25]uint32
}

// followUses compares the uses that changed since the last call.
func (m *machine) followUses(*rapid.T) {
	uses, last := follow(m, m.model, m.uses, store.MaxPage)
	m.uses = last
	want := useByLine(uses)
	for _, s := range m.subjects {
		if s.Settle != nil {
			s.Settle()
		}
		uses, last := follow(m, s.Store.(store.UseReader), s.uses, store.MaxPage)
		s.uses = last
		require.Equal(m, want, useByLine(uses), s.name)
	}
}

func useByLine(uses []line.Use) map[string]lineUse {
	byLine := make(map[string]lineUse)
	for _, u := range uses {
		byLine[u.Tenant+" "+u.Number.String()] = lineUse{hard(u), u.MessagesHour, u.Messages}
	}
	return byLine
}

func (m *machine) reportLine(t *rapid.T) {
	state := line.State{Tenant: m.tenant(t), Number: m.line(t)}
	at := m.at(t)
	says := rapid.IntRange(1, 7).Draw(t, "which of the three facts")
	if says&1 != 0 {
		state.Status, state.StatusAt = line.Status(rapid.IntRange(1, 2).Draw(t, "status")), at
	}
	if says&2 != 0 {
		state.Reputation, state.ReputationAt = line.Reputation(rapid.IntRange(1, 3).Draw(t, "reputation")), at
	}
	if says&4 != 0 {
		state.Ownership, state.OwnershipAt = line.Ownership(rapid.IntRange(1, 3).Draw(t, "ownership")), at
	}
	if says == 1 && rapid.Bool().Draw(t, "our delivery found it") {
		want, applied, err := m.model.FlagLine(background, state.Tenant, state.Number, at)
		require.NoError(m, err)
		for _, s := range m.subjects {
			got, gotApplied, err := s.Store.(store.LineStates).FlagLine(background, state.Tenant, state.Number, at)
			require.NoError(m, err, s.name)
			require.Equal(m, []any{want, applied}, []any{got, gotApplied}, s.name)
		}
		return
	}
	want, err := m.model.ReportLine(background, state)
	require.NoError(m, err)
	for _, s := range m.subjects {
		got, err := s.Store.(store.LineStates).ReportLine(background, state)
		require.NoError(m, err, s.name)
		require.Equal(m, want, got, s.name)
	}
}

// followStates compares the states that changed since the last call.
func (m *machine) followStates(*rapid.T) {
	want, last := followStates(m, m.model, m.states, store.MaxPage)
	m.states = last
	for _, s := range m.subjects {
		got, last := followStates(m, s.Store.(store.LineStates), s.states, store.MaxPage)
		s.states = last
		require.Equal(m, len(want), len(got), s.name)
		want := slices.Clone(want)
		if s.Composed {
			byTenant := func(a, b line.State) int { return cmp.Compare(a.Tenant, b.Tenant) }
			slices.SortStableFunc(want, byTenant)
			slices.SortStableFunc(got, byTenant)
		}
		for i := range want {
			got[i].Change = want[i].Change
			require.Equal(m, want[i], got[i], s.name)
		}
	}
}

func (m *machine) purge(t *rapid.T) {
	before, limit := m.at(t), rapid.IntRange(0, 5).Draw(t, "limit")
	if slices.ContainsFunc(m.subjects, func(s *subject) bool { return s.Composed }) {
		limit = 0 // each engine purges its own oldest records, which are not the oldest of all
	}
	if len(m.expiry) > 0 && rapid.IntRange(0, 3).Draw(t, "at an expiry") > 0 {
		before = pick(t, "expiry", m.expiry)
	}
	want, err := m.model.Purge(background, before, limit)
	require.NoError(m, err)
	for _, s := range m.subjects {
		got, err := s.Store.(store.Purger).Purge(background, before, limit)
		require.NoError(m, err, s.name)
		require.Equal(m, want, got, s.name)
	}
}

func (m *machine) forget(t *rapid.T) {
	tenant, h := m.tenant(t), m.person(t)
	want, err := m.model.Forget(background, tenant, h)
	require.NoError(m, err)
	for _, s := range m.subjects {
		got, err := s.Store.(store.Forgetter).Forget(background, tenant, h)
		require.NoError(m, err, s.name)
		require.Equal(m, want, got, s.name)
		s.forgot = true
	}
	// Plans for a set without chats may rest on its state before all that.
	m.sights = slices.DeleteFunc(m.sights, func(s sight) bool { return s.tenant == tenant })
}

// claim claims everything that can be claimed, so that stores have no choice.
func (m *machine) claim(t *rapid.T) {
	lease := time.Duration(rapid.IntRange(1, 3).Draw(t, "minutes")) * time.Minute
	want, err := m.model.Claim(background, lease, 0)
	require.NoError(m, err)
	sortClaimed(want)
	given := make([]leases, len(want))
	for i := range want {
		given[i].model = want[i].Lease
		want[i].Lease.Token = uuid.Nil
	}
	for _, s := range m.subjects {
		got, err := s.Store.(store.Outbox).Claim(background, lease, 0)
		require.NoError(m, err, s.name)
		sortClaimed(got)
		require.Equal(m, len(want), len(got), s.name)
		for i := range got {
			given[i].stores = append(given[i].stores, got[i].Lease)
			got[i].Lease.Token = uuid.Nil
			require.Equal(m, want[i], got[i], s.name)
		}
	}
	m.leases = append(m.leases, given...)
}

func sortClaimed(claimed []store.Claimed) {
	slices.SortFunc(claimed, func(a, b store.Claimed) int {
		return strings.Compare(a.Lease.Tenant+a.Lease.MessageID.String(), b.Lease.Tenant+b.Lease.MessageID.String())
	})
}

// settle settles or renews one of the last leases.
func (m *machine) settle(t *rapid.T) {
	if len(m.leases) == 0 {
		return
	}
	lease := pick(t, "lease", m.leases[max(0, len(m.leases)-5):])
	how := rapid.IntRange(0, 5).Draw(t, "how")
	wait := time.Duration(rapid.IntRange(0, 3).Draw(t, "wait")) * time.Minute
	attempts := rapid.IntRange(0, 5).Draw(t, "attempts")
	do := func(o store.Outbox, id store.LeaseID) error {
		switch how {
		case 0:
			return o.Renew(background, id, wait+time.Minute)
		case 1:
			return o.Park(background, id, attempts, store.ParkReason(1+attempts%4))
		case 2:
			return o.Nack(background, id, attempts, wait)
		case 5:
			return o.Try(background, id, attempts)
		default:
			return o.Ack(background, id)
		}
	}
	want := do(m.model, lease.model)
	for i, s := range m.subjects {
		m.sameError(s, want, do(s.Store.(store.Outbox), lease.stores[i]))
	}
}

// ackAll acknowledges some of the last leases in one call.
func (m *machine) ackAll(t *rapid.T) {
	var some []leases
	for _, l := range m.leases[max(0, len(m.leases)-6):] {
		if rapid.Bool().Draw(t, "this one") {
			some = append(some, l)
		}
	}
	ids := make([]store.LeaseID, len(some))
	do := func(o store.Outbox, id func(leases) store.LeaseID) (lost []uuid.UUID) {
		for i, l := range some {
			ids[i] = id(l)
		}
		gone, err := o.AckAll(background, ids)
		require.NoError(m, err)
		for _, id := range gone {
			lost = append(lost, id.MessageID)
		}
		return lost
	}
	want := do(m.model, func(l leases) store.LeaseID { return l.model })
	for i, s := range m.subjects {
		require.ElementsMatch(m, want, do(s.Store.(store.Outbox), func(l leases) store.LeaseID { return l.stores[i] }), s.name)
	}
}

func (m *machine) release(t *rapid.T) {
	tenant, id := m.tenant(t), m.mail(t)
	if len(m.leases) > 0 && rapid.Bool().Draw(t, "claimed") {
		id = pick(t, "lease", m.leases).model.MessageID
	}
	how := rapid.IntRange(0, 3).Draw(t, "how")
	do := func(o store.Outbox) error {
		if how == 0 {
			return o.Drop(background, tenant, id)
		}
		return o.Release(background, tenant, id, how == 1)
	}
	want := do(m.model)
	for _, s := range m.subjects {
		m.sameError(s, want, do(s.Store.(store.Outbox)))
	}
}

func (m *machine) readParked(t *rapid.T) {
	tenant, limit := m.tenant(t), rapid.IntRange(0, 3).Draw(t, "limit")
	want, wantNext, err := m.model.Parked(background, tenant, uuid.Nil, limit)
	require.NoError(m, err)
	for _, s := range m.subjects {
		got, next, err := s.Store.(store.Outbox).Parked(background, tenant, uuid.Nil, limit)
		require.NoError(m, err, s.name)
		require.Equal(m, append([]store.ParkedDelivery{}, want...), append([]store.ParkedDelivery{}, got...), s.name)
		require.Equal(m, wantNext, next, s.name)
	}
}

func (m *machine) readBacklog(*rapid.T) {
	want, err := m.model.Backlog(background)
	require.NoError(m, err)
	for _, s := range m.subjects {
		got, err := s.Store.(store.Outbox).Backlog(background)
		require.NoError(m, err, s.name)
		got.Parked -= s.backlog.Parked // those of earlier histories
		require.Equal(m, want, got, s.name)
	}
}

// pass advances all clocks.
func (m *machine) pass(t *rapid.T) {
	d := time.Duration(rapid.IntRange(1, 200).Draw(t, "seconds")) * time.Second
	m.clock.Add(int64(d))
	for _, s := range m.subjects {
		s.Advance(d)
	}
}
