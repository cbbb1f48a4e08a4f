package fromline_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/fromline/fromline"
	"github.com/fromline/fromline/line"
	"github.com/fromline/fromline/store"
	"github.com/fromline/fromline/store/memory"
)

// Run removes old records in batches: the next one at once while they are full,
// and else when PurgeEvery is over, also after an error. It ends between two of
// them.
func TestPurgesAreMadeInBatches(t *testing.T) {
	for name, c := range map[string]struct {
		removes []int           // by one purge after the other; then 0; -1 is an error
		want    []time.Duration // when purges are made, in the first minutes
	}{
		"nothing to remove": {nil, []time.Duration{0, time.Minute, 2 * time.Minute}},
		"some":              {[]int{store.MaxPage - 1}, []time.Duration{0, time.Minute, 2 * time.Minute}},
		"many":              {[]int{store.MaxPage, store.MaxPage, 7}, []time.Duration{0, 0, 0, time.Minute, 2 * time.Minute}},
		"later":             {[]int{0, store.MaxPage}, []time.Duration{0, time.Minute, time.Minute, 2 * time.Minute}},
		"an error":          {[]int{-1, store.MaxPage, -1}, []time.Duration{0, time.Minute, time.Minute, 2 * time.Minute}},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				began := time.Now()
				var purged []time.Duration
				chats := &troubled{Store: memory.New(memory.Options{}), purge: func(context.Context) (int, error) {
					purged = append(purged, time.Since(began))
					if n := len(purged); n <= len(c.removes) {
						if c.removes[n-1] < 0 {
							return 0, errLost
						}
						return c.removes[n-1], nil
					}
					return 0, nil
				}}
				r, err := fromline.New(chats, lineTable{&table{notes: &notes{}}}, fromline.Options{})
				require.NoError(t, err)
				ctx, stop := context.WithTimeout(t.Context(), 2*time.Minute+time.Second)
				defer stop()
				require.NoError(t, r.Run(ctx))
				require.Equal(t, c.want, purged)
			})
		})
	}
	synctest.Test(t, func(t *testing.T) { // one that finds more and more
		ctx, stop := context.WithCancel(t.Context())
		purged := 0
		chats := &troubled{Store: memory.New(memory.Options{}), purge: func(context.Context) (int, error) {
			if purged++; purged == 3 {
				stop()
			}
			return store.MaxPage, nil
		}}
		r, err := fromline.New(chats, lineTable{&table{notes: &notes{}}}, fromline.Options{})
		require.NoError(t, err)
		require.NoError(t, r.Run(ctx))
		require.Equal(t, 3, purged)
	})
}

// A start goes through the states of all lines, however many pages they are,
// and changes those of its tenant alone.
func TestNamedGoesThroughAllStates(t *testing.T) {
	for _, n := range []int{store.MaxPage - 1, store.MaxPage, store.MaxPage + 1} {
		chats := memory.New(memory.Options{})
		for i, number := range benchNumbers(t, n) {
			s := line.State{Tenant: "acme", Number: number, Ownership: line.Released, OwnershipAt: noon}
			if i%100 == 50 {
				s.Tenant = "beta"
			}
			_, err := chats.ReportLine(t.Context(), s)
			require.NoError(t, err)
		}
		r, err := fromline.New(chats, lineTable{&table{notes: &notes{}}}, fromline.Options{Clock: func() time.Time { return noon }})
		require.NoError(t, err)
		require.NoError(t, r.Named(t.Context(), "acme", nil))
		got := map[line.Ownership]int{}
		for after := line.Change(0); ; {
			page, last, err := chats.LineStates(t.Context(), after, store.MaxPage)
			require.NoError(t, err)
			for _, s := range page {
				require.Equal(t, s.Tenant == "beta", s.Ownership == line.Released)
				got[s.Ownership]++
			}
			if after = last; len(page) < store.MaxPage {
				break
			}
		}
		others := (n + 49) / 100
		require.Equal(t, map[line.Ownership]int{line.Dropped: n - others, line.Released: others}, got)
	}
}
