package memory_test

import (
	"sync/atomic"
	"testing"
	"time"

	"github.com/fromline/fromline/store"
	"github.com/fromline/fromline/store/memory"
	"github.com/fromline/fromline/store/storetest"
)

// open returns a new store whose clock stands still until it is moved.
func open(testing.TB) storetest.Harness {
	var clock atomic.Int64
	clock.Store(time.Date(2030, 1, 1, 0, 0, 0, 0, time.UTC).UnixNano())
	now := func() time.Time { return time.Unix(0, clock.Load()) }
	return storetest.Harness{
		Store:   memory.New(memory.Options{Now: now}),
		Advance: func(d time.Duration) { clock.Add(int64(d)) },
		Bounded: func(records int) store.ChatStore {
			return memory.New(memory.Options{Now: now, MaxRecords: records})
		},
		Without: []storetest.Power{storetest.Durability},
	}
}

func TestStore(t *testing.T) { storetest.Run(t, open) }
