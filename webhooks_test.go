package fromline_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/fromline/fromline"
	"github.com/fromline/fromline/delivery"
	"github.com/fromline/fromline/fleet"
	"github.com/fromline/fromline/inbound"
	"github.com/fromline/fromline/line"
	"github.com/fromline/fromline/message"
	"github.com/fromline/fromline/recipients"
	"github.com/fromline/fromline/store"
	"github.com/fromline/fromline/store/memory"
)

// receiver takes deliveries, or fails as it is told to.
type receiver struct {
	mu    sync.Mutex
	taken []delivery.Delivery
	fail  func(d delivery.Delivery) error
}

func (r *receiver) Send(_ context.Context, d delivery.Delivery) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.fail != nil {
		if err := r.fail(d); err != nil {
			return err
		}
	}
	r.taken = append(r.taken, d)
	return nil
}

// told is a webhook as a host reads it.
type told struct {
	Type   string `json:"event_type"`
	ID     string `json:"event_id"`
	Tenant string `json:"partner_id"`
	Data   struct {
		ID, Code, Reason any
		MessageID        string `json:"message_id"`
		Chat             struct{ ID string }
		Parts            []struct {
			Value     string
			Reactions []any
		}
		SentAt string `json:"sent_at"`
		Key    string `json:"idempotency_key"`
		Number string `json:"phone_number"`
		Before string `json:"previous_status"`
		After  string `json:"new_status"`
	}
}

func (r *receiver) told(t testing.TB) (all []told) {
	for _, d := range r.taken {
		var w told
		require.NoError(t, json.Unmarshal(d.Content, &w))
		require.Equal(t, d.MessageID.String(), w.ID, "webhook-id is the event's")
		require.Equal(t, d.Tenant, w.Tenant)
		all = append(all, w)
	}
	return all
}

// webhookRouter is a Router over a store, with receivers of messages and
// webhooks.
func webhookRouter(t *testing.T, s store.ChatStore, messages, webhooks *receiver) *fromline.Router {
	t.Helper()
	lines, err := fleet.New(fleet.Options{})
	require.NoError(t, err)
	require.NoError(t, lines.SetLines("acme", []line.Line{{ID: "a", Number: boston}, {ID: "b", Number: dallas}}))
	r, err := fromline.New(s, lines, fromline.Options{
		Sender: messages, Webhooks: webhooks, Reroute: true,
		Delivery: delivery.Options{Backoff: time.Millisecond, MaxBackoff: 2 * time.Millisecond, Attempts: 1000, Gather: time.Millisecond},
	})
	require.NoError(t, err)
	return r
}

func say(t testing.TB, r *fromline.Router, to recipients.Handle, value, key string) string {
	t.Helper()
	d, err := r.Send(t.Context(), "acme", &message.Request{
		To: []string{to.String()}, HeaderKey: &key, Message: &message.Content{Parts: []message.Part{&message.TextPart{Value: &value}}},
	})
	require.NoError(t, err)
	return d.MessageID.String()
}

// drain hands everything over that is due, until a count is reached.
func drain(t *testing.T, r *fromline.Router, enough func() bool) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	for !enough() {
		require.NoError(t, r.Drain(ctx))
	}
}

// Every message that was handed over is told, those of a chat in order, under
// an id of its own that stays, though receivers fail and the store does not
// take what is told.
func TestWebhooksTellEveryMessageThatWasHandedOver(t *testing.T) {
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	var mu sync.Mutex
	random := rand.New(rand.NewPCG(seed, 1))
	sometimes := func() error {
		mu.Lock()
		defer mu.Unlock()
		if random.IntN(3) == 0 {
			return errors.New("not now")
		}
		return nil
	}
	kept := memory.New(memory.Options{})
	defer kept.Close()
	s := &flaky{Store: kept, fail: func(p *store.Plan) error {
		if p.Tenant != "acme/webhooks" {
			return nil
		}
		return sometimes()
	}}
	messages, webhooks := &receiver{}, &receiver{fail: func(delivery.Delivery) error { return sometimes() }}
	r := webhookRouter(t, s, messages, webhooks)
	want := map[string][]string{}
	for i := range 60 {
		to := []recipients.Handle{ann, bob, dc}[i%3]
		id := say(t, r, to, fmt.Sprint(i), fmt.Sprint("key ", i))
		want[to.String()] = append(want[to.String()], id)
	}
	drain(t, r, func() bool { return len(webhooks.taken) >= 60 })
	got, ids := map[string][]string{}, map[string]string{}
	person := map[string]string{}
	for _, d := range messages.taken {
		for _, h := range d.To.All() {
			person[d.MessageID.String()] = h.String()
		}
	}
	for _, w := range webhooks.told(t) {
		require.Equal(t, "message.sent", w.Type)
		id := w.Data.ID.(string)
		require.NotContains(t, ids, id, "the receiver failed before it took it, so each is taken once")
		ids[id] = w.ID
		got[person[id]] = append(got[person[id]], id)
		require.Len(t, w.Data.Parts, 1)
		require.Nil(t, w.Data.Parts[0].Reactions)
		require.Equal(t, "key "+w.Data.Parts[0].Value, w.Data.Key)
		require.NotEmpty(t, w.Data.SentAt)
	}
	assert.Equal(t, want, got)
	for _, d := range messages.taken {
		assert.Equal(t, "acme", d.Tenant, "a webhook is no message")
	}
}

// flaky is a store that does not make some plans durable.
type flaky struct {
	*memory.Store
	fail func(*store.Plan) error
}

func (f *flaky) Commit(ctx context.Context, p *store.Plan) error {
	if err := f.fail(p); err != nil {
		return err
	}
	return f.Store.Commit(ctx, p)
}

// A receiver of webhooks that takes nothing holds up no message.
func TestWebhooksThatAreNotTakenHoldUpNoMessage(t *testing.T) {
	s := memory.New(memory.Options{})
	defer s.Close()
	messages, webhooks := &receiver{}, &receiver{fail: func(delivery.Delivery) error {
		return &delivery.Failure{Err: errors.New("away"), Receiver: true, LineFlagged: true}
	}}
	r := webhookRouter(t, s, messages, webhooks)
	for i := range 40 {
		say(t, r, ann, fmt.Sprint(i), fmt.Sprint(i))
	}
	drain(t, r, func() bool { return len(messages.taken) == 40 })
	backlog, err := s.Backlog(t.Context())
	require.NoError(t, err)
	assert.Equal(t, 40, backlog.Waiting, "all are still to be told")
	lines, err := r.Lines(t.Context(), "acme")
	require.NoError(t, err)
	for _, l := range lines {
		assert.True(t, l.CanContinue(), "a receiver of webhooks knows of no line")
	}
}

// What is parked is told as failed, and a change of a line once, whichever
// process learns it.
func TestWebhooksTellWhatFailedAndLinesThatChanged(t *testing.T) {
	s := memory.New(memory.Options{})
	defer s.Close()
	messages, webhooks := &receiver{fail: func(delivery.Delivery) error {
		return &delivery.Failure{Err: errors.New("no"), Permanent: true}
	}}, &receiver{}
	r, other := webhookRouter(t, s, messages, webhooks), webhookRouter(t, s, messages, webhooks)
	id := say(t, r, ann, "x", "k")
	drain(t, r, func() bool { return len(webhooks.taken) == 1 })
	failed := webhooks.told(t)[0]
	assert.Equal(t, []any{"message.failed", id, 4001.0}, []any{failed.Type, failed.Data.MessageID, failed.Data.Code})

	_, err := other.Preview(t.Context(), outgoing(t, r, ann)) // it has looked at the store before
	require.NoError(t, err)
	at := time.Now()
	_, err = r.ReportLine(t.Context(), fleet.Event{Type: fleet.StatusUpdated, Number: boston, Status: line.Flagged, ChangedAt: at})
	require.NoError(t, err)
	_, err = other.ReportLine(t.Context(), fleet.Event{Type: fleet.StatusUpdated, Number: boston, Status: line.Flagged, ChangedAt: at})
	require.NoError(t, err)
	drain(t, r, func() bool { return len(webhooks.taken) >= 2 })
	require.NoError(t, r.Drain(t.Context()))
	all := webhooks.told(t)
	require.Len(t, all, 2)
	changed := all[1]
	assert.Equal(t, []string{"phone_number.status_updated", boston.String(), "ACTIVE", "FLAGGED"},
		[]string{changed.Type, changed.Data.Number, changed.Data.Before, changed.Data.After})
}

// dying is a store whose process dies before a call of one kind: from then on
// it takes nothing.
type dying struct {
	*memory.Store
	at   string
	dead bool
}

var errDead = fmt.Errorf("%w: the process died", store.ErrNotWritten)

func (d *dying) dies(call string) bool {
	d.dead = d.dead || call == d.at
	return d.dead
}

func (d *dying) Park(ctx context.Context, id store.LeaseID, attempts int, why store.ParkReason) error {
	if d.dies("park") {
		return errDead
	}
	return d.Store.Park(ctx, id, attempts, why)
}

func (d *dying) ReportLine(ctx context.Context, s line.State) (bool, error) {
	if d.dies("report") {
		return false, errDead
	}
	kept, err := d.Store.ReportLine(ctx, s)
	d.dies("reported")
	return kept, err
}

func (d *dying) FlagLine(ctx context.Context, tenant string, n recipients.Handle, at time.Time) (line.State, bool, error) {
	if d.dies("flag") {
		return line.State{}, false, errDead
	}
	kept, news, err := d.Store.FlagLine(ctx, tenant, n, at)
	d.dies("flagged")
	return kept, news, err
}

func (d *dying) Commit(ctx context.Context, p *store.Plan) error {
	if d.dead || p.Tenant == "acme/webhooks" && d.dies("webhook") {
		return errDead
	}
	return d.Store.Commit(ctx, p)
}

// What is parked and what changes of a line is told at least once, wherever the
// process dies: the next one has the delivery again, or gets the event again.
func TestWebhooksOutliveTheirProcess(t *testing.T) {
	for _, at := range []string{"webhook", "park", "report", "reported", "flag", "flagged", ""} {
		synctest.Test(t, func(t *testing.T) {
			kept := memory.New(memory.Options{})

			messages, webhooks := &receiver{fail: func(d delivery.Delivery) error {
				return &delivery.Failure{Err: errors.New("no"), Permanent: true}
			}}, &receiver{}
			first := webhookRouter(t, &dying{Store: kept, at: at}, messages, webhooks)
			flagged := fleet.Event{Type: fleet.StatusUpdated, Number: boston, Status: line.Flagged, ChangedAt: time.Now()}
			say(t, webhookRouter(t, kept, messages, webhooks), ann, "x", "k")
			claimed, err := kept.Claim(t.Context(), time.Hour, 1)
			require.NoError(t, err)
			require.NoError(t, kept.Nack(t.Context(), claimed[0].Lease, 0, 0))
			lives, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
			defer cancel()
			_ = first.Drain(lives)
			report := func(r *fromline.Router) error {
				if at == "flag" || at == "flagged" {
					return r.LineFlagged(t.Context(), "acme", boston)
				}
				_, err := r.ReportLine(t.Context(), flagged)
				return err
			}
			_ = report(first)
			second := webhookRouter(t, kept, messages, webhooks)
			require.NoError(t, second.Ready(t.Context())) // it has read the states of the lines
			require.NoError(t, report(second))
			for range 30 { // until its lease has run out
				time.Sleep(time.Second)
				require.NoError(t, second.Drain(t.Context()))
			}
			kinds := map[string]bool{}
			for _, w := range webhooks.told(t) {
				kinds[w.Type] = true
			}
			require.Equal(t, map[string]bool{"message.failed": true, "phone_number.status_updated": true}, kinds, "it dies at %s", at)
			parked, _, err := kept.Parked(t.Context(), "acme", uuid.Nil, 0)
			require.NoError(t, err)
			require.Len(t, parked, 1)
		})
	}
}

// What the network tells of a message is told on, once, also if it is repeated.
func TestWebhooksTellWhatTheNetworkTold(t *testing.T) {
	s := memory.New(memory.Options{})
	defer s.Close()
	messages, webhooks := &receiver{}, &receiver{}
	r := webhookRouter(t, s, messages, webhooks)
	id := say(t, r, ann, "x", "k")
	drain(t, r, func() bool { return len(webhooks.taken) == 1 })
	for range 2 {
		for i, kind := range []string{inbound.MessageFailed, inbound.MessageDelivered} {
			_, err := r.Receive(t.Context(), "acme", inbound.Event{
				Type: kind, ID: kind, Chat: "their-chat", Message: id, Failure: 4007 * (1 - i), FromMe: true, At: time.Now().Add(time.Duration(i) * time.Millisecond)})
			require.NoError(t, err)
		}
	}
	drain(t, r, func() bool { return len(webhooks.taken) >= 3 })
	require.NoError(t, r.Drain(t.Context()))
	all := webhooks.told(t)
	require.Len(t, all, 3)
	assert.Equal(t, []any{"message.failed", id, 4007.0}, []any{all[1].Type, all[1].Data.MessageID, all[1].Data.Code})
	assert.Equal(t, []any{"message.delivered", id}, []any{all[2].Type, all[2].Data.ID})
}

func outgoing(t testing.TB, r *fromline.Router, to recipients.Handle) fromline.Outgoing {
	t.Helper()
	value := "x"
	checked, err := r.Check(&message.Request{To: []string{to.String()}, Message: &message.Content{Parts: []message.Part{&message.TextPart{Value: &value}}}})
	require.NoError(t, err)
	return fromline.Outgoing{Tenant: "acme", Request: checked}
}
