package validate

import (
	"strings"

	"github.com/fromline/fromline/fault"
	"github.com/fromline/fromline/message"
)

// Bounds of the images in one text (docs/rules.md §4).
const (
	maxStickers      = 100
	maxStickerImages = 10
)

var stickerMembers = []string{"range", "url", "attachment_id"}

// stickers checks the images that iMessage shows in place of characters of a
// text. ranges says whether the text is one that ranges can be held against.
func (k *checker) stickers(up *path, p *message.TextPart, ranges bool) {
	at := up.member("inline_stickers")
	list := p.InlineStickers
	if n := len(list); n > maxStickers {
		k.fault(&at, fault.Fault{Rule: fault.RuleCount, Code: fault.CodeValue, Max: maxStickers, Found: int64(n)})
		return
	}
	images := map[string]bool{}
	for i := 0; i < len(list) && !k.full; i++ {
		element := at.element(i)
		k.sticker(&element, p, i, ranges)
		switch s := &list[i]; {
		case s.URL != nil:
			images["u"+*s.URL] = true
		case s.AttachmentID != nil:
			images["a"+strings.ToLower(*s.AttachmentID)] = true
		}
	}
	if n := len(images); n > maxStickerImages {
		k.fault(&at, fault.Fault{Rule: fault.RuleStickerImages, Code: fault.CodeValue, Max: maxStickerImages, Found: int64(n)})
	}
	if k.plain() {
		k.advise(&at, fault.RulePlainSticker)
	}
}

// sticker checks the image at index i.
func (k *checker) sticker(at *path, p *message.TextPart, i int, ranges bool) {
	s := &p.InlineStickers[i]
	if s.Range == nil {
		k.missing(at, "range", s.Unknown, stickerMembers, fault.CodeMissing)
	}
	if s.URL == nil && s.AttachmentID == nil {
		k.fault(at, fault.Fault{Rule: fault.RuleMediaNeither, Code: fault.CodeMissing})
	}
	if s.Range != nil {
		member := at.member("range")
		if k.arity(&member, s.Range) && ranges {
			k.oneRange(&member, *p.Value, s.Range)
			k.apart(&member, p.InlineStickers, i)
		}
	}
	if s.URL != nil && s.AttachmentID != nil {
		k.fault(at, fault.Fault{Rule: fault.RuleMediaBoth, Code: fault.CodeValue})
	}
	if s.URL != nil {
		member := at.member("url")
		k.url(&member, *s.URL, httpsOnly, fault.CodeValue)
	}
	if s.AttachmentID != nil {
		member := at.member("attachment_id")
		k.uuid(&member, *s.AttachmentID)
	}
	k.unknown(at, s.Unknown, stickerMembers, fault.CodeValue)
}

// apart checks that the image at index i takes no character of an earlier one.
func (k *checker) apart(at *path, list []message.InlineSticker, i int) {
	r := list[i].Range
	for j := range i {
		if other := list[j].Range; len(other) == 2 && r[0] < other[1] && other[0] < r[1] {
			k.fault(at, fault.Fault{Rule: fault.RuleStickerOverlap, Code: fault.CodeValue, Found: int64(j)})
			return
		}
	}
}
