package fleet

import (
	"context"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/fromline/fromline/line"
)

// TestPolicyChangesUnderLoad says that picks that are made while the policy
// changes are counted, each once, and that lines come and go meanwhile.
func TestPolicyChangesUnderLoad(t *testing.T) {
	f, err := New(Options{})
	require.NoError(t, err)
	lines := []line.Line{{Number: handle("+12055550101")}, {Number: handle("+14155550102")}, {Number: handle("+442079460104")}}
	require.NoError(t, f.SetLines("acme", lines))
	const senders, sends, changes = 4, 100, 50
	var all sync.WaitGroup
	for range senders {
		all.Go(func() {
			for done := 0; done < sends; {
				v, err := f.View(context.Background(), "acme", epoch)
				if !assert.NoError(t, err) {
					return
				}
				pick, ok := v.Best(Query{})
				if ok && f.Reserve("acme", epoch, Query{}, pick.Line.Number) {
					f.Confirm("acme", epoch, pick.Line.Number, false)
					done++
				}
			}
		})
	}
	for i := range changes {
		require.NoError(t, f.SetPolicy(Policy{Criteria: DefaultCriteria()[i%3:]}, line.Guard{}))
		require.NoError(t, f.SetLines("zenith", []line.Line{{Number: handle("+15125550105")}}))
	}
	all.Wait()
	v, err := f.View(context.Background(), "acme", epoch)
	require.NoError(t, err)
	opened := 0
	for l := range v.All() {
		opened += l.NewChats
	}
	assert.Equal(t, senders*sends, opened)

	before := v.Policy()
	require.ErrorIs(t, f.SetPolicy(Policy{Criteria: []Criterion{ByUse(), ByUse()}}, line.Guard{}), ErrPolicy)
	require.ErrorIs(t, f.SetPolicy(Policy{}, line.Guard{Gap: -1}), line.ErrGuard)
	require.ErrorIs(t, new(Fleet).SetPolicy(Policy{}, line.Guard{}), ErrOptions)
	assert.Equal(t, before, v.Policy())
}
