package message

func (p *TextPart) keep(m Member)      { p.Unknown = append(p.Unknown, m) }
func (t *Decoration) keep(m Member)    { t.Unknown = append(t.Unknown, m) }
func (p *MediaPart) keep(m Member)     { p.Unknown = append(p.Unknown, m) }
func (p *LinkPart) keep(m Member)      { p.Unknown = append(p.Unknown, m) }
func (p *AppCardPart) keep(m Member)   { p.Unknown = append(p.Unknown, m) }
func (a *App) keep(m Member)           { a.Unknown = append(a.Unknown, m) }
func (l *Layout) keep(m Member)        { l.Unknown = append(l.Unknown, m) }
func (p *AppClipPart) keep(m Member)   { p.Unknown = append(p.Unknown, m) }
func (s *InlineSticker) keep(m Member) { s.Unknown = append(s.Unknown, m) }
func (p *UnknownPart) keep(m Member)   { p.members = append(p.members, m) }

func (p *TextPart) member(d *decoder, name []byte) (bool, error) {
	switch string(name) {
	case "value":
		return true, d.text(&p.Value)
	case "text_decorations":
		return true, list[Decoration](d, &p.TextDecorations)
	case "mention":
		return true, d.text(&p.Mention)
	case "mention_range":
		return true, d.integers(&p.MentionRange)
	case "inline_stickers":
		return true, list[InlineSticker](d, &p.InlineStickers)
	}
	return false, nil
}

func (s *InlineSticker) member(d *decoder, name []byte) (bool, error) {
	switch string(name) {
	case "range":
		return true, d.integers(&s.Range)
	case "url":
		return true, d.text(&s.URL)
	case "attachment_id":
		return true, d.text(&s.AttachmentID)
	}
	return false, nil
}

func (t *Decoration) member(d *decoder, name []byte) (bool, error) {
	switch string(name) {
	case "range":
		return true, d.integers(&t.Range)
	case "style":
		return true, d.text(&t.Style)
	case "animation":
		return true, d.text(&t.Animation)
	}
	return false, nil
}

func (p *MediaPart) member(d *decoder, name []byte) (bool, error) {
	switch string(name) {
	case "url":
		return true, d.text(&p.URL)
	case "attachment_id":
		return true, d.text(&p.AttachmentID)
	case "sticker":
		return true, d.boolean(&p.Sticker)
	}
	return false, nil
}

func (p *LinkPart) member(d *decoder, name []byte) (bool, error) {
	if string(name) == "value" {
		return true, d.text(&p.Value)
	}
	return false, nil
}

func (p *AppCardPart) member(d *decoder, name []byte) (bool, error) {
	switch string(name) {
	case "app":
		return true, optional(d, &p.App)
	case "layout":
		return true, optional(d, &p.Layout)
	case "url":
		return true, d.text(&p.URL)
	case "fallback_text":
		return true, d.text(&p.FallbackText)
	case "interactive":
		return true, d.boolean(&p.Interactive)
	}
	return false, nil
}

func (a *App) member(d *decoder, name []byte) (bool, error) {
	switch string(name) {
	case "name":
		return true, d.text(&a.Name)
	case "bundle_id":
		return true, d.text(&a.BundleID)
	case "team_id":
		return true, d.text(&a.TeamID)
	case "app_store_id":
		return true, d.integer(&a.AppStoreID)
	}
	return false, nil
}

func (l *Layout) member(d *decoder, name []byte) (bool, error) {
	switch string(name) {
	case "caption":
		return true, d.text(&l.Caption)
	case "subcaption":
		return true, d.text(&l.Subcaption)
	case "trailing_caption":
		return true, d.text(&l.TrailingCaption)
	case "trailing_subcaption":
		return true, d.text(&l.TrailingSubcaption)
	case "image_url":
		return true, d.text(&l.ImageURL)
	case "image_title":
		return true, d.text(&l.ImageTitle)
	case "image_subtitle":
		return true, d.text(&l.ImageSubtitle)
	}
	return false, nil
}

func (p *AppClipPart) member(d *decoder, name []byte) (bool, error) {
	switch string(name) {
	case "value":
		return true, d.text(&p.Value)
	case "caption":
		return true, d.text(&p.Caption)
	}
	return false, nil
}

func (p *UnknownPart) member(*decoder, []byte) (bool, error) { return false, nil }
