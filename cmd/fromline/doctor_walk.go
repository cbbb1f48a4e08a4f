package main

import (
	"encoding/binary"
	"math"
	"time"

	"github.com/google/uuid"
)

// walk is what was seen on a walk over chats in the order of their ids. It
// estimates how much is left: an id that a Router drew tells when it was drawn,
// and ids that were drawn at random are spread evenly.
type walk struct {
	timed, random int       // ids of the versions 7 and 4
	others        bool      // there were ids that tell nothing
	first         uuid.UUID // the first with a time
}

func (w *walk) take(id uuid.UUID) {
	switch id.Version() {
	case 4:
		w.random++
	case 7:
		if w.timed++; w.timed == 1 {
			w.first = id
		}
	default:
		w.others = true
	}
}

// share estimates which share of the chats come before the next id. It returns
// 0 if the ids do not tell: at the end, and before the first times, since
// nothing is known of the ids behind them.
func (w *walk) share(next uuid.UUID, now time.Time) float64 {
	timed := float64(now.UnixMilli() - milliseconds(w.first)) // the times that chats were opened in
	gone := min(timed, float64(milliseconds(next)-milliseconds(w.first)))
	spread := float64(binary.BigEndian.Uint64(next[:])) / math.MaxUint64
	switch {
	case w.others, next == uuid.Nil:
		return 0
	case w.timed > 0 && gone <= 0, w.timed == 0 && gone < timed, w.random > 0 && spread <= 0:
		return 0
	}
	var all float64
	if w.timed > 0 {
		all += float64(w.timed) * timed / gone
	}
	if w.random > 0 {
		all += float64(w.random) / spread
	}
	if all == 0 {
		return 0
	}
	return float64(w.timed+w.random) / all
}

// milliseconds are the time in an id of version 7, and where any id is among
// them.
func milliseconds(id uuid.UUID) int64 { return int64(binary.BigEndian.Uint64(id[:]) >> 16) }
