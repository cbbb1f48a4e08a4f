package memory

import (
	"strings"
	"sync"
	"sync/atomic"

	"github.com/tidwall/btree"
)

// tenantID stands for a tenant, so that what belongs to it need not repeat its
// name. Zero is no tenant.
type tenantID uint32

// tenants gives out ids. A tenant that was written for once keeps its id. Looking
// one up takes no lock, so that calls on many cores do not meet here.
type tenants struct {
	published atomic.Pointer[btree.Map[string, tenantID]] // only read

	mu    sync.Mutex
	ids   btree.Map[string, tenantID]
	names []string // by id
}

func (t *tenants) init() {
	t.published.Store(t.ids.Copy())
	t.names = []string{""}
}

// find returns the id of a tenant, zero if nothing was written for it yet.
func (t *tenants) find(name string) tenantID {
	id, _ := t.published.Load().Get(name)
	return id
}

// intern returns the id of a tenant, a new one if it has none.
func (t *tenants) intern(name string) tenantID {
	if id := t.find(name); id != 0 {
		return id
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if id, _ := t.ids.Get(name); id != 0 {
		return id
	}
	id := tenantID(len(t.names))
	name = strings.Clone(name)
	t.names = append(t.names, name)
	t.ids.Set(name, id)
	t.published.Store(t.ids.Copy())
	return id
}

// name returns the name of a tenant that has an id.
func (t *tenants) name(id tenantID) string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.names[id]
}
