package memory

import (
	"encoding/binary"
	"math/bits"
	"sync"

	"github.com/google/uuid"
	"github.com/tidwall/btree"

	"github.com/fromline/fromline/recipients"
)

// places is how many shards there are; a [placeSet] has a bit for each.
const places = 64

// shard holds what hashes to one place: recipient sets with their chats, the
// index of chats by id, lines, and records by message id and by key. A call
// locks the shards of all that it touches, in the order of their places, and so
// sees and makes one moment of the whole store.
type shard struct {
	mu sync.Mutex

	sets     table[set, *set]
	chats    table[chat, *chat]
	lines    map[owned[uint64]]*account
	messages table[record, *record]
	keys     table[underKey, *underKey]

	expiry  *btree.BTreeG[expiry]   // of messages, the first to expire first
	changes *btree.BTreeG[*account] // of lines, by the number of their last change
	changed []*account              // lines with messages that no number tells of yet

	_ [64]byte // keeps the locks of neighbours off one cache line
}

// owned is the name of something of a tenant.
type owned[ID comparable] struct {
	tenant tenantID
	id     ID
}

func (s *shard) init() {
	s.sets = make(table[set, *set])
	s.chats = make(table[chat, *chat])
	s.lines = make(map[owned[uint64]]*account)
	s.messages = make(table[record, *record])
	s.keys = make(table[underKey, *underKey])
	s.expiry = newTree(expiresBefore)
	s.changes = newTree(changedBefore)
}

func newTree[T any](less func(a, b T) bool) *btree.BTreeG[T] {
	return btree.NewBTreeGOptions(less, btree.Options{NoLocks: true})
}

// A place is the index of a shard.
type place uint8

// A placeSet is a set of places, one bit for each.
type placeSet uint64

func (p place) set() placeSet { return 1 << p }

const everyPlace placeSet = 1<<places - 1

func (s *Store) lock(set placeSet) {
	for ; set != 0; set &= set - 1 {
		s.shards[bits.TrailingZeros64(uint64(set))].mu.Lock()
	}
}

func (s *Store) unlock(set placeSet) {
	for ; set != 0; set &= set - 1 {
		s.shards[bits.TrailingZeros64(uint64(set))].mu.Unlock()
	}
}

func placeOfSet(t tenantID, key recipients.Key) place { return placeOf(t, key.Ring()) }

func placeOfLine(t tenantID, number recipients.Handle) place { return placeOf(t, number.RingPlace()) }

// placeOfID takes the half of an id that is random in all versions in use.
func placeOfID(t tenantID, id uuid.UUID) place {
	return placeOf(t, binary.BigEndian.Uint64(id[8:]))
}

func (s *Store) placeOfKey(t tenantID, key string) place { return placeOf(t, s.hashOfKey(t, key)) }

// placeOf spreads hashes by the golden ratio, so that those that differ in few
// bits come apart.
func placeOf(t tenantID, hash uint64) place {
	return place((hash ^ uint64(t)<<32) * 0x9e3779b97f4a7c15 >> (64 - 6))
}
