package validate

import (
	"crypto/sha256"
	"encoding/binary"

	"github.com/google/uuid"

	"github.com/fromline/fromline/message"
	"github.com/fromline/fromline/recipients"
)

// FingerprintVersion is the version of the fingerprints that are made now. Records keep theirs, and are compared with [Checked.FingerprintAs].
const FingerprintVersion = 1

// FingerprintAs returns the fingerprint of that version, and whether the version is known. A stored record is compared with the fingerprint of the record's
// version, so that records outlive a change of what is covered.
//
// A fingerprint covers the recipient set, the content in normal form (see [Checked.Message]), the continuation, and exclude_from as a set. It does not cover
// the idempotency key, override_optout, order or repetition (docs/rules.md §8). Handles count in canonical form and UUIDs in any case of their letters. Equal
// fingerprints mean equal content, so that a replay can rebuild its answer from the request at hand.
func (c Checked) FingerprintAs(version uint8) (message.Fingerprint, bool) {
	if version != 1 {
		return message.Fingerprint{}, false
	}
	var room [1024]byte
	p := print{room[:0]}
	p.request(c.c)
	return message.Fingerprint{Version: 1, Sum: sha256.Sum256(p.b)}, true
}

// print writes version 1: an injective encoding of a request. Everything is either of fixed size, or has its length or count before it.
type print struct{ b []byte }

func (p *print) request(c *checked) {
	p.b = append(p.b, "fromline fingerprint 1\n"...)
	p.count(c.recipients.Len())
	for _, h := range c.recipients.All() {
		p.handle(h)
	}
	p.count(len(c.excluded))
	for _, h := range c.excluded {
		p.handle(h)
	}
	p.optional(c.next)
	p.b = append(p.b, byte(c.service))
	if e := c.message.Effect; p.present(e != nil) {
		p.optional(e.Type)
		p.optional(e.Name)
	}
	if r := c.message.ReplyTo; p.present(r != nil) {
		p.uuid(*r.MessageID)
		index := int64(0)
		if r.PartIndex != nil {
			index = *r.PartIndex
		}
		p.integer(index)
	}
	mentions := c.mentions
	p.count(len(c.message.Parts))
	for i, part := range c.message.Parts {
		var mentioned recipients.Handle
		if len(mentions) > 0 && mentions[0].part == i {
			mentioned, mentions = mentions[0].handle, mentions[1:]
		}
		p.part(part, mentioned)
	}
}

func (p *print) part(part message.Part, mentioned recipients.Handle) {
	switch part := part.(type) {
	case *message.TextPart:
		p.b = append(p.b, 't')
		p.text(*part.Value)
		p.count(len(part.TextDecorations))
		for i := range part.TextDecorations {
			d := &part.TextDecorations[i]
			p.integer(d.Range[0])
			p.integer(d.Range[1])
			p.optional(d.Style)
			p.optional(d.Animation)
		}
		if p.present(part.Mention != nil) {
			p.handle(mentioned)
			if p.present(part.MentionRange != nil) {
				p.integer(part.MentionRange[0])
				p.integer(part.MentionRange[1])
			}
		}
	case *message.MediaPart:
		p.b = append(p.b, 'm')
		p.optional(part.URL)
		if p.present(part.AttachmentID != nil) {
			p.uuid(*part.AttachmentID)
		}
	case *message.LinkPart:
		p.b = append(p.b, 'l')
		p.text(*part.Value)
	case *message.AppClipPart:
		p.b = append(p.b, 'c')
		p.text(*part.Value)
	case *message.AppCardPart:
		p.b = append(p.b, 'a')
		p.card(part)
	}
}

func (p *print) card(part *message.AppCardPart) {
	p.text(*part.App.Name)
	p.text(*part.App.BundleID)
	p.text(*part.App.TeamID)
	if id := part.App.AppStoreID; p.present(id != nil) {
		p.integer(*id)
	}
	l := part.Layout
	for _, s := range [...]*string{l.Caption, l.Subcaption, l.TrailingCaption, l.TrailingSubcaption, l.ImageURL, l.ImageTitle, l.ImageSubtitle, part.URL, part.FallbackText} {
		p.optional(s)
	}
	if v := part.Interactive; p.present(v != nil) {
		p.present(*v)
	}
}

// present writes whether something follows, and returns it.
func (p *print) present(v bool) bool {
	if v {
		p.b = append(p.b, 1)
	} else {
		p.b = append(p.b, 0)
	}
	return v
}

func (p *print) count(n int)     { p.b = binary.AppendUvarint(p.b, uint64(n)) }
func (p *print) integer(n int64) { p.b = binary.BigEndian.AppendUint64(p.b, uint64(n)) }

func (p *print) text(s string) {
	p.count(len(s))
	p.b = append(p.b, s...)
}

func (p *print) optional(s *string) {
	if p.present(s != nil) {
		p.text(*s)
	}
}

// handle writes a valid handle: its length, at most 254, in one byte, and its text.
func (p *print) handle(h recipients.Handle) {
	at := len(p.b)
	p.b = h.AppendTo(append(p.b, 0))
	p.b[at] = byte(len(p.b) - at - 1)
}

// uuid writes the 16 bytes of a UUID, which has passed the rules.
func (p *print) uuid(s string) {
	id, _ := uuid.Parse(s)
	p.b = append(p.b, id[:]...)
}
