package etcd

import (
	"fmt"
	"math"
	"slices"

	"github.com/fromline/fromline/store"
)

// value is the value of a key. Revision 0 means that there is no such key.
type value struct {
	bytes    []byte
	revision int64 // of the last change
}

func (v value) there() bool { return v.revision != 0 }

// pending is the revision of values that a transaction will write.
const pending = math.MaxInt64

// tx holds the reads and writes of one transaction. The function that fills it
// may run several times, until all that it reads is known as of one moment.
type tx struct {
	s       *Store
	known   func(key string) (v value, known bool)
	reads   map[string]int64 // the keys that the transaction rests on, and their revisions
	got     map[string]value // a key is read once: the known values may change meanwhile
	missing []string         // read but not known
	writes  map[string][]byte
	deletes map[string]bool
	before  []string // index entries to add first: they may exist without their chat
	after   []string // index entries to remove last: they may stay
	parent  *tx
	damaged error  // the error of the first value that cannot be read
	places  uint64 // how many were given to lines
}

func (s *Store) newTx(known func(string) (value, bool)) *tx {
	return &tx{
		s: s, known: known, reads: make(map[string]int64), got: make(map[string]value),
		writes: make(map[string][]byte), deletes: make(map[string]bool),
	}
}

// sub returns a part of a transaction. Only merge adds its writes to the whole;
// do not merge a part with damaged values.
func (t *tx) sub() *tx {
	sub := t.s.newTx(nil)
	sub.parent = t
	return sub
}

// merge adds the writes of a part to the whole.
func (t *tx) merge() {
	for key := range t.deletes {
		t.parent.del(key)
	}
	for key, b := range t.writes {
		t.parent.put(key, b)
	}
	t.parent.before = append(t.parent.before, t.before...)
	t.parent.after = append(t.parent.after, t.after...)
}

// get returns the value that a key has, or will have.
func (t *tx) get(key string) value {
	if b, written := t.writes[key]; written {
		return value{b, pending}
	}
	if t.deletes[key] {
		return value{}
	}
	if t.parent != nil {
		return t.parent.get(key)
	}
	v, read := t.got[key]
	if read {
		return v
	}
	v, known := t.known(key)
	if !known {
		t.missing = append(t.missing, key)
	}
	t.got[key], t.reads[key] = v, v.revision
	return v
}

func (t *tx) put(key string, b []byte) {
	delete(t.deletes, key)
	t.writes[key] = b
}

func (t *tx) del(key string) {
	delete(t.writes, key)
	t.deletes[key] = true
}

// early adds an index entry. It may be written before everything else.
func (t *tx) early(key string) { t.before = append(t.before, key) }

// late removes an index entry. It may be removed after everything else.
func (t *tx) late(key string) { t.after = append(t.after, key) }

// damage notes that a value could not be read, and remembers it. The error is
// that of this transaction, or of this part only.
func (t *tx) damage(kind, tenant, id string, err error) {
	if err != nil && t.damaged == nil {
		t.damaged = fmt.Errorf("etcd: %w: %w", store.ErrNotWritten, t.s.aside.Add(kind, tenant, id, err))
	}
}

// size returns the number of operations of the writes, and their bytes.
func (t *tx) size() (ops, bytes int) {
	for key, b := range t.writes {
		bytes += len(key) + len(b)
	}
	for key := range t.deletes {
		bytes += len(key)
	}
	return len(t.writes) + len(t.deletes), bytes
}

// asked returns all keys that were read, sorted.
func (t *tx) asked() []string {
	keys := make([]string, 0, len(t.reads))
	for key := range t.reads {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	return keys
}
