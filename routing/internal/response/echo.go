package response

import (
	"path"
	"strings"

	"github.com/google/uuid"

	"github.com/fromline/fromline/message"
)

// Echo returns the parts of a response for the parts of content that has passed the rules, each without reactions. About an attachment it asks media, which
// gets the index of its part; a nil media is [DescribeMedia] with the zero UUID. The result shares the memory of the parts.
func Echo(parts []message.Part, media func(i int, p *message.MediaPart) message.Media) ResponseParts {
	out := make(ResponseParts, 0, len(parts))
	for i, part := range parts {
		switch p := part.(type) {
		case *message.TextPart:
			out = append(out, &TextResponse{
				Value: *p.Value, TextDecorations: p.TextDecorations, Mention: p.Mention, MentionRange: p.MentionRange, InlineStickers: echoStickers(p.InlineStickers),
			})
		case *message.MediaPart:
			m := message.Media{}
			if media != nil {
				m = media(i, p)
			} else {
				m = DescribeMedia(p, uuid.UUID{})
			}
			out = append(out, &MediaResponse{Media: m})
		case *message.LinkPart:
			out = append(out, &LinkResponse{Value: *p.Value})
		case *message.AppCardPart:
			url := ""
			if p.URL != nil {
				url = *p.URL
			}
			out = append(out, &AppCardResponse{App: p.App, Layout: p.Layout, URL: url, FallbackText: p.FallbackText})
		case *message.AppClipPart:
			out = append(out, &AppClipResponse{Value: *p.Value})
		}
	}
	return out
}

// EchoEffect returns the effect of a response for that of content that has passed the rules; nil for nil.
func EchoEffect(e *message.Effect) *SentEffect {
	if e == nil {
		return nil
	}
	out := &SentEffect{}
	if e.Type != nil {
		out.Type = *e.Type
	}
	if e.Name != nil {
		out.Name = *e.Name
	}
	return out
}

// EchoReplyTo returns the reply of a response for that of content that has passed the rules; nil for nil.
func EchoReplyTo(r *message.ReplyTo) *SentReplyTo {
	if r == nil {
		return nil
	}
	out := &SentReplyTo{}
	out.MessageID, _ = uuid.Parse(*r.MessageID) // the rules want a UUID
	if r.PartIndex != nil {
		out.PartIndex = *r.PartIndex
	}
	return out
}

// DescribeMedia says what can be known of an attachment without looking at it (docs/rules.md §4): its id is the attachment_id, or derived where there is
// none; its file name the last segment of the URL's path, or "attachment"; its type that of the file name's extension, or application/octet-stream; its
// size 0; its URL as given.
func DescribeMedia(p *message.MediaPart, derived uuid.UUID) message.Media {
	m := message.Media{ID: derived, Filename: "attachment", MimeType: "application/octet-stream"}
	if p.AttachmentID != nil {
		m.ID, _ = uuid.Parse(*p.AttachmentID) // the rules want a UUID
	}
	if p.URL != nil {
		m.URL = *p.URL
		if name := lastSegment(m.URL); name != "" {
			m.Filename = name
		}
	}
	if t, ok := mediaTypes[strings.ToLower(path.Ext(m.Filename))]; ok {
		m.MimeType = t
	}
	return m
}

// echoStickers says what can be known of images in a text without looking at them.
func echoStickers(list []message.InlineSticker) []SentSticker {
	if len(list) == 0 {
		return nil
	}
	out := make([]SentSticker, len(list))
	for i := range list {
		out[i].Range = list[i].Range
		m := DescribeMedia(&message.MediaPart{URL: list[i].URL, AttachmentID: list[i].AttachmentID}, uuid.UUID{})
		out[i].ID = m.ID
		if list[i].URL != nil {
			out[i].FileName, out[i].MimeType, out[i].URL = m.Filename, m.MimeType, m.URL
		}
	}
	return out
}
