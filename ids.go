package fromline

import (
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

// newID draws a random UUID of version 7, which sorts by time.
func newID() uuid.UUID { return uuid.Must(uuid.NewV7()) }
