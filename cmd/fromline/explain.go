package main

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/fromline/fromline"
	"github.com/fromline/fromline/fault"
	"github.com/fromline/fromline/fleet"
	"github.com/fromline/fromline/routing"
)

// explainDecision tells one decision to people. Recipients are masked.
func explainDecision(number int, d *routing.Decision) []byte {
	var b strings.Builder
	fmt.Fprintf(&b, "line %d: to %s\n", number, people(d))
	what := d.Reason.String()
	if d.Replay {
		what += ", a replay of the recorded decision"
	}
	fmt.Fprintf(&b, "  from %s in chat %s (%s)\n", d.Line, d.ChatID, what)
	switch {
	case d.ContinuationUsed:
		b.WriteString("  the continuation is sent instead of the message\n")
	case d.ReplyDropped:
		b.WriteString("  the message is sent without its reply_to\n")
	}
	for _, a := range d.Advisories {
		fmt.Fprintf(&b, "  note %s %s\n", a.Rule, a.Pointer)
	}
	if d.Trace != nil {
		indent(&b, d.Trace.String())
	}
	return append([]byte(b.String()), '\n')
}

// people lists the recipients in their masked form.
func people(d *routing.Decision) string {
	return masked(members(d.Roster.Set()))
}

// explainEvent tells what an event said about a line: no more than that.
func explainEvent(number int, e fleet.Event, receipt fromline.Receipt) []byte {
	outcome := ""
	switch receipt.Reason {
	case fromline.NotNewer:
		outcome = "ignored: nothing newer is in it"
	case fromline.UnknownLine:
		outcome = "ignored: the number is no line of this fleet"
	case fromline.UnknownType:
		outcome = "ignored: events of this type say nothing about a line"
	default:
		var facts []string
		if e.Status != 0 {
			facts = append(facts, e.Status.String())
		}
		if e.Reputation != 0 {
			facts = append(facts, e.Reputation.String())
		}
		switch e.Type {
		case fleet.NumberAssigned:
			facts = append(facts, "assigned to us")
		case fleet.NumberReleased:
			facts = append(facts, "released, and sends nothing any more")
		}
		outcome = fmt.Sprintf("%s is %s since %s", e.Number, strings.Join(facts, ", "), e.ChangedAt.UTC().Format(time.RFC3339))
	}
	return fmt.Appendf(nil, "line %d: event %s\n  %s\n\n", number, e.Type, outcome)
}

// explainRefusal tells why a line was refused, with every fault.
func explainRefusal(number int, err error, body fault.Envelope) []byte {
	var b strings.Builder
	fmt.Fprintf(&b, "line %d: refused, %d %s\n", number, body.Error.Code, body.Error.Message)
	for _, v := range body.Error.Violations {
		fmt.Fprintf(&b, "  %s: %s (%s)\n", place(v), v.Message, v.Rule)
	}
	if refusal, is := asRefusal(err); is {
		indent(&b, refusal.Trace.String())
	}
	return append([]byte(b.String()), '\n')
}

func place(v fault.WireFault) string {
	switch {
	case v.Header != "":
		return v.Header
	case v.Pointer == "":
		return "the send"
	}
	return v.Pointer
}

func indent(b *strings.Builder, text string) {
	for line := range strings.Lines(text) {
		b.WriteString("  " + line)
	}
}

func asRefusal(err error) (*routing.Refusal, bool) { return errors.AsType[*routing.Refusal](err) }
