package message

import "github.com/google/uuid"

// Media is what is known of an attachment.
type Media struct {
	ID        uuid.UUID
	Filename  string
	MimeType  string
	SizeBytes int64
	URL       string
}
