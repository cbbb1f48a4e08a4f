package etcd

import (
	"fmt"
	"math"
	"slices"

	"github.com/fromline/fromline/store"
)

// value is what a key holds. Revision 0 means that there is no such key.
type value struct {
	bytes    []byte
	revision int64 // of its last change
}

func (v value) there() bool { return v.revision != 0 }

// pending is the revision of what a transaction is about to write.
const pending = math.MaxInt64

// tx is what one transaction reads and writes. A function that fills it may be
// run several times, until all that it reads was known as of one moment.
type tx struct {
	s       *Store
	known   func(key string) (v value, known bool)
	reads   map[string]int64 // what the transaction rests on
	got     map[string]value // each key is read once: what is known may change meanwhile
	missing []string         // read, and not known
	writes  map[string][]byte
	deletes map[string]bool
	before  []string // index entries that may be there without their chat
	after   []string // those that may stay for a while
	parent  *tx
	damaged error  // why one of the values that it read cannot be read
	places  uint64 // given to lines
}

func (s *Store) newTx(known func(string) (value, bool)) *tx {
	return &tx{
		s: s, known: known, reads: make(map[string]int64), got: make(map[string]value),
		writes: make(map[string][]byte), deletes: make(map[string]bool),
	}
}

// sub returns a part of a transaction that joins the whole by merge only, which a
// part with damaged values does not.
func (t *tx) sub() *tx {
	sub := t.s.newTx(nil)
	sub.parent = t
	return sub
}

// merge makes what a part writes a write of the whole.
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

// get returns what a key holds, or will hold.
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

// early adds an index entry that may be written before everything else.
func (t *tx) early(key string) { t.before = append(t.before, key) }

// late removes an index entry that may stay until after everything else.
func (t *tx) late(key string) { t.after = append(t.after, key) }

// damage keeps that a value could not be read, and sets it aside. It is the error of
// this transaction, or of this part of one alone.
func (t *tx) damage(kind, tenant, id string, err error) {
	if err != nil && t.damaged == nil {
		t.damaged = fmt.Errorf("etcd: %w: %w", store.ErrNotWritten, t.s.aside.Add(kind, tenant, id, err))
	}
}

// size returns how many operations the writes are, and how many bytes.
func (t *tx) size() (ops, bytes int) {
	for key, b := range t.writes {
		bytes += len(key) + len(b)
	}
	for key := range t.deletes {
		bytes += len(key)
	}
	return len(t.writes) + len(t.deletes), bytes
}

// asked returns all keys that were read, in order.
func (t *tx) asked() []string {
	keys := make([]string, 0, len(t.reads))
	for key := range t.reads {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	return keys
}
