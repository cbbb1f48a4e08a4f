package fromline

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
	"github.com/google/uuid"

	"github.com/fromline/fromline/delivery"
	"github.com/fromline/fromline/fleet"
	"github.com/fromline/fromline/inbound"
	"github.com/fromline/fromline/line"
	"github.com/fromline/fromline/message"
	"github.com/fromline/fromline/routing"
	"github.com/fromline/fromline/store"
)

// webhookEnvelope is what every webhook has, in the vendor's form.
type webhookEnvelope struct {
	APIVersion     string    `json:"api_version"`
	WebhookVersion string    `json:"webhook_version"`
	EventType      string    `json:"event_type"`
	EventID        uuid.UUID `json:"event_id"`
	CreatedAt      string    `json:"created_at"`
	TraceID        string    `json:"trace_id"`
	PartnerID      string    `json:"partner_id"` // the tenant
	Data           any       `json:"data"`
}

// webhook makes a webhook. Its id is made of what it is about.
func (r *Router) webhook(tenant, kind string, of uuid.UUID, data any, about string) (*webhook, error) {
	id := uuid.NewSHA1(webhookSpace, []byte(tenant+"\x00"+kind+"\x00"+about))
	now := r.opts.Clock()
	body, err := json.Marshal(webhookEnvelope{
		APIVersion: "v3", WebhookVersion: "2026-02-03", EventType: kind, EventID: id, CreatedAt: message.At(now).String(),
		TraceID: strings.ReplaceAll(id.String(), "-", ""), PartnerID: tenant, Data: data,
	})
	return &webhook{tenant: tenant, id: id, of: of, at: now, body: body}, err
}

// sentData is the data of message.sent and message.delivered.
type sentData struct {
	ID               uuid.UUID      `json:"id"`
	Chat             sentChat       `json:"chat"`
	Direction        string         `json:"direction"`
	SenderHandle     jsontext.Value `json:"sender_handle"`
	Service          jsontext.Value `json:"service"`
	Parts            []sentPart     `json:"parts"`
	SentAt           *string        `json:"sent_at"`
	DeliveredAt      *string        `json:"delivered_at"`
	ReadAt           *string        `json:"read_at"`
	IdempotencyKey   *string        `json:"idempotency_key"`
	PreferredService jsontext.Value `json:"preferred_service"`
	Effect           jsontext.Value `json:"effect"`
	ReplyTo          jsontext.Value `json:"reply_to"`
}

type sentChat struct {
	ID          uuid.UUID      `json:"id"`
	IsGroup     bool           `json:"is_group"`
	OwnerHandle jsontext.Value `json:"owner_handle"`
}

// sentPart is a part as it is answered, without reactions.
type sentPart map[string]jsontext.Value

// sent makes the webhook about a message that was handed over just now.
func (r *Router) sent(ctx context.Context, d *delivery.Delivery) (*webhook, error) {
	content, err := message.DecodeContent(d.Content)
	if err != nil {
		return nil, err
	}
	rec := store.Record{MessageID: d.MessageID, ChatID: d.ChatID, Line: d.From, Reason: d.Reason, At: d.At, Roster: store.NewRoster(d.To, d.At)}
	if reader, can := r.chats.(store.DecisionReader); can {
		kept, err := reader.Decision(ctx, d.Tenant, d.MessageID)
		switch {
		case err == nil:
			rec = kept
		case !errors.Is(err, store.ErrNoRecord): // else its record was purged: it waited for long
			return nil, err
		}
	}
	data, err := dataOf(&rec, content)
	if err != nil {
		return nil, err
	}
	data.SentAt = new(message.At(r.opts.Clock()).String())
	return r.webhook(d.Tenant, inbound.MessageSent, rec.ChatID, data, d.MessageID.String())
}

// dataOf shows a message as its answer does; without content, which is nowhere
// any more once it was handed over, without parts.
func dataOf(rec *store.Record, content *message.Content) (*sentData, error) {
	d := routing.ReadBack(rec, content)
	text, err := d.AppendResponse(nil)
	if err != nil {
		return nil, err
	}
	var answer struct {
		Handles []jsontext.Value `json:"handles"`
		IsGroup bool             `json:"is_group"`
		Service jsontext.Value   `json:"service"`
		Message struct {
			Parts            []sentPart     `json:"parts"`
			Effect           jsontext.Value `json:"effect"`
			PreferredService jsontext.Value `json:"preferred_service"`
			ReplyTo          jsontext.Value `json:"reply_to"`
		} `json:"message"`
	}
	if err := json.Unmarshal(text, &answer); err != nil {
		return nil, err
	}
	us := answer.Handles[len(answer.Handles)-1] // our line is the last
	data := &sentData{
		ID: rec.MessageID, Chat: sentChat{rec.ChatID, answer.IsGroup, us}, Direction: "outbound", SenderHandle: us, Service: answer.Service,
		Parts: []sentPart{}, PreferredService: answer.Message.PreferredService, Effect: answer.Message.Effect, ReplyTo: answer.Message.ReplyTo,
	}
	if rec.Key != "" {
		data.IdempotencyKey = &rec.Key
	}
	for _, p := range answer.Message.Parts {
		delete(p, "reactions")
		data.Parts = append(data.Parts, p)
	}
	return data, nil
}

// failedData is the data of message.failed.
type failedData struct {
	ChatID    *uuid.UUID `json:"chat_id,omitzero"`
	MessageID uuid.UUID  `json:"message_id"`
	Code      int        `json:"code"`
	Reason    string     `json:"reason"`
	FailedAt  string     `json:"failed_at"`
}

// notHandedOver is the vendor's code of a message that it could not bring.
const notHandedOver = 4001

// failed makes the webhook about a message that is parked: it is told each
// time.
func (r *Router) failed(s *delivery.Settlement) (*webhook, error) {
	now := message.At(r.opts.Clock()).String()
	return r.webhook(s.Delivery.Tenant, inbound.MessageFailed, s.Delivery.ChatID, &failedData{
		ChatID: &s.Delivery.ChatID, MessageID: s.Delivery.MessageID, Code: notHandedOver, FailedAt: now,
		Reason: "Message delivery failed: it is parked (" + s.Why.String() + ")",
	}, s.Delivery.MessageID.String()+" "+now)
}

// tellStatus puts the webhook about what the network told of a message into the
// outbox, before it is kept: an event that is repeated is told again, as the
// same.
func (r *Router) tellStatus(ctx context.Context, tenant string, rec *store.Record, e *inbound.Event, s MessageStatus) error {
	if r.opts.Webhooks == nil {
		return nil
	}
	var w *webhook
	var err error
	switch e.Type {
	case inbound.MessageDelivered:
		var data *sentData
		if data, err = dataOf(rec, nil); err != nil {
			return err
		}
		data.DeliveredAt = new(message.At(s.DeliveredAt).String())
		if !s.SentAt.IsZero() {
			data.SentAt = new(message.At(s.SentAt).String())
		}
		w, err = r.webhook(tenant, e.Type, rec.ChatID, data, rec.MessageID.String())
	case inbound.MessageFailed:
		at := message.At(s.FailedAt).String()
		w, err = r.webhook(tenant, e.Type, rec.ChatID, &failedData{
			ChatID: &rec.ChatID, MessageID: rec.MessageID, Code: s.Failure, FailedAt: at, Reason: "Message delivery failed",
		}, rec.MessageID.String()+" "+at)
	default:
		return nil
	}
	if err == nil {
		err = r.tell(ctx, w)
	}
	return err
}

// lineData is the data of phone_number.status_updated.
type lineData struct {
	PhoneNumber        string `json:"phone_number"`
	PreviousStatus     string `json:"previous_status"`
	NewStatus          string `json:"new_status"`
	PreviousReputation string `json:"previous_reputation"`
	NewReputation      string `json:"new_reputation"`
	ChangedAt          string `json:"changed_at"`
}

// tellChange puts the webhook about a line whose status or reputation has
// changed into the outbox. All processes that learn of the same change make the
// same one.
func (r *Router) tellChange(ctx context.Context, s *line.State, before, after line.Line) error {
	if r.opts.Webhooks == nil || before.Status == after.Status && before.Reputation == after.Reputation {
		return nil
	}
	at := s.ReputationAt
	if before.Status != after.Status {
		at = s.StatusAt
	}
	data := &lineData{
		PhoneNumber: before.Number.String(), PreviousStatus: before.Status.String(), NewStatus: after.Status.String(),
		PreviousReputation: before.Reputation.String(), NewReputation: after.Reputation.String(),
		ChangedAt: store.Micros(at).UTC().Format(time.RFC3339Nano),
	}
	w, err := r.webhook(s.Tenant, fleet.StatusUpdated, uuid.Nil, data,
		fmt.Sprint(data.PhoneNumber, data.NewStatus, data.NewReputation, data.ChangedAt))
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), settleTime)
	defer cancel()
	return r.tell(ctx, w)
}

// tellAhead is tellChange of a state that is about to be kept: so a crash
// between the two leaves an event that is told when it is reported again.
func (r *Router) tellAhead(ctx context.Context, s *line.State, before line.Line) error {
	if before.Status == 0 {
		return nil // it is not known here yet
	}
	after := before
	if s.Status != 0 && s.StatusAt.After(before.ChangedAt) {
		after.Status = s.Status
	}
	if s.Reputation != 0 && s.ReputationAt.After(before.ChangedAt) {
		after.Reputation = s.Reputation
	}
	return r.tellChange(ctx, s, before, after)
}

// logUntold writes the line of the log about a webhook that could not be kept.
func (r *Router) logUntold(ctx context.Context, tenant string, err error) {
	if l := r.opts.Logger; l != nil && err != nil {
		l.LogAttrs(ctx, slog.LevelError, "cannot keep a webhook of ours", slog.String("tenant", tenant), slog.String("error", err.Error()))
	}
}
