package fromline

import (
	"context"
	"errors"
	"slices"

	"github.com/fromline/fromline/fault"
	"github.com/fromline/fromline/fleet"
	"github.com/fromline/fromline/message"
	"github.com/fromline/fromline/recipients"
	"github.com/fromline/fromline/routing"
	"github.com/fromline/fromline/store"
	"github.com/fromline/fromline/validate"
)

// Available returns at most ten lines from which a message could go out now.
// The first is the line that [Router.Route] would use: the line of the chat
// with these people, if they have one. Available leaves out the excluded lines.
// If kind is given, it also leaves out lines of another kind: iMessage asks for
// lines that serve iMessage, RCS and SMS for lines that do not. It writes,
// reserves and counts nothing, so the next call has the same answer.
//
// The error is a [*routing.Refusal] if no line can open a chat, with
// fault.CodeValue if the only lines that can are excluded. The other errors are
// those of [Router.Preview]. Available is safe for concurrent use.
func (r *Router) Available(
	ctx context.Context, tenant string, people recipients.Set, excluded []recipients.Handle, kind message.Service,
) (lines []recipients.Handle, err error) {
	const most = 10
	if r.fleet == nil {
		return nil, errNotMade
	}
	if err := r.catchUp(ctx); err != nil {
		return nil, err
	}
	view, err := r.fleet.View(ctx, tenant, r.opts.Clock())
	if err != nil {
		return nil, unavailable(err)
	}
	of := fleet.Query{Recipients: people, Excluded: otherKinds(view, kind)}
	q := of
	q.Excluded = slices.Concat(of.Excluded, excluded)
	if people.IsValid() {
		line, err := r.stickyLine(ctx, tenant, people)
		if err != nil {
			return nil, err
		}
		if line.IsValid() && !slices.Contains(q.Excluded, line) {
			lines = append(lines, line)
			q.Excluded = append(q.Excluded, line)
		}
	}
	for len(lines) < most {
		best := view.BestRef(q)
		if !best.IsValid() {
			break
		}
		lines = append(lines, best.Number())
		q.Excluded = append(q.Excluded, best.Number())
	}
	if len(lines) > 0 {
		return lines, nil
	}
	refusal := &routing.Refusal{Code: fault.CodeNoLine, PassedOver: view.PassedOver(of)}
	if view.BestRef(of).IsValid() {
		refusal.Code = fault.CodeValue
	}
	return nil, refusal
}

// otherKinds returns the lines that are not of a kind, in their order.
func otherKinds(view fleet.View, kind message.Service) (others []recipients.Handle) {
	if kind == 0 {
		return nil
	}
	for l := range view.All() {
		ref := view.Find(l.Number)
		if ref.Serves(message.IMessage) != (kind == message.IMessage) || !ref.Serves(kind) {
			others = append(others, l.Number)
		}
	}
	return others
}

// stickyLine returns the line of the chat that a message to some people would
// go into; zero if it would open one, or nothing could.
func (r *Router) stickyLine(ctx context.Context, tenant string, people recipients.Set) (line recipients.Handle, err error) {
	yes := true
	request := &message.Request{OverrideOptOut: &yes, Message: &message.Content{Parts: []message.Part{&message.TextPart{Value: new(".")}}}}
	for _, h := range people.All() {
		request.To = append(request.To, h.String())
	}
	rules := r.opts.Rules
	rules.Recipients = recipients.Options{Strength: recipients.Syntax}
	checked, err := validate.Request(request, rules)
	if err != nil {
		return line, err
	}
	d, err := r.Preview(ctx, Outgoing{Tenant: tenant, Request: checked})
	if _, is := errors.AsType[*routing.Refusal](err); is {
		return line, nil
	}
	if err == nil && d.Reason == store.ReusedActiveChat {
		line = d.Line
	}
	return line, err
}
