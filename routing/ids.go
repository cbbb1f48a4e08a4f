package routing

import (
	"crypto/sha1"

	"github.com/google/uuid"

	"github.com/fromline/fromline/message"
	"github.com/fromline/fromline/recipients"
)

// HandleID returns the id of a participant of a chat: a UUID of version 5 whose
// name space is the chat's id and whose name is the handle. It is the same in
// every answer about the chat.
func HandleID(chat uuid.UUID, h recipients.Handle) uuid.UUID {
	var room [80]byte
	return derivedID(h.AppendTo(append(room[:0], chat[:]...)))
}

// MessageID returns the id of the message of a send with an idempotency key: a
// UUID of version 5 of the tenant, the key and the fingerprint of the request.
// So the receiver recognises a send that is repeated after its record has
// expired.
func MessageID(tenant, key string, f message.Fingerprint) uuid.UUID {
	var room [192]byte
	name := append(append(append(room[:0], messageSpace[:]...), tenant...), 0)
	name = append(append(name, key...), 0)
	return derivedID(append(append(name, f.Version), f.Sum[:]...))
}

// messageSpace is the name space of the ids of messages. It never changes.
var messageSpace = uuid.UUID{
	0x6f, 0x1c, 0x2f, 0x5e, 0x8f, 0x0b, 0x5d, 0x0c, 0x9a, 0x52, 0x3c, 0x1c, 0x2a, 0x1d, 0x7b, 0x10,
}

// derivedID returns the UUID of version 5 of a name that has its name space
// before it. It is uuid.NewSHA1 in half the time and without its allocations:
// every send has two of these or more.
func derivedID(name []byte) uuid.UUID {
	sum := sha1.Sum(name)
	id := uuid.UUID(sum[:16])
	id[6] = id[6]&0x0f | 5<<4 // version 5
	id[8] = id[8]&0x3f | 0x80 // RFC 9562
	return id
}
