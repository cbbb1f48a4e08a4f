package fromline

import (
	"context"
	"errors"
	"fmt"
	"log/slog"

	"github.com/google/uuid"

	"github.com/fromline/fromline/message"
	"github.com/fromline/fromline/recipients"
	"github.com/fromline/fromline/routing"
	"github.com/fromline/fromline/store"
)

// ReadBack is what a store knows about a decided message. It is a plain value.
type ReadBack struct {
	// Record is the decision as the store has it now.
	Record store.Record

	// Trace has the reasons of the decision; nil if the record has no trace, or
	// one that this release cannot read.
	Trace *routing.Trace

	// Delivery is the delivery as it is in the outbox; nil if the outbox has
	// none, or none any more: the message was handed over, or never enqueued.
	Delivery *store.CopiedDelivery

	// Unreadable, a *store.UnreadableError, says why the store cannot read the
	// delivery that it holds; nil if it can, or holds none.
	Unreadable error

	// Told is what the network has reported about the message.
	Told MessageStatus

	// Delivers says whether the store has an outbox.
	Delivers bool
}

// Status returns the delivery status of the message in the words of the API:
// pending while it waits in the outbox, failed while it is parked there, sent
// after it was handed over, and then read, delivered or failed as the network
// reports. If the store has no outbox, it is pending until the network reports
// something.
func (a *ReadBack) Status() string {
	switch {
	case a.Delivery != nil && a.Delivery.Parked:
		return "failed"
	case a.Delivery == nil && a.Told.String() != "":
		return a.Told.String()
	case a.Delivery != nil || a.Unreadable != nil || !a.Delivers:
		return "pending"
	}
	return "sent"
}

// Content returns the message as the client sent it. It returns nil after the
// message was handed over, because the store deletes the content then.
func (a *ReadBack) Content() *message.Content {
	if a.Delivery == nil {
		return nil
	}
	content, err := message.DecodeContent(a.Delivery.Content)
	if err != nil {
		return nil // of a release that says more
	}
	return content
}

// ReadBack returns what the store knows about a message of the tenant. It
// writes nothing. The error wraps store.ErrNoRecord if there is no record, or
// none any more. It is errors.ErrUnsupported if the store is no
// store.DecisionReader, and an [*UnavailableError] if the store does not
// answer. ReadBack is safe for concurrent use.
func (r *Router) ReadBack(ctx context.Context, tenant string, messageID uuid.UUID) (ReadBack, error) {
	if r.fleet == nil {
		return ReadBack{}, errNotMade
	}
	a, err := ReadBackOf(ctx, r.chats, tenant, messageID)
	a.Delivers = a.Delivers && r.opts.Deliver
	return a, err
}

// ReadBackOf is [Router.ReadBack] for a store without a Router, with the same
// errors. It is safe for concurrent use.
func ReadBackOf(ctx context.Context, chats store.ChatStore, tenant string, messageID uuid.UUID) (ReadBack, error) {
	reader, can := chats.(store.DecisionReader)
	if !can {
		return ReadBack{}, fmt.Errorf("fromline: the store shows no records: %w", errors.ErrUnsupported)
	}
	rec, err := reader.Decision(ctx, tenant, messageID)
	if err != nil {
		return ReadBack{}, unread(err)
	}
	return readBack(ctx, chats, tenant, rec)
}

// ReadBackOfKey is [ReadBackOf] for the message that was decided under an
// idempotency key, with the same errors; it wraps store.ErrInvalid if the key
// is empty. It is safe for concurrent use.
func ReadBackOfKey(ctx context.Context, chats store.ChatStore, tenant, key string) (ReadBack, error) {
	if key == "" {
		return ReadBack{}, fmt.Errorf("fromline: the key is empty: %w", store.ErrInvalid)
	}
	found, err := chats.Lookup(ctx, store.Query{Tenant: tenant, IdempotencyKey: key, Set: recipients.Key{}})
	switch {
	case err != nil:
		return ReadBack{}, unread(err)
	case found.Record == nil:
		return ReadBack{}, fmt.Errorf("fromline: nothing is recorded under the key: %w", store.ErrNoRecord)
	}
	return readBack(ctx, chats, tenant, *found.Record)
}

func readBack(ctx context.Context, chats store.ChatStore, tenant string, rec store.Record) (ReadBack, error) {
	a := ReadBack{Record: rec}
	if trace, err := routing.ReadTrace(&rec); err == nil {
		a.Trace = &trace
	}
	if inbox, is := chats.(store.Inbox); is {
		n, err := inbox.Note(ctx, tenant, noteOfStatus(rec.MessageID))
		if err != nil && !errors.Is(err, store.ErrUnreadable) { // which the store tells
			return ReadBack{}, unread(err)
		}
		kept, err := readStatus(n.Body)
		if err != nil {
			return ReadBack{}, unread(fmt.Errorf("fromline: the status of message %s: %w", rec.MessageID, err))
		}
		a.Told = kept.status()
	}
	_, a.Delivers = chats.(store.Outbox)
	reader, can := chats.(store.DeliveryReader)
	if !can {
		return a, nil
	}
	d, err := reader.Delivery(ctx, tenant, rec.MessageID)
	switch {
	case err == nil:
		a.Delivery = &d
	case errors.Is(err, store.ErrUnreadable):
		a.Unreadable = err
	case !errors.Is(err, store.ErrNoRecord):
		return ReadBack{}, unread(err)
	}
	return a, nil
}

// LogValue returns the ids and the state of the message, without people and
// without content.
func (a ReadBack) LogValue() slog.Value {
	return slog.GroupValue(
		slog.String("message_id", a.Record.MessageID.String()), slog.String("chat_id", a.Record.ChatID.String()),
		slog.String("line", a.Record.Line.String()), slog.String("delivery_status", a.Status()))
}
