package message

import "github.com/google/uuid"

// Response is the body of a 202, with exactly the members of the endpoint's page (docs/rules.md §13).
type Response struct {
	ChatID         uuid.UUID     `json:"chat_id"`
	CreatedNewChat bool          `json:"created_new_chat"`
	From           string        `json:"from"` // the line, in E.164
	FromSelection  FromSelection `json:"from_selection"`
	Handles        []ChatHandle  `json:"handles"`
	IsGroup        bool          `json:"is_group"`
	Message        SentMessage   `json:"message"`
	Service        Service       `json:"service"`
	PreviousChatID uuid.UUID     `json:"previous_chat_id"` // the zero UUID is null
}

// FromSelection says why that line and chat.
type FromSelection struct {
	Reason             string `json:"reason"` // "reused_active_chat", "new_best_number" or "failover_flagged"
	ReusedExistingChat bool   `json:"reused_existing_chat"`
}

// ChatHandle is a participant of a chat.
type ChatHandle struct {
	ID       uuid.UUID `json:"id"`
	Handle   string    `json:"handle"`
	JoinedAt Timestamp `json:"joined_at"`
	Service  Service   `json:"service"`
	IsMe     bool      `json:"is_me"`
	LeftAt   Timestamp `json:"left_at"` // zero: still there
	Status   string    `json:"status"`  // "active", "left" or "removed"; "" is null
}

// SentMessage is the message as it was sent.
type SentMessage struct {
	ID               uuid.UUID     `json:"id"`
	CreatedAt        Timestamp     `json:"created_at"`
	DeliveryStatus   string        `json:"delivery_status"` // "pending", …
	IsRead           bool          `json:"is_read"`
	Parts            ResponseParts `json:"parts"`
	SentAt           Timestamp     `json:"sent_at"`
	DeliveredAt      Timestamp     `json:"delivered_at"`
	Effect           *SentEffect   `json:"effect"`
	FromHandle       *ChatHandle   `json:"from_handle"`
	PreferredService Service       `json:"preferred_service"`
	ReplyTo          *SentReplyTo  `json:"reply_to"`
	Service          Service       `json:"service"`
}

// SentEffect is the effect of a sent message.
type SentEffect struct {
	Name string `json:"name,omitzero"` // "" is absent
	Type string `json:"type,omitzero"` // "" is absent
}

// SentReplyTo names the message that is answered.
type SentReplyTo struct {
	MessageID uuid.UUID `json:"message_id"`
	PartIndex int64     `json:"part_index"`
}

// Reaction is a reaction on a part.
type Reaction struct {
	Handle      ChatHandle `json:"handle"`
	IsMe        bool       `json:"is_me"`
	Type        string     `json:"type"` // "love", …
	CustomEmoji *string    `json:"custom_emoji"`
	Sticker     *Sticker   `json:"sticker"`
}

// Sticker is the sticker of a reaction.
type Sticker struct {
	FileName string `json:"file_name,omitzero"`
	Height   int64  `json:"height,omitzero"` // pixels
	MimeType string `json:"mime_type,omitzero"`
	URL      string `json:"url,omitzero"`
	Width    int64  `json:"width,omitzero"` // pixels
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
	Reactions       []Reaction   `json:"reactions"`
	Value           string       `json:"value"`
	TextDecorations []Decoration `json:"text_decorations"` // empty is absent
}

// MediaResponse is a media part.
type MediaResponse struct {
	Reactions []Reaction `json:"reactions"`
	Media
}

// Media is what is known of an attachment.
type Media struct {
	ID        uuid.UUID `json:"id"`
	Filename  string    `json:"filename"`
	MimeType  string    `json:"mime_type"`
	SizeBytes int64     `json:"size_bytes"`
	URL       string    `json:"url"`
}

// LinkResponse is a link part.
type LinkResponse struct {
	Reactions []Reaction `json:"reactions"`
	Value     string     `json:"value"`
}

// AppCardResponse is the card of an iMessage app.
type AppCardResponse struct {
	Reactions    []Reaction `json:"reactions"`
	App          *App       `json:"app"`
	Layout       *Layout    `json:"layout"`
	URL          string     `json:"url"`
	FallbackText *string    `json:"fallback_text"` // nil is absent
}

// AppClipResponse is the card of an App Clip. The endpoint's page has no such part; its shape is that of a link.
type AppClipResponse struct {
	Reactions []Reaction `json:"reactions"`
	Value     string     `json:"value"`
}

// Type returns [TypeText].
func (*TextResponse) Type() string { return TypeText }

// Type returns [TypeMedia].
func (*MediaResponse) Type() string { return TypeMedia }

// Type returns [TypeLink].
func (*LinkResponse) Type() string { return TypeLink }

// Type returns [TypeAppCard].
func (*AppCardResponse) Type() string { return TypeAppCard }

// Type returns [TypeAppClip].
func (*AppClipResponse) Type() string { return TypeAppClip }

func (*TextResponse) responsePart()    {}
func (*MediaResponse) responsePart()   {}
func (*LinkResponse) responsePart()    {}
func (*AppCardResponse) responsePart() {}
func (*AppClipResponse) responsePart() {}
