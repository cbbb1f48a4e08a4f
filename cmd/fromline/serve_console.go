package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/fromline/fromline"
	"github.com/fromline/fromline/cmd/fromline/internal/console"
	"github.com/fromline/fromline/delivery"
	"github.com/fromline/fromline/fault"
	"github.com/fromline/fromline/line"
	"github.com/fromline/fromline/message"
	"github.com/fromline/fromline/recipients"
	"github.com/fromline/fromline/routing"
	"github.com/fromline/fromline/store"
)

// desk is what the console shows of a server.
type desk struct{ *server }

// buildConsole returns the console for operators.
func (s *server) buildConsole(f serveFlags) (http.Handler, error) {
	token, err := f.operatorsToken()
	if err != nil {
		return nil, err
	}
	return console.New(desk{s}, console.Options{Tenants: s.tenants, Token: token})
}

// Lines implements console.Desk.
func (d desk) Lines(ctx context.Context, tenant string) ([]console.Line, error) {
	now := time.Now()
	all := map[lineName]*lineReport{}
	of := func(t string, number recipients.Handle) *lineReport {
		name := lineName{t, number}
		if all[name] == nil {
			all[name] = &lineReport{lineName: name, fleet: t == tenant, line: line.Line{Number: number}.Normal()}
		}
		return all[name]
	}
	if err := gatherLines(ctx, d.store, &fleets{Fleet: d.fleet, tenants: []string{tenant}}, now, of); err != nil {
		return nil, err
	}
	var lines []console.Line
	for _, r := range inOrder(all, tenant) {
		state, since := r.words()
		hour := line.HourOf(now)
		l := console.Line{
			Number: r.number.String(), State: state, Since: since, Tone: tone(r), Services: servicesOf(r.line),
			NewChats: r.use.Window(hour), NewChatLimit: r.allowance(),
			Messages: r.use.MessagesWindow(hour), MessageLimit: r.line.Limits.MessagesPerDay,
			NextChat: r.nextFree(now), Deferred: r.guarded.Deferred(now),
			Guarded: r.isGuarded(), Failovers: r.guarded.Failovers(), FailoverLimit: r.guarded.FailoverLimit(),
		}
		if day, young := r.guarded.Day(); young {
			l.Ramp = fmt.Sprintf("day %d of its ramp", day)
		}
		l.ShareOfTaken = share(l.Failovers, l.FailoverLimit)
		l.NextIsNow = !l.NextChat.IsZero() && !l.NextChat.After(now)
		l.ShareOfChats, l.ShareOfMessages = share(l.NewChats, l.NewChatLimit), share(l.Messages, l.MessageLimit)
		if !r.continues() {
			l.Waiting = d.waitingOn(ctx, tenant, r.number)
		}
		lines = append(lines, l)
	}
	return lines, nil
}

func tone(r *lineReport) console.Tone {
	switch {
	case !r.continues(), r.line.Reputation == line.Critical:
		return console.Bad
	case r.line.Reputation == line.AtRisk:
		return console.Doubt
	}
	return console.Good
}

func servicesOf(l line.Line) string {
	var names []string
	for _, s := range []message.Service{message.IMessage, message.RCS, message.SMS} {
		if l.Services.Has(s) {
			names = append(names, s.String())
		}
	}
	return strings.Join(names, ", ")
}

func share(n, limit int) int {
	if limit == 0 {
		return 0
	}
	return min(100, n*100/limit)
}

// waitingOn says how many chats a line leaves that cannot continue, as far as
// one page can tell.
func (d desk) waitingOn(ctx context.Context, tenant string, number recipients.Handle) string {
	page, next, err := d.store.ChatsOfLine(ctx, tenant, number, uuid.Nil, 0)
	n := 0
	for _, c := range page {
		if !c.LineLeft && c.Successor == uuid.Nil {
			n++
		}
	}
	switch {
	case err != nil:
		return "its chats could not be counted"
	case next != uuid.Nil:
		return "more than " + counted(n, "chat waits", "chats wait") + " for another line"
	case n == 0:
		return ""
	}
	return counted(n, "chat waits", "chats wait") + " for another line"
}

// Backlog implements console.Desk.
func (d desk) Backlog(ctx context.Context) (console.Backlog, error) {
	b, err := d.store.Backlog(ctx)
	return console.Backlog(b), err
}

// Parked implements console.Desk.
func (d desk) Parked(ctx context.Context, tenant string, limit int) ([]console.Parked, bool, error) {
	page, next, err := d.store.Parked(ctx, tenant, uuid.Nil, limit)
	var list []console.Parked
	for i := range page {
		p := &page[i]
		list = append(list, console.Parked{
			Message: p.Delivery.MessageID, Chat: p.Delivery.ChatID, Line: p.Delivery.From.String(), To: p.Delivery.To,
			Attempts: p.Attempts, At: p.At, Why: whyParked(p.Why), Reason: p.Why.String(),
		})
	}
	return list, next != uuid.Nil, err
}

// Act implements console.Desk.
func (d desk) Act(ctx context.Context, tenant string, do console.Action) (done int, err error) {
	remedy, err := delivery.ParseRemedy(do.Do)
	if err != nil {
		return 0, err
	}
	if do.Message != uuid.Nil {
		err, done = remedy.One(ctx, d.store, tenant, do.Message), 1
	} else {
		var which delivery.Selection
		if do.Reason != "" {
			if which.Why, err = store.ParseParkReason(do.Reason); err != nil {
				return 0, err
			}
		}
		if do.Line != "" {
			if which.Line, err = recipients.Parse(do.Line); err != nil {
				return 0, err
			}
		}
		done, err = remedy.All(ctx, d.store, tenant, which)
	}
	d.router.Wake()
	if errors.Is(err, store.ErrNoRecord) {
		return 0, console.ErrGone
	}
	return done, err
}

// Recent implements console.Desk.
func (d desk) Recent(tenant string) []console.Event { return d.recent.list(tenant) }

// Explain implements console.Desk.
func (d desk) Explain(ctx context.Context, tenant string, id uuid.UUID) (console.Story, error) {
	a, err := d.router.ReadBack(ctx, tenant, id)
	if errors.Is(err, store.ErrNoRecord) {
		return console.Story{}, fmt.Errorf("tenant %s has no record of message %s: it was not decided here, or its record has ended: %w", tenant, id, console.ErrGone)
	}
	if err != nil {
		return console.Story{}, err
	}
	rec := &a.Record
	s := console.Story{
		Message: id, Chat: rec.ChatID, Previous: rec.PreviousChatID, Line: rec.Line.String(), Reason: rec.Reason.String(),
		At: rec.At, To: rec.Roster.Set(), Notes: rec.Notes, Delivery: deliveryWords(&a),
	}
	for _, m := range rec.Moves {
		s.Moves = append(s.Moves, moveWords(m))
	}
	if a.Trace != nil {
		s.Trace = told(a.Trace)
	}
	return s, nil
}

// told is a trace with when and by which policy.
func told(t *routing.Trace) string {
	var b strings.Builder
	tellTrace(&b, t)
	return strings.ReplaceAll(strings.TrimPrefix(b.String(), "  "), "\n  ", "\n")
}

// Preview implements console.Desk.
func (d desk) Preview(ctx context.Context, tenant string, ask console.Ask) (console.Story, error) {
	request := &message.Request{To: ask.To, ExcludeFrom: ask.Exclude, Message: &message.Content{Parts: []message.Part{message.Text("?")}}}
	if ask.Service != "" {
		request.Message.PreferredService = &ask.Service
	}
	checked, err := d.router.Check(request)
	if err != nil {
		return console.Story{}, inWords(err)
	}
	decision, err := d.router.Preview(ctx, fromline.Outgoing{Tenant: tenant, Request: checked, Label: ask.Label, Explain: true})
	if refusal, is := errors.AsType[*routing.Refusal](err); is {
		return console.Story{Refused: true, Reason: refusal.Error(), Trace: refusal.Trace.String()}, nil
	}
	if err != nil {
		return console.Story{}, err
	}
	s := console.Story{
		Chat: decision.ChatID, Previous: decision.PreviousChatID, Line: decision.Line.String(), Reason: decision.Reason.String(),
		At: decision.At, To: decision.Roster.Set(), Notes: decision.Notes(),
	}
	if decision.Trace != nil {
		s.Trace = told(decision.Trace)
	}
	return s, nil
}

// inWords lists the faults of a request.
func inWords(err error) error {
	faults, is := errors.AsType[*fault.Error](err)
	if !is {
		return err
	}
	var words []string
	for _, v := range fromline.Envelope(faults, "", "").Error.Violations {
		words = append(words, v.Pointer+": "+v.Message)
	}
	return errors.New(strings.Join(words, "; "))
}

// Examine implements console.Desk. The doctor looks at this store and these
// lines.
func (d desk) Examine(ctx context.Context) (found []console.Finding, err error) {
	var out bytes.Buffer
	c := &checkup{out: &out, now: time.Now(), fleet: d.fleet, known: d.tenants}
	c.about("store")
	c.look(ctx, d.store)
	for text := range strings.Lines(out.String()) {
		text = strings.TrimRight(text, "\n")
		f := console.Finding{Tone: console.Good}
		kind, rest, _ := strings.Cut(strings.TrimLeft(text, " "), " ")
		switch {
		case !strings.HasPrefix(text, "  "):
			f.About, kind = text, ""
		case kind == "wrong":
			f.Tone = console.Bad
		case kind == "note":
			f.Tone = console.Doubt
		}
		if kind != "" {
			f.Text = strings.TrimSpace(rest)
		}
		found = append(found, f)
	}
	return found, ctx.Err()
}
