package imagecheck

import (
	"container/list"
	"crypto/sha256"
	"sync"
	"time"
)

// tenants holds what is kept for each tenant: its places for checks, and its
// verdicts. Beyond its bound those used longest ago are forgotten, but for
// tenants with a check under way.
type tenants struct {
	mu     sync.Mutex
	byName map[string]*list.Element // of *tenant
	used   *list.List               // the last used first
	bound  int
	places int
	keep   int
}

func newTenants(o Options) tenants {
	return tenants{byName: map[string]*list.Element{}, used: list.New(), bound: o.Tenants, places: o.PerTenant, keep: o.Remember}
}

// get returns what is kept for a tenant, and holds it until put.
func (ts *tenants) get(name string) *tenant {
	ts.mu.Lock()
	defer ts.mu.Unlock()
	e, ok := ts.byName[name]
	if !ok {
		e = ts.used.PushFront(&tenant{
			name: name, places: make(chan struct{}, ts.places), keep: ts.keep,
			byURL: map[[sha256.Size]byte]*list.Element{}, used: list.New(),
		})
		ts.byName[name] = e
		ts.forget()
	}
	ts.used.MoveToFront(e)
	t := e.Value.(*tenant)
	t.holders++
	return t
}

// put gives back what get returned.
func (ts *tenants) put(t *tenant) {
	ts.mu.Lock()
	defer ts.mu.Unlock()
	t.holders--
	ts.forget()
}

// forget drops tenants beyond the bound that have no holder.
func (ts *tenants) forget() {
	for e := ts.used.Back(); e != nil && ts.used.Len() > ts.bound; {
		before := e.Prev()
		if t := e.Value.(*tenant); t.holders == 0 && e != ts.used.Front() {
			ts.used.Remove(e)
			delete(ts.byName, t.name)
		}
		e = before
	}
}

// tenant is what is kept for one tenant.
type tenant struct {
	name    string
	holders int           // guarded by tenants.mu
	places  chan struct{} // one for each check under way

	mu    sync.Mutex
	byURL map[[sha256.Size]byte]*list.Element // of *memory, by the hash of the URL
	used  *list.List                          // the last used first
	keep  int
}

// memory is a verdict and until when it holds.
type memory struct {
	url     [sha256.Size]byte
	verdict verdict
	until   time.Time
}

// recall returns the verdict on a URL, if it is known at that time.
func (t *tenant) recall(url string, now time.Time) (v verdict, known bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	e, ok := t.byURL[sha256.Sum256([]byte(url))]
	if !ok {
		return verdict{}, false
	}
	m := e.Value.(*memory)
	if !now.Before(m.until) {
		t.drop(e)
		return verdict{}, false
	}
	t.used.MoveToFront(e)
	return m.verdict, true
}

// remember keeps the verdict on a URL.
func (t *tenant) remember(url string, v verdict, until time.Time) {
	t.mu.Lock()
	defer t.mu.Unlock()
	key := sha256.Sum256([]byte(url))
	if e, ok := t.byURL[key]; ok {
		t.drop(e)
	}
	t.byURL[key] = t.used.PushFront(&memory{key, v, until})
	if t.used.Len() > t.keep {
		t.drop(t.used.Back())
	}
}

func (t *tenant) drop(e *list.Element) {
	t.used.Remove(e)
	delete(t.byURL, e.Value.(*memory).url)
}
