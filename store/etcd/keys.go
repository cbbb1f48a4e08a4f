package etcd

import (
	"encoding/binary"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/fromline/fromline/recipients"
)

// The kinds of keys. Behind the prefix of the store and the kind stands what is
// listed here; a tenant ends with a zero byte, which no tenant contains, so
// that keys are in the order of tenants and then of ids.
const (
	kindSet     = "c" // tenant, key of the set: the set and its chats
	kindPlace   = "i" // tenant, chat: where the chat is, or the chat itself
	kindOnLine  = "l" // tenant, line, chat: nothing; the chats of a line
	kindPerson  = "h" // tenant, name of a person, chat: nothing; for Forget
	kindEmptied = "y" // tenant, key of the set: who a set without chats is
	kindForgot  = "f" // tenant, chat: its records have to go yet
	kindMessage = "r" // tenant, message: a record, or its idempotency key
	kindKey     = "k" // tenant, idempotency key: a record
	kindExpiry  = "x" // time, tenant, message: nothing; for Purge
	kindUse     = "u" // tenant, line: how it is used
	kindState   = "s" // tenant, line: what was learned about it
	kindQueue   = "q" // tenant, chat: its deliveries in order, and the lease
	kindContent = "d" // tenant, message: the chat and what is sent
	kindDue     = "w" // time, place, tenant, chat: the first message; for Claim
	kindOldest  = "o" // time, tenant, message: nothing; a delivery that waits
	kindParked  = "p" // tenant, message: a delivery that is parked
	kindDoomed  = "z" // tenant, message: forgotten while it was leased
	kindConsent = "n" // tenant, name of a person: whether they may be written to
	kindNote    = "g" // tenant, name of a note: the note
	kindNoted   = "a" // tenant, message: the names of its notes
	kindList    = "b" // tenant: the list of changes that is kept
	kindFormat  = "v" // nothing: the version of all this
)

// of returns the beginning of the keys of a kind.
func (s *Store) of(kind string) string { return s.prefix + kind }

// ofTenant returns the beginning of the keys of a kind in a tenant.
func (s *Store) ofTenant(kind, tenant string) string { return s.prefix + kind + tenant + "\x00" }

// ofAll returns the beginning of the keys of a kind in all tenants, or in one
// unless it is empty.
func (s *Store) ofAll(kind, tenant string) string {
	if tenant == "" {
		return s.of(kind)
	}
	return s.ofTenant(kind, tenant)
}

func (s *Store) keyOfSet(tenant string, set recipients.Key) string {
	b := set.Bytes()
	return s.ofTenant(kindSet, tenant) + string(b[:])
}

func (s *Store) keyOfEmptied(tenant string, set recipients.Key) string {
	b := set.Bytes()
	return s.ofTenant(kindEmptied, tenant) + string(b[:])
}

// keyOf returns the key of a chat or a message in a tenant.
func (s *Store) keyOf(kind, tenant string, id uuid.UUID) string {
	return s.ofTenant(kind, tenant) + string(id[:])
}

func (s *Store) keyOnLine(tenant string, line recipients.Handle, chat uuid.UUID) string {
	return s.chatsOnLine(tenant, line) + string(chat[:])
}

// chatsOnLine returns the beginning of the keys of the chats of a line.
func (s *Store) chatsOnLine(tenant string, line recipients.Handle) string {
	return s.ofTenant(kindOnLine, tenant) + line.String() + "\x00"
}

// ofPerson returns the beginning of the keys of the chats of a person.
func (s *Store) ofPerson(tenant string, name recipients.Key) string {
	b := name.Bytes()
	return s.ofTenant(kindPerson, tenant) + string(b[:])
}

func (s *Store) keyOfKey(tenant, key string) string { return s.ofTenant(kindKey, tenant) + key }

func (s *Store) keyOfLine(kind, tenant string, line recipients.Handle) string {
	return s.ofTenant(kind, tenant) + line.String()
}

// keyAt returns a key in the order of times, of a message in a tenant.
func (s *Store) keyAt(kind string, micros int64, tenant string, message uuid.UUID) string {
	return s.of(kind) + ordered(uint64(micros)) + tenant + "\x00" + string(message[:])
}

// ordered returns a number as bytes in the order of numbers.
func ordered(n uint64) string {
	var b [8]byte
	binary.BigEndian.PutUint64(b[:], n)
	return string(b[:])
}

// fromOrdered reads a number that ordered wrote.
func fromOrdered(b string) uint64 { return binary.BigEndian.Uint64([]byte(b)) }

// tenantAndID takes apart what stands behind a kind: a tenant and an id.
func tenantAndID(rest string) (tenant string, id uuid.UUID) {
	tenant, tail, _ := strings.Cut(rest, "\x00")
	copy(id[:], tail)
	return tenant, id
}

// end returns the first key behind all keys that begin so.
func end(prefix string) string {
	b := []byte(prefix)
	for i := len(b) - 1; i >= 0; i-- {
		if b[i] < 0xff {
			b[i]++
			return string(b[:i+1])
		}
	}
	return "\x00" // of an empty prefix: all keys
}

func micros(t time.Time) int64 { return t.UnixMicro() }

func fromMicros(us int64) time.Time { return time.UnixMicro(us).UTC() }
