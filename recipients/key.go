package recipients

import (
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"log/slog"
)

// A Key identifies a recipient set: equal sets have equal keys, and different
// sets different ones. Keys are comparable with ==. The zero Key belongs to no
// set.
//
// A key is personal data, because numbers can be guessed and hashed. So no verb
// of fmt prints it. To store it, use [Key.Bytes]. It does not contain the
// tenant; every look-up by key must name the tenant beside it.
type Key struct{ sum [sha256.Size]byte }

// keyLabel begins every encoding. It names the version: the encoding never
// changes under one label.
const keyLabel = "fromline/set/v1\n"

const (
	tagPhone = 1
	tagEmail = 2
)

// keyOf hashes the encoding of sorted, distinct, valid handles: the label, then
// for a phone the byte 1 and its digits as a number in seven bytes, big endian;
// for an email address the byte 2, its length in one byte, and its bytes. Each
// member says where it ends, so no two sets share an encoding.
func keyOf(members []Handle) Key {
	var space [len(keyLabel) + 8*MaxRecipients]byte
	b := append(space[:0], keyLabel...)
	for _, h := range members {
		if h.IsPhone() {
			b = binary.BigEndian.AppendUint64(b, tagPhone<<56|h.digits)
			continue
		}
		b = append(b, tagEmail, byte(len(h.mail)))
		b = append(b, h.mail...)
	}
	return Key{sum: sha256.Sum256(b)}
}

// KeyFromBytes returns the key that [Key.Bytes] gave. It checks nothing but the
// length, 32 bytes.
func KeyFromBytes(b []byte) (Key, error) {
	var k Key
	if len(b) != len(k.sum) {
		return Key{}, fmt.Errorf("recipients: a key has %d bytes, not %d", len(k.sum), len(b))
	}
	copy(k.sum[:], b)
	return k, nil
}

// Bytes returns the 32 bytes of the key, to be stored.
func (k Key) Bytes() [32]byte { return k.sum }

// Ring returns the position of the set on the ring of 2⁶⁴ positions on which
// lines are picked: the first eight bytes of the key, big endian.
func (k Key) Ring() uint64 { return binary.BigEndian.Uint64(k.sum[:]) }

// IsValid reports whether k is not the zero Key.
func (k Key) IsValid() bool { return k != Key{} }

const redactedKey = "recipients.Key(redacted)"

// String does not show the key.
func (k Key) String() string { return redactedKey }

// Format does not print the key, under any verb. (Package fmt does not call it
// for %p, which is no verb for values; go vet reports that.)
func (k Key) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, redactedKey) }

// LogValue does not show the key.
func (k Key) LogValue() slog.Value { return slog.StringValue(redactedKey) }

// MarshalText always fails, so that no program writes a key into a document by
// accident. Use [Key.Bytes].
func (k Key) MarshalText() ([]byte, error) {
	return nil, errors.New("recipients: a key is not written as text; store Key.Bytes")
}
