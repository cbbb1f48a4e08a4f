package routing

import (
	"time"

	"github.com/fromline/fromline/recipients"
	"github.com/fromline/fromline/store"
)

// This file puts openings off that only the pace of our lines holds back
// (docs/rules.md §11a).

// deferUntil is until when an opening may wait; the zero time for not at all.
func (in *Input) deferUntil() time.Time {
	if in.DeferUpTo <= 0 {
		return time.Time{}
	}
	return store.Micros(in.At).Add(in.DeferUpTo)
}

// deliverAt is when the message goes out that opens a chat on a line, zero for
// at once.
func (in *Input) deliverAt(n recipients.Handle) time.Time {
	if in.DeferUpTo <= 0 {
		return time.Time{}
	}
	if slot := in.Lines.Find(n).Slot(); slot.After(store.Micros(in.At)) {
		return slot
	}
	return time.Time{}
}
