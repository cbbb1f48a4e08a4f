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
	// Concurrency is how many messages are handed over at the same time, of as
	// many different chats; 0 means 32. One tenant gets at most half of them,
	// so that the others go on where its receiver hangs. Tenants with due
	// messages take turns.
	Concurrency int

	// Attempts is after how many failed attempts a delivery is parked; 0 means
	// 12, which with the waits below takes about a quarter of an hour. An
	// attempt is a call of the Sender. A claim that was never used counts for
	// nothing, nor does a receiver that takes nothing at all
	// (Failure.Receiver). Attempts that a stop cut short count too. So if a
	// send takes longer than StopWithin and the program often stops, the
	// message is parked in the end: give more time or more attempts. The first
	// attempt that a crash cuts short does not count, because the outbox learns
	// of an attempt when it ends; after it the dispatcher tells the outbox of
	// each attempt before it begins. Outbox.Release starts the count again.
	Attempts int

	// Lease is for how long a delivery is claimed; 0 means 10 s. It is renewed
	// while the message is being sent, and is how long a delivery rests after
	// the process that claimed it died.
	Lease time.Duration

	// Gather is how long a handed-over message may wait to be acknowledged
	// together with others, where no other message of its chat waits; 0 means
	// 50 ms, and it is never more than a tenth of Lease. The messages of a
	// killed process that were handed over and not acknowledged, which are
	// those of its last Gather and one call of the outbox, are handed over once
	// more when their leases have run out.
	Gather time.Duration

	// SendTimeout bounds one call of the Sender; 0 means 30 s.
	SendTimeout time.Duration

	// Backoff is the wait after the first failed attempt, 0 for 1 s. It doubles
	// with each further one up to MaxBackoff, 0 for 5 min. The wait actually
	// taken is a random part, at least half, of that.
	Backoff    time.Duration
	MaxBackoff time.Duration

	// PollEvery is how often an idle Dispatcher looks for deliveries that are
	// due; 0 means 500 ms. See Dispatcher.Wake.
	PollEvery time.Duration

	// StopWithin is for how long messages that are being sent may go on after
	// the context of Run or Drain ended; 0 means 10 s. What is not done by then
	// goes back into the outbox, which may take two more seconds where the
	// outbox is slow; after that Run returns. A host that has a budget for its
	// stop and runs one dispatcher after another shares it out by this option.
	StopWithin time.Duration

	// Reroute, if set, sends messages another way whose line can no longer
	// continue. It is asked before each attempt, and after one that found the
	// line flagged. Nil leaves every message on its line.
	Reroute Rerouter

	// NoLineFor is for how long a message waits for another line before it is
	// parked; 0 means 24 h.
	NoLineFor time.Duration

	// Parking, if set, is called before a delivery is parked, with the end of
	// its last attempt. While it returns an error, the delivery is not parked
	// and Parking is called again. It is called from several goroutines at
	// once, and must return soon after the context has ended.
	Parking func(context.Context, Settlement) error

	// Settled, if set, is called with the end of each attempt, from several
	// goroutines at once. It must return soon.
	Settled func(Settlement)

	// Logger, if set, gets a record for each failed attempt, and at debug level
	// for every other one. A receiver that takes nothing at all
	// (Failure.Receiver) makes one record at error level, at most once in
	// MaxBackoff. Records have the ids of chats and messages, and name no
	// person.
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

// doubled returns a wait that was doubled so many times, but none above the longest.
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
