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

// shownMessage is one message on the wire: the members by which the vendor's API
// shows one, which are those of the message of a 202, and behind them our own.
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
	Explanation    *explanation              `json:"explanation"` // null: the record kept no trace
}

// delivery is how a message stands in the outbox.
type delivery struct {
	State    string     `json:"state"` // waiting or parked
	Attempts int        `json:"attempts"`
	NextAt   *time.Time `json:"next_at"` // null: at once, or not at all
}

// explanation is a trace, and what it says in words.
type explanation struct {
	Text string `json:"text"`
	routing.Trace
}

// getMessage shows one message of the tenant that was decided. What is no id is
// no message either.
func (x *exchange) getMessage(text string) error {
	if err := x.admit(); err != nil {
		return err
	}
	id, err := uuid.Parse(text)
	if err != nil || len(text) != len(id.String()) {
		return errNoMessage
	}
	ctx, cancel := x.patience()
	defer cancel()
	a, err := x.router.Account(ctx, x.tenant, id)
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

func showMessage(a *fromline.Account) (*shownMessage, error) {
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
	if content == nil {
		sent["parts"] = jsontext.Value("null") // no store keeps what was handed over
	}
	out := &shownMessage{
		Sent: sent, Message: sent, ChatID: d.ChatID, From: d.Line.String(), FromSelection: accepted.FromSelection,
		IsFromMe: true, UpdatedAt: new(message.At(d.At).String()),
	}
	if d.PreviousChatID != uuid.Nil {
		out.PreviousChatID = &d.PreviousChatID
	}
	if w := a.Delivery; w != nil {
		out.Delivery = &delivery{State: "waiting", Attempts: w.Attempts}
		if w.Parked {
			out.Delivery.State = "parked"
		} else if !w.Due.IsZero() {
			out.Delivery.NextAt = new(w.Due.UTC())
		}
	}
	if a.Trace != nil {
		out.Explanation = &explanation{Text: a.Trace.String(), Trace: *a.Trace}
	}
	return out, nil
}
