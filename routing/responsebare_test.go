package routing_test

import (
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/fromline/fromline/decorations"
	"github.com/fromline/fromline/message"
	"github.com/fromline/fromline/recipients"
	"github.com/fromline/fromline/routing"
	"github.com/fromline/fromline/store"
)

// bare returns the answer of a decision in plain structs.
func bare(d *routing.Decision) bareResponse {
	people := d.Roster.Set()
	handle := func(h recipients.Handle, joined time.Time, isMe bool) bareHandle {
		return bareHandle{
			ID: uuid.NewSHA1(d.ChatID, []byte(h.String())), Handle: h.String(), JoinedAt: stamp(joined), Service: name(d.Service), IsMe: isMe,
			Status: new("active"),
		}
	}
	me := handle(d.Line, d.Roster.Since(), true)
	opens := d.Reason != store.ReusedActiveChat
	out := bareResponse{
		ChatID: d.ChatID, CreatedNewChat: opens, From: d.Line.String(), FromSelection: bareSelection{d.Reason.String(), !opens},
		IsGroup: people.Len() > 1, Service: name(d.Service),
		Message: bareMessage{
			ID: d.MessageID, CreatedAt: stamp(d.At), DeliveryStatus: "pending", Parts: bareParts(d), FromHandle: &me,
		},
	}
	for i, h := range people.All() {
		out.Handles = append(out.Handles, handle(h, d.Roster.JoinedAt(i), false))
	}
	out.Handles = append(out.Handles, me)
	if d.PreviousChatID != uuid.Nil {
		out.PreviousChatID = &d.PreviousChatID
	}
	m := d.Message
	if m.PreferredService != nil {
		out.Message.PreferredService = new(*m.PreferredService)
	}
	if m.Effect != nil {
		out.Message.Effect = &bareEffect{orEmpty(m.Effect.Name), orEmpty(m.Effect.Type)}
	}
	if to := m.ReplyTo; to != nil {
		out.Message.ReplyTo = &bareReply{MessageID: uuid.MustParse(*to.MessageID)}
		if to.PartIndex != nil {
			out.Message.ReplyTo.PartIndex = *to.PartIndex
		}
	}
	return out
}

func bareParts(d *routing.Decision) []barePart {
	parts, resolved := []barePart{}, d.Attachments
	for i, part := range d.Message.Parts {
		out := barePart{Reactions: []any{}, Type: part.Type()}
		switch p := part.(type) {
		case *message.TextPart:
			out.Value, out.Mention, out.MentionRange = p.Value, p.Mention, p.MentionRange
			for _, d := range p.TextDecorations {
				out.TextDecorations = append(out.TextDecorations, bareDecoration{d.Range, d.Animation, d.Style})
			}
			for _, m := range d.Mentions {
				if m.Part == i {
					shown := bareMention{Handle: m.Handle.String(), IsMe: m.Handle == d.Line, Range: p.MentionRange}
					if shown.Range == nil {
						shown.Range = []int64{0, int64(decorations.Length(*p.Value))}
					}
					out.Mentions = append(out.Mentions, shown)
				}
			}
			for _, s := range p.InlineStickers {
				sticker := bareSticker{Range: s.Range}
				if s.AttachmentID != nil {
					sticker.ID = new(uuid.MustParse(*s.AttachmentID))
				}
				if s.URL != nil {
					sticker.FileName, sticker.MimeType, sticker.URL = "a.png", "image/png", *s.URL
				}
				out.InlineStickers = append(out.InlineStickers, sticker)
			}
		case *message.MediaPart:
			m := message.Media{ID: uuid.NewSHA1(d.MessageID, []byte(string(rune('0'+i)))), Filename: "attachment", MimeType: "application/octet-stream"}
			if p.AttachmentID != nil {
				m.ID = uuid.MustParse(*p.AttachmentID)
			}
			if p.URL != nil {
				m.URL, m.Filename, m.MimeType = *p.URL, "a.png", "image/png"
			}
			if len(resolved) > 0 {
				m, resolved = resolved[0], resolved[1:]
			}
			out.ID, out.Filename, out.MimeType, out.SizeBytes, out.URL = &m.ID, &m.Filename, &m.MimeType, &m.SizeBytes, &m.URL
		case *message.LinkPart:
			out.Value = p.Value
		case *message.AppClipPart:
			out.Value = p.Value
		case *message.AppCardPart:
			out.URL, out.FallbackText = new(orEmpty(p.URL)), p.FallbackText
			if a := p.App; a != nil {
				out.App = &bareApp{a.Name, a.BundleID, a.TeamID, a.AppStoreID}
			}
			if l := p.Layout; l != nil {
				out.Layout = &bareLayout{l.Caption, l.Subcaption, l.TrailingCaption, l.TrailingSubcaption, l.ImageURL, l.ImageTitle, l.ImageSubtitle}
			}
		}
		parts = append(parts, out)
	}
	return parts
}

func orEmpty(s *string) string {
	if s == nil {
		return ""
	}
	return strings.Clone(*s)
}

// stamp returns the time as the standard library writes it.
func stamp(t time.Time) *string { return new(t.UTC().Format("2006-01-02T15:04:05.000Z07:00")) }

func name(s message.Service) *string {
	if s == 0 {
		return nil
	}
	return new(s.String())
}

// A response in the words of encoding/json.
type (
	bareResponse struct {
		ChatID         uuid.UUID     `json:"chat_id"`
		CreatedNewChat bool          `json:"created_new_chat"`
		From           string        `json:"from"`
		FromSelection  bareSelection `json:"from_selection"`
		Handles        []bareHandle  `json:"handles"`
		IsGroup        bool          `json:"is_group"`
		Message        bareMessage   `json:"message"`
		Service        *string       `json:"service"`
		PreviousChatID *uuid.UUID    `json:"previous_chat_id"`
	}
	bareSelection struct {
		Reason             string `json:"reason"`
		ReusedExistingChat bool   `json:"reused_existing_chat"`
	}
	bareHandle struct {
		ID       uuid.UUID `json:"id"`
		Handle   string    `json:"handle"`
		JoinedAt *string   `json:"joined_at"`
		Service  *string   `json:"service"`
		IsMe     bool      `json:"is_me"`
		LeftAt   *string   `json:"left_at"`
		Status   *string   `json:"status"`
	}
	bareMessage struct {
		ID               uuid.UUID   `json:"id"`
		CreatedAt        *string     `json:"created_at"`
		DeliveryStatus   string      `json:"delivery_status"`
		IsRead           bool        `json:"is_read"`
		Parts            []barePart  `json:"parts"`
		SentAt           *string     `json:"sent_at"`
		DeliveredAt      *string     `json:"delivered_at"`
		Effect           *bareEffect `json:"effect"`
		FromHandle       *bareHandle `json:"from_handle"`
		PreferredService *string     `json:"preferred_service"`
		ReplyTo          *bareReply  `json:"reply_to"`
		Service          *string     `json:"service"`
	}
	bareEffect struct {
		Name string `json:"name,omitempty"`
		Type string `json:"type,omitempty"`
	}
	bareReply struct {
		MessageID uuid.UUID `json:"message_id"`
		PartIndex int64     `json:"part_index"`
	}
	barePart struct {
		Reactions       []any            `json:"reactions"`
		Type            string           `json:"type"`
		Value           *string          `json:"value,omitempty"`
		TextDecorations []bareDecoration `json:"text_decorations,omitempty"`
		Mention         *string          `json:"mention,omitempty"`
		MentionRange    []int64          `json:"mention_range,omitzero"`
		Mentions        []bareMention    `json:"mentions,omitempty"`
		InlineStickers  []bareSticker    `json:"inline_stickers,omitempty"`
		ID              *uuid.UUID       `json:"id,omitempty"`
		Filename        *string          `json:"filename,omitempty"`
		MimeType        *string          `json:"mime_type,omitempty"`
		SizeBytes       *int64           `json:"size_bytes,omitempty"`
		URL             *string          `json:"url,omitempty"`
		App             *bareApp         `json:"app,omitempty"`
		Layout          *bareLayout      `json:"layout,omitempty"`
		FallbackText    *string          `json:"fallback_text,omitempty"`
	}
	bareDecoration struct {
		Range     []int64 `json:"range,omitzero"`
		Animation *string `json:"animation,omitempty"`
		Style     *string `json:"style,omitempty"`
	}
	bareMention struct {
		Handle string  `json:"handle"`
		IsMe   bool    `json:"is_me"`
		Range  []int64 `json:"range,omitzero"`
	}
	bareSticker struct {
		Range    []int64    `json:"range,omitzero"`
		ID       *uuid.UUID `json:"id,omitempty"`
		FileName string     `json:"file_name,omitempty"`
		MimeType string     `json:"mime_type,omitempty"`
		URL      string     `json:"url,omitempty"`
	}
	bareApp struct {
		Name       *string `json:"name,omitempty"`
		BundleID   *string `json:"bundle_id,omitempty"`
		TeamID     *string `json:"team_id,omitempty"`
		AppStoreID *int64  `json:"app_store_id,omitempty"`
	}
	bareLayout struct {
		Caption            *string `json:"caption,omitempty"`
		Subcaption         *string `json:"subcaption,omitempty"`
		TrailingCaption    *string `json:"trailing_caption,omitempty"`
		TrailingSubcaption *string `json:"trailing_subcaption,omitempty"`
		ImageURL           *string `json:"image_url,omitempty"`
		ImageTitle         *string `json:"image_title,omitempty"`
		ImageSubtitle      *string `json:"image_subtitle,omitempty"`
	}
)
