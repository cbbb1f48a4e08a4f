package validate

import (
	"math"

	"github.com/fromline/fromline/fault"
	"github.com/fromline/fromline/message"
)

func (k *checker) replyTo(up *path, r *message.ReplyTo) {
	at := up.member("reply_to")
	if r.MessageID == nil {
		k.missing(&at, "message_id", r.Unknown, replyToMembers, fault.CodeMissing)
	} else {
		member := at.member("message_id")
		k.uuid(&member, *r.MessageID)
	}
	if r.PartIndex != nil {
		member := at.member("part_index")
		k.integer(&member, *r.PartIndex, 0, math.MaxInt32, fault.CodeValue)
	}
	k.unknown(&at, r.Unknown, replyToMembers, fault.CodeValue)
}
