package routing

import (
	"crypto/sha1"

	"github.com/google/uuid"

	"github.com/fromline/fromline/recipients"
)

// HandleID returns the id of a participant of a chat: a UUID of version 5 whose
// name space is the chat's id and whose name is the handle. It is the same in
// every answer about the chat.
func HandleID(chat uuid.UUID, h recipients.Handle) uuid.UUID { return handleID(chat, h.String()) }

// handleID is uuid.NewSHA1 without its allocations: every answer has two of
// these or more.
func handleID(chat uuid.UUID, handle string) uuid.UUID {
	var room [80]byte
	sum := sha1.Sum(append(append(room[:0], chat[:]...), handle...))
	id := uuid.UUID(sum[:16])
	id[6] = id[6]&0x0f | 5<<4 // version 5
	id[8] = id[8]&0x3f | 0x80 // RFC 9562
	return id
}
