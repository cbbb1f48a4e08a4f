package fromline

import (
	"context"
	"errors"
	"fmt"
	"hash/fnv"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/fromline/fromline/delivery"
	"github.com/fromline/fromline/recipients"
	"github.com/fromline/fromline/store"
)

// A webhook of ours waits in the outbox like a message: as a delivery of a
// tenant of its own, whose name is that of the tenant with webhooksOf behind
// it. So no message waits for one, it survives a crash, it is tried again with
// growing waits, and it can be parked and released. Its chat is one of a few
// lanes; what is told of one chat of ours keeps its order in one of them.
const (
	webhooksOf   = "/webhooks"
	webhookLanes = 16
	keepWebhooks = 24 * time.Hour // for how long the same one is not told again
)

// webhookSpace is the name space of the ids of webhooks and their lanes.
var webhookSpace = uuid.NewSHA1(uuid.NameSpaceURL, []byte("https://github.com/fromline/fromline/webhooks"))

// webhook is one of ours on its way into the outbox.
type webhook struct {
	tenant string
	id     uuid.UUID // the same whenever the same thing is told
	of     uuid.UUID // the chat that it is about; zero: none
	at     time.Time
	body   []byte
}

// tell puts a webhook into the outbox, once. It has two round trips.
func (r *Router) tell(ctx context.Context, w *webhook) error {
	const tries = 5
	lane, people, err := w.lane()
	if err != nil {
		return err
	}
	from, err := recipients.FromDigits(99) // no real line
	if err != nil {
		return err
	}
	for try := 1; ; try++ {
		q := store.Query{Tenant: w.tenant + webhooksOf, Set: people.Key(), MessageID: w.id}
		seen, err := r.chats.Lookup(ctx, q)
		if err != nil {
			return err
		}
		if seen.Record != nil {
			return nil // told by another try
		}
		at := store.Micros(w.at)
		plan := &store.Plan{Tenant: q.Tenant, Set: people, Revision: seen.Revision, Content: w.body, Record: store.Record{
			MessageID: w.id, ChatID: lane, Line: from, Reason: store.ReusedActiveChat, At: at,
			Roster: store.NewRoster(people, at), KeepUntil: later(at, store.Micros(r.opts.Clock())).Add(keepWebhooks),
		}}
		if len(seen.Chats) == 0 {
			plan.Reason = store.NewBestNumber
		}
		err = r.chats.Commit(ctx, plan)
		if _, is := errors.AsType[*store.Conflict](err); is && try < tries {
			continue
		}
		if err == nil && r.dispatcher != nil {
			r.dispatcher.Wake()
		}
		return err
	}
}

// lane returns the chat that the webhook waits in, and the people of it, who
// are none.
func (w *webhook) lane() (chat uuid.UUID, people recipients.Set, err error) {
	h := fnv.New32a()
	_, _ = h.Write(w.of[:])
	name := fmt.Sprintf("lane-%d@webhooks.invalid", h.Sum32()%webhookLanes)
	one, err := recipients.Parse(name)
	if err == nil {
		people, err = recipients.NewSet(one)
	}
	return uuid.NewSHA1(webhookSpace, []byte(w.tenant+" "+name)), people, err
}

// telling hands messages over and puts the webhook about each into the outbox
// before the message is acknowledged: so each message that was handed over is
// told at least once. What is a webhook itself goes to the receiver of those.
type telling struct {
	*Router
	messages, webhooks delivery.Sender
}

// Send implements delivery.Sender.
func (t *telling) Send(ctx context.Context, d delivery.Delivery) error {
	if tenant, is := strings.CutSuffix(d.Tenant, webhooksOf); is {
		d.Tenant = tenant
		err := t.webhooks.Send(ctx, d)
		if failure, is := errors.AsType[*delivery.Failure](err); is && failure != nil && failure.LineFlagged {
			told := *failure
			told.LineFlagged = false // there is no line
			return &told
		}
		return err
	}
	if err := t.messages.Send(ctx, d); err != nil {
		return err
	}
	w, err := t.sent(ctx, &d)
	if err != nil {
		return fmt.Errorf("fromline: the webhook about a message that was handed over: %w", err)
	}
	if err := t.tell(ctx, w); err != nil { // then the outbox will not take the acknowledgement either
		return fmt.Errorf("fromline: the webhook about a message that was handed over was not kept: %w", err)
	}
	return nil
}

// parking puts the webhook about a message that is about to be parked into the
// outbox. One that no store would keep is told of and left out.
func (r *Router) parking(ctx context.Context, s delivery.Settlement) error {
	if strings.HasSuffix(s.Delivery.Tenant, webhooksOf) {
		return nil
	}
	w, err := r.failed(&s)
	if err == nil {
		err = r.tell(ctx, w)
	}
	if err == nil || !errors.Is(err, store.ErrInvalid) {
		return err
	}
	r.logUntold(ctx, s.Delivery.Tenant, err)
	return nil
}
