package fromline

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"

	"github.com/fromline/fromline/inbound"
	"github.com/fromline/fromline/store"
)

// MessageStatus is what the network reported about a message after it was
// handed over. If the network reported the same thing twice, the earlier time
// counts. A zero time means that the network has not reported it. It is a plain
// value.
type MessageStatus struct {
	SentAt, DeliveredAt, ReadAt, FailedAt time.Time

	// Failure is the code of the failure, 0 for none.
	Failure int
}

// String returns the status in the words of the API: read, delivered, failed or
// sent; empty if the network has reported nothing. A message that was reported
// as failed and later as delivered is delivered.
func (s MessageStatus) String() string {
	switch {
	case !s.ReadAt.IsZero():
		return "read"
	case !s.DeliveredAt.IsZero():
		return "delivered"
	case !s.FailedAt.IsZero():
		return "failed"
	case !s.SentAt.IsZero():
		return "sent"
	}
	return ""
}

// keptStatus is a MessageStatus in microseconds since 1970.
type keptStatus struct {
	Sent      int64 `json:"sent,omitzero"`
	Delivered int64 `json:"delivered,omitzero"`
	Read      int64 `json:"read,omitzero"`
	Failed    int64 `json:"failed,omitzero"`
	Failure   int   `json:"code,omitzero"`
}

func readStatus(body []byte) (k keptStatus, err error) {
	if len(body) > 0 {
		err = json.Unmarshal(body, &k)
	}
	return k, err
}

func (k keptStatus) status() MessageStatus {
	return MessageStatus{microTime(k.Sent), microTime(k.Delivered), microTime(k.Read), microTime(k.Failed), k.Failure}
}

// take adds what an event says. Of two failures of one time the larger code
// stays, so that the order does not matter.
func (k *keptStatus) take(e *inbound.Event) {
	at := e.At.UnixMicro()
	earliest := func(kept *int64) {
		if *kept == 0 || at < *kept {
			*kept = at
		}
	}
	switch e.Type {
	case inbound.MessageSent:
		earliest(&k.Sent)
	case inbound.MessageDelivered:
		earliest(&k.Delivered)
	case inbound.MessageRead:
		earliest(&k.Read)
	case inbound.MessageFailed:
		if k.Failed == 0 || at < k.Failed || at == k.Failed && e.Failure > k.Failure {
			k.Failed, k.Failure = at, e.Failure
		}
	}
}

// microTime is the time of microseconds since 1970; 0 is the zero time.
func microTime(us int64) time.Time {
	if us == 0 {
		return time.Time{}
	}
	return time.UnixMicro(us).UTC()
}

func noteOfMessage(network string) string   { return "message " + network }
func noteOfStatus(message uuid.UUID) string { return "status " + message.String() }

// followMessage keeps beside the record of a message what an event says of it.
func (a *arrival) followMessage(ctx context.Context) (Reason, error) {
	rec, err := a.record(ctx)
	if err != nil {
		return "", err
	}
	a.router.logFailure(ctx, a.tenant, &a.Event, rec)
	switch {
	case rec == nil, a.Line.IsValid() && rec.Line != a.Line:
		return NotKept, nil
	}
	if err := a.refer(ctx, rec); err != nil {
		return "", err
	}
	name := noteOfStatus(rec.MessageID)
	for range maxSwaps {
		was, err := a.inbox.Note(ctx, a.tenant, name)
		if err != nil {
			return "", err
		}
		k, err := readStatus(was.Body)
		if err != nil {
			return "", err
		}
		before := k
		if k.take(&a.Event); k == before {
			return NotNewer, nil
		}
		body, err := json.Marshal(k)
		if err != nil {
			return "", err
		}
		if err := a.router.tellStatus(ctx, a.tenant, rec, &a.Event, k.status()); err != nil {
			return "", err // and then it is told again, with the event
		}
		kept, err := a.inbox.KeepNote(ctx, a.tenant, was, store.Note{Name: name, Of: rec.MessageID, OfMessage: true, Body: body})
		switch {
		case errors.Is(err, store.ErrNoRecord): // it was purged meanwhile
			return NotKept, nil
		case err != nil || kept:
			return "", err
		}
	}
	return "", fmt.Errorf("fromline: %w: events about one message came between %d times", store.ErrNotWritten, maxSwaps)
}

// record returns the record of the message that is meant, nil if there is none
// (any more): the one that the network's id is known to lead to, or that has it
// as its own, or as its key.
func (a *arrival) record(ctx context.Context) (*store.Record, error) {
	if a.Message != "" {
		n, err := a.inbox.Note(ctx, a.tenant, noteOfMessage(a.Message))
		if err != nil {
			return nil, err
		}
		if n.Name != "" {
			if rec, err := a.recordOf(ctx, store.Query{MessageID: n.Of}); rec != nil || err != nil {
				return rec, err
			}
		}
	}
	for _, text := range []string{a.Message, a.Key} {
		if id, err := uuid.Parse(text); err == nil {
			if rec, err := a.recordOf(ctx, store.Query{MessageID: id}); rec != nil || err != nil {
				return rec, err
			}
		}
	}
	if a.Key == "" {
		return nil, nil
	}
	return a.recordOf(ctx, store.Query{IdempotencyKey: a.Key})
}

func (a *arrival) recordOf(ctx context.Context, q store.Query) (*store.Record, error) {
	q.Tenant = a.tenant
	found, err := a.router.chats.Lookup(ctx, q)
	if errors.Is(err, store.ErrInvalid) { // what no key can be
		return nil, nil
	}
	return found.Record, err
}

// refer keeps that the network's ids mean the chat and the message of a record,
// if they are not known to mean any.
func (a *arrival) refer(ctx context.Context, rec *store.Record) error {
	var wanted []store.Note
	if a.Event.Chat != "" && a.ChatID() != rec.ChatID {
		wanted = append(wanted, store.Note{Name: a.noteOfChat(), Of: rec.ChatID})
	}
	if a.Message != "" && a.Message != rec.MessageID.String() {
		wanted = append(wanted, store.Note{Name: noteOfMessage(a.Message), Of: rec.MessageID, OfMessage: true})
	}
	for _, n := range wanted {
		there, err := a.inbox.Note(ctx, a.tenant, n.Name)
		if err != nil {
			return err
		}
		if there.Name != "" { // an id means what it was first found to mean
			continue
		}
		if _, err := a.inbox.KeepNote(ctx, a.tenant, store.Note{}, n); err != nil && !errors.Is(err, store.ErrNoRecord) {
			return err
		}
	}
	return nil
}
