package routing

import (
	"github.com/fromline/fromline/fault"
	"github.com/fromline/fromline/fleet"
	"github.com/fromline/fromline/line"
	"github.com/fromline/fromline/store"
	"github.com/fromline/fromline/validate"
)

// The rule names of the advisories that routing adds to those of validate.
// They are stable.
const (
	// LinkOpensChat: a link is the first message of a chat. That is allowed,
	// but raises the risk that the network flags the line.
	LinkOpensChat fault.Rule = "routing.link_opens_chat"
	// ReplyDropped: the chat is new, so there is nothing to reply to.
	ReplyDropped fault.Rule = "routing.reply_dropped"
	// ReusedExcluded: the chat is reused although its line is in exclude_from,
	// because no other one can continue.
	ReusedExcluded fault.Rule = "routing.reused_excluded"
	// ReusedAtRisk and ReusedCritical: the line of the reused chat has a poor
	// reputation, which does not stop a reuse.
	ReusedAtRisk   fault.Rule = "routing.reused_at_risk"
	ReusedCritical fault.Rule = "routing.reused_critical"
	// ReusedOverLimit: the line of the reused chat is over its message limit,
	// which does not stop a reuse.
	ReusedOverLimit fault.Rule = "routing.reused_over_message_limit"
	// ReusedOtherService: the reused chat is known to run on another service
	// than the message needs, or its line does not serve that. It does not stop
	// a reuse.
	ReusedOtherService fault.Rule = "routing.reused_other_service"
	// ToOwnLine: a recipient is one of our own lines. That is allowed, but
	// seldom intended.
	ToOwnLine fault.Rule = "routing.to_own_line"
	// LineYoung: the chat is opened by a line on its ramp (line.Guard).
	LineYoung fault.Rule = "routing.line_young"
	// AliasesUnknown: the policy prefers lines that the recipients know, but
	// the AliasResolver could not name other handles of theirs.
	AliasesUnknown fault.Rule = "routing.aliases_unknown"
	// OptOutOverridden: the recipient asked not to be written to, and
	// override_optout let this one message through.
	OptOutOverridden fault.Rule = "routing.opt_out_overridden"
)

// adviseOnLine adds what is to be said about the line of a reused chat. In the
// usual case there is nothing, and it allocates nothing.
func (in *Input) adviseOnLine(d *Decision, chat *store.Chat, ref fleet.Ref) {
	advise := func(rule fault.Rule) { d.Advisories = append(d.Advisories, worldAdvisory(rule, in.Send)) }
	if in.Send.IsExcluded(d.Line) {
		advise(ReusedExcluded)
	}
	switch ref.Reputation() {
	case line.AtRisk:
		advise(ReusedAtRisk)
	case line.Critical:
		advise(ReusedCritical)
	}
	if ref.OverMessagesAt(in.At) {
		advise(ReusedOverLimit)
	}
	if needed := in.Send.NeededService(false); !ref.Serves(needed) || otherService(chat, needed) {
		advise(ReusedOtherService)
	}
}

// adviseOnOpening adds what is to be said about the line of a chat that is
// opened.
func (in *Input) adviseOnOpening(d *Decision) {
	if _, young := in.Lines.Find(d.Line).Day(); young {
		d.Advisories = append(d.Advisories, worldAdvisory(LineYoung, in.Send))
	}
	if in.AliasesUnknown {
		d.Advisories = append(d.Advisories, worldAdvisory(AliasesUnknown, in.Send))
	}
}

// adviseOnPeople notes a recipient that is a line of ours, and one who opted
// out.
func (in *Input) adviseOnPeople(d *Decision) {
	if in.OptOutOverridden {
		d.Advisories = append(d.Advisories, worldAdvisory(OptOutOverridden, in.Send))
	}
	for _, h := range in.Send.Recipients().All() {
		if h.IsPhone() && in.Lines.Find(h).IsValid() {
			d.Advisories = append(d.Advisories, worldAdvisory(ToOwnLine, in.Send))
			return
		}
	}
}

// worldAdvisory returns an advisory about the state of the lines and chats.
func worldAdvisory(rule fault.Rule, send validate.Checked) validate.Advisory {
	pointer := ""
	switch rule {
	case ReusedExcluded:
		pointer = "/exclude_from"
	case ToOwnLine, AliasesUnknown:
		pointer = "/to"
	case OptOutOverridden:
		pointer = "/override_optout"
	case ReusedOtherService: // at what needs the service
		switch {
		case send.PreferredService() != 0:
			pointer = "/message/preferred_service"
		case send.NeededService(true) != 0:
			pointer = "/to"
		default:
			pointer = "/message/parts/0"
		}
	}
	return validate.Advisory{Pointer: pointer, Rule: rule}
}
