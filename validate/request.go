package validate

import (
	"github.com/fromline/fromline/fault"
	"github.com/fromline/fromline/message"
)

// Request checks a request against docs/rules.md §2 to §7. The error is an
// [*fault.Error] with every violation, in the order of docs/rules.md §2. On
// success the Checked may share memory with r: do not change r afterwards.
func Request(r *message.Request, o Options) (Checked, error) {
	if r == nil {
		r = &message.Request{}
	}
	k := checker{options: o, out: &checked{}}
	k.request(r)
	if err := k.err(); err != nil {
		return Checked{}, err
	}
	return Checked{k.out}, nil
}

// checker walks a request once, and collects.
type checker struct {
	options Options
	out     *checked

	violations []fault.Fault
	full       bool         // there are more: whatever goes on for long stops
	body       *fault.Fault // the first violation of code 1003, which stands alone

	email bool // a recipient is an email address
}

// report takes a violation.
func (k *checker) report(v fault.Fault) {
	switch {
	case v.Code == fault.CodeBody:
		if k.body == nil {
			k.body = &v
		}
	case len(k.violations) < fault.Max:
		k.violations = append(k.violations, v)
	default:
		k.full = true
	}
}

// fault reports a violation at a place of the body.
func (k *checker) fault(at *path, v fault.Fault) {
	if !k.full {
		v.Pointer = at.pointer()
	}
	k.report(v)
}

// advise takes an advisory.
func (k *checker) advise(at *path, rule fault.Rule) {
	k.out.advisories = append(k.out.advisories, Advisory{Pointer: at.pointer(), Rule: rule})
}

func (k *checker) err() error {
	if k.body != nil {
		return &fault.Error{Faults: []fault.Fault{*k.body}}
	}
	if k.violations == nil {
		return nil
	}
	e := &fault.Error{Faults: k.violations}
	if k.full {
		e.Faults = append(e.Faults, fault.Fault{Rule: fault.RuleMore, Code: e.Primary().Code})
	}
	return e
}

// Members of the objects of a request, in schema order.
var (
	requestMembers      = []string{"to", "message", "continuation_message", "exclude_from", "override_optout"}
	contentMembers      = []string{"parts", "effect", "reply_to", "preferred_service", "idempotency_key"}
	continuationMembers = []string{"text"}
	effectMembers       = []string{"type", "name"}
	replyToMembers      = []string{"message_id", "part_index"}
)

func (k *checker) request(r *message.Request) {
	if r.To == nil {
		k.missing(&root, "to", r.Unknown, requestMembers, fault.CodeMissing)
	}
	if r.Message == nil {
		k.missing(&root, "message", r.Unknown, requestMembers, fault.CodeMissing)
	}
	if r.To != nil {
		k.to(r.To)
	}
	if r.Message != nil {
		k.message(r.Message, r.HeaderKey)
	} else {
		k.key(&root, nil, r.HeaderKey)
	}
	if r.ContinuationMessage != nil {
		k.continuation(r.ContinuationMessage)
	}
	k.excludeFrom(r.ExcludeFrom)
	k.out.override = r.OverrideOptOut != nil && *r.OverrideOptOut
	k.unknown(&root, r.Unknown, requestMembers, fault.CodeValue)
}

func (k *checker) message(m *message.Content, headerKey *string) {
	at := root.member("message")
	if m.Parts == nil && !hasExperience(m) { // which is refused, and is said to be what stands in for parts
		k.missing(&at, "parts", m.Unknown, contentMembers, fault.CodeMissing)
	}
	if m.PreferredService != nil {
		k.out.service, _ = message.ParseService(*m.PreferredService) // a name that is not known is reported in its turn
	}
	if m.Parts != nil {
		k.parts(&at, m.Parts)
	}
	if m.Effect != nil {
		k.effect(&at, m.Effect)
	}
	if m.ReplyTo != nil {
		k.replyTo(&at, m.ReplyTo)
	}
	if m.PreferredService != nil {
		k.preferredService(&at, m)
	}
	k.key(&at, m.IdempotencyKey, headerKey)
	k.unknown(&at, m.Unknown, contentMembers, fault.CodeValue)
	k.out.message = normal(m)
}

// continuation checks the text that replaces the message on failover, whether
// or not it will be used.
func (k *checker) continuation(c *message.Continuation) {
	at := root.member("continuation_message")
	if c.Text == nil {
		k.missing(&at, "text", c.Unknown, continuationMembers, fault.CodeMissing)
	} else {
		text := at.member("text")
		k.shown(&text, *c.Text, 1, maxText, fault.CodeValue)
		k.out.nextLink = hasURL(*c.Text)
	}
	k.out.next = c.Text
	k.unknown(&at, c.Unknown, continuationMembers, fault.CodeValue)
}
