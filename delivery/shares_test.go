package delivery

import (
	"fmt"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/fromline/fromline/store"
)

// queueOf is an outbox of tenants with backlogs, the oldest first.
type queueOf []string

func (q *queueOf) claim(limit int, except []string) (some []store.Claimed) {
	var rest queueOf
	left := map[string]bool{}
	for _, tenant := range except {
		left[tenant] = true
	}
	for _, tenant := range *q {
		if len(some) < limit && !left[tenant] {
			some = append(some, store.Claimed{Lease: store.LeaseID{Tenant: tenant}})
		} else {
			rest = append(rest, tenant)
		}
	}
	*q = rest
	return some
}

// turn claims as dispatch does, until there is nothing more.
func (s *shares) turn(q *queueOf, slots int, busy *int) (began []string) {
	for more := true; more && *busy < slots; {
		limit, except := s.ask(slots, *busy)
		some := q.claim(limit, except)
		for _, c := range some {
			*busy++
			s.begins(c.Lease.Tenant)
			began = append(began, c.Lease.Tenant)
		}
		more = s.claimed(some, limit)
	}
	return began
}

// However many deliveries wait and hang, no tenant has more than half of the
// slots, one that is alone has exactly half, and a tenant that comes while few
// others hang gets a slot at once.
func TestOneTenantLeavesRoomForOthers(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		slots := rapid.IntRange(1, 100).Draw(t, "slots")
		s, busy, q := newShares(), 0, queueOf{}
		hanging := rapid.IntRange(1, 5).Draw(t, "hanging")
		room := slots
		for i := range hanging {
			name := fmt.Sprint("hangs ", i)
			for range slots * 3 {
				q = append(q, name)
			}
			s.turn(&q, slots, &busy)
			room /= 2
			require.LessOrEqual(t, s.busy[name], (slots+1)/2)
			require.GreaterOrEqual(t, slots-busy, room, "what %d tenants leave free", i+1)
			if i == 0 {
				require.Equal(t, (slots+1)/2, s.busy[name], "alone it has half of the slots")
			}
		}
		q = append(q, "late")
		began := s.turn(&q, slots, &busy)
		if room > 0 {
			require.Equal(t, []string{"late"}, began)
		}
	})
}

// With more backlogs than slots, whatever their age, each tenant gets about as
// much as each other: none waits for the backlog of another.
func TestTenantsTakeTurns(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		slots := rapid.IntRange(2, 40).Draw(t, "slots")
		tenants := rapid.IntRange(2, 60).Draw(t, "tenants")
		const each = 30
		var q queueOf
		for i := range tenants { // all of the first is older than all of the second
			for range each {
				q = append(q, fmt.Sprint(i))
			}
		}
		s, busy, sent := newShares(), 0, map[string]int{}
		var going []string
		for round := 0; sent[fmt.Sprint(tenants-1)] == 0; round++ {
			began := s.turn(&q, slots, &busy)
			going = append(going, began...)
			for _, tenant := range began {
				sent[tenant]++
			}
			require.NotEmpty(t, going)
			i := rapid.IntRange(0, len(going)-1).Draw(t, "ends")
			s.ends(going[i])
			busy--
			going = append(going[:i], going[i+1:]...)
		}
		total := 0
		for _, n := range sent {
			total += n
		}
		require.LessOrEqual(t, total, 3*(tenants+slots), "how many were sent before the last tenant got its turn")
	})
}

// Whatever begins, by a claim or as it is committed, and whatever ends: no
// tenant has more than half of the slots, all together have no more than there
// are, and nothing is kept of a tenant of whom nothing is sent.
func TestNoTenantHasMoreThanHalf(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		slots := rapid.IntRange(1, 40).Draw(t, "slots")
		s, busy, q := newShares(), 0, queueOf{}
		var going []string
		name := rapid.SampledFrom([]string{"a", "b", "c"})
		for range rapid.IntRange(1, 60).Draw(t, "steps") {
			switch rapid.SampledFrom([]string{"wait", "claim", "commit", "end", "end"}).Draw(t, "step") {
			case "wait":
				tenant := name.Draw(t, "who")
				for range rapid.IntRange(1, 2*slots).Draw(t, "how many") {
					q = append(q, tenant)
				}
			case "claim":
				going = append(going, s.turn(&q, slots, &busy)...)
				if len(s.busy) == 1 && len(q) > 0 && s.busy[q[0]] > 0 && !slices.ContainsFunc(q, func(other string) bool { return other != q[0] }) {
					require.Equal(t, (slots+1)/2, busy, "alone it has half of the slots")
				}
			case "commit":
				if tenant := name.Draw(t, "who"); s.mayBegin(tenant, slots, busy) {
					s.begins(tenant)
					going, busy = append(going, tenant), busy+1
				}
			case "end":
				if len(going) > 0 {
					i := rapid.IntRange(0, len(going)-1).Draw(t, "which")
					s.ends(going[i])
					going, busy = append(going[:i:i], going[i+1:]...), busy-1
				}
			}
			require.LessOrEqual(t, busy, slots)
			counts := map[string]int{}
			for _, tenant := range going {
				counts[tenant]++
				require.LessOrEqual(t, counts[tenant], (slots+1)/2)
			}
			require.Equal(t, counts, s.busy)
		}
	})
}

// A tenant that is alone is left out of no claim while it has less than its
// share, and a round ends when 256 tenants were served.
func TestRoundsEnd(t *testing.T) {
	of := func(tenant string) []store.Claimed {
		return []store.Claimed{{Lease: store.LeaseID{Tenant: tenant}}}
	}
	s := newShares()
	s.begins("a")
	require.True(t, s.claimed(of("a"), 1))
	_, except := s.ask(10, 1)
	require.Empty(t, except)
	s.begins("b")
	for i := range 256 {
		require.True(t, s.claimed(of(fmt.Sprint(i)), 1))
		require.Len(t, s.served, i+1)
	}
	require.True(t, s.claimed(of("next"), 1))
	require.Len(t, s.served, 1)
}

// What a turn costs: the shares themselves, for so many tenants at work.
func BenchmarkShares(b *testing.B) {
	for _, tenants := range []int{1, 16, 256} {
		b.Run(fmt.Sprint(tenants), func(b *testing.B) {
			s := newShares()
			for i := range tenants {
				s.begins(fmt.Sprint("tenant ", i))
			}
			b.ReportAllocs()
			for b.Loop() {
				limit, _ := s.ask(512, tenants)
				s.claimed(nil, limit)
			}
		})
	}
}
