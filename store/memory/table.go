package memory

import (
	"encoding/binary"
	"hash/maphash"

	"github.com/google/uuid"

	"github.com/fromline/fromline/recipients"
)

// table finds things of tenants by a hash of their names; those with the same hash
// are a list. There may be millions of each kind, and the things know their names
// themselves, so it matters that no name is kept twice and that the map is the
// small and fast one of numbers.
type table[T any, P linked[T]] map[uint64]P

// linked is what a table finds.
type linked[T any] interface {
	*T
	hash() uint64 // of its name
	link() **T    // to the next one with the same hash
}

// find returns the thing of a hash that is meant, nil if there is none.
func (t table[T, P]) find(hash uint64, meant func(P) bool) P {
	at := t[hash]
	for at != nil && !meant(at) {
		at = *at.link()
	}
	return at
}

func (t table[T, P]) add(added P) {
	hash := added.hash()
	*added.link() = t[hash]
	t[hash] = added
}

// remove removes a thing, which is there.
func (t table[T, P]) remove(removed P) {
	hash := removed.hash()
	next := P(*removed.link())
	if at := t[hash]; at != removed {
		for P(*at.link()) != removed {
			at = *at.link()
		}
		*at.link() = next
	} else if t[hash] = next; next == nil {
		delete(t, hash)
	}
}

// all calls a function for everything, which may remove what it is called with.
func (t table[T, P]) all(do func(P)) {
	for _, first := range t {
		for at := first; at != nil; {
			next := P(*at.link())
			do(at)
			at = next
		}
	}
}

func hashOfSet(t tenantID, key recipients.Key) uint64 { return key.Ring() + uint64(t) }

// hashOfID takes in the whole id, of which any part may be the random one.
func hashOfID(t tenantID, id uuid.UUID) uint64 {
	return (binary.BigEndian.Uint64(id[:8])+uint64(t))*0x9e3779b97f4a7c15 + binary.BigEndian.Uint64(id[8:])
}

// hashOfKey is seeded: keys are whatever clients make up.
func (s *Store) hashOfKey(t tenantID, key string) uint64 {
	return maphash.String(s.seed, key) + uint64(t)
}
