package fromline

import (
	"github.com/google/uuid"
)

// drawMessageID derives the id from tenant, key and fingerprint where there is
// a key, so that the same send repeated after its record has expired is
// recognisable downstream; else it draws one.
func (s *sending) drawMessageID() uuid.UUID {
	key, f := s.out.Request.IdempotencyKey(), s.fingerprint
	if key == "" {
		return s.opts.NewID()
	}
	var room [192]byte
	name := append(append(room[:0], s.out.Tenant...), 0)
	name = append(append(name, key...), 0)
	return uuid.NewSHA1(messageSpace, append(append(name, f.Version), f.Sum[:]...))
}

// messageSpace is the name space of derived message ids. It never changes.
var messageSpace = uuid.MustParse("6f1c2f5e-8f0b-5d0c-9a52-3c1c2a1d7b10")

// newID draws a random UUID of version 7, which sorts by time.
func newID() uuid.UUID { return uuid.Must(uuid.NewV7()) }
