package response_test

import (
	"bytes"
	stdjson "encoding/json"
	"os"
	"strings"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/fromline/fromline/message"
	"github.com/fromline/fromline/routing/internal/response"
)

// What is written is what the standard library writes from plain structs.
func TestResponseForm(t *testing.T) { rapid.Check(t, responseForm) }

func FuzzResponseForm(f *testing.F) { f.Fuzz(rapid.MakeFuzz(responseForm)) }

func responseForm(t *rapid.T) {
	r := answers.Draw(t, "response")
	body, err := r.AppendJSON(nil)
	require.NoError(t, err)
	want, err := stdjson.Marshal(bare(r))
	require.NoError(t, err)
	require.JSONEq(t, string(want), string(body))

	std, err := stdjson.Marshal(r)
	require.NoError(t, err)
	require.JSONEq(t, string(body), string(std))
}

// The example of the endpoint's page holds no member that is not written, and
// what is written of it no member that it does not hold.
func TestPageResponse(t *testing.T) {
	page, err := os.ReadFile("testdata/page_response.json")
	require.NoError(t, err)
	for _, whole := range []string{string(page), strings.ReplaceAll(string(page), `"is_me"`, `"zzz"`)} {
		decoder := stdjson.NewDecoder(strings.NewReader(whole))
		decoder.DisallowUnknownFields()
		var known bareResponse
		err = decoder.Decode(&known)
		require.Equal(t, whole == string(page), err == nil, "%v", err)
	}
}

// bare returns the response in plain structs.
func bare(r *response.Response) bareResponse {
	m := &r.Message
	out := bareResponse{
		ChatID: r.ChatID, CreatedNewChat: r.CreatedNewChat, From: r.From, FromSelection: bareSelection(r.FromSelection), IsGroup: r.IsGroup,
		Handles: []bareHandle{}, Service: name(r.Service),
		Message: bareMessage{
			ID: m.ID, CreatedAt: stamp(m.CreatedAt), DeliveryStatus: m.DeliveryStatus, IsRead: m.IsRead, Parts: []barePart{}, SentAt: stamp(m.SentAt),
			DeliveredAt: stamp(m.DeliveredAt), PreferredService: name(m.PreferredService), Service: name(m.Service),
		},
	}
	if r.PreviousChatID != (uuid.UUID{}) {
		out.PreviousChatID = &r.PreviousChatID
	}
	for _, h := range r.Handles {
		out.Handles = append(out.Handles, bareOf(h))
	}
	if h := m.FromHandle; h != nil {
		out.Message.FromHandle = new(bareOf(*h))
	}
	if e := m.Effect; e != nil {
		out.Message.Effect = &bareEffect{e.Name, e.Type}
	}
	if to := m.ReplyTo; to != nil {
		out.Message.ReplyTo = &bareReply{to.MessageID, to.PartIndex}
	}
	for _, p := range m.Parts {
		out.Message.Parts = append(out.Message.Parts, bareParts(p))
	}
	return out
}

func bareOf(h response.ChatHandle) bareHandle {
	out := bareHandle{ID: h.ID, Handle: h.Handle, JoinedAt: stamp(h.JoinedAt), Service: name(h.Service), IsMe: h.IsMe, LeftAt: stamp(h.LeftAt)}
	if h.Status != "" {
		out.Status = &h.Status
	}
	return out
}

func bareParts(part response.ResponsePart) barePart {
	out := barePart{Reactions: []any{}, Type: part.Type()}
	switch p := part.(type) {
	case *response.TextResponse:
		out.Value, out.Mention, out.MentionRange = &p.Value, p.Mention, p.MentionRange
		for _, d := range p.TextDecorations {
			out.TextDecorations = append(out.TextDecorations, bareDecoration{d.Range, d.Animation, d.Style})
		}
		for _, m := range p.Mentions {
			out.Mentions = append(out.Mentions, bareMention(m))
		}
		for _, s := range p.InlineStickers {
			sticker := bareSticker{Range: s.Range, FileName: s.FileName, MimeType: s.MimeType, URL: s.URL}
			if s.ID != (uuid.UUID{}) {
				sticker.ID = &s.ID
			}
			out.InlineStickers = append(out.InlineStickers, sticker)
		}
	case *response.MediaResponse:
		out.ID, out.Filename, out.MimeType, out.SizeBytes, out.URL = &p.ID, &p.Filename, &p.MimeType, &p.SizeBytes, &p.URL
	case *response.LinkResponse:
		out.Value = &p.Value
	case *response.AppClipResponse:
		out.Value = &p.Value
	case *response.AppCardResponse:
		out.URL, out.FallbackText = &p.URL, p.FallbackText
		if a := p.App; a != nil {
			out.App = &bareApp{a.Name, a.BundleID, a.TeamID, a.AppStoreID}
		}
		if l := p.Layout; l != nil {
			out.Layout = &bareLayout{l.Caption, l.Subcaption, l.TrailingCaption, l.TrailingSubcaption, l.ImageURL, l.ImageTitle, l.ImageSubtitle}
		}
	}
	return out
}

// stamp returns the time as the standard library writes it, nil without one.
func stamp(t message.Timestamp) *string {
	if t.IsZero() {
		return nil
	}
	return new(t.Time().Format("2006-01-02T15:04:05.000Z07:00"))
}

func name(s message.Service) *string {
	if s == 0 {
		return nil
	}
	return new(s.String())
}

// A whole answer that cannot be written leaves the buffer alone, and one that
// can is appended behind what is there.
func TestResponseIsAppended(t *testing.T) {
	body, err := answer().AppendJSON([]byte("x"))
	require.NoError(t, err)
	alone, err := answer().AppendJSON(nil)
	require.NoError(t, err)
	require.True(t, bytes.Equal(append([]byte("x"), alone...), body))
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
