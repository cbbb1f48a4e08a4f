package routing

import (
	"slices"

	"github.com/fromline/fromline/message"
	"github.com/fromline/fromline/validate"
)

// say sets the one message that the decision sends, and what is to be said
// about its content. It depends only on the request, the branch and whether
// the continuation is used, so that a replay says the same.
func (d *Decision) say(send validate.Checked) {
	d.Message = send.Message()
	link := send.HasLink()
	if d.ContinuationUsed {
		// The advisories of the message are about content that is not sent.
		d.Message = send.Continued()
		link = send.ContinuationHasLink()
	} else {
		d.Advisories = send.Advisories()
		d.Mentions = slices.Collect(send.Mentions())
	}
	if !d.OpensChat() {
		return
	}
	if send.HasReply() {
		// There is nothing to reply to in a chat that has no message yet; the
		// continuation drops the reply with the message that it replaces.
		d.ReplyDropped = true
		d.Message = withoutReply(d.Message)
		d.Advisories = append(d.Advisories, validate.Advisory{Pointer: "/message/reply_to", Rule: ReplyDropped})
	}
	if link {
		pointer := "/message"
		if d.ContinuationUsed {
			pointer = "/continuation_message"
		}
		d.Advisories = append(d.Advisories, validate.Advisory{Pointer: pointer, Rule: LinkOpensChat})
	}
}

func withoutReply(m *message.Content) *message.Content {
	c := *m
	c.ReplyTo = nil
	return &c
}
