package response

import (
	"github.com/google/uuid"

	"github.com/fromline/fromline/message"
)

// Response is the body of a 202, with exactly the members of the endpoint's page (docs/rules.md §13). [Response.AppendJSON] writes it.
type Response struct {
	ChatID         uuid.UUID
	CreatedNewChat bool
	From           string // the line, in E.164
	FromSelection  FromSelection
	Handles        []ChatHandle
	IsGroup        bool
	Message        SentMessage
	Service        message.Service
	PreviousChatID uuid.UUID // the zero UUID is null
}

// FromSelection says why that line and chat.
type FromSelection struct {
	Reason             string // "reused_active_chat", "new_best_number" or "failover_flagged"
	ReusedExistingChat bool
}

// ChatHandle is a participant of a chat.
type ChatHandle struct {
	ID       uuid.UUID
	Handle   string
	JoinedAt message.Timestamp
	Service  message.Service
	IsMe     bool
	LeftAt   message.Timestamp // zero: still there
	Status   string            // "active", "left" or "removed"; "" is null
}

// SentMessage is the message as it was sent.
type SentMessage struct {
	ID               uuid.UUID
	CreatedAt        message.Timestamp
	DeliveryStatus   string // "pending", …
	IsRead           bool
	Parts            ResponseParts
	SentAt           message.Timestamp
	DeliveredAt      message.Timestamp
	Effect           *SentEffect
	FromHandle       *ChatHandle
	PreferredService message.Service
	ReplyTo          *SentReplyTo
	Service          message.Service
}

// SentEffect is the effect of a sent message.
type SentEffect struct {
	Name string // "" is absent
	Type string // "" is absent
}

// SentReplyTo names the message that is answered.
type SentReplyTo struct {
	MessageID uuid.UUID
	PartIndex int64
}

// ResponseParts are the parts of a sent message, in order.
type ResponseParts []ResponsePart

// ResponsePart is a part of a sent message: a [*TextResponse], [*MediaResponse], [*LinkResponse], [*AppCardResponse] or [*AppClipResponse].
type ResponsePart interface {
	// Type returns the value of the member type, such as "text".
	Type() string

	responsePart()
}

// TextResponse is a text part.
type TextResponse struct {
	Value           string
	TextDecorations []message.Decoration // empty is absent
	Mention         *string              // as it was sent; nil is absent
	MentionRange    []int64              // as it was sent; nil is absent
	Mentions        []Mention            // empty is absent
	InlineStickers  []SentSticker
}

// Mention is a person named in a text.
type Mention struct {
	Handle string // in canonical form
	IsMe   bool
	Range  []int64 // [start, end) in UTF-16 code units of the text
}

// SentSticker is an image in place of a range of text.
type SentSticker struct {
	Range    []int64
	ID       uuid.UUID // zero is absent
	FileName string    // "" is absent, as in the other members
	MimeType string
	URL      string
}

// MediaResponse is a media part.
type MediaResponse struct {
	message.Media
}

// LinkResponse is a link part.
type LinkResponse struct {
	Value string
}

// AppCardResponse is the card of an iMessage app.
type AppCardResponse struct {
	App          *message.App
	Layout       *message.Layout
	URL          string
	FallbackText *string // nil is absent
}

// AppClipResponse is the card of an App Clip. The endpoint's page has no such part; its shape is that of a link.
type AppClipResponse struct {
	Value string
}

// Type returns [message.TypeText].
func (*TextResponse) Type() string { return message.TypeText }

// Type returns [message.TypeMedia].
func (*MediaResponse) Type() string { return message.TypeMedia }

// Type returns [message.TypeLink].
func (*LinkResponse) Type() string { return message.TypeLink }

// Type returns [message.TypeAppCard].
func (*AppCardResponse) Type() string { return message.TypeAppCard }

// Type returns [message.TypeAppClip].
func (*AppClipResponse) Type() string { return message.TypeAppClip }

func (*TextResponse) responsePart()    {}
func (*MediaResponse) responsePart()   {}
func (*LinkResponse) responsePart()    {}
func (*AppCardResponse) responsePart() {}
func (*AppClipResponse) responsePart() {}
