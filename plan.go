package fromline

import (
	"fmt"

	"github.com/fromline/fromline/fault"
	"github.com/fromline/fromline/message"
	"github.com/fromline/fromline/routing"
	"github.com/fromline/fromline/store"
)

// plan is the decision as the store is to make it durable.
func (s *sending) plan(in *routing.Input, d *routing.Decision, revision store.Revision) (*store.Plan, error) {
	key := s.out.Request.IdempotencyKey()
	keep := s.opts.KeepUnkeyed
	if key != "" {
		keep = s.opts.KeepRecords
	}
	p := &store.Plan{
		Tenant:   s.out.Tenant,
		Set:      s.out.Request.Recipients(),
		Revision: revision,
		MaxSkew:  s.maxSkew,
		Record: store.Record{
			Key:            key,
			MessageID:      d.MessageID,
			ChatID:         d.ChatID,
			PreviousChatID: d.PreviousChatID,
			Line:           d.Line,
			Reason:         d.Reason,
			At:             d.At,
			NotBefore:      d.DeliverAt,
			Roster:         d.Roster,
			Service:        d.Service,
			Continuation:   d.ContinuationUsed,
			MoreChats:      d.MoreChats,
			Fingerprint:    s.fingerprint,
			Attachments:    d.Attachments,
			Notes:          d.Notes(),
			Trace:          d.KeptTrace,
			KeepUntil:      later(s.keepFrom, d.DeliverAt).Add(keep),
		},
	}
	if d.OpensChat() {
		line := in.Lines.Find(d.Line)
		p.NewChatLimit, p.Pace = line.Allowance(), line.Pace()
		if d.Reason == store.FailoverFlagged {
			p.FailoverLimit = line.FailoverLimit()
		}
	}
	if !s.opts.Deliver {
		return p, nil
	}
	body, err := message.EncodeContent(d.Message)
	if err != nil {
		return nil, fmt.Errorf("fromline: the message cannot be encoded for delivery: %w", err)
	}
	p.Content = body
	if s.moving != nil {
		s.moving.amend(p)
	} else {
		p.Terms, err = s.terms()
	}
	return p, err
}

// replay returns an earlier decision, from its record and the request at hand:
// an equal fingerprint is equal content. It holds even if the line has been
// flagged since.
func (s *sending) replay(rec *store.Record) (routing.Decision, error) {
	asked := s.fingerprint
	if rec.Fingerprint.Version != asked.Version {
		// A record of another release; a version that is not known gives none.
		asked, _ = s.out.Request.FingerprintAs(rec.Fingerprint.Version)
		asked = s.out.fingerprint(asked)
	}
	if asked != rec.Fingerprint || !asked.IsValid() {
		return routing.Decision{}, keyReused(s.out.Request.IsKeyInHeader())
	}
	return routing.Recorded(s.out.Request, rec), nil
}

// keyReused is the fault of a key, in the header or in the message, that was
// used for another request.
func keyReused(inHeader bool) error {
	f := fault.Fault{Rule: fault.RuleKeyReused, Code: fault.CodeValue}
	if inHeader {
		f.Header = "Idempotency-Key"
	} else {
		f.Pointer = "/message/idempotency_key"
	}
	return &fault.Error{Faults: []fault.Fault{f}}
}
