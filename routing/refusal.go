package routing

import (
	"fmt"
	"time"

	"github.com/google/uuid"

	"github.com/fromline/fromline/fault"
	"github.com/fromline/fromline/fleet"
)

// Refusal is the error of a decision that cannot be made: a line had to be
// picked, and none may open a chat; or the line or the chat that the send names
// cannot be used for it. Nothing was written.
type Refusal struct {
	// Code is fault.CodeNoLine, or fault.CodeValue when lines
	// could open and exclude_from rules out every one of them. Of a send that
	// names its line: fault.CodeForeignLine, fault.CodeLineBarred,
	// fault.CodeChatNotFound, fault.CodeChatLeft, or fault.CodeValue when the
	// message cannot be the first of a chat.
	Code fault.Code

	// Rule is the rule that a send which names its line breaks; empty for other
	// sends.
	Rule fault.Rule

	// Into is the chat that the send names; uuid.Nil for other sends. Line and
	// people are those of the chat then, and no member of the request.
	Into uuid.UUID

	// PassedOver counts the lines of the fleet by the first cause that rules
	// each of them out.
	PassedOver fleet.Counts

	// NextFree is when the next slot of a line frees, if a limit is all that
	// holds it back; zero when waiting does not help, or it is not known.
	NextFree time.Time

	// Trace is the explanation of the refused decision.
	Trace Trace
}

// refuse says why no line may be picked.
func (in *Input) refuse(q fleet.Query) error {
	trace := Explain(*in)
	r := &Refusal{Code: fault.CodeNoLine, PassedOver: trace.PassedOver, Trace: trace}
	q.Excluded, q.DeferUntil = nil, time.Time{}
	if in.Lines.BestRef(q).IsValid() {
		r.Code = fault.CodeValue
		return r
	}
	r.NextFree = r.PassedOver.NextFree
	return r
}

// Error lists the counts by cause. It shows no phone number.
func (r *Refusal) Error() string {
	if r.Rule != "" {
		return "routing: " + r.Violation().Message()
	}
	if r.Code == fault.CodeValue {
		return fmt.Sprintf("routing: every line that could open a chat is in exclude_from (passed over: %s)", countWords(r.PassedOver))
	}
	causes := "passed over: " + countWords(r.PassedOver)
	if r.PassedOver == (fleet.Counts{}) {
		causes = "there are no lines"
	}
	text := fmt.Sprintf("routing: no eligible sending line available (%s)", causes)
	if !r.NextFree.IsZero() {
		text += ", the next slot frees at " + r.NextFree.UTC().Format(time.RFC3339)
	}
	return text
}

// Why says in words why no line may be picked: the causes with their counts,
// and when the next slot frees. It names no line and no person.
func (r *Refusal) Why() string {
	causes := countWords(r.PassedOver)
	switch {
	case r.Code == fault.CodeValue:
		return "every line that could open a chat is excluded"
	case causes == "none":
		causes = "there are no lines"
	}
	if !r.NextFree.IsZero() {
		causes += "; the next slot frees at " + r.NextFree.UTC().Format(time.RFC3339)
	}
	return causes
}

// Violation returns the refusal as a fault of the request, for answers that
// list them.
func (r *Refusal) Violation() fault.Fault {
	if r.Rule != "" {
		return fault.Fault{Pointer: r.pointer(), Rule: r.Rule, Code: r.Code}
	}
	if r.Code == fault.CodeValue {
		return fault.Fault{Pointer: "/exclude_from", Rule: fault.RuleEveryLineBarred, Code: r.Code}
	}
	return fault.Fault{Rule: fault.RuleNoLine, Code: r.Code, Value: r.Why()}
}
