package delivery

import (
	"github.com/fromline/fromline/store"
)

// shares says which tenants may begin with another delivery. Two rules hold:
//
// A tenant whose deliveries take as many slots as are free, or half of all,
// gets no further one. So whatever one does, half of the slots are for others;
// whatever two do, a quarter is; and so on, down to a slot for a tenant that
// has none. No tenant has to be known for that, and each may have half of them
// while it is alone.
//
// Where more is due than there are slots for, a tenant that was served waits
// until every other was that has something due. So none waits for the whole
// backlog of another, however many there are.
type shares struct {
	busy   map[string]int  // by tenant, what is being sent; none is zero
	served map[string]bool // in this round
}

// maxServed bounds a round, and what a claim has to leave out.
const maxServed = 256

func newShares() shares { return shares{busy: map[string]int{}, served: map[string]bool{}} }

// ask returns how many deliveries to claim now, and of whom none.
func (s *shares) ask(slots, busy int) (limit int, except []string) {
	free := slots - busy
	most := min(free, (slots+1)/2)
	limit = (free + 1) / 2
	for tenant, n := range s.busy {
		if n >= most || s.served[tenant] {
			except = append(except, tenant)
		} else {
			limit = min(limit, most-n) // all of it may be for this one
		}
	}
	for tenant := range s.served {
		if s.busy[tenant] == 0 {
			except = append(except, tenant)
		}
	}
	return limit, except
}

// claimed tells what came of it, and returns whether to claim again at once.
func (s *shares) claimed(some []store.Claimed, limit int) (again bool) {
	if len(some) < limit { // all were served that have something due
		again = len(s.served) > 0
		clear(s.served)
		return again
	}
	if len(s.served) >= maxServed {
		clear(s.served)
	}
	if len(s.busy) > 1 { // alone, a tenant waits for no other
		for _, c := range some {
			s.served[c.Lease.Tenant] = true
		}
	}
	return true
}

// mayBegin says whether a tenant may begin with another delivery, where none
// waits.
func (s *shares) mayBegin(tenant string, slots, busy int) bool {
	return s.busy[tenant] < min(slots-busy, (slots+1)/2)
}

func (s *shares) begins(tenant string) { s.busy[tenant]++ }

func (s *shares) ends(tenant string) {
	if s.busy[tenant]--; s.busy[tenant] <= 0 {
		delete(s.busy, tenant)
	}
}
