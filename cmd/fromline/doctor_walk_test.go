package main

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/assert"
)

// timedID is an id that was drawn at a time.
func timedID(at time.Time, rest uint64) (id uuid.UUID) {
	binary.BigEndian.PutUint64(id[:], uint64(at.UnixMilli())<<16|0x7000|rest&0xfff)
	binary.BigEndian.PutUint64(id[8:], rest)
	id[8] = id[8]&0x3f | 0x80
	return id
}

// randomID is an id that was drawn at random, with these bits.
func randomID(leading uint64) (id uuid.UUID) {
	binary.BigEndian.PutUint64(id[:], leading&^0xf000|0x4000)
	id[8] = 0x80
	return id
}

// What is left of a walk over chats is estimated by when their ids were drawn,
// by where they are among all ids, and by both where both are in the store.
func TestWhatIsLeftOfAWalk(t *testing.T) {
	now := time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)
	const pages = 200
	for _, c := range []struct{ timed, random int }{{40_000, 0}, {0, 40_000}, {20_000, 20_000}, {39_000, 1000}, {1000, 39_000}} {
		t.Run(fmt.Sprintf("%d with a time and %d at random", c.timed, c.random), func(t *testing.T) {
			draw := rand.New(rand.NewPCG(1, uint64(c.timed)))
			var ids []uuid.UUID
			for range c.timed {
				ids = append(ids, timedID(now.Add(-time.Duration(draw.Int64N(int64(1000*time.Hour)))), draw.Uint64()))
			}
			for range c.random {
				ids = append(ids, randomID(draw.Uint64()))
			}
			slices.SortFunc(ids, func(a, b uuid.UUID) int { return bytes.Compare(a[:], b[:]) })
			var w walk
			told, seen := 0, 0
			for page := range slices.Chunk(ids, len(ids)/pages) {
				for _, id := range page {
					w.take(id)
				}
				seen += len(page)
				share := w.share(page[len(page)-1], now)
				if share == 0 {
					continue
				}
				told++
				if truth := float64(seen) / float64(len(ids)); truth > 0.1 {
					assert.InDelta(t, truth, share, 0.25*truth, "after %d", seen)
				}
			}
			assert.Greater(t, told, pages*9/10)
		})
	}
}

// TestWalksThatTellNothing says where nothing can be told of what is left.
func TestWalksThatTellNothing(t *testing.T) {
	now := time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)
	first := timedID(now.Add(-time.Hour), 1)
	named := uuid.NewSHA1(uuid.NameSpaceURL, []byte("https://example.com/"))
	early := randomID(1 << 40)
	for name, c := range map[string]struct {
		seen []uuid.UUID
		next uuid.UUID
	}{
		"nothing was seen":                {nil, randomID(1 << 63)},
		"the end":                         {[]uuid.UUID{first}, uuid.Nil},
		"all at one time":                 {[]uuid.UUID{first}, first},
		"a time ahead of the clock":       {[]uuid.UUID{timedID(now.Add(time.Hour), 1)}, timedID(now.Add(2*time.Hour), 1)},
		"times may follow":                {[]uuid.UUID{early}, randomID(1 << 48)},
		"an id of a name, such as a hash": {[]uuid.UUID{first, named}, randomID(math.MaxUint64)},
	} {
		var w walk
		for _, id := range c.seen {
			w.take(id)
		}
		assert.Zero(t, w.share(c.next, now), name)
	}
}
