package fleet

import (
	"sync"
	"sync/atomic"

	"github.com/tidwall/btree"
)

// directory finds the lines of a tenant by its name. Looking up takes no lock
// and allocates nothing, so that senders on many cores do not meet here.
// Tenants are never removed.
type directory struct {
	published atomic.Pointer[btree.Map[string, *lineup]] // only read

	mu  sync.Mutex
	own btree.Map[string, *lineup]
}

// find returns the lines of a tenant, nil if there are none.
func (d *directory) find(name string) *lineup {
	if m := d.published.Load(); m != nil {
		t, _ := m.Get(name)
		return t
	}
	return nil
}

// open returns the lines of a tenant, made now if need be.
func (d *directory) open(name string, make func() *lineup) *lineup {
	if t := d.find(name); t != nil {
		return t
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	t, there := d.own.Get(name)
	if !there {
		t = make()
		d.own.Set(name, t)
		d.published.Store(d.own.Copy())
	}
	return t
}

// change makes a change that tenants to come begin with, and then one to each
// that is there, in the order of their names. No tenant is opened meanwhile.
func (d *directory) change(before func(), each func(*lineup)) {
	d.mu.Lock()
	defer d.mu.Unlock()
	before()
	d.own.Scan(func(_ string, t *lineup) bool {
		each(t)
		return true
	})
}

// all calls a function with the lines of every tenant, in the order of their
// names, until it returns false.
func (d *directory) all(yield func(*lineup) bool) {
	if m := d.published.Load(); m != nil {
		m.Scan(func(_ string, t *lineup) bool { return yield(t) })
	}
}
