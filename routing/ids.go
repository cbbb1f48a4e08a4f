package routing

import (
	"crypto/rand"
	"crypto/sha1"
	"encoding/binary"
	"sync"
	"time"

	"github.com/google/uuid"

	"github.com/fromline/fromline/recipients"
)

// drawMessageID derives the id from tenant, key and fingerprint where there is a
// key, so that the same send repeated after its record has expired is
// recognisable downstream (§8); else it draws one.
func (w *work) drawMessageID() uuid.UUID {
	key, f := w.send.Request.IdempotencyKey(), w.fingerprint
	if key == "" {
		return w.opts.IDs.NewID()
	}
	var room [192]byte
	name := append(room[:0], messageSpace[:]...)
	name = append(append(name, w.send.Tenant...), 0)
	name = append(append(name, key...), 0)
	return derivedID(append(append(name, f.Version), f.Sum[:]...))
}

// messageSpace is the name space of derived message ids. It never changes.
var messageSpace = uuid.MustParse("6f1c2f5e-8f0b-5d0c-9a52-3c1c2a1d7b10")

// HandleID returns the id of a participant of a chat: a UUID of version 5 whose
// name space is the chat's id and whose name is the handle.
func HandleID(chat uuid.UUID, h recipients.Handle) uuid.UUID { return handleID(chat, h.String()) }

func handleID(chat uuid.UUID, handle string) uuid.UUID {
	var room [80]byte
	return derivedID(append(append(room[:0], chat[:]...), handle...))
}

// derivedID returns the UUID of version 5 of a name that has its name space
// before it. It is uuid.NewSHA1 without its allocations: every answer has two of
// these or more.
func derivedID(name []byte) uuid.UUID {
	sum := sha1.Sum(name)
	id := uuid.UUID(sum[:16])
	id[6] = id[6]&0x0f | 5<<4 // version 5
	id[8] = id[8]&0x3f | 0x80 // RFC 9562
	return id
}

// randomIDs draws UUIDs of version 7, which sort by time: milliseconds, then the
// part of the millisecond, then 62 random bits (RFC 9562, method 3). It is
// uuid.NewV7 without its allocation and without the lock that all callers of a
// process share: every send draws two.
type randomIDs struct {
	supplies sync.Pool // of *supply
}

// supply is randomness that was asked for at once, each byte of it used once.
type supply struct {
	bytes [1024]byte
	used  int
}

func newRandomIDs() *randomIDs {
	return &randomIDs{sync.Pool{New: func() any { return &supply{used: len(supply{}.bytes)} }}}
}

func (r *randomIDs) NewID() uuid.UUID {
	var id uuid.UUID
	from := r.supplies.Get().(*supply)
	if from.used == len(from.bytes) {
		_, _ = rand.Read(from.bytes[:]) // which never fails
		from.used = 0
	}
	from.used += copy(id[8:], from.bytes[from.used:])
	r.supplies.Put(from)

	const version, milli = 7, int64(time.Millisecond)
	now := time.Now().UnixNano()
	within := now % milli << 12 / milli // the part of the millisecond, in twelve bits
	binary.BigEndian.PutUint64(id[:8], uint64(now/milli<<16|version<<12|within))
	id[8] = id[8]&0x3f | 0x80 // RFC 9562
	return id
}
