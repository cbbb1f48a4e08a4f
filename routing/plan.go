package routing

import (
	"fmt"

	"github.com/fromline/fromline/message"
	"github.com/fromline/fromline/store"
	"github.com/fromline/fromline/validate"
)

// plan is the decision as the store is to make it durable.
func (w *work) plan(in *Input, d *Decision, revision store.Revision) (*store.Plan, error) {
	key := w.send.Request.IdempotencyKey()
	keep := w.opts.KeepUnkeyed
	if key != "" {
		keep = w.opts.KeepRecords
	}
	p := &store.Plan{
		Tenant:    w.send.Tenant,
		Set:       w.send.Request.Recipients(),
		Revision:  revision,
		Reason:    d.Reason,
		Chat:      d.ChatID,
		Line:      d.Line,
		Abandoned: d.PreviousChatID,
		At:        d.At,
		Record: store.Record{
			Key:            key,
			MessageID:      d.MessageID,
			ChatID:         d.ChatID,
			PreviousChatID: d.PreviousChatID,
			Line:           d.Line,
			Reason:         d.Reason,
			At:             d.At,
			Roster:         d.Roster,
			Service:        d.Service,
			Continuation:   d.ContinuationUsed,
			MoreChats:      d.MoreChats,
			Fingerprint:    w.fingerprint,
			Attachments:    d.Attachments,
			Notes:          worldNotes(d),
			KeepUntil:      w.keepFrom.Add(keep),
		},
	}
	if d.OpensChat() {
		p.NewChatLimit = in.Lines.Find(d.Line).NewChatLimit()
	}
	if !w.opts.Deliver {
		return p, nil
	}
	body, err := message.EncodeContent(d.Message)
	if err != nil {
		return nil, fmt.Errorf("routing: the message cannot be encoded for delivery: %w", err)
	}
	p.Delivery = &store.Delivery{
		MessageID: d.MessageID,
		ChatID:    d.ChatID,
		From:      d.Line,
		To:        w.send.Request.Recipients(),
		Reason:    d.Reason,
		Content:   body,
	}
	return p, nil
}

// replay answers with an earlier decision, from its record and the request at
// hand: an equal fingerprint is equal content (§8). It holds even if the line
// has been flagged since.
func (w *work) replay(d *Decision, rec *store.Record) error {
	request := &w.send.Request
	asked := w.fingerprint
	if rec.Fingerprint.Version != asked.Version {
		// A record of another release; a version that nobody knows gives none.
		asked, _ = request.FingerprintAs(rec.Fingerprint.Version)
	}
	if asked != rec.Fingerprint || !asked.IsValid() {
		return keyReused()
	}
	*d = Decision{
		Reason:           rec.Reason,
		ChatID:           rec.ChatID,
		PreviousChatID:   rec.PreviousChatID,
		Line:             rec.Line,
		MessageID:        rec.MessageID,
		At:               rec.At,
		ContinuationUsed: rec.Continuation,
		MoreChats:        rec.MoreChats,
		Roster:           rec.Roster,
		Service:          rec.Service,
		Attachments:      rec.Attachments,
		Replay:           !w.isOurs(rec),
	}
	d.say(*request)
	for _, rule := range rec.Notes {
		d.Advisories = append(d.Advisories, worldAdvisory(validate.Rule(rule)))
	}
	return nil
}
