package message

import (
	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

func (p *TextPart) keep(m Member)    { p.Unknown = append(p.Unknown, m) }
func (t *Decoration) keep(m Member)  { t.Unknown = append(t.Unknown, m) }
func (p *MediaPart) keep(m Member)   { p.Unknown = append(p.Unknown, m) }
func (p *LinkPart) keep(m Member)    { p.Unknown = append(p.Unknown, m) }
func (p *AppCardPart) keep(m Member) { p.Unknown = append(p.Unknown, m) }
func (a *App) keep(m Member)         { a.Unknown = append(a.Unknown, m) }
func (l *Layout) keep(m Member)      { l.Unknown = append(l.Unknown, m) }
func (p *AppClipPart) keep(m Member) { p.Unknown = append(p.Unknown, m) }
func (p *UnknownPart) keep(m Member) { p.members = append(p.members, m) }

func (p *TextPart) member(d *decoder, name []byte) (bool, error) {
	switch string(name) {
	case "value":
		return true, d.text(&p.Value, new(string))
	case "text_decorations":
		return true, d.decorations(&p.TextDecorations)
	case "mention":
		return true, d.text(&p.Mention, new(string))
	case "mention_range":
		return true, d.integers(&p.MentionRange)
	}
	return false, nil
}

func (t *Decoration) member(d *decoder, name []byte) (bool, error) {
	switch string(name) {
	case "range":
		return true, d.integers(&t.Range)
	case "style":
		return true, d.text(&t.Style, new(string))
	case "animation":
		return true, d.text(&t.Animation, new(string))
	}
	return false, nil
}

func (p *MediaPart) member(d *decoder, name []byte) (bool, error) {
	switch string(name) {
	case "url":
		return true, d.text(&p.URL, new(string))
	case "attachment_id":
		return true, d.text(&p.AttachmentID, new(string))
	}
	return false, nil
}

func (p *LinkPart) member(d *decoder, name []byte) (bool, error) {
	if string(name) == "value" {
		return true, d.text(&p.Value, new(string))
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
		return true, d.text(&p.URL, new(string))
	case "fallback_text":
		return true, d.text(&p.FallbackText, new(string))
	case "interactive":
		return true, d.boolean(&p.Interactive)
	}
	return false, nil
}

func (a *App) member(d *decoder, name []byte) (bool, error) {
	switch string(name) {
	case "name":
		return true, d.text(&a.Name, new(string))
	case "bundle_id":
		return true, d.text(&a.BundleID, new(string))
	case "team_id":
		return true, d.text(&a.TeamID, new(string))
	case "app_store_id":
		return true, d.integer(&a.AppStoreID)
	}
	return false, nil
}

func (l *Layout) member(d *decoder, name []byte) (bool, error) {
	switch string(name) {
	case "caption":
		return true, d.text(&l.Caption, new(string))
	case "subcaption":
		return true, d.text(&l.Subcaption, new(string))
	case "trailing_caption":
		return true, d.text(&l.TrailingCaption, new(string))
	case "trailing_subcaption":
		return true, d.text(&l.TrailingSubcaption, new(string))
	case "image_url":
		return true, d.text(&l.ImageURL, new(string))
	case "image_title":
		return true, d.text(&l.ImageTitle, new(string))
	case "image_subtitle":
		return true, d.text(&l.ImageSubtitle, new(string))
	}
	return false, nil
}

func (p *AppClipPart) member(d *decoder, name []byte) (bool, error) {
	if string(name) == "value" {
		return true, d.text(&p.Value, new(string))
	}
	return false, nil
}

func (p *UnknownPart) member(*decoder, []byte) (bool, error) { return false, nil }

// partObject is a part being read.
type partObject interface {
	Part
	object
}

// newPart returns an empty part of the type written, which is nil where there is none.
func newPart(typ *string) partObject {
	if typ == nil {
		return &UnknownPart{}
	}
	switch *typ {
	case TypeText:
		return &TextPart{}
	case TypeMedia:
		return &MediaPart{}
	case TypeLink:
		return &LinkPart{}
	case TypeAppCard:
		return &AppCardPart{}
	case TypeAppClip:
		return &AppClipPart{}
	}
	return &UnknownPart{typ: typ}
}

// parts reads the array of parts; null leaves *to nil.
func (d *decoder) parts(to *[]Part) error {
	if null, err := d.null(); null || err != nil {
		return err
	}
	if err := d.open(jsontext.KindBeginArray, "an array of objects"); err != nil {
		return err
	}
	list := make([]Part, 0, 1)
	for d.dec.PeekKind() != jsontext.KindEndArray {
		if err := d.element(); err != nil {
			return err
		}
		part, err := d.part()
		if err != nil {
			return err
		}
		list = append(list, part)
	}
	*to = list
	_, err := d.dec.ReadToken()
	return err
}

// part reads the members of a part whose object is open. What a member means depends on the type, which may come last: members before it are set
// aside and read when the type is known.
func (d *decoder) part() (Part, error) {
	var aside []asideMember
	for d.dec.PeekKind() != jsontext.KindEndObject {
		name, err := d.name()
		if err != nil {
			return nil, err
		}
		if string(name) == "type" {
			part, err := d.typed(aside)
			if err != nil {
				return nil, err
			}
			return part, d.members(part)
		}
		m := asideMember{name: string(name)}
		value, err := d.dec.ReadValue()
		if err != nil {
			return nil, err
		}
		m.value = value.Clone()
		m.pointer = d.pointer + string(d.dec.StackPointer())
		m.offset = d.offset + d.dec.InputOffset() - int64(len(value))
		aside = append(aside, m)
	}
	if _, err := d.dec.ReadToken(); err != nil {
		return nil, err
	}
	return withAside(newPart(nil), aside)
}

// typed reads the type of a part and then the members that were set aside.
func (d *decoder) typed(aside []asideMember) (partObject, error) {
	var typ *string
	if err := d.text(&typ, new(string)); err != nil {
		return nil, err
	}
	return withAside(newPart(typ), aside)
}

// asideMember is a member set aside, and where it was.
type asideMember struct {
	name    string
	value   jsontext.Value
	pointer string
	offset  int64
}

func withAside(part partObject, aside []asideMember) (partObject, error) {
	for i := range aside {
		if err := json.Unmarshal(aside[i].value, &asideTarget{part, &aside[i]}); err != nil {
			return nil, err
		}
	}
	return part, nil
}

// asideTarget reads a member set aside into its object.
type asideTarget struct {
	object object
	m      *asideMember
}

func (t *asideTarget) UnmarshalJSONFrom(dec *jsontext.Decoder) error {
	d := decoder{dec: dec, pointer: t.m.pointer, offset: t.m.offset}
	return d.member(t.object, []byte(t.m.name))
}
