// Package plain has the bodies of the endpoint as plain structs with tags,
// which the JSON library alone decodes and encodes: the baseline of benchmarks.
// It checks nothing, drops unknown members and has no union of parts.
package plain

import (
	"github.com/go-json-experiment/json/jsontext"
	"github.com/google/uuid"
)

// Request is the body of a send.
type Request struct {
	To      []string `json:"to"`
	Message *struct {
		Parts []struct {
			Type            string `json:"type"`
			Value           string `json:"value"`
			TextDecorations []struct {
				Range     []int  `json:"range"`
				Style     string `json:"style"`
				Animation string `json:"animation"`
			} `json:"text_decorations"`
			Mention      string `json:"mention"`
			MentionRange []int  `json:"mention_range"`
			URL          string `json:"url"`
			AttachmentID string `json:"attachment_id"`
		} `json:"parts"`
		Effect  *Effect `json:"effect"`
		ReplyTo *struct {
			MessageID string `json:"message_id"`
			PartIndex int    `json:"part_index"`
		} `json:"reply_to"`
		PreferredService string `json:"preferred_service"`
		IdempotencyKey   string `json:"idempotency_key"`
	} `json:"message"`
	ContinuationMessage *struct {
		Text string `json:"text"`
	} `json:"continuation_message"`
	ExcludeFrom    []string `json:"exclude_from"`
	OverrideOptOut bool     `json:"override_optout"`
}

// Effect is the effect of a message.
type Effect struct {
	Name string `json:"name"`
	Type string `json:"type"`
}

// Handle is a participant.
type Handle struct {
	ID       uuid.UUID `json:"id"`
	Handle   string    `json:"handle"`
	JoinedAt string    `json:"joined_at"`
	Service  string    `json:"service"`
	IsMe     bool      `json:"is_me"`
	LeftAt   *string   `json:"left_at"`
	Status   string    `json:"status"`
}

// Response is the body of a 202.
type Response struct {
	ChatID         uuid.UUID `json:"chat_id"`
	CreatedNewChat bool      `json:"created_new_chat"`
	From           string    `json:"from"`
	FromSelection  struct {
		Reason             string `json:"reason"`
		ReusedExistingChat bool   `json:"reused_existing_chat"`
	} `json:"from_selection"`
	Handles []Handle `json:"handles"`
	IsGroup bool     `json:"is_group"`
	Message struct {
		ID             uuid.UUID `json:"id"`
		CreatedAt      string    `json:"created_at"`
		DeliveryStatus string    `json:"delivery_status"`
		IsRead         bool      `json:"is_read"`
		Parts          []struct {
			Reactions       []string       `json:"reactions"`
			Type            string         `json:"type"`
			Value           string         `json:"value"`
			TextDecorations jsontext.Value `json:"text_decorations,omitzero"`
		} `json:"parts"`
		SentAt           *string `json:"sent_at"`
		DeliveredAt      *string `json:"delivered_at"`
		Effect           *Effect `json:"effect"`
		FromHandle       *Handle `json:"from_handle"`
		PreferredService *string `json:"preferred_service"`
		ReplyTo          *string `json:"reply_to"`
		Service          *string `json:"service"`
	} `json:"message"`
	Service        string  `json:"service"`
	PreviousChatID *string `json:"previous_chat_id"`
}
