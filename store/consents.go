package store

import (
	"cmp"
	"context"
	"fmt"
	"log/slog"
	"time"

	"github.com/fromline/fromline/recipients"
)

// MaxReason is the length in bytes of the longest reason to block a person.
const MaxReason = 1024

// Consent says whether a tenant may write to a person. It is a plain value.
type Consent struct {
	// Name is the key of the set of the person alone. Person is zero if the
	// person was forgotten: then only Name is left, and names no person.
	Name   recipients.Key
	Person recipients.Handle

	// OptedOut says that the person asked not to be written to. OptedAt is the
	// time of the latest opt-out or opt-in; zero if there was none.
	OptedOut bool
	OptedAt  time.Time

	// Blocked says that the tenant has blocked the person, at BlockedAt. Reason
	// is the reason in the request to block.
	Blocked   bool
	BlockedAt time.Time
	Reason    string

	// Allowed says that the person is on the tenant's allow list.
	Allowed bool
}

// Standing is the part of a Consent that stops sends.
type Standing struct{ OptedOut, Blocked, Allowed bool }

// Standing returns what the consent says about a send.
func (c Consent) Standing() Standing { return Standing{c.OptedOut, c.Blocked, c.Allowed} }

// ConsentChange changes the consent of one person. Exactly one of its pointers
// is set.
type ConsentChange struct {
	OptedOut *bool
	Blocked  *bool
	Allowed  *bool

	At     time.Time // when it happened; cut to microseconds
	Reason string    // to block, up to MaxReason bytes; empty otherwise
}

// Change returns the consent after a change, and whether anything changed. Of
// several opt-outs and opt-ins the latest in time counts, in whatever order
// they arrive; at the same time the opt-out counts. A person who is blocked
// again keeps the first time and the first reason. The same change with the
// same time changes nothing.
func (c Consent) Change(w ConsentChange) (Consent, bool) {
	at := Micros(w.At)
	switch {
	case w.OptedOut != nil:
		if at.Before(c.OptedAt) || at.Equal(c.OptedAt) && (c.OptedOut || !*w.OptedOut) {
			return c, false
		}
		c.OptedOut, c.OptedAt = *w.OptedOut, at
	case w.Blocked != nil:
		if c.Blocked == *w.Blocked {
			return c, false
		}
		if c.Blocked, c.BlockedAt, c.Reason = *w.Blocked, at, w.Reason; !c.Blocked {
			c.BlockedAt, c.Reason = time.Time{}, ""
		}
	case w.Allowed != nil:
		if c.Allowed == *w.Allowed {
			return c, false
		}
		c.Allowed = *w.Allowed
	}
	return c, true
}

// Cut returns the consent with times in microseconds, as stores keep it.
func (c Consent) Cut() Consent {
	c.OptedAt, c.BlockedAt = Micros(c.OptedAt), Micros(c.BlockedAt)
	return c
}

// Forgotten returns what is left of a consent when the person is forgotten:
// that the tenant must not write to the person, under a key that shows no
// handle. It returns false if nothing is left.
func (c Consent) Forgotten() (Consent, bool) {
	return Consent{Name: c.Name, OptedOut: c.OptedOut, Blocked: c.Blocked}, c.OptedOut || c.Blocked
}

// check returns an error wrapping ErrInvalid if the consent contradicts itself.
func (c *Consent) check() error {
	switch {
	case c.Name == recipients.Key{}:
		return invalid("a consent has no name")
	case !c.Blocked && (c.Reason != "" || !c.BlockedAt.IsZero()):
		return invalid("a person who is not blocked is so for no reason, and since no time")
	}
	return cmp.Or(checkReason(c.Reason), checkTimeOrZero("time of the opt-out", c.OptedAt), checkTimeOrZero("time of the block", c.BlockedAt))
}

func checkTimeOrZero(what string, t time.Time) error {
	if t.IsZero() {
		return nil
	}
	return checkTime(what, t)
}

func checkReason(reason string) error {
	if len(reason) > MaxReason {
		return invalid(fmt.Sprintf("the reason has %d bytes, at most %d are kept", len(reason), MaxReason))
	}
	return checkText("reason", reason)
}

// CheckConsent returns an error wrapping ErrInvalid if an argument of
// ChangeConsent is out of its range.
func CheckConsent(tenant string, person recipients.Handle, w ConsentChange) error {
	n := 0
	for _, set := range []bool{w.OptedOut != nil, w.Blocked != nil, w.Allowed != nil} {
		if set {
			n++
		}
	}
	switch {
	case n != 1:
		return invalid(fmt.Sprintf("the word about a person says %d things", n))
	case w.Reason != "" && (w.Blocked == nil || !*w.Blocked):
		return invalid("a reason goes with a block, and only with it")
	}
	return cmp.Or(CheckTenant(tenant), CheckHandle(person), checkTime("time of the word", w.At), checkReason(w.Reason))
}

// Consents is implemented by stores that keep the consents of people.
type Consents interface {
	// ChangeConsent changes the consent of a person by the rule of
	// Consent.Change, in one atomic step. It returns the consent that the store
	// keeps now, and whether anything changed. [consent.change] So the consent
	// does not depend on the order in which opt-outs and opt-ins arrive.
	// [consent.order] After Forget the store keeps what Consent.Forgotten
	// returns. [consent.forgotten]
	ChangeConsent(ctx context.Context, tenant string, person recipients.Handle, w ConsentChange) (kept Consent, applied bool, err error)

	// Consents returns the consents of a tenant, ordered by the bytes of the
	// names: those after the given name (zero for the first page), at most
	// limit of them, and the name to go on with, zero if there are no more.
	// [consent.pages]
	Consents(ctx context.Context, tenant string, after recipients.Key, limit int) (consents []Consent, next recipients.Key, err error)
}

// Format prints a consent with the person masked and without the reason.
func (c Consent) Format(f fmt.State, verb rune) {
	fmt.Fprintf(f, fmt.FormatString(f, verb), struct {
		Person    string
		OptedOut  bool
		OptedAt   time.Time
		Blocked   bool
		BlockedAt time.Time
		Reason    string
		Allowed   bool
	}{c.Person.Masked(), c.OptedOut, c.OptedAt, c.Blocked, c.BlockedAt, redact(c.Reason), c.Allowed})
}

// LogValue returns what %+v prints: the person masked.
func (c Consent) LogValue() slog.Value { return printed(c) }

// Format prints a change without the reason.
func (w ConsentChange) Format(f fmt.State, verb rune) {
	type plain ConsentChange
	w.Reason = redact(w.Reason)
	fmt.Fprintf(f, fmt.FormatString(f, verb), plain(w))
}

// LogValue returns what %+v prints.
func (w ConsentChange) LogValue() slog.Value { return printed(w) }
