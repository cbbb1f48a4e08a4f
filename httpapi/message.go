package httpapi

import (
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
	"github.com/google/uuid"

	"github.com/fromline/fromline"
	"github.com/fromline/fromline/message"
	"github.com/fromline/fromline/routing"
)

// shownMessage is one message on the wire: the members by which the vendor's
// API shows one, which are those of the message of a 202, and behind them our
// own.
type shownMessage struct {
	Sent map[string]jsontext.Value `json:",embed"` // the members of Message

	ChatID        uuid.UUID      `json:"chat_id"`
	From          string         `json:"from"`
	FromSelection jsontext.Value `json:"from_selection"`
	IsFromMe      bool           `json:"is_from_me"`
	IsDelivered   bool           `json:"is_delivered"`
	UpdatedAt     *string        `json:"updated_at"`
	ReadAt        *string        `json:"read_at"`

	Message        map[string]jsontext.Value `json:"message"` // as in the 202
	PreviousChatID *uuid.UUID                `json:"previous_chat_id"`
	Delivery       *delivery                 `json:"delivery"`    // null: it is not in the outbox
	Moves          []move                    `json:"moves"`       // where it was to go before it was rerouted
	Explanation    *explanation              `json:"explanation"` // null: the record kept no trace
}

// delivery is how a message stands in the outbox.
type delivery struct {
	State    string     `json:"state"`  // waiting or parked
	Reason   *string    `json:"reason"` // why it is parked; null where it waits
	Attempts int        `json:"attempts"`
	NextAt   *time.Time `json:"next_at"` // null: at once, or not at all
}

// move is a decision that a reroute replaced.
type move struct {
	ChatID    uuid.UUID `json:"chat_id"`
	From      string    `json:"from"`
	DecidedAt string    `json:"decided_at"`
}

// explanation is a trace, and what it says in words.
type explanation struct {
	Text string `json:"text"`
	routing.Trace
}

// getMessage shows one message of the tenant that was decided. What is no id is
// no message either.
func (x *exchange) getMessage() error {
	if err := x.admit(); err != nil {
		return err
	}
	id, err := x.uuid(errNoMessage)
	if err != nil {
		return err
	}
	ctx, cancel := x.patience()
	defer cancel()
	a, err := x.router.ReadBack(ctx, x.tenant, id)
	if err != nil {
		return storeError(err)
	}
	shown, err := showMessage(&a)
	if err != nil {
		return err
	}
	body, err := json.Marshal(shown, json.Deterministic(true))
	if err != nil {
		return err
	}
	x.decided = ids{message: id, chat: a.Record.ChatID}
	x.answer(200, body)
	return nil
}

func showMessage(a *fromline.ReadBack) (*shownMessage, error) {
	content := a.Content()
	d := routing.ReadBack(&a.Record, content)
	text, err := d.AppendResponse(nil)
	if err != nil {
		return nil, err
	}
	var accepted struct { // what the 202 has and is shown again
		Message       map[string]jsontext.Value `json:"message"`
		FromSelection jsontext.Value            `json:"from_selection"`
	}
	if err := json.Unmarshal(text, &accepted); err != nil {
		return nil, err
	}
	status := a.Status()
	sent := accepted.Message
	sent["delivery_status"] = jsontext.Value(`"` + status + `"`)
	for member, at := range map[string]time.Time{"sent_at": a.Told.SentAt, "delivered_at": a.Told.DeliveredAt} {
		if !at.IsZero() {
			sent[member] = jsontext.Value(`"` + message.At(at).String() + `"`)
		}
	}
	if !a.Told.ReadAt.IsZero() {
		sent["is_read"] = jsontext.Value("true")
	}
	if content == nil {
		sent["parts"] = jsontext.Value("null") // no store keeps what was handed over
	}
	out := &shownMessage{
		Sent: sent, Message: sent, ChatID: d.ChatID, From: d.Line.String(), FromSelection: accepted.FromSelection,
		IsFromMe: true, IsDelivered: status == "delivered" || status == "read", ReadAt: timestamp(a.Told.ReadAt), Moves: []move{},
	}
	out.tell(d.At, &a.Told)
	if d.PreviousChatID != uuid.Nil {
		out.PreviousChatID = &d.PreviousChatID
	}
	if w := a.Delivery; w != nil {
		out.Delivery = &delivery{State: "waiting", Attempts: w.Attempts}
		if w.Parked {
			out.Delivery.State, out.Delivery.Reason = "parked", new(w.Why.String())
		} else if !w.Due.IsZero() {
			out.Delivery.NextAt = new(w.Due.UTC())
		}
	}
	for _, m := range a.Record.Moves {
		out.Moves = append(out.Moves, move{m.ChatID, m.Line.String(), message.At(m.At).String()})
	}
	if a.Trace != nil {
		out.Explanation = &explanation{Text: a.Trace.String(), Trace: *a.Trace}
	}
	return out, nil
}

// tell shows when the network said how far the message came, which was decided
// then.
func (m *shownMessage) tell(decided time.Time, told *fromline.MessageStatus) {
	at := func(t time.Time) *string {
		if t.IsZero() {
			return nil
		}
		return new(message.At(t).String())
	}
	for member, t := range map[string]time.Time{"sent_at": told.SentAt, "delivered_at": told.DeliveredAt} {
		if said := at(t); said != nil {
			m.Sent[member] = jsontext.Value(`"` + *said + `"`)
		}
	}
	if m.ReadAt = at(told.ReadAt); m.ReadAt != nil {
		m.Sent["is_read"] = jsontext.Value("true")
	}
	latest := decided
	for _, t := range []time.Time{told.SentAt, told.DeliveredAt, told.ReadAt, told.FailedAt} {
		if t.After(latest) {
			latest = t
		}
	}
	m.UpdatedAt = at(latest)
	m.IsDelivered = !told.DeliveredAt.IsZero() || !told.ReadAt.IsZero()
}
