package routing

import (
	"strconv"

	"github.com/google/uuid"

	"github.com/fromline/fromline/decorations"
	"github.com/fromline/fromline/message"
)

// parts appends the parts as they are sent, with the resolver's answers or else
// what the parts themselves tell about attachments, and with who is mentioned.
// A message that is being sent has no reactions.
func (r *response) parts() {
	attachments := r.Attachments
	for i, part := range r.Message.Parts {
		r.Open('{')
		switch p := part.(type) {
		case *message.TextPart:
			r.reacted(`"type":"text","value":`, *p.Value)
			r.decorations(p.TextDecorations)
			r.OptionalText(`"mention":`, p.Mention)
			r.OptionalIntegers(`"mention_range":`, p.MentionRange)
			r.mention(i, p)
			r.stickers(p.InlineStickers)
		case *message.MediaPart:
			if len(attachments) > 0 {
				r.media(attachments[0])
				attachments = attachments[1:]
			} else {
				r.media(describeMedia(p.URL, p.AttachmentID, r.partID(i)))
			}
		case *message.LinkPart:
			r.reacted(`"type":"link","value":`, *p.Value)
		case *message.AppClipPart: // which the endpoint's page does not show: as a link
			r.reacted(`"type":"app_clip","value":`, *p.Value)
		case *message.AppCardPart:
			r.app(p.App)
			r.layout(p.Layout)
			r.reacted(`"type":"imessage_app","url":`, valueOf(p.URL))
			r.OptionalText(`"fallback_text":`, p.FallbackText)
		}
		r.Close('}')
	}
}

// partID returns the id of an attachment that has none of its own.
func (r *response) partID(part int) uuid.UUID {
	return derivedID(strconv.AppendInt(r.MessageID[:], int64(part), 10))
}

// reacted appends the member reactions, and then two more.
func (r *response) reacted(next, text string) {
	r.Name(`"reactions":[],`)
	r.Raw(next)
	r.Text(text)
}

func (r *response) media(m message.Media) {
	r.Raw(`"id":`)
	r.ID(m.ID)
	r.Raw(`,"filename":`)
	r.Text(m.Filename)
	r.Raw(`,"mime_type":`)
	r.Text(m.MimeType)
	r.Raw(`,"reactions":[],"size_bytes":`)
	r.Integer(m.SizeBytes)
	r.Raw(`,"type":"media","url":`)
	r.Text(m.URL)
}

// mention appends the person whom a text mentions, if any.
func (r *response) mention(part int, p *message.TextPart) {
	for _, m := range r.Mentions {
		if m.Part != part {
			continue
		}
		r.Name(`"mentions":[{"handle":`)
		r.person(m.Handle)
		r.Raw(`,"is_me":`)
		r.Boolean(m.Handle == r.Line)
		if p.MentionRange != nil {
			r.OptionalIntegers(`"range":`, p.MentionRange)
		} else {
			r.Raw(`,"range":[0`)
			r.Integer(int64(decorations.Length(*p.Value)))
			r.Close(']')
		}
		r.Raw(`}]`)
		return
	}
}

// decorations appends the member text_decorations, if there is any.
func (r *response) decorations(list []message.Decoration) {
	if len(list) == 0 {
		return
	}
	r.Name(`"text_decorations":`)
	r.Open('[')
	for i := range list {
		r.Open('{')
		r.OptionalIntegers(`"range":`, list[i].Range)
		r.OptionalText(`"animation":`, list[i].Animation)
		r.OptionalText(`"style":`, list[i].Style)
		r.Close('}')
	}
	r.Close(']')
}

// stickers appends what can be known of images in a text without looking at
// them.
func (r *response) stickers(list []message.InlineSticker) {
	if len(list) == 0 {
		return
	}
	r.Name(`"inline_stickers":`)
	r.Open('[')
	for i := range list {
		s := &list[i]
		m := describeMedia(s.URL, s.AttachmentID, uuid.Nil)
		r.Open('{')
		r.OptionalIntegers(`"range":`, s.Range)
		if s.AttachmentID != nil { // any UUID may be one, that of zeros too
			r.Name(`"id":`)
			r.ID(m.ID)
		}
		if s.URL != nil {
			r.textIfAny(`"file_name":`, m.Filename)
			r.textIfAny(`"mime_type":`, m.MimeType)
			r.textIfAny(`"url":`, m.URL)
		}
		r.Close('}')
	}
	r.Close(']')
}

func (r *response) app(a *message.App) {
	if a == nil {
		return
	}
	r.Name(`"app":`)
	r.Open('{')
	r.OptionalText(`"name":`, a.Name)
	r.OptionalText(`"bundle_id":`, a.BundleID)
	r.OptionalText(`"team_id":`, a.TeamID)
	r.OptionalInteger(`"app_store_id":`, a.AppStoreID)
	r.Close('}')
}

func (r *response) layout(l *message.Layout) {
	if l == nil {
		return
	}
	r.Name(`"layout":`)
	r.Open('{')
	r.OptionalText(`"caption":`, l.Caption)
	r.OptionalText(`"subcaption":`, l.Subcaption)
	r.OptionalText(`"trailing_caption":`, l.TrailingCaption)
	r.OptionalText(`"trailing_subcaption":`, l.TrailingSubcaption)
	r.OptionalText(`"image_url":`, l.ImageURL)
	r.OptionalText(`"image_title":`, l.ImageTitle)
	r.OptionalText(`"image_subtitle":`, l.ImageSubtitle)
	r.Close('}')
}
