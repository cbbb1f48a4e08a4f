package packed

import (
	"encoding/binary"
	"time"

	"github.com/google/uuid"

	"github.com/fromline/fromline/recipients"
	"github.com/fromline/fromline/store"
)

// writer appends values for reader.
type writer []byte

func (w *writer) byte(b byte)     { *w = append(*w, b) }
func (w *writer) uint(n uint64)   { *w = binary.AppendUvarint(*w, n) }
func (w *writer) int(n int64)     { *w = binary.AppendVarint(*w, n) }
func (w *writer) id(id uuid.UUID) { *w = append(*w, id[:]...) }

func (w *writer) text(s string) {
	w.uint(uint64(len(s)))
	*w = append(*w, s...)
}

// time writes microseconds. The zero time is a number like any other.
func (w *writer) time(t time.Time) { w.int(store.Micros(t).UnixMicro()) }

// handle writes the digits of a phone number, which are at least 10, or mail
// and the text of an email address.
func (w *writer) handle(h recipients.Handle) {
	if h.IsPhone() {
		w.uint(h.Digits())
		return
	}
	w.uint(mail)
	w.text(h.String())
}

func (w *writer) set(s recipients.Set) {
	w.uint(uint64(s.Len()))
	for _, h := range s.All() {
		w.handle(h)
	}
}

// roster writes the set, the creation time of the chat, and then together, or
// apart and a time for each member.
func (w *writer) roster(r store.Roster) {
	w.set(r.Set())
	w.time(r.Since())
	for i := range r.Len() {
		if !r.JoinedAt(i).Equal(r.Since()) {
			w.byte(apart)
			for i := range r.Len() {
				w.time(r.JoinedAt(i))
			}
			return
		}
	}
	w.byte(together)
}

const (
	version = 1
	tailed  = 2 // a record with a tail of sections

	// The kinds of sections, in the order in which a tail has them.
	sectionMoves     = 1
	sectionTrace     = 2
	sectionNotBefore = 3

	mail = 1 // mail stands in the place of digits

	together = 0 // all members joined when the chat was created
	apart    = 1
)
