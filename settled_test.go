package fromline_test

import (
	"context"
	"errors"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/fromline/fromline"
	"github.com/fromline/fromline/delivery"
	"github.com/fromline/fromline/inbound"
	"github.com/fromline/fromline/line"
	"github.com/fromline/fromline/recipients"
	"github.com/fromline/fromline/routing"
	"github.com/fromline/fromline/store"
	"github.com/fromline/fromline/store/memory"
)

// answering is a network that names its ids, and answers as it is told to.
type answering struct {
	chat, message string
	err           error
}

func (a *answering) Send(_ context.Context, d delivery.Delivery) error {
	if d.Network != nil {
		d.Network.Chat, d.Network.Message = a.chat, a.message
	}
	return a.err
}

// The ids that a network names of a message that it took lead to ours, each
// that can be one; those of a message that it did not take lead nowhere.
func TestIDsOfTheNetworkLeadToOurs(t *testing.T) {
	long := func(n int) string { return strings.Repeat("x", n) }
	for name, c := range map[string]struct {
		answering
		chat, message bool
	}{
		"both":                       {answering{"c", "m", nil}, true, true},
		"the longest":                {answering{long(inbound.MaxReference), long(inbound.MaxReference), nil}, true, true},
		"a chat that is too long":    {answering{long(inbound.MaxReference + 1), "m", nil}, false, true},
		"a message that is":          {answering{"c", long(inbound.MaxReference + 1), nil}, true, false},
		"a chat alone":               {answering{"c", "", nil}, true, false},
		"a message alone":            {answering{"", "m", nil}, false, true},
		"none":                       {answering{"", "", nil}, false, false},
		"of one that it refused":     {answering{"c", "m", &delivery.Failure{Err: errLost, Permanent: true}}, false, false},
		"of one that it takes later": {answering{"c", "m", errLost}, false, false},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				chats := memory.New(memory.Options{})
				r, err := fromline.New(chats, lineTable{&table{notes: &notes{}, lines: []line.Line{{Number: dc}}}}, fromline.Options{Sender: &c.answering})
				require.NoError(t, err)
				d, err := r.Route(t.Context(), fromline.Outgoing{Tenant: "acme", Request: request(t, nil, ann)})
				require.NoError(t, err)
				require.NoError(t, r.Drain(t.Context()))
				n, err := chats.Note(t.Context(), "acme", "chat "+c.answering.chat)
				require.NoError(t, err)
				require.Equal(t, c.chat, n.Name != "" && n.Of == d.ChatID)
				n, err = chats.Note(t.Context(), "acme", "message "+c.answering.message)
				require.NoError(t, err)
				require.Equal(t, c.message, n.Name != "" && n.Of == d.MessageID)
			})
		})
	}
}

// Each attempt to hand over a message is told to the observer, and none of a
// webhook, which is no message; a tenant whose name is like that of webhooks
// has messages where there are no webhooks.
func TestAttemptsAreObserved(t *testing.T) {
	for name, c := range map[string]struct {
		tenant   string
		webhooks bool
		told     []string
	}{
		"messages":             {"acme", false, []string{"acme"}},
		"beside webhooks":      {"acme", true, []string{"acme"}},
		"of a tenant so named": {"acme/webhooks", false, []string{"acme/webhooks"}},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var told []string
				o := fromline.Options{Sender: &answering{"c", "m", nil}}
				o.Observer.Delivered = func(s delivery.Settlement) { told = append(told, s.Delivery.Tenant) }
				hooks := &receiver{}
				if c.webhooks {
					o.Webhooks = hooks
				}
				chats := memory.New(memory.Options{})
				r, err := fromline.New(chats, lineTable{&table{notes: &notes{}, lines: []line.Line{{Number: dc}}}}, o)
				require.NoError(t, err)
				_, err = r.Route(t.Context(), fromline.Outgoing{Tenant: c.tenant, Request: request(t, nil, ann)})
				require.NoError(t, err)
				require.NoError(t, r.Drain(t.Context()))
				require.NoError(t, r.Drain(t.Context()))
				require.Equal(t, c.told, told)
				require.Equal(t, c.webhooks, len(hooks.taken) == 1)
				n, err := chats.Note(t.Context(), c.tenant, "message m")
				require.NoError(t, err)
				require.NotEmpty(t, n.Name)
			})
		})
	}
}

// A message stops counting as one that waits when it is handed over or parked,
// at once, and not when it is to be tried again.
func TestWhatEndsTheWaitOfAMessage(t *testing.T) {
	for name, c := range map[string]struct {
		err error
		end bool
	}{
		"handed over": {nil, true},
		"parked":      {&delivery.Failure{Err: errLost, Permanent: true}, true},
		"tried again": {errLost, false},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				r, err := fromline.New(memory.New(memory.Options{}), lineTable{&table{notes: &notes{}, lines: []line.Line{{Number: dc}}}},
					fromline.Options{Sender: &answering{err: c.err}, MaxBacklog: 1})
				require.NoError(t, err)
				defer running(t, r)()
				for range 3 { // within the second in which the store is not asked
					_, err := r.Route(t.Context(), fromline.Outgoing{Tenant: "acme", Request: request(t, nil, ann)})
					if err != nil {
						require.False(t, c.end)
						return
					}
					time.Sleep(100 * time.Millisecond)
				}
				require.True(t, c.end)
			})
		})
	}
}

// Either function of an observer is called where it is the only one, and there
// is no log.
func TestEachObserverAlone(t *testing.T) {
	var told []string
	for _, o := range []fromline.Observer{
		{Decided: func(context.Context, string, *routing.Decision, time.Duration) { told = append(told, "decided") }},
		{Refused: func(context.Context, string, error, time.Duration) { told = append(told, "refused") }},
	} {
		r := newRig(t, fromline.Options{Observer: o}, line.Line{Number: dc})
		_, err := r.send(request(t, nil, ann))
		require.NoError(t, err)
		r.setStatus(dc, line.Flagged)
		_, err = r.send(request(t, nil, bob))
		require.Error(t, err)
	}
	require.Equal(t, []string{"decided", "refused"}, told)
}

// A Router over a store of no powers runs, and ends.
func TestRunOverAStoreOfNoPowers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r, err := fromline.New(bare{memory.New(memory.Options{})}, lineTable{&table{notes: &notes{}, lines: []line.Line{{Number: dc}}}}, fromline.Options{})
		require.NoError(t, err)
		defer running(t, r)()
		_, err = r.Route(t.Context(), fromline.Outgoing{Tenant: "acme", Request: request(t, nil, ann)})
		require.NoError(t, err)
		time.Sleep(2 * time.Minute)
	})
}

// A message that waits for another line is decided again when the lines change
// and now and then, and not at each look at the store.
func TestNothingIsDecidedAgainWithoutNews(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var looked atomic.Int64
		chats := &script{Store: memory.New(memory.Options{}), notes: &notes{}}
		chats.beforeLookup = func(store.Query) error { looked.Add(1); return nil }
		lines := &table{notes: &notes{}, lines: []line.Line{{Number: dc}}}
		r, err := fromline.New(chats, lineTable{lines}, fromline.Options{Sender: &sender{}, Reroute: true})
		require.NoError(t, err)
		_, err = r.Route(t.Context(), fromline.Outgoing{Tenant: "acme", Request: request(t, nil, ann)})
		require.NoError(t, err)
		lines.lines = []line.Line{{Number: dc, Status: line.Flagged}}
		time.Sleep(2 * time.Second)
		defer running(t, r)()
		time.Sleep(20 * time.Minute)
		looked.Store(0)
		time.Sleep(10 * time.Minute)
		require.Positive(t, looked.Load())
		require.LessOrEqual(t, looked.Load(), int64(21), "a wait is half a minute at least")
	})
}

// What cannot be kept of whose number a line is ends a start with an error that
// can be mended by another one.
func TestNamedThatIsNotKept(t *testing.T) {
	chats := failing{memory.New(memory.Options{}), nil}
	for _, number := range []recipients.Handle{dc, boston} {
		_, err := chats.Store.ReportLine(t.Context(), line.State{Tenant: "acme", Number: number, Ownership: line.Released, OwnershipAt: noon})
		require.NoError(t, err)
	}
	chats.err = errors.New("away")
	r, err := fromline.New(chats, lineTable{&table{notes: &notes{}}}, fromline.Options{Clock: func() time.Time { return noon }})
	require.NoError(t, err)
	err = r.Named(t.Context(), "acme", nil)
	require.ErrorIs(t, err, chats.err)
	var away *fromline.UnavailableError
	require.ErrorAs(t, err, &away)
	require.True(t, away.Retry)
}
