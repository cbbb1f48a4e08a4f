package routing

import (
	"github.com/fromline/fromline/fault"
	"github.com/fromline/fromline/message"
	"github.com/fromline/fromline/store"
	"github.com/fromline/fromline/validate"
)

// Recorded returns the decision of a record as a replay, with the message of
// the send given. The send must have the fingerprint of the record, since a
// record holds no content. It is pure, and safe for concurrent use.
func Recorded(send validate.Checked, rec *store.Record) Decision {
	d := fromRecord(rec)
	d.say(send)
	for _, rule := range rec.Notes {
		d.Advisories = append(d.Advisories, worldAdvisory(fault.Rule(rule), send))
	}
	return d
}

// ReadBack returns the decision of a record, with the given content as its
// message. With nil the message has no parts, since a record holds no content.
// The decision has no advisories. It is pure, and safe for concurrent use.
func ReadBack(rec *store.Record, content *message.Content) Decision {
	d := fromRecord(rec)
	d.Message = content
	if content == nil {
		d.Message = &message.Content{}
		return d
	}
	for i, part := range content.Parts {
		text, is := part.(*message.TextPart)
		if !is || text.Mention == nil {
			continue
		}
		for _, h := range rec.Roster.Set().All() {
			if h.String() == *text.Mention {
				d.Mentions = append(d.Mentions, validate.Mention{Part: i, Handle: h})
			}
		}
	}
	return d
}

func fromRecord(rec *store.Record) Decision {
	d := Decision{
		Reason:           rec.Reason,
		ChatID:           rec.ChatID,
		PreviousChatID:   rec.PreviousChatID,
		Line:             rec.Line,
		MessageID:        rec.MessageID,
		At:               rec.At,
		DeliverAt:        rec.NotBefore,
		ContinuationUsed: rec.Continuation,
		MoreChats:        rec.MoreChats,
		Roster:           rec.Roster,
		Service:          rec.Service,
		Attachments:      rec.Attachments,
		Replay:           true,
	}
	if len(rec.Moves) > 0 {
		d.At = rec.Moves[0].At // the message is as old as it was before it was rerouted
	}
	return d
}

// Notes returns the rules of the advisories about the state of the lines, which
// a replay cannot see any more: a record keeps them, and [Recorded] puts them
// back.
func (d *Decision) Notes() []string {
	var notes []string
	for _, a := range d.Advisories {
		switch a.Rule {
		case ReusedExcluded, ReusedAtRisk, ReusedCritical, ReusedOverLimit, ReusedOtherService, ToOwnLine, OptOutOverridden, LineYoung, AliasesUnknown:
			notes = append(notes, string(a.Rule))
		}
	}
	return notes
}
