package delivery

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"time"
)

// Options are the settings of a Dispatcher. The zero value is sensible.
type Options struct {
	// Concurrency is how many messages, each of another chat, are handed over
	// at the same time; 0 means 32. One tenant gets at most half of these
	// slots, so that other tenants continue while its receiver hangs. Tenants
	// with due messages take turns.
	Concurrency int

	// Attempts is the number of failed attempts after which a delivery is
	// parked; 0 means 12, which takes about a quarter of an hour with the
	// default waits. An attempt is a call of the Sender. A claim without a call
	// does not count, and neither does the answer that the receiver takes no
	// messages at all (Failure.Receiver). An attempt that a stop cuts off
	// counts. So if a send takes longer than StopWithin and the program stops
	// often, the message is parked in the end: give more time or more attempts.
	// The first attempt that a crash cuts off does not count, because the
	// outbox learns of an attempt when it ends. After that crash, the
	// Dispatcher stores each attempt before it begins. Outbox.Release starts
	// the count again.
	Attempts int

	// Lease is how long a delivery is leased to the process that claimed it; 0
	// means 10 s. The Dispatcher renews the lease while the message is being
	// sent. If the process dies, the delivery waits until the lease runs out.
	Lease time.Duration

	// Gather is how long a handed-over message may wait to be acknowledged
	// together with others, if no other message of its chat waits; 0 means 50
	// ms, and a tenth of Lease is the most. Messages that a killed process had
	// handed over but not acknowledged (those of its last Gather and of one
	// call of the outbox) come again when their leases have run out.
	Gather time.Duration

	// SendTimeout bounds one call of the Sender; 0 means 30 s.
	SendTimeout time.Duration

	// Backoff is the wait after the first failed attempt; 0 means 1 s. The wait
	// doubles with each further attempt, up to MaxBackoff; 0 means 5 min. The
	// Dispatcher waits a random part of it, at least half.
	Backoff    time.Duration
	MaxBackoff time.Duration

	// PollEvery is how often an idle Dispatcher looks for due deliveries; 0
	// means 500 ms. [Dispatcher.Wake] makes it look at once.
	PollEvery time.Duration

	// StopWithin is how long messages that are being sent may take after the
	// context of Run or Drain has ended; 0 means 10 s. Then the Dispatcher cuts
	// them off and gives them back to the outbox, which may take two more
	// seconds. A host with a fixed time for its stop that stops several
	// dispatchers one after the other divides that time by this option.
	StopWithin time.Duration

	// Reroute, if set, moves messages whose line can no longer continue. The
	// Dispatcher calls it before each attempt, and after an attempt that found
	// the line flagged. Nil leaves every message on its line.
	Reroute Rerouter

	// NoLineFor is how long a message waits for another line before it is
	// parked; 0 means 24 h.
	NoLineFor time.Duration

	// Parking, if set, is called before a delivery is parked, with the result
	// of its last attempt. If it returns an error, the delivery is not parked,
	// and the Dispatcher calls Parking again later. Several goroutines call it
	// at once. It must return soon after the context has ended.
	Parking func(context.Context, Settlement) error

	// Settled, if set, is called with the result of each attempt, from several
	// goroutines at once. It must return soon.
	Settled func(Settlement)

	// Logger, if set, gets a record for each failed attempt, and at debug level
	// for every other one. While the receiver takes no messages at all
	// (Failure.Receiver), the Logger gets one record at error level, at most
	// once in MaxBackoff, instead of one for each attempt. Records have the ids
	// of chats and messages, and name no person.
	Logger *slog.Logger
}

// settleTime is how long a Dispatcher that stops tries to give back what was
// cut short; after that the leases run out by themselves.
const settleTime = 2 * time.Second

// withDefaults puts the defaults in and refuses what makes no sense.
func (o Options) withDefaults() (Options, error) {
	var errs []error
	count := func(name string, n *int, value int) {
		if *n < 0 {
			errs = append(errs, fmt.Errorf("%s is %d: give a positive number, or 0 for %d", name, *n, value))
		}
		if *n == 0 {
			*n = value
		}
	}
	duration := func(name string, d *time.Duration, value time.Duration) {
		if *d < 0 {
			errs = append(errs, fmt.Errorf("%s is %v: give a positive duration, or 0 for %v", name, *d, value))
		}
		if *d == 0 {
			*d = value
		}
	}
	count("Concurrency", &o.Concurrency, 32)
	count("Attempts", &o.Attempts, 12)
	duration("Lease", &o.Lease, 10*time.Second)
	duration("Gather", &o.Gather, 50*time.Millisecond)
	o.Gather = min(o.Gather, o.Lease/10)
	duration("SendTimeout", &o.SendTimeout, 30*time.Second)
	duration("Backoff", &o.Backoff, time.Second)
	duration("MaxBackoff", &o.MaxBackoff, 5*time.Minute)
	duration("PollEvery", &o.PollEvery, 500*time.Millisecond)
	duration("NoLineFor", &o.NoLineFor, 24*time.Hour)
	duration("StopWithin", &o.StopWithin, 10*time.Second)
	if err := errors.Join(errs...); err != nil {
		return o, fmt.Errorf("delivery: options: %w", err)
	}
	return o, nil
}

// wait returns how long to wait after a failed attempt.
func (o *Options) wait(attempt int, asked time.Duration) time.Duration {
	return max(jitter(doubled(o.Backoff, attempt-1, o.MaxBackoff)), min(asked, o.MaxBackoff))
}

// doubled returns a wait that was doubled so many times, but none above the
// longest.
func doubled(d time.Duration, times int, longest time.Duration) time.Duration {
	if d > longest>>times {
		return longest
	}
	return d << times
}

// longWait returns how long to wait where the receiver takes nothing at all.
func (o *Options) longWait(asked time.Duration) time.Duration {
	return max(jitter(o.MaxBackoff), min(asked, o.MaxBackoff))
}

// jitter returns a random part of d, at least half of it.
func jitter(d time.Duration) time.Duration {
	return d - rand.N(d/2+1)
}
