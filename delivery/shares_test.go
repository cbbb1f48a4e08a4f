package delivery

import (
	"fmt"
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

// However many deliveries wait and hang, no tenant has more than half of the slots,
// one that is alone has exactly half, and a tenant that comes while few others hang
// gets a slot at once.
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

// With more backlogs than slots, whatever their age, each tenant gets about as much
// as each other: none waits for the backlog of another.
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
