package message

func (e *encoder) request(r *Request) {
	e.Open('{')
	e.OptionalTexts(`"to":`, r.To)
	if r.Message != nil {
		e.Name(`"message":`)
		e.content(r.Message, true)
	}
	if c := r.ContinuationMessage; c != nil {
		e.Name(`"continuation_message":`)
		e.Open('{')
		e.OptionalText(`"text":`, c.Text)
		e.unknown(c.Unknown)
		e.Close('}')
	}
	e.OptionalTexts(`"exclude_from":`, r.ExcludeFrom)
	e.OptionalBoolean(`"override_optout":`, r.OverrideOptOut)
	e.unknown(r.Unknown)
	e.Close('}')
}

// content appends a message: all of it, or only what is to be delivered.
func (e *encoder) content(c *Content, whole bool) {
	e.Open('{')
	if c.Parts != nil {
		e.Name(`"parts":`)
		e.Open('[')
		for i, p := range c.Parts {
			e.part(i, p, whole)
		}
		e.Close(']')
	}
	if c.Effect != nil {
		e.Name(`"effect":`)
		e.effect(c.Effect, whole)
	}
	if r := c.ReplyTo; r != nil {
		e.Name(`"reply_to":`)
		e.Open('{')
		e.OptionalText(`"message_id":`, r.MessageID)
		e.OptionalInteger(`"part_index":`, r.PartIndex)
		e.unknownIf(whole, r.Unknown)
		e.Close('}')
	}
	e.OptionalText(`"preferred_service":`, c.PreferredService)
	if whole {
		e.OptionalText(`"idempotency_key":`, c.IdempotencyKey)
		e.unknown(c.Unknown)
	}
	e.Close('}')
}

func (e *encoder) effect(f *Effect, whole bool) {
	e.Open('{')
	e.OptionalText(`"type":`, f.Type)
	e.OptionalText(`"name":`, f.Name)
	e.unknownIf(whole, f.Unknown)
	e.Close('}')
}

func (e *encoder) unknownIf(whole bool, list Members) {
	if whole {
		e.unknown(list)
	}
}

func (e *encoder) part(i int, part Part, whole bool) {
	e.Open('{')
	switch p := part.(type) {
	case *TextPart:
		e.Name(`"type":"text"`)
		e.OptionalText(`"value":`, p.Value)
		e.decorations(p.TextDecorations, whole)
		e.OptionalText(`"mention":`, p.Mention)
		e.OptionalIntegers(`"mention_range":`, p.MentionRange)
		e.stickers(p.InlineStickers, whole)
		e.unknownIf(whole, p.Unknown)
	case *MediaPart:
		e.Name(`"type":"media"`)
		e.OptionalText(`"url":`, p.URL)
		e.OptionalText(`"attachment_id":`, p.AttachmentID)
		e.OptionalBoolean(`"sticker":`, p.Sticker)
		e.unknownIf(whole, p.Unknown)
	case *LinkPart:
		e.Name(`"type":"link"`)
		e.OptionalText(`"value":`, p.Value)
		e.unknownIf(whole, p.Unknown)
	case *AppCardPart:
		e.Name(`"type":"imessage_app"`)
		e.card(p, whole)
	case *AppClipPart:
		e.Name(`"type":"app_clip"`)
		e.OptionalText(`"value":`, p.Value)
		e.OptionalText(`"caption":`, p.Caption)
		e.unknownIf(whole, p.Unknown)
	case *UnknownPart:
		if !whole {
			e.Fail("part %d has the type %.20q, which cannot be delivered", i, p.Type())
		}
		e.OptionalText(`"type":`, p.typ)
		e.unknown(p.members)
	default:
		e.Fail("part %d is nil", i)
	}
	e.Close('}')
}

func (e *encoder) card(p *AppCardPart, whole bool) {
	if p.App != nil {
		e.Name(`"app":`)
		e.app(p.App, whole)
	}
	if p.Layout != nil {
		e.Name(`"layout":`)
		e.layout(p.Layout, whole)
	}
	e.OptionalText(`"url":`, p.URL)
	e.OptionalText(`"fallback_text":`, p.FallbackText)
	e.OptionalBoolean(`"interactive":`, p.Interactive)
	e.unknownIf(whole, p.Unknown)
}

func (e *encoder) app(a *App, whole bool) {
	e.Open('{')
	e.OptionalText(`"name":`, a.Name)
	e.OptionalText(`"bundle_id":`, a.BundleID)
	e.OptionalText(`"team_id":`, a.TeamID)
	e.OptionalInteger(`"app_store_id":`, a.AppStoreID)
	e.unknownIf(whole, a.Unknown)
	e.Close('}')
}

func (e *encoder) layout(l *Layout, whole bool) {
	e.Open('{')
	e.OptionalText(`"caption":`, l.Caption)
	e.OptionalText(`"subcaption":`, l.Subcaption)
	e.OptionalText(`"trailing_caption":`, l.TrailingCaption)
	e.OptionalText(`"trailing_subcaption":`, l.TrailingSubcaption)
	e.OptionalText(`"image_url":`, l.ImageURL)
	e.OptionalText(`"image_title":`, l.ImageTitle)
	e.OptionalText(`"image_subtitle":`, l.ImageSubtitle)
	e.unknownIf(whole, l.Unknown)
	e.Close('}')
}

// decorations appends the member text_decorations, unless list is nil.
func (e *encoder) decorations(list []Decoration, whole bool) {
	if list == nil {
		return
	}
	e.Name(`"text_decorations":`)
	e.Open('[')
	for i := range list {
		e.Open('{')
		e.OptionalIntegers(`"range":`, list[i].Range)
		e.OptionalText(`"animation":`, list[i].Animation)
		e.OptionalText(`"style":`, list[i].Style)
		e.unknownIf(whole, list[i].Unknown)
		e.Close('}')
	}
	e.Close(']')
}

// stickers appends the member inline_stickers, unless list is nil.
func (e *encoder) stickers(list []InlineSticker, whole bool) {
	if list == nil {
		return
	}
	e.Name(`"inline_stickers":`)
	e.Open('[')
	for i := range list {
		e.Open('{')
		e.OptionalIntegers(`"range":`, list[i].Range)
		e.OptionalText(`"url":`, list[i].URL)
		e.OptionalText(`"attachment_id":`, list[i].AttachmentID)
		e.unknownIf(whole, list[i].Unknown)
		e.Close('}')
	}
	e.Close(']')
}
