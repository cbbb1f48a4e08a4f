package message

import "fmt"

func (e *encoder) request(r *Request) {
	e.open('{')
	e.optionalTexts(`"to":`, r.To)
	if r.Message != nil {
		e.name(`"message":`)
		e.content(r.Message, true)
	}
	if c := r.ContinuationMessage; c != nil {
		e.name(`"continuation_message":`)
		e.open('{')
		e.optionalText(`"text":`, c.Text)
		e.unknown(c.Unknown)
		e.close('}')
	}
	e.optionalTexts(`"exclude_from":`, r.ExcludeFrom)
	e.optionalBoolean(`"override_optout":`, r.OverrideOptOut)
	e.unknown(r.Unknown)
	e.close('}')
}

// content appends a message: all of it, or only what is to be delivered.
func (e *encoder) content(c *Content, whole bool) {
	e.open('{')
	if c.Parts != nil {
		e.name(`"parts":`)
		e.open('[')
		for i, p := range c.Parts {
			e.part(i, p, whole)
		}
		e.close(']')
	}
	if c.Effect != nil {
		e.name(`"effect":`)
		e.effect(c.Effect, whole)
	}
	if r := c.ReplyTo; r != nil {
		e.name(`"reply_to":`)
		e.open('{')
		e.optionalText(`"message_id":`, r.MessageID)
		e.optionalInteger(`"part_index":`, r.PartIndex)
		e.unknownIf(whole, r.Unknown)
		e.close('}')
	}
	e.optionalText(`"preferred_service":`, c.PreferredService)
	if whole {
		e.optionalText(`"idempotency_key":`, c.IdempotencyKey)
		e.unknown(c.Unknown)
	}
	e.close('}')
}

func (e *encoder) effect(f *Effect, whole bool) {
	e.open('{')
	e.optionalText(`"type":`, f.Type)
	e.optionalText(`"name":`, f.Name)
	e.unknownIf(whole, f.Unknown)
	e.close('}')
}

func (e *encoder) unknownIf(whole bool, list Members) {
	if whole {
		e.unknown(list)
	}
}

func (e *encoder) part(i int, part Part, whole bool) {
	e.open('{')
	switch p := part.(type) {
	case *TextPart:
		e.name(`"type":"text"`)
		e.optionalText(`"value":`, p.Value)
		e.decorations(p.TextDecorations, whole)
		e.optionalText(`"mention":`, p.Mention)
		e.optionalIntegers(`"mention_range":`, p.MentionRange)
		e.stickers(p.InlineStickers, whole)
		e.unknownIf(whole, p.Unknown)
	case *MediaPart:
		e.name(`"type":"media"`)
		e.optionalText(`"url":`, p.URL)
		e.optionalText(`"attachment_id":`, p.AttachmentID)
		e.optionalBoolean(`"sticker":`, p.Sticker)
		e.unknownIf(whole, p.Unknown)
	case *LinkPart:
		e.name(`"type":"link"`)
		e.optionalText(`"value":`, p.Value)
		e.unknownIf(whole, p.Unknown)
	case *AppCardPart:
		e.name(`"type":"imessage_app"`)
		e.card(p, whole)
	case *AppClipPart:
		e.name(`"type":"app_clip"`)
		e.optionalText(`"value":`, p.Value)
		e.optionalText(`"caption":`, p.Caption)
		e.unknownIf(whole, p.Unknown)
	case *UnknownPart:
		if !whole && e.err == nil {
			e.err = fmt.Errorf("part %d has the type %.20q, which cannot be delivered", i, p.Type())
		}
		e.optionalText(`"type":`, p.typ)
		e.unknown(p.members)
	default:
		if e.err == nil {
			e.err = fmt.Errorf("part %d is nil", i)
		}
	}
	e.close('}')
}

func (e *encoder) card(p *AppCardPart, whole bool) {
	if p.App != nil {
		e.name(`"app":`)
		e.app(p.App, whole)
	}
	if p.Layout != nil {
		e.name(`"layout":`)
		e.layout(p.Layout, whole)
	}
	e.optionalText(`"url":`, p.URL)
	e.optionalText(`"fallback_text":`, p.FallbackText)
	e.optionalBoolean(`"interactive":`, p.Interactive)
	e.unknownIf(whole, p.Unknown)
}

func (e *encoder) app(a *App, whole bool) {
	e.open('{')
	e.optionalText(`"name":`, a.Name)
	e.optionalText(`"bundle_id":`, a.BundleID)
	e.optionalText(`"team_id":`, a.TeamID)
	e.optionalInteger(`"app_store_id":`, a.AppStoreID)
	e.unknownIf(whole, a.Unknown)
	e.close('}')
}

func (e *encoder) layout(l *Layout, whole bool) {
	e.open('{')
	e.optionalText(`"caption":`, l.Caption)
	e.optionalText(`"subcaption":`, l.Subcaption)
	e.optionalText(`"trailing_caption":`, l.TrailingCaption)
	e.optionalText(`"trailing_subcaption":`, l.TrailingSubcaption)
	e.optionalText(`"image_url":`, l.ImageURL)
	e.optionalText(`"image_title":`, l.ImageTitle)
	e.optionalText(`"image_subtitle":`, l.ImageSubtitle)
	e.unknownIf(whole, l.Unknown)
	e.close('}')
}

// decorations appends the member text_decorations, unless list is nil.
func (e *encoder) decorations(list []Decoration, whole bool) {
	if list == nil {
		return
	}
	e.name(`"text_decorations":`)
	e.open('[')
	for i := range list {
		e.open('{')
		e.optionalIntegers(`"range":`, list[i].Range)
		e.optionalText(`"animation":`, list[i].Animation)
		e.optionalText(`"style":`, list[i].Style)
		e.unknownIf(whole, list[i].Unknown)
		e.close('}')
	}
	e.close(']')
}

// stickers appends the member inline_stickers, unless list is nil.
func (e *encoder) stickers(list []InlineSticker, whole bool) {
	if list == nil {
		return
	}
	e.name(`"inline_stickers":`)
	e.open('[')
	for i := range list {
		e.open('{')
		e.optionalIntegers(`"range":`, list[i].Range)
		e.optionalText(`"url":`, list[i].URL)
		e.optionalText(`"attachment_id":`, list[i].AttachmentID)
		e.unknownIf(whole, list[i].Unknown)
		e.close('}')
	}
	e.close(']')
}
