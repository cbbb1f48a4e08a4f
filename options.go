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

	// Sender hands decided messages to the network while [Router.Run] runs, and in
	// [Router.Drain]. Where neither was called, messages wait, and after five seconds
	// the Logger is told so once. Nil hands nothing over. The store must implement
	// store.Outbox.
	Sender delivery.Sender

	// Delivery says how messages are handed over. Its Logger is that of the
	// Router where it is nil; Settled is Observer.Delivered and has to be nil.
	Delivery delivery.Options

	// Fleet says how lines are asked for and picked from where the LineHealth
	// is not a fleet.Fleet already: the policy, how often to ask, how old an
	// answer may be. Its Source is the LineHealth and has to be nil. A fleet.Fleet
	// has options of its own: with one, this has to be zero.
	Fleet fleet.Options

	// Deliver puts decided messages into the store's outbox although there is
	// no Sender: another process hands them over. A Sender implies it.
	Deliver bool

	// MaxBacklog is how many messages of all tenants may wait to be handed
	// over. While so many wait, Route refuses new messages with an
	// UnavailableError (4004), and still answers replays. The store counts once
	// a second, and this process counts its own in between: several processes
	// may together pass the bound by what they take on in a second. 0 means no
	// bound.
	MaxBacklog int

	// Webhooks, if set, takes webhooks of ours in the vendor's form: message.sent for
	// each message that was handed over, message.delivered and message.failed as the
	// network told them, message.failed for each that is parked too, and
	// phone_number.status_updated for each change of a line that this process took in.
	// Each comes as a Delivery whose Content is the body and whose MessageID is the
	// id of the event, at least once, those of one chat in order. It needs a Sender
	// and goes through the same outbox, as the tenant "TENANT/webhooks".
	Webhooks delivery.Sender

	// Reroute sends messages another way whose line can no longer continue when
	// they are to be handed over: each is decided again as a send of now to the
	// same people, never on the line that it leaves, under the same id and key
	// (docs/rules.md, reroutes). Without it a message stays on its line
	// until an operator has it rerouted.
	Reroute bool

	// DeferUpTo is how long a message may wait that opens a chat, where nothing but
	// their pace holds our lines back (docs/rules.md §11a): it is decided at once, for
	// the line with the earliest slot, and handed over then. At most 4 hours; an hour
	// is a good beginning. Zero refuses such a send until the slot. It needs Deliver
	// or a Sender.
	DeferUpTo time.Duration

	// KeepRecords is for how long decisions made under an idempotency key are
	// kept; 0 means 7 days. KeepUnkeyed is the same for decisions made without
	// one, which are looked up only while the outcome of their commit can be in
	// doubt; 0 means one hour. PurgeEvery is how often Run removes those whose
	// time is over; 0 means one minute.
	KeepRecords time.Duration
	KeepUnkeyed time.Duration
	PurgeEvery  time.Duration

	// KeepTraces keeps with each record why it was decided so, in at most
	// routing.MaxKeptTrace bytes: ReadBack.Trace tells it.
	KeepTraces bool

	// SkipNamedGroups says that a send reuses no group that a person has given
	// a name.
	SkipNamedGroups bool

	// Retries is how often the Router decides a send again whose commit met a
	// conflict; 0 means 50. A conflict because a line is full does not count:
	// there are never more of those than lines.
	Retries int

	// Consents say which of the consents in the store stop a send, after the Gate.
	// The store must implement store.Consents.
	Consents ConsentRules

	Gate       Gate                  // nil: all people may be written to
	Images     validate.ImageChecker // nil: image URLs are not checked
	Media      MediaResolver         // nil: attachments are described by their parts alone
	Capability Capability            // nil: iMessage where neither chat nor sender says

	// Aliases names further handles of people, for a policy that prefers lines that
	// they know (fleet.ByKnown); with another policy it is an error. Nil names none.
	Aliases AliasResolver

	// Observer is told what the Router does.
	Observer Observer

	// Logger gets a record for each refused send, each failed attempt to
	// deliver and each change of a line; at debug level also for each decision
	// and each delivery. Records name chats and messages by their ids and our
	// lines in full. They name no person. Nil logs nothing.
	Logger *slog.Logger

	// Clock tells the time; nil means time.Now. Every time that a Router writes
	// comes from it or from Outgoing.At.
	Clock func() time.Time

	// MaxSkew is how far the Clock may be from the clock of the store, where
	// the store has one (store.Clocked). While it is further away, the Router
	// refuses sends (4004), purges nothing and keeps no state of a line, so
	// that a wrong clock harms no other process. 0 means 5 minutes; where
	// Options.Clock is set, 0 means that the clocks are not compared.
	MaxSkew time.Duration

	// NewID draws message and chat ids; nil means random UUIDs of version 7.
	// The id of a message with an idempotency key is derived from the key
	// instead. NewID must be safe for concurrent use.
	NewID func() uuid.UUID

	// Wait waits before the nth retry, 1 or more, or returns the context's
	// error as soon as that ends; nil means a random part of 1 ms doubling up
	// to 100 ms.
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
