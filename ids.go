package fromline

import (
	"encoding/binary"
	"math/rand/v2"
	"time"

	"github.com/google/uuid"

	"github.com/fromline/fromline/routing"
)

// drawMessageID derives the id where there is an idempotency key; else it draws
// one.
func (s *sending) drawMessageID() uuid.UUID {
	if key := s.out.Request.IdempotencyKey(); key != "" {
		return routing.MessageID(s.out.Tenant, key, s.fingerprint)
	}
	return s.opts.NewID()
}

// newID draws a UUID of version 7, which sorts by time: milliseconds, then the
// part of the millisecond in twelve bits, then 62 random bits (RFC 9562, method
// 3). An id has to be unique and need not be secret, so that the generator of
// math/rand does. uuid.NewV7 takes six times as long, for a lock that the whole
// process shares and an allocation, and every send draws two.
func newID() (id uuid.UUID) {
	const version, milli = 7, int64(time.Millisecond)
	now := time.Now().UnixNano()
	within := now % milli << 12 / milli
	binary.BigEndian.PutUint64(id[:8], uint64(now/milli<<16|version<<12|within))
	binary.BigEndian.PutUint64(id[8:], rand.Uint64())
	id[8] = id[8]&0x3f | 0x80
	return id
}
