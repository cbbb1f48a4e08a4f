package fromline

import (
	"context"
	"errors"
	"fmt"

	"github.com/fromline/fromline/inbound"
	"github.com/fromline/fromline/recipients"
	"github.com/fromline/fromline/store"
)

// ConsentRules say which consents of the store stop a send. The zero value
// checks none. The check is part of the look-up that every send makes, so it
// costs no further round trip.
type ConsentRules struct {
	// OptOuts stop messages to one person who asked not to be written to, unless
	// the request says override_optout. They never stop a group.
	OptOuts bool

	// Blocks stop messages whose recipients are all blocked.
	Blocks bool

	// AllowList stops messages to a recipient who is not on the tenant's list.
	AllowList bool

	// StopWords are the texts that opt a person out if OptOuts is set. A text
	// counts only in a direct message. The zero value means
	// inbound.VendorStopWords.
	StopWords inbound.Words

	// StartWords are the texts that take an opt-out back, in a direct message.
	// Without any, every message of the person that is no stop word takes it
	// back, also in a group.
	StartWords inbound.Words
}

// says is what a message says of opting out; nil: nothing.
func (c *ConsentRules) says(text *inbound.Text, group bool) *bool {
	is := func(words inbound.Words) bool { return !group && text != nil && words.Has(*text) }
	switch {
	case !c.OptOuts:
		return nil
	case is(c.StopWords):
		return new(true)
	case c.StartWords.IsZero(), is(c.StartWords):
		return new(false)
	}
	return nil
}

func (c ConsentRules) any() bool { return c.OptOuts || c.Blocks || c.AllowList }

// errNoConsents is the error of what needs a store that keeps consents.
var errNoConsents = fmt.Errorf("fromline: the store keeps no consents: %w", errors.ErrUnsupported)

// consents is the store that keeps them.
func (r *Router) consents() (store.Consents, error) {
	if r.fleet == nil {
		return nil, errNotMade
	}
	c, is := r.chats.(store.Consents)
	if !is {
		return nil, errNoConsents
	}
	return c, nil
}

// ConsentRules returns Options.Consents. It is safe for concurrent use.
func (r *Router) ConsentRules() ConsentRules { return r.opts.Consents }

// ChangeConsent keeps in the store whether the tenant may write to a person. It
// returns the consent that the store holds now, and whether it changed. The
// errors are those of store.Consents, errors.ErrUnsupported if the store keeps
// no consents, and an [*UnavailableError] if the store does not answer, or
// while the clock of this process is wrong. It is safe for concurrent use.
func (r *Router) ChangeConsent(
	ctx context.Context, tenant string, person recipients.Handle, w store.ConsentChange,
) (kept store.Consent, applied bool, err error) {
	c, err := r.consents()
	if err != nil {
		return store.Consent{}, false, err
	}
	if err := r.checkClock(ctx, r.opts.Clock()); err != nil {
		return store.Consent{}, false, err
	}
	kept, applied, err = c.ChangeConsent(ctx, tenant, person, w)
	return kept, applied, unread(err)
}

// Consents returns a page of the consents of a tenant, as store.Consents does.
// The error wraps store.ErrInvalid if the limit is negative. It is
// errors.ErrUnsupported if the store keeps no consents, and an
// [*UnavailableError] if the store does not answer. Consents is safe for
// concurrent use.
func (r *Router) Consents(
	ctx context.Context, tenant string, after recipients.Key, limit int,
) (consents []store.Consent, next recipients.Key, err error) {
	c, err := r.consents()
	if err != nil {
		return nil, recipients.Key{}, err
	}
	consents, next, err = c.Consents(ctx, tenant, after, limit)
	return consents, next, unread(err)
}

// listen keeps what a message from a person says of opting out, where opt-outs
// stop sends: a stop word alone in a direct message opts them out, and each
// other message of theirs, in a group too, takes that back, or a start word
// alone where there are such. The latest by its own time counts, so each
// message is kept, and hearing one again changes nothing.
func (r *Router) listen(ctx context.Context, tenant string, e *inbound.Event) error {
	says := r.opts.Consents.says(e.Text, e.Group)
	if says == nil || e.Type != inbound.MessageReceived || e.FromMe || !e.Sender.IsValid() {
		return nil
	}
	_, _, err := r.ChangeConsent(ctx, tenant, e.Sender, store.ConsentChange{OptedOut: says, At: e.At})
	return err
}

// consented says why a send must not go out, by what the store keeps of its
// people: an opt-out first, then a block, then the list.
func (s *sending) consented(standing []store.Standing) error {
	rules := s.opts.Consents
	if len(standing) == 0 {
		return nil
	}
	blocked, listed := true, true
	for _, p := range standing {
		blocked = blocked && p.Blocked
		listed = listed && p.Allowed
	}
	s.overrides = rules.OptOuts && len(standing) == 1 && standing[0].OptedOut
	switch {
	case s.overrides && !s.out.Request.OverrideOptOut():
		return &GateError{Admission: OptedOut, Kept: true, Into: s.out.Chat}
	case rules.Blocks && blocked:
		return &GateError{Admission: Blocked, Kept: true, Into: s.out.Chat}
	case rules.AllowList && !listed:
		return &GateError{Admission: NotAllowed, Kept: true, Into: s.out.Chat}
	}
	return nil
}
