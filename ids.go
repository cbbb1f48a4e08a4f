package fromline

import (
	"bufio"
	"crypto/rand"
	"sync"

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

// drawChatID draws the id of a chat that the send opens, once: most sends open
// none.
func (s *sending) drawChatID() uuid.UUID {
	if s.newChatID == uuid.Nil {
		s.newChatID = s.opts.NewID()
	}
	return s.newChatID
}

// newIDs returns what draws UUIDs of version 7, which sort by time. Random
// bytes are read in pieces and kept for the next ids: most sends draw one.
func newIDs() func() uuid.UUID {
	pieces := sync.Pool{New: func() any { return bufio.NewReaderSize(rand.Reader, 1024) }}
	return func() uuid.UUID {
		r := pieces.Get().(*bufio.Reader)
		defer pieces.Put(r)
		return uuid.Must(uuid.NewV7FromReader(r)) // rand.Reader does not fail
	}
}
