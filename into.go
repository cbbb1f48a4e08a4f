package fromline

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"

	"github.com/google/uuid"

	"github.com/fromline/fromline/fault"
	"github.com/fromline/fromline/message"
	"github.com/fromline/fromline/recipients"
	"github.com/fromline/fromline/routing"
	"github.com/fromline/fromline/validate"
)

// Into returns the send of a message into a chat of the tenant, for
// [Router.Route]: from the line of the chat, to its people, whatever To of the
// request says.
//
// The error wraps store.ErrUnknownChat if there is no such chat. It is a
// [*routing.Refusal] if the chat has no people any more or our line has left
// it, a [*fault.Error] if the request is wrong, and errors.ErrUnsupported if
// the store is no store.ChatReader. It is an [*UnavailableError] if the store
// does not answer. If the people of the chat change before you
// call Route, Route refuses the send with fault.CodeChatNotFound: call Into
// again. Into is safe for concurrent use.
func (r *Router) Into(ctx context.Context, tenant string, chat uuid.UUID, request *message.Request) (Outgoing, error) {
	c, err := r.Chat(ctx, tenant, chat)
	if err != nil {
		return Outgoing{}, err
	}
	if c.LineLeft || c.Roster.Len() == 0 {
		return Outgoing{}, &routing.Refusal{Code: fault.CodeChatLeft, Rule: fault.RuleChatLeft, Into: c.ID}
	}
	sent := *request
	sent.To = nil
	for _, h := range c.Roster.Set().All() {
		sent.To = append(sent.To, h.String())
	}
	rules := r.opts.Rules
	rules.Recipients = recipients.Options{Strength: recipients.Syntax} // who is in the store is not judged anew
	checked, err := validate.Request(&sent, rules)
	if err != nil {
		if wrong, is := errors.AsType[*fault.Error](err); is {
			for i := range wrong.Faults {
				if f := &wrong.Faults[i]; f.Pointer == "/to" {
					f.Pointer = "" // more people than a send can have: those of the chat, and not of the request
				}
			}
		}
		return Outgoing{}, err
	}
	return Outgoing{Tenant: tenant, Request: checked, From: c.Line, Chat: c.ID}, nil
}

// SendInto sends a message into a chat: it calls [Router.Into], then
// [Router.Route], and both again if the people of the chat changed in between.
// The errors are those of both. It is safe for concurrent use.
func (r *Router) SendInto(ctx context.Context, tenant string, chat uuid.UUID, request *message.Request) (routing.Decision, error) {
	const tries = 3
	for try := 1; ; try++ {
		out, err := r.Into(ctx, tenant, chat, request)
		if err != nil {
			return routing.Decision{}, err
		}
		d, err := r.Route(ctx, out)
		refused, is := errors.AsType[*routing.Refusal](err)
		if !is || refused.Code != fault.CodeChatNotFound || try == tries {
			return d, err
		}
	}
}

// fingerprint makes the fingerprint of a request that of the send: with the
// line and the chat that it names.
func (o *Outgoing) fingerprint(f message.Fingerprint) message.Fingerprint {
	if o.From.IsValid() && f.IsValid() {
		f.Sum = sha256.Sum256(fmt.Appendf(nil, "fromline named line 1\n%x %s %s", f.Sum, o.From, o.Chat))
	}
	return f
}
