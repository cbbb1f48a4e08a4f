package message

import "github.com/google/uuid"

// Media describes an attachment: its id, its file name, its MIME type, its size
// in bytes (0 if unknown) and its URL.
type Media struct {
	ID        uuid.UUID
	Filename  string
	MimeType  string
	SizeBytes int64
	URL       string
}
