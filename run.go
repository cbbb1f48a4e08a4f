package fromline

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"time"

	"github.com/fromline/fromline/delivery"
	"github.com/fromline/fromline/inbound"
	"github.com/fromline/fromline/recipients"
	"github.com/fromline/fromline/store"
)

// ErrRunning is the error of [Router.Run] while another Run of the same Router
// has not returned yet.
var ErrRunning = errors.New("fromline: the Router runs already: call Run once")

// ErrNoSender is the error of [Router.Drain] on a Router without
// Options.Sender.
var ErrNoSender = errors.New("fromline: the Router has no Sender: set Options.Sender")

// Run does the work beside the sends until the context ends: it reads from the
// store what other processes learned about our lines and how they used them,
// hands messages over if there is a Sender, and removes expired records. It
// leaves out each part that the store does not support.
//
// Run blocks. It returns nil after the context has ended, and otherwise the
// first error that a retry cannot mend; it logs the other errors, and tries
// again. When the context ends, Run claims no further message, and gives
// messages that are being sent Options.Delivery.StopWithin to finish. It leaves
// no goroutine behind. A second Run at the same time returns [ErrRunning].
//
// Sends work without Run. They then poll the store themselves if their last
// poll is too old, and nothing removes expired records.
func (r *Router) Run(ctx context.Context) error {
	if r.fleet == nil {
		return errNotMade
	}
	if !r.running.CompareAndSwap(false, true) {
		return ErrRunning
	}
	defer r.running.Store(false)
	r.idle.over.Store(true)
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	works := []func(context.Context) error{untilDone}
	if r.source != nil {
		works = append(works, func(ctx context.Context) error { return r.fleet.Follow(ctx, r.source) })
	}
	if r.dispatcher != nil {
		works = append(works, r.dispatcher.Run)
	}
	if r.opts.MaxBacklog > 0 {
		works = append(works, func(ctx context.Context) error { return r.lookAtBacklog(ctx, r.chats.(store.Outbox)) })
	}
	if purger, is := r.chats.(store.Purger); is {
		works = append(works, func(ctx context.Context) error { return r.purge(ctx, purger) })
	}
	if rows, is := r.chats.(store.Damaged); is && r.opts.Logger != nil {
		works = append(works, func(ctx context.Context) error { return r.tellDamage(ctx, rows) })
	}
	ended := make(chan error, len(works))
	for _, work := range works {
		go func() { ended <- work(ctx) }()
	}
	var first error
	for range works {
		if err := <-ended; ctx.Err() == nil { // it was not told to end
			first = err
			stop()
		}
	}
	return first
}

func untilDone(ctx context.Context) error {
	<-ctx.Done()
	return ctx.Err()
}

// purge removes records whose time is over, a batch at a time. It goes by our
// clock or that of the store, whichever removes less.
func (r *Router) purge(ctx context.Context, purger store.Purger) error {
	every := time.NewTicker(r.opts.PurgeEvery)
	defer every.Stop()
	for {
		removed, err := 0, r.checkClock(ctx, r.opts.Clock())
		if err == nil {
			removed, err = purger.Purge(ctx, r.opts.Clock(), store.MaxPage)
		}
		if err != nil && ctx.Err() == nil && r.opts.Logger != nil {
			r.opts.Logger.Warn("cannot remove old records", slog.String("error", err.Error()))
		}
		if removed == store.MaxPage && ctx.Err() == nil {
			continue
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-every.C:
		}
	}
}

// Drain hands over all messages that are due now and then returns nil. Messages
// that wait for a retry, are parked, or are being sent by another process stay
// in the outbox. Call Drain before your program stops, after its last send. If
// the context ends first, Drain cuts off the messages that are being sent,
// gives them back to the outbox and returns the context's error. Without a
// Sender the error is [ErrNoSender]. Drain is safe for concurrent use.
func (r *Router) Drain(ctx context.Context) error {
	if r.opts.Sender == nil {
		return ErrNoSender
	}
	r.idle.over.Store(true)
	o := r.opts.Delivery
	o.StopWithin = time.Millisecond
	d, err := delivery.New(r.chats.(store.Outbox), r.opts.Sender, o)
	if err != nil {
		return err
	}
	return d.Drain(ctx)
}

// Wake makes Run look for due messages at once, and decide messages again that
// wait for another line. Call it after you have released a parked message, or
// changed your lines by other means than this Router. It never blocks, and is
// safe for concurrent use.
func (r *Router) Wake() {
	if r.dispatcher != nil {
		r.dispatcher.Wake()
		r.dispatcher.LinesChanged()
	}
}

// settled tells how an attempt to hand a message over ended. A line that the
// network has flagged is flagged here too, so that the next send fails over.
func (r *Router) settled(s delivery.Settlement) {
	r.backlog.settled(s.Result)
	if strings.HasSuffix(s.Delivery.Tenant, webhooksOf) && r.opts.Webhooks != nil {
		return
	}
	if told := r.opts.Observer.Delivered; told != nil {
		told(s)
	}
	if s.Result == delivery.Sent && s.Delivery.Network != nil && *s.Delivery.Network != (delivery.NetworkIDs{}) {
		r.refer(&s.Delivery)
	}
	failure, is := errors.AsType[*delivery.Failure](s.Err)
	if is && failure.LineFlagged && !r.opts.Reroute { // else it was told before it was rerouted
		r.tellFlagged(s.Delivery.Tenant, s.Delivery.From)
	}
}

// refer keeps that the ids that the network has of a message that was handed
// over, and of its chat, lead to ours. What it cannot keep is told: the ids are
// learned from the first event about the message then.
func (r *Router) refer(d *delivery.Delivery) {
	inbox, is := r.chats.(store.Inbox)
	if !is {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), settleTime)
	defer cancel()
	e := inbound.Event{Chat: d.Network.Chat, Message: d.Network.Message}
	if len(e.Chat) > inbound.MaxReference {
		e.Chat = ""
	}
	if len(e.Message) > inbound.MaxReference {
		e.Message = ""
	}
	a := arrival{router: r, inbox: inbox, tenant: d.Tenant, Event: e}
	err := a.refer(ctx, &store.Record{MessageID: d.MessageID, ChatID: d.ChatID})
	if err != nil && r.opts.Logger != nil {
		r.opts.Logger.Error("cannot keep the network's ids of a message", slog.String("tenant", d.Tenant),
			slog.String("message_id", d.MessageID.String()), slog.String("error", err.Error()))
	}
}

// tellFlagged takes in that a delivery found its line flagged.
func (r *Router) tellFlagged(tenant string, number recipients.Handle) {
	ctx, cancel := context.WithTimeout(context.Background(), settleTime)
	defer cancel()
	if err := r.LineFlagged(ctx, tenant, number); err != nil && r.opts.Logger != nil {
		r.opts.Logger.Error("cannot keep that the network flagged a line", slog.String("tenant", tenant),
			slog.String("line", number.String()), slog.String("error", err.Error()))
	}
}
