package memory

import (
	"strings"
	"sync"
)

// tenantID stands for a tenant, so that what belongs to it need not repeat its
// name. Zero is no tenant.
type tenantID uint32

// tenants gives out ids. A tenant that was written for once keeps its id.
type tenants struct {
	mu    sync.RWMutex
	ids   map[string]tenantID
	names []string // by id
}

func (t *tenants) init() {
	t.ids = make(map[string]tenantID)
	t.names = []string{""}
}

// find returns the id of a tenant, zero if nothing was written for it yet.
func (t *tenants) find(name string) tenantID {
	t.mu.RLock()
	defer t.mu.RUnlock()
	return t.ids[name]
}

// intern returns the id of a tenant, a new one if it has none.
func (t *tenants) intern(name string) tenantID {
	if id := t.find(name); id != 0 {
		return id
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if id := t.ids[name]; id != 0 {
		return id
	}
	id := tenantID(len(t.names))
	name = strings.Clone(name)
	t.names = append(t.names, name)
	t.ids[name] = id
	return id
}

// name returns the name of a tenant that has an id.
func (t *tenants) name(id tenantID) string {
	t.mu.RLock()
	defer t.mu.RUnlock()
	return t.names[id]
}
