package etcd

import (
	"strings"
	"sync"
)

// cache holds values as this process last saw them. They may be old: the
// transaction of a change checks the keys that the change rests on.
type cache struct {
	prefix string // keys begin with it
	size   int

	mu     sync.Mutex
	values map[string]value
}

// cachedKinds are the kinds of keys that a commit changes, and that mostly
// exist: to guess that they are absent would be wrong.
const cachedKinds = kindSet + kindUse + kindQueue

func newCache(prefix string, size int) *cache {
	return &cache{prefix: prefix, size: size, values: make(map[string]value)}
}

// get returns the value of a key, and no value for a key that is not cached.
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
		for other := range c.values { // any one: the order of a map is random
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
