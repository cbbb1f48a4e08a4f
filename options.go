package fromline

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/google/uuid"

	"github.com/fromline/fromline/delivery"
	"github.com/fromline/fromline/fleet"
	"github.com/fromline/fromline/inbound"
	"github.com/fromline/fromline/internal/absent"
	"github.com/fromline/fromline/store"
	"github.com/fromline/fromline/validate"
)

// Options are the settings of a Router. In every field zero means the default
// that its comment names. New refuses a negative number, and an interface that
// holds a nil pointer, such as a *MySender that was never made.
type Options struct {
	// Rules change what [Router.Send] and [Router.Check] accept.
	Rules validate.Options

	// Sender hands decided messages to the network while [Router.Run] runs, and
	// in [Router.Drain]. If your program has called neither, messages wait, and
	// after five seconds the Router logs that once. With nil the Router hands
	// nothing over. The store must implement store.Outbox.
	Sender delivery.Sender

	// Delivery says how the Router hands messages over. If its Logger is nil,
	// it is that of the Router. Leave Settled and Reroute nil: use
	// Observer.Delivered and Options.Reroute. With Webhooks, leave Parking nil
	// too.
	Delivery delivery.Options

	// Fleet has the settings of the Fleet that New puts over a LineHealth: the
	// policy, how often to ask for lines, how old an answer may be. Leave its
	// Source nil: the LineHealth is the source. If you give New a fleet.Fleet,
	// leave Fleet zero: that Fleet has its own settings.
	Fleet fleet.Options

	// Deliver puts decided messages into the store's outbox even without a
	// Sender, for another process to hand over. A Sender implies it.
	Deliver bool

	// MaxBacklog is how many messages of all tenants may wait to be handed
	// over; 0 means any number. While so many wait, Route refuses new messages
	// with an UnavailableError (4004), and still answers replays. It holds only
	// while Run runs: Run asks the store once a second how many wait, and the
	// Router counts its own messages in between. So several processes together
	// may exceed it by the messages that they accept in a second.
	MaxBacklog int

	// Webhooks, if set, gets our own webhooks in the vendor's form:
	// message.sent for each message that was handed over, message.delivered and
	// message.failed when the network reports them, message.failed also for
	// each message that is parked, and phone_number.status_updated for each
	// change of a line that is reported to this process. Each webhook is a
	// Delivery whose Content is the body and whose MessageID is the id of the
	// event. It comes at least once, and the webhooks of one chat come in
	// order. Webhooks need a Sender, and wait in the same outbox under the
	// tenant "TENANT/webhooks".
	Webhooks delivery.Sender

	// Reroute moves a message to another line if its line can no longer
	// continue when its turn comes. The Router decides the message again, like
	// a new send to the same people, under the same id and key, and never on
	// the line that it leaves (docs/rules.md §15c). Without Reroute a message
	// stays on its line until an operator reroutes it.
	Reroute bool

	// DeferUpTo is how long a message that opens a chat may wait if only the
	// pace of a guard holds our lines back (docs/rules.md §11a). The Router
	// decides such a send at once, for the line with the earliest slot, and
	// hands the message over at that slot. It is at most [MaxDefer], in whole
	// microseconds; an hour is a good first value. With zero the Router refuses
	// such sends until the slot. It needs Deliver or a Sender.
	DeferUpTo time.Duration

	// KeepRecords is how long the store keeps the records of decisions with an
	// idempotency key; 0 means 7 days. KeepUnkeyed is the same for decisions
	// without a key, which the Router looks up only if the outcome of their
	// commit is in doubt; 0 means one hour. PurgeEvery is how often Run removes
	// expired records; 0 means one minute.
	KeepRecords time.Duration
	KeepUnkeyed time.Duration
	PurgeEvery  time.Duration

	// KeepTraces keeps with each record the reasons of its decision, in at most
	// routing.MaxKeptTrace bytes, for ReadBack.Trace.
	KeepTraces bool

	// SkipNamedGroups says that a send reuses no group to which a person has
	// given a name.
	SkipNamedGroups bool

	// Retries is how often the Router decides a send again after its commit met
	// a conflict; 0 means 50. A conflict because a line is full does not count:
	// a send meets at most one of these for each line.
	Retries int

	// Consents say which of the consents in the store stop a send, after the Gate.
	// The store must implement store.Consents.
	Consents ConsentRules

	Gate       Gate                  // nil: all people may be written to
	Images     validate.ImageChecker // nil: image URLs are not checked
	Media      MediaResolver         // nil: attachments are described by their parts alone
	Capability Capability            // nil: the first service of the line, if neither chat nor request names one

	// Aliases names further handles of people, for a policy that prefers lines
	// that they know (fleet.ByKnown). With another policy New returns an error.
	// Nil names none.
	Aliases AliasResolver

	// Observer has the functions that the Router calls for metrics and traces.
	Observer Observer

	// Logger gets a record for each refused send, each failed attempt to
	// deliver and each change of a line that Observer.LineChanged tells; at debug
	// level also for each decision and each delivery. Records name chats and
	// messages by their ids, our lines in full, and no person. Nil logs nothing.
	Logger *slog.Logger

	// Clock tells the time; nil means time.Now. Every time that a Router writes
	// comes from it or from Outgoing.At.
	Clock func() time.Time

	// MaxSkew is how far the Clock may be from the clock of the store, if the
	// store has one (store.Clocked). While the difference is larger, the Router
	// refuses sends (4004), purges nothing and keeps no state of a line, so
	// that a wrong clock harms no other process. 0 means 5 minutes; if
	// Options.Clock is set, with 0 the Router does not compare the clocks.
	MaxSkew time.Duration

	// NewID returns a new id for a message or a chat; nil means random UUIDs of
	// version 7. The id of a message with an idempotency key is derived from
	// the key instead. NewID must be safe for concurrent use.
	NewID func() uuid.UUID

	// Wait waits before retry n, counted from 1. If the context ends, it
	// returns the context's error at once. Nil waits a random part of a time
	// that begins at 1 ms and doubles up to 100 ms.
	Wait func(ctx context.Context, n int) error
}

// MaxDefer is the longest DeferUpTo.
const MaxDefer = 4 * time.Hour

// withDefaults puts the defaults in and refuses what cannot be used.
func (o Options) withDefaults(chats store.ChatStore) (Options, error) {
	errs := absent.Fields(o)
	duration := func(name string, d *time.Duration, value time.Duration) {
		if *d < 0 {
			errs = append(errs, fmt.Errorf("%s is %v: give a positive duration, or 0 for %v", name, *d, value))
		}
		if *d == 0 {
			*d = value
		}
	}
	duration("KeepRecords", &o.KeepRecords, 7*24*time.Hour)
	duration("KeepUnkeyed", &o.KeepUnkeyed, time.Hour)
	duration("PurgeEvery", &o.PurgeEvery, time.Minute)
	if o.DeferUpTo < 0 || o.DeferUpTo > MaxDefer || o.DeferUpTo%time.Microsecond != 0 {
		errs = append(errs, fmt.Errorf("DeferUpTo is %v: give 0 for no waiting, or up to %v in whole microseconds", o.DeferUpTo, MaxDefer))
	}
	if o.Webhooks != nil && o.Sender == nil {
		errs = append(errs, errors.New("fromline: Options.Webhooks needs a Sender: webhooks report what became of its messages"))
	}
	if o.DeferUpTo > 0 && !o.Deliver && o.Sender == nil {
		errs = append(errs, errors.New("DeferUpTo needs Deliver or a Sender, since the outbox holds the messages that wait"))
	}
	if o.Retries < 0 {
		errs = append(errs, fmt.Errorf("give a positive number of Retries, or 0 for 50, not %d", o.Retries))
	}
	if o.Retries == 0 {
		o.Retries = 50
	}
	_, offered := chats.(store.Outbox)
	if o.MaxBacklog < 0 || o.MaxBacklog > 0 && !offered {
		errs = append(errs, fmt.Errorf("MaxBacklog is %d: give 0 for any number, or a positive one with a store that has an outbox", o.MaxBacklog))
	}
	if o.Delivery.Settled != nil {
		errs = append(errs, errors.New("use Observer.Delivered instead of Delivery.Settled"))
	}
	if o.Delivery.Parking != nil && o.Webhooks != nil {
		errs = append(errs, errors.New("Delivery.Parking and Webhooks exclude each other: leave Parking out, since a webhook reports each parked message"))
	}
	if o.Delivery.Reroute != nil {
		errs = append(errs, errors.New("use Reroute instead of Delivery.Reroute"))
	}
	if o.Fleet.Source != nil {
		errs = append(errs, errors.New("give the LineHealth to New instead of setting Fleet.Source"))
	}
	if o.Delivery.Logger == nil {
		o.Delivery.Logger = o.Logger
	}
	o.Deliver = o.Deliver || o.Sender != nil
	if o.Deliver && !offered {
		errs = append(errs, errors.New("a Sender or Deliver needs a store with an outbox: give one that is a store.Outbox"))
	}
	if _, offered := chats.(store.Consents); o.Consents.any() && !offered {
		errs = append(errs, errors.New("Consents needs a store that keeps consents: give one that is a store.Consents"))
	}
	if o.Clock == nil {
		duration("MaxSkew", &o.MaxSkew, 5*time.Minute)
		o.Clock = time.Now
	}
	duration("MaxSkew", &o.MaxSkew, 0)
	if o.NewID == nil {
		o.NewID = newIDs()
	}
	if words := &o.Consents.StopWords; words.IsZero() {
		*words = inbound.VendorStopWords()
	}
	if o.Wait == nil {
		o.Wait = wait
	}
	if err := errors.Join(errs...); err != nil {
		return o, fmt.Errorf("fromline: options: %w", err)
	}
	return o, nil
}
