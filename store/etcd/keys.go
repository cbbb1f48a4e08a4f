package etcd

import (
	"encoding/binary"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/fromline/fromline/recipients"
)

// The kinds of keys. A key is the prefix of the store, the kind, and the parts
// listed here. A tenant ends with a zero byte, which no tenant contains, so
// keys sort by tenant and then by id.
const (
	kindSet     = "c" // tenant, key of the set: the set and its chats
	kindPlace   = "i" // tenant, chat: the set of the chat, or the chat itself
	kindOnLine  = "l" // tenant, line, chat: empty; the chats of a line
	kindPerson  = "h" // tenant, name of a person, chat: empty; for Forget
	kindEmptied = "y" // tenant, key of the set: the people of a set without chats
	kindForgot  = "f" // tenant, chat: a forgotten chat whose records must be removed
	kindMessage = "r" // tenant, message: a record, or its idempotency key
	kindKey     = "k" // tenant, idempotency key: a record
	kindExpiry  = "x" // time, tenant, message: empty; for Purge
	kindUse     = "u" // tenant, line: the use of the line
	kindState   = "s" // tenant, line: the state of the line
	kindQueue   = "q" // tenant, chat: its deliveries in order, and the lease
	kindContent = "d" // tenant, message: the chat and the delivery
	kindDue     = "w" // time, place, tenant, chat: the first message; for Claim
	kindOldest  = "o" // time, tenant, message: empty; a delivery that waits
	kindParked  = "p" // tenant, message: a delivery that is parked
	kindDoomed  = "z" // tenant, message: a delivery forgotten while it was leased
	kindConsent = "n" // tenant, name of a person: the consent
	kindNote    = "g" // tenant, name of a note: the note
	kindNoted   = "a" // tenant, message: the names of its notes
	kindList    = "b" // tenant: the list of changes
	kindFormat  = "v" // no parts: the version of all keys and values
)

// of returns the prefix of the keys of a kind.
func (s *Store) of(kind string) string { return s.prefix + kind }

// ofTenant returns the prefix of the keys of a kind in a tenant.
func (s *Store) ofTenant(kind, tenant string) string { return s.prefix + kind + tenant + "\x00" }

// ofAll returns the prefix of the keys of a kind in a tenant, or in all tenants
// if it is empty.
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

// chatsOnLine returns the prefix of the keys of the chats of a line.
func (s *Store) chatsOnLine(tenant string, line recipients.Handle) string {
	return s.ofTenant(kindOnLine, tenant) + line.String() + "\x00"
}

// ofPerson returns the prefix of the keys of the chats of a person.
func (s *Store) ofPerson(tenant string, name recipients.Key) string {
	b := name.Bytes()
	return s.ofTenant(kindPerson, tenant) + string(b[:])
}

func (s *Store) keyOfKey(tenant, key string) string { return s.ofTenant(kindKey, tenant) + key }

func (s *Store) keyOfLine(kind, tenant string, line recipients.Handle) string {
	return s.ofTenant(kind, tenant) + line.String()
}

// keyAt returns the key of a message in a tenant, in the order of times.
func (s *Store) keyAt(kind string, micros int64, tenant string, message uuid.UUID) string {
	return s.of(kind) + ordered(uint64(micros)) + tenant + "\x00" + string(message[:])
}

// ordered encodes a number so that bytes sort like numbers.
func ordered(n uint64) string {
	var b [8]byte
	binary.BigEndian.PutUint64(b[:], n)
	return string(b[:])
}

// fromOrdered decodes a number that ordered encoded.
func fromOrdered(b string) uint64 { return binary.BigEndian.Uint64([]byte(b)) }

// tenantAndID splits the part of a key after its kind into a tenant and an id.
func tenantAndID(rest string) (tenant string, id uuid.UUID) {
	tenant, tail, _ := strings.Cut(rest, "\x00")
	copy(id[:], tail)
	return tenant, id
}

// end returns the first key after all keys with a prefix.
func end(prefix string) string {
	b := []byte(prefix)
	for i := len(b) - 1; i >= 0; i-- {
		if b[i] < 0xff {
			b[i]++
			return string(b[:i+1])
		}
	}
	return "\x00" // after an empty prefix: all keys
}

func micros(t time.Time) int64 { return t.UnixMicro() }

func fromMicros(us int64) time.Time { return time.UnixMicro(us).UTC() }
