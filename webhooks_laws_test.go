package fromline_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/fromline/fromline"
	"github.com/fromline/fromline/delivery"
	"github.com/fromline/fromline/fleet"
	"github.com/fromline/fromline/line"
	"github.com/fromline/fromline/recipients"
	"github.com/fromline/fromline/store"
	"github.com/fromline/fromline/store/memory"
)

// lineWebhook is what phone_number.status_updated says.
type lineWebhook struct {
	Number           string `json:"phone_number"`
	StatusBefore     string `json:"previous_status"`
	Status           string `json:"new_status"`
	ReputationBefore string `json:"previous_reputation"`
	Reputation       string `json:"new_reputation"`
	ChangedAt        string `json:"changed_at"`
}

// Each change of the status or the reputation of a line is told once, with what
// it was before and the time of the event that changed it, in whatever order
// events come; an event that changes neither is not told.
func TestWebhooksTellEachChangeOfALine(t *testing.T) {
	began := time.Now().Add(-time.Hour).UTC().Truncate(time.Second)
	events := []fleet.Event{
		{Status: line.Flagged, ChangedAt: began.Add(1 * time.Minute)},
		{Reputation: line.AtRisk, ChangedAt: began.Add(2 * time.Minute)},
		{Status: line.Active, ChangedAt: began.Add(3 * time.Minute)},
		{Status: line.Flagged, Reputation: line.Critical, ChangedAt: began.Add(4 * time.Minute)},
	}
	var orders func(rest []int, chosen []int)
	tell := func(order []int) {
		kept := memory.New(memory.Options{})
		defer kept.Close()
		webhooks := &receiver{}
		r := webhookRouter(t, kept, &receiver{}, webhooks)
		_, err := r.Preview(t.Context(), outgoing(t, r, ann)) // it has looked at the store
		require.NoError(t, err)
		now := line.Line{Status: line.Active, Reputation: line.Healthy}
		var statusAt, reputationAt time.Time
		var want []lineWebhook
		for _, i := range order {
			e := events[i]
			e.Type, e.Tenant, e.Number = fleet.StatusUpdated, "acme", boston
			_, err := r.ReportLine(t.Context(), e)
			require.NoError(t, err)
			before := now
			if e.Status != 0 && e.ChangedAt.After(statusAt) {
				now.Status, statusAt = e.Status, e.ChangedAt
			}
			if e.Reputation != 0 && e.ChangedAt.After(reputationAt) {
				now.Reputation, reputationAt = e.Reputation, e.ChangedAt
			}
			if before.Status != now.Status || before.Reputation != now.Reputation {
				want = append(want, lineWebhook{
					boston.String(), before.Status.String(), now.Status.String(), before.Reputation.String(), now.Reputation.String(),
					e.ChangedAt.Format(time.RFC3339Nano),
				})
			}
		}
		require.NoError(t, r.Drain(t.Context()))
		var got []lineWebhook
		for _, d := range webhooks.taken {
			var w struct {
				Data lineWebhook `json:"data"`
			}
			require.NoError(t, json.Unmarshal(d.Content, &w))
			got = append(got, w.Data)
		}
		require.Equal(t, want, got, "in the order %v", order)
	}
	orders = func(rest, chosen []int) {
		if len(rest) == 0 {
			tell(chosen)
		}
		for i, k := range rest {
			orders(append(append([]int{}, rest[:i]...), rest[i+1:]...), append(append([]int{}, chosen...), k))
		}
	}
	orders([]int{0, 1, 2, 3}, nil)
}

// A Router without a receiver of webhooks keeps none.
func TestNoWebhooksWithoutAReceiver(t *testing.T) {
	kept := memory.New(memory.Options{})
	defer kept.Close()
	lines, err := fleet.New(fleet.Options{})
	require.NoError(t, err)
	require.NoError(t, lines.SetLines("acme", []line.Line{{ID: "a", Number: boston}}))
	r, err := fromline.New(kept, lines, fromline.Options{Sender: &receiver{}, Logger: slog.New(slog.DiscardHandler)})
	require.NoError(t, err)
	_, err = r.Preview(t.Context(), outgoing(t, r, ann))
	require.NoError(t, err)
	at := time.Now()
	for i, e := range []fleet.Event{{Status: line.Flagged}, {Reputation: line.AtRisk}, {Status: line.Active}} {
		e.Type, e.Tenant, e.Number, e.ChangedAt = fleet.StatusUpdated, "acme", boston, at.Add(time.Duration(i)*time.Millisecond)
		applied, err := r.ReportLine(t.Context(), e)
		require.NoError(t, err)
		require.True(t, applied)
	}
	for item, err := range kept.Export(t.Context()) {
		require.NoError(t, err)
		require.Equal(t, "acme", item.Tenant)
	}
}

// The webhooks of one chat wait in one lane, and all have a few lanes.
func TestWebhooksHaveAFewLanes(t *testing.T) {
	kept := memory.New(memory.Options{})
	defer kept.Close()
	messages, webhooks := &receiver{}, &receiver{}
	r := webhookRouter(t, kept, messages, webhooks)
	for i := range 80 {
		say(t, r, recipients.MustParse(fmt.Sprintf("p%d@example.com", i%40)), "x", fmt.Sprint(i))
	}
	drain(t, r, func() bool { return len(webhooks.taken) == 80 })
	lanes, of := map[uuid.UUID]bool{}, map[string]uuid.UUID{}
	for i, w := range webhooks.told(t) {
		lane := webhooks.taken[i].ChatID
		lanes[lane] = true
		if known, is := of[w.Data.Chat.ID]; is {
			require.Equal(t, known, lane)
		}
		of[w.Data.Chat.ID] = lane
	}
	require.Len(t, of, 40)
	require.LessOrEqual(t, len(lanes), 16)
	require.Greater(t, len(lanes), 4)
}

// Whatever a receiver of webhooks says of a line, it stays one that takes
// nothing now: its webhooks are not parked, and no line is flagged.
func TestAReceiverOfWebhooksSaysNothingOfLines(t *testing.T) {
	for name, fails := range map[string]error{
		"flagged":         &delivery.Failure{Err: errors.New("away"), Receiver: true, LineFlagged: true},
		"flagged, inside": fmt.Errorf("it says: %w", &delivery.Failure{Err: errors.New("away"), Receiver: true, LineFlagged: true}),
		"not flagged":     &delivery.Failure{Err: errors.New("away"), Receiver: true},
		"nothing":         (*delivery.Failure)(nil),
	} {
		t.Run(name, func(t *testing.T) {
			kept := memory.New(memory.Options{})
			defer kept.Close()
			lines, err := fleet.New(fleet.Options{})
			require.NoError(t, err)
			require.NoError(t, lines.SetLines("acme", []line.Line{{ID: "a", Number: boston}}))
			tries := 0
			webhooks := &receiver{fail: func(delivery.Delivery) error {
				if tries++; tries > 3 {
					return nil
				}
				return fails
			}}
			attempts := 2
			if name == "nothing" {
				attempts = 10
			}
			r, err := fromline.New(kept, lines, fromline.Options{Sender: &receiver{}, Webhooks: webhooks, Reroute: true, Delivery: delivery.Options{
				Backoff: time.Millisecond, MaxBackoff: 2 * time.Millisecond, Attempts: attempts, Gather: time.Millisecond,
			}})
			require.NoError(t, err)
			say(t, r, ann, "x", "k")
			drain(t, r, func() bool { return len(webhooks.taken) == 1 })
			for item, err := range kept.Export(t.Context()) {
				require.NoError(t, err)
				require.Nil(t, item.State)
			}
		})
	}
}

// A webhook that is refused for good is parked as refused: there is no line
// that it could leave.
func TestAWebhookIsRefusedAndLeavesNoLine(t *testing.T) {
	for _, flagged := range []bool{false, true} {
		kept := memory.New(memory.Options{})
		defer kept.Close()
		r := webhookRouter(t, kept, &receiver{}, &receiver{fail: func(delivery.Delivery) error {
			return &delivery.Failure{Err: errors.New("no"), Permanent: true, LineFlagged: flagged}
		}})
		say(t, r, ann, "x", "k")
		var parked []store.ParkedDelivery
		drain(t, r, func() bool {
			var err error
			parked, _, err = kept.Parked(t.Context(), "acme/webhooks", uuid.Nil, 0)
			require.NoError(t, err)
			return len(parked) > 0
		})
		require.Equal(t, store.ParkedRefused, parked[0].Why)
	}
}

// A message is parked only once that is told; where no store would keep the
// webhook, it is parked, and the log says so.
func TestParkingIsToldFirst(t *testing.T) {
	for name, c := range map[string]struct {
		err  error
		told int
	}{
		"the store is away":       {errFails, 1},
		"no store would keep it":  {fmt.Errorf("too long: %w", store.ErrInvalid), 0},
		"the store is never away": {nil, 1},
	} {
		t.Run(name, func(t *testing.T) {
			kept := memory.New(memory.Options{})
			defer kept.Close()
			failures := 0
			s := &flaky{Store: kept, fail: func(p *store.Plan) error {
				if p.Tenant != "acme/webhooks" {
					return nil
				}
				if failures++; c.told > 0 && failures > 3 {
					return nil
				}
				return c.err
			}}
			lines, err := fleet.New(fleet.Options{})
			require.NoError(t, err)
			require.NoError(t, lines.SetLines("acme", []line.Line{{ID: "a", Number: boston}}))
			webhooks := &receiver{}
			var log bytes.Buffer
			r, err := fromline.New(s, lines, fromline.Options{
				Sender:   &receiver{fail: func(delivery.Delivery) error { return &delivery.Failure{Err: errors.New("no"), Permanent: true} }},
				Webhooks: webhooks, Logger: slog.New(slog.NewTextHandler(&log, nil)),
				Delivery: delivery.Options{Backoff: time.Millisecond, MaxBackoff: 2 * time.Millisecond, Lease: 20 * time.Millisecond, Gather: time.Millisecond},
			})
			require.NoError(t, err)
			say(t, r, ann, "x", "k")
			parked := func() bool {
				all, _, err := kept.Parked(t.Context(), "acme", uuid.Nil, 0)
				require.NoError(t, err)
				return len(all) == 1
			}
			drain(t, r, func() bool { return parked() && len(webhooks.taken) >= c.told })
			require.GreaterOrEqual(t, len(webhooks.taken), c.told)
			require.Equal(t, c.told == 0, bytes.Contains(log.Bytes(), []byte("cannot keep a webhook")), log.String())
			for _, w := range webhooks.told(t) {
				require.Equal(t, "message.failed", w.Type)
			}
		})
	}
}
