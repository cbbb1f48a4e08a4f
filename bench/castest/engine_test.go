package castest

import "sync"

// engine is all that the store may use: two operations, each on one key. Every
// successful swap gives the key a version that it never had before.
type engine interface {
	// get returns the value of a key and its version, which is 0 for a key
	// without a value.
	get(key string) (cell, uint64)
	// swap sets the value of a key if its version is still the one given.
	swap(key string, version uint64, to cell) bool
}

// table is an engine in memory.
type table struct {
	mu    sync.Mutex
	cells map[string]versioned
}

type versioned struct {
	cell    cell
	version uint64
}

func newTable() *table { return &table{cells: make(map[string]versioned)} }

func (t *table) get(key string) (cell, uint64) {
	t.mu.Lock()
	defer t.mu.Unlock()
	v := t.cells[key]
	return v.cell, v.version
}

func (t *table) swap(key string, version uint64, to cell) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.cells[key].version != version {
		return false
	}
	t.cells[key] = versioned{to, version + 1}
	return true
}
