package message

import "github.com/go-json-experiment/json/jsontext"

// Request is the body of a send, with the key of its header (docs/rules.md §2).
// No rule has checked it yet.
type Request struct {
	To                  []string
	Message             *Content
	ContinuationMessage *Continuation
	ExcludeFrom         []string
	OverrideOptOut      *bool

	// HeaderKey is the value of the Idempotency-Key header; nil without one. It
	// is no part of the JSON form.
	HeaderKey *string

	Unknown Members
}

// Content is the member message of a request. [EncodeContent] returns it in the
// form for delivery.
type Content struct {
	Parts            []Part
	Effect           *Effect
	ReplyTo          *ReplyTo
	PreferredService *string // the name of a [Service]
	IdempotencyKey   *string

	Unknown Members
}

// Continuation is the text that replaces the message when a send fails over to
// another line.
type Continuation struct {
	Text *string

	Unknown Members
}

// Effect is a screen or bubble effect.
type Effect struct {
	Type *string // "screen" or "bubble"
	Name *string

	Unknown Members
}

// ReplyTo names the message to which this one replies.
type ReplyTo struct {
	MessageID *string // a UUID
	PartIndex *int64  // from 0; absent means 0

	Unknown Members
}

// Members are the unknown members of an object, in the order in which they
// came.
type Members []Member

// Member is one of [Members]: a name and its value as it was written.
type Member struct {
	Name  string
	Value jsontext.Value
}
