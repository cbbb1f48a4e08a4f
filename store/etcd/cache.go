package etcd

import (
	"strings"
	"sync"
)

// cache holds what keys held when this process last saw them. A change that
// rests on it is checked by the transaction, so that it may be old.
type cache struct {
	prefix string // keys begin with it
	size   int

	mu     sync.Mutex
	values map[string]value
}

// Only what a commit changes and cannot take for absent is worth the room.
const cachedKinds = kindSet + kindUse + kindQueue

func newCache(prefix string, size int) *cache {
	return &cache{prefix: prefix, size: size, values: make(map[string]value)}
}

// get returns what a key held, and no value for a key that is not held.
func (c *cache) get(key string) value {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.values[key]
}

func (c *cache) put(key string, v value) {
	if !strings.Contains(cachedKinds, key[len(c.prefix):len(c.prefix)+1]) {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if v.revision < c.values[key].revision && v.there() {
		return
	}
	if !v.there() {
		delete(c.values, key)
		return
	}
	if len(c.values) >= c.size {
		for other := range c.values { // any: the order of a map is random
			delete(c.values, other)
			break
		}
	}
	c.values[key] = v
}

func (c *cache) drop(key string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.values, key)
}
