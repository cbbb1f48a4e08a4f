package routing

import (
	"github.com/google/uuid"

	"github.com/fromline/fromline/fault"
	"github.com/fromline/fromline/store"
)

// This file decides sends that name their line or their chat (docs/rules.md
// §9a).

// skipsNamed says whether groups with a set name do not match: so it is for
// every send that names its line and not its chat.
func (in *Input) skipsNamed() bool {
	return in.Into == uuid.Nil && (in.SkipNamedGroups || in.From.IsValid())
}

// stopFrom refuses a line that the send names and that it cannot go out from.
func (in *Input) stopFrom() error {
	if !in.From.IsValid() {
		return nil
	}
	switch ref := in.Lines.Find(in.From); {
	case !ref.IsValid():
		return in.stop(fault.CodeForeignLine, fault.RuleForeignLine)
	case !ref.CanContinue():
		return in.stop(fault.CodeLineBarred, fault.RuleLineBarred)
	}
	return nil
}

// openFrom opens a chat on the line that the send names, where none matches.
func (in *Input) openFrom(d *Decision) error {
	switch {
	case in.Into != uuid.Nil:
		for i := range in.Chats {
			if c := &in.Chats[i]; c.ID == in.Into && c.LineLeft {
				return in.stop(fault.CodeChatLeft, fault.RuleChatLeft)
			}
		}
		return in.stop(fault.CodeChatNotFound, fault.RuleChatUnknown)
	case in.Send.HasLink():
		return in.stop(fault.CodeValue, fault.RuleFirstLink)
	case in.Send.HasReply():
		return in.stop(fault.CodeValue, fault.RuleFirstReply)
	}
	return in.open(d, store.NewBestNumber, nil)
}

func (in *Input) stop(code fault.Code, rule fault.Rule) error {
	return &Refusal{Code: code, Rule: rule, Into: in.Into, Trace: Explain(*in)}
}

// pointer returns the place of what a send breaks that names its line.
func (r *Refusal) pointer() string {
	switch r.Rule {
	case fault.RuleFirstLink:
		return "/message/parts"
	case fault.RuleFirstReply:
		return "/message/reply_to"
	case fault.RuleForeignLine, fault.RuleLineBarred:
		if r.Into == uuid.Nil {
			return "/from"
		}
	}
	return ""
}
