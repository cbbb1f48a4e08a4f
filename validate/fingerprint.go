package validate

import (
	"crypto/sha256"
	"encoding/binary"

	"github.com/google/uuid"

	"github.com/fromline/fromline/message"
	"github.com/fromline/fromline/recipients"
)

// FingerprintVersion is the version of [Checked.Fingerprint]. A record keeps
// the version of its fingerprint; compare it with [Checked.FingerprintAs].
const FingerprintVersion = 1

// FingerprintAs returns the fingerprint of that version, and whether the
// version is known. Compare a stored record with the fingerprint of the
// record's version: so records stay valid when a new version covers other
// members.
//
// A fingerprint covers the recipient set, the content in normal form (see
// [Checked.Message]), the continuation, and exclude_from as a set. It does not
// cover the idempotency key, override_optout, order or repetition
// (docs/rules.md §8). Handles count in canonical form, and UUIDs in upper and
// lower case alike. Equal fingerprints mean equal content, so a replay can
// build its answer from the new request.
func (c Checked) FingerprintAs(version uint8) (message.Fingerprint, bool) {
	if version != 1 {
		return message.Fingerprint{}, false
	}
	var room [512]byte
	return message.Fingerprint{Version: 1, Sum: sha256.Sum256(appendRequest(room[:0], c.c))}, true
}

// appendRequest and the functions below append version 1: an injective
// encoding. Everything is either of fixed size, or has its length or count
// before it.
func appendRequest(b []byte, c *checked) []byte {
	b = append(b, "fromline fingerprint 1\n"...)
	b = appendCount(b, c.recipients.Len())
	for _, h := range c.recipients.All() {
		b = appendHandle(b, h)
	}
	b = appendCount(b, len(c.excluded))
	for _, h := range c.excluded {
		b = appendHandle(b, h)
	}
	b = appendOptional(b, c.next)
	b = append(b, byte(c.service))
	b = appendPresent(b, c.message.Effect != nil)
	if e := c.message.Effect; e != nil {
		b = appendOptional(b, e.Type)
		b = appendOptional(b, e.Name)
	}
	b = appendPresent(b, c.message.ReplyTo != nil)
	if r := c.message.ReplyTo; r != nil {
		b = appendUUID(b, *r.MessageID)
		index := int64(0)
		if r.PartIndex != nil {
			index = *r.PartIndex
		}
		b = appendInteger(b, index)
	}
	mentions := c.mentions
	b = appendCount(b, len(c.message.Parts))
	for i, part := range c.message.Parts {
		var mentioned recipients.Handle
		if len(mentions) > 0 && mentions[0].Part == i {
			mentioned, mentions = mentions[0].Handle, mentions[1:]
		}
		b = appendPart(b, part, mentioned)
	}
	return b
}

func appendPart(b []byte, part message.Part, mentioned recipients.Handle) []byte {
	switch p := part.(type) {
	case *message.TextPart:
		if p.InlineStickers == nil {
			b = append(b, 't')
		} else {
			b = appendStickers(append(b, 'T'), p.InlineStickers)
		}
		b = appendText(b, *p.Value)
		b = appendCount(b, len(p.TextDecorations))
		for i := range p.TextDecorations {
			d := &p.TextDecorations[i]
			b = appendInteger(b, d.Range[0])
			b = appendInteger(b, d.Range[1])
			b = appendOptional(b, d.Style)
			b = appendOptional(b, d.Animation)
		}
		b = appendPresent(b, p.Mention != nil)
		if p.Mention == nil {
			return b
		}
		b = appendHandle(b, mentioned)
		b = appendPresent(b, p.MentionRange != nil)
		if p.MentionRange != nil {
			b = appendInteger(b, p.MentionRange[0])
			b = appendInteger(b, p.MentionRange[1])
		}
	case *message.MediaPart:
		if p.Sticker == nil {
			b = append(b, 'm')
		} else {
			b = append(b, 'M')
		}
		b = appendOptional(b, p.URL)
		b = appendPresent(b, p.AttachmentID != nil)
		if p.AttachmentID != nil {
			b = appendUUID(b, *p.AttachmentID)
		}
	case *message.LinkPart:
		b = appendText(append(b, 'l'), *p.Value)
	case *message.AppClipPart:
		if p.Caption == nil {
			b = append(b, 'c')
		} else {
			b = appendText(append(b, 'C'), *p.Caption)
		}
		b = appendText(b, *p.Value)
	case *message.AppCardPart:
		b = appendCard(append(b, 'a'), p)
	}
	return b
}

func appendStickers(b []byte, list []message.InlineSticker) []byte {
	b = appendCount(b, len(list))
	for i := range list {
		s := &list[i]
		b = appendInteger(b, s.Range[0])
		b = appendInteger(b, s.Range[1])
		b = appendOptional(b, s.URL)
		b = appendPresent(b, s.AttachmentID != nil)
		if s.AttachmentID != nil {
			b = appendUUID(b, *s.AttachmentID)
		}
	}
	return b
}

func appendCard(b []byte, p *message.AppCardPart) []byte {
	b = appendText(b, *p.App.Name)
	b = appendText(b, *p.App.BundleID)
	b = appendText(b, *p.App.TeamID)
	b = appendPresent(b, p.App.AppStoreID != nil)
	if p.App.AppStoreID != nil {
		b = appendInteger(b, *p.App.AppStoreID)
	}
	l := p.Layout
	for _, s := range [...]*string{l.Caption, l.Subcaption, l.TrailingCaption, l.TrailingSubcaption, l.ImageURL, l.ImageTitle, l.ImageSubtitle, p.URL, p.FallbackText} {
		b = appendOptional(b, s)
	}
	b = appendPresent(b, p.Interactive != nil)
	if p.Interactive != nil {
		b = appendPresent(b, *p.Interactive)
	}
	return b
}

// appendPresent appends whether something follows.
func appendPresent(b []byte, present bool) []byte {
	if present {
		return append(b, 1)
	}
	return append(b, 0)
}

func appendCount(b []byte, n int) []byte     { return binary.AppendUvarint(b, uint64(n)) }
func appendInteger(b []byte, n int64) []byte { return binary.BigEndian.AppendUint64(b, uint64(n)) }

func appendText(b []byte, s string) []byte { return append(appendCount(b, len(s)), s...) }

func appendOptional(b []byte, s *string) []byte {
	if s == nil {
		return append(b, 0)
	}
	return appendText(append(b, 1), *s)
}

// appendHandle appends a valid handle: its length, at most 254, in one byte,
// and its text.
func appendHandle(b []byte, h recipients.Handle) []byte {
	at := len(b)
	b = h.AppendTo(append(b, 0))
	b[at] = byte(len(b) - at - 1)
	return b
}

// appendUUID appends the 16 bytes of a UUID, which has passed the rules.
func appendUUID(b []byte, s string) []byte {
	id, _ := uuid.Parse(s)
	return append(b, id[:]...)
}
