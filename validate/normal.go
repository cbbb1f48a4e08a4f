package validate

import (
	"slices"

	"github.com/fromline/fromline/message"
)

// normal returns the content in normal form, see [Checked.Message]: m itself
// where it is in normal form, and otherwise a copy that shares what is. The
// idempotency key stays: it is no part of what is said, and nothing that reads
// content looks at it.
func normal(m *message.Content) *message.Content {
	out := m
	if e := m.Effect; e != nil && e.Type == nil && e.Name == nil {
		out = new(*m)
		out.Effect = nil
	}
	for i, part := range m.Parts {
		p := normalPart(part)
		if p == part {
			continue
		}
		if out == m {
			out = new(*m)
		}
		if &out.Parts[0] == &m.Parts[0] {
			out.Parts = slices.Clone(m.Parts)
		}
		out.Parts[i] = p
	}
	return out
}

func normalPart(part message.Part) message.Part {
	switch p := part.(type) {
	case *message.TextPart:
		if p != nil && (isEmptyList(p.TextDecorations) || isEmptyList(p.InlineStickers)) {
			p = new(*p)
			if len(p.TextDecorations) == 0 {
				p.TextDecorations = nil
			}
			if len(p.InlineStickers) == 0 {
				p.InlineStickers = nil
			}
			return p
		}
	case *message.MediaPart:
		if p != nil && p.Sticker != nil && !*p.Sticker {
			p = new(*p)
			p.Sticker = nil
			return p
		}
	case *message.AppClipPart:
		if p != nil && isEmpty(p.Caption) {
			p = new(*p)
			p.Caption = nil
			return p
		}
	case *message.AppCardPart:
		if p != nil && (isEmpty(p.FallbackText) || hasEmpty(p.Layout)) {
			p = new(*p)
			dropEmpty(&p.FallbackText)
			p.Layout = normalLayout(p.Layout)
			return p
		}
	}
	return part
}

// texts returns the texts of a layout.
func texts(l *message.Layout) [7]**string {
	return [...]**string{&l.Caption, &l.Subcaption, &l.TrailingCaption, &l.TrailingSubcaption, &l.ImageURL, &l.ImageTitle, &l.ImageSubtitle}
}

func hasEmpty(l *message.Layout) bool {
	if l == nil {
		return false
	}
	for _, s := range texts(l) {
		if isEmpty(*s) {
			return true
		}
	}
	return false
}

func normalLayout(l *message.Layout) *message.Layout {
	if l == nil {
		return nil
	}
	l = new(*l)
	for _, s := range texts(l) {
		dropEmpty(s)
	}
	return l
}

func isEmptyList[T any](list []T) bool { return list != nil && len(list) == 0 }

func isEmpty(s *string) bool { return s != nil && *s == "" }

func dropEmpty(s **string) {
	if isEmpty(*s) {
		*s = nil
	}
}
