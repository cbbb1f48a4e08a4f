package reference

import (
	"fmt"
	"iter"
	"slices"
	"strings"

	"github.com/fromline/fromline/message"
	"github.com/fromline/fromline/recipients"
	"github.com/fromline/fromline/validate"
)

// Meaning writes down what a request asks for, by docs/rules.md §8: two
// requests are the same send if and only if their meanings are equal. A meaning
// has the recipient set, the content, the continuation, and exclude_from as a
// set. It has no key, override_optout, order or repetition.
//
// It writes what a fingerprint hashes, in another way. c is the result of
// checking r; Meaning takes the sets and the normal form from it.
func Meaning(c validate.Checked, r *message.Request) string {
	m := *c.Message()
	m.Parts = slices.Clone(m.Parts)
	for i, part := range m.Parts {
		switch p := part.(type) {
		case *message.MediaPart:
			if p.AttachmentID != nil {
				p = new(*p)
				p.AttachmentID = new(strings.ToLower(*p.AttachmentID))
				m.Parts[i] = p
			}
		case *message.TextPart:
			if p.Mention != nil {
				p = new(*p)
				p.Mention = new(recipients.MustParse(*p.Mention).String())
				m.Parts[i] = p
			}
			if p.InlineStickers != nil {
				p = new(*p)
				p.InlineStickers = slices.Clone(p.InlineStickers)
				for j := range p.InlineStickers {
					if id := p.InlineStickers[j].AttachmentID; id != nil {
						p.InlineStickers[j].AttachmentID = new(strings.ToLower(*id))
					}
				}
				m.Parts[i] = p
			}
		}
	}
	if m.ReplyTo != nil {
		index := int64(0)
		if m.ReplyTo.PartIndex != nil {
			index = *m.ReplyTo.PartIndex
		}
		m.ReplyTo = &message.ReplyTo{MessageID: new(strings.ToLower(*m.ReplyTo.MessageID)), PartIndex: &index}
	}
	content, err := message.EncodeContent(&m)
	if err != nil {
		panic(err) // a checked message can be encoded
	}
	next := "none"
	if r.ContinuationMessage != nil {
		next = fmt.Sprintf("%q", *r.ContinuationMessage.Text)
	}
	return fmt.Sprintf("%s|%s|%s|%s", c.Recipients().String(), texts(c.Excluded()), next, content)
}

// texts writes handles unmasked.
func texts(handles iter.Seq[recipients.Handle]) string {
	var list []string
	for h := range handles {
		list = append(list, h.String())
	}
	return strings.Join(list, ",")
}
