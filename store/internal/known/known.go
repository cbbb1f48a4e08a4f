// Package known counts which lines the recipients of a send know, for stores
// that list chats by the names of package people.
//
// # What this package does not do
//
// It reads no store: a store adds chats, in any order, and each as often as it
// likes.
package known

import (
	"bytes"
	"cmp"
	"math/bits"
	"slices"
	"time"

	"github.com/fromline/fromline/recipients"
	"github.com/fromline/fromline/store"
	"github.com/fromline/fromline/store/internal/packed"
	"github.com/fromline/fromline/store/internal/people"
)

// Tally counts the recipients that know each line. The zero Tally asks about no
// handle. It is not safe for concurrent use.
type Tally struct {
	who   map[recipients.Handle]uint32 // which of the recipients have the handle, as bits
	lines map[recipients.Handle]*entry
}

type entry struct {
	who      uint32
	activeAt int64
}

// Name is a handle and the name under which a store lists its chats.
type Name struct {
	Handle recipients.Handle
	Key    recipients.Key
}

// New returns a Tally of no chats, and the handles to look up, each once,
// sorted by their names. The error wraps store.ErrInvalid.
func New(tenant string, handles [][]recipients.Handle) (*Tally, []Name, error) {
	if err := store.CheckKnown(tenant, handles); err != nil {
		return nil, nil, err
	}
	t := &Tally{who: make(map[recipients.Handle]uint32), lines: make(map[recipients.Handle]*entry)}
	var names []Name
	for i, of := range handles {
		for _, h := range of {
			if t.who[h] == 0 {
				key, err := people.Name(h)
				if err != nil {
					return nil, nil, err
				}
				names = append(names, Name{h, key})
			}
			t.who[h] |= 1 << i
		}
	}
	slices.SortFunc(names, func(a, b Name) int {
		x, y := a.Key.Bytes(), b.Key.Bytes()
		return bytes.Compare(x[:], y[:])
	})
	return t, names, nil
}

// Add counts a chat on a line in which a handle takes part. activeAt is in
// microseconds since 1970. Add ignores handles that New did not get.
func (t *Tally) Add(h, line recipients.Handle, activeAt int64) {
	if t.who[h] == 0 {
		return
	}
	e := t.lines[line]
	if e == nil {
		e = &entry{activeAt: activeAt}
		t.lines[line] = e
	}
	e.who |= t.who[h]
	e.activeAt = max(e.activeAt, activeAt)
}

// AddRow counts a chat on the line with the given digits. If roster is not nil,
// the handle takes part only if the roster contains it. The error is that of a
// row that cannot be read.
func (t *Tally) AddRow(h recipients.Handle, digits, activeAt int64, roster []byte) error {
	line, err := recipients.FromDigits(uint64(digits))
	if err != nil {
		return err
	}
	if roster != nil {
		r, err := packed.ReadRoster(roster)
		if err != nil {
			return err
		}
		if !r.Set().Contains(h) {
			return nil
		}
	}
	t.Add(h, line, activeAt)
	return nil
}

// Lines returns the answer of store.KnownReader.
func (t *Tally) Lines() []store.KnownLine {
	var lines []store.KnownLine
	for line, e := range t.lines {
		lines = append(lines, store.KnownLine{Line: line, Recipients: bits.OnesCount32(e.who), ActiveAt: time.UnixMicro(e.activeAt).UTC()})
	}
	slices.SortFunc(lines, func(a, b store.KnownLine) int {
		return cmp.Or(cmp.Compare(b.Recipients, a.Recipients), b.ActiveAt.Compare(a.ActiveAt), a.Line.Compare(b.Line))
	})
	return lines[:min(len(lines), store.MaxKnown)]
}
