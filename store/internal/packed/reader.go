package packed

import (
	"encoding/binary"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"

	"github.com/fromline/fromline/recipients"
	"github.com/fromline/fromline/store"
)

// ErrDamaged is wrapped by every error about bytes that this package did not
// write.
var ErrDamaged = errors.New("damaged row")

// ErrNewer is wrapped, beside ErrDamaged, by errors about bytes that a later
// release wrote.
var ErrNewer = errors.New("the row is newer than this release")

// reader reads values in the order in which writer appended them. After the
// first error it returns zeros, and keeps the error.
type reader struct {
	rest []byte
	err  error
}

func (r *reader) fail(what string) {
	if r.err == nil {
		r.err = fmt.Errorf("%w: %s", ErrDamaged, what)
	}
	r.rest = nil
}

// version checks the first byte.
func (r *reader) version() {
	switch v := r.byte(); {
	case r.err != nil || v == version:
	case v > version:
		r.newer(fmt.Sprintf("its packing has version %d, and this release reads %d", v, version))
	default:
		r.fail(fmt.Sprintf("its packing has version %d, and this release reads %d", v, version))
	}
}

// newer is fail for bytes that a later release wrote.
func (r *reader) newer(what string) {
	if r.err == nil {
		r.err = fmt.Errorf("%w: %w: %s", ErrDamaged, ErrNewer, what)
	}
	r.rest = nil
}

// end returns the first error. Bytes that are left over are an error too.
func (r *reader) end() error {
	if r.err == nil && len(r.rest) > 0 {
		r.fail(fmt.Sprintf("%d bytes too many", len(r.rest)))
	}
	return r.err
}

// take returns the next n bytes, or nil.
func (r *reader) take(n uint64) []byte {
	if n > uint64(len(r.rest)) {
		r.fail("cut short")
		return nil
	}
	b := r.rest[:n]
	r.rest = r.rest[n:]
	return b
}

func (r *reader) byte() byte {
	if b := r.take(1); b != nil {
		return b[0]
	}
	return 0
}

func (r *reader) uint() uint64 {
	n, size := binary.Uvarint(r.rest)
	if size <= 0 {
		r.fail("a number is cut short")
		return 0
	}
	r.rest = r.rest[size:]
	return n
}

func (r *reader) int() int64 {
	n, size := binary.Varint(r.rest)
	if size <= 0 {
		r.fail("a number is cut short")
		return 0
	}
	r.rest = r.rest[size:]
	return n
}

func (r *reader) id() (id uuid.UUID) {
	copy(id[:], r.take(uint64(len(id))))
	return id
}

func (r *reader) text() string    { return string(r.take(r.uint())) }
func (r *reader) time() time.Time { return time.UnixMicro(r.int()).UTC() }

func (r *reader) handle() (h recipients.Handle) {
	digits := r.uint()
	var err error
	if digits == mail {
		err = h.UnmarshalText([]byte(r.text()))
	} else {
		h, err = recipients.FromDigits(digits)
	}
	if err != nil || !h.IsValid() {
		r.fail("a handle cannot be read")
	}
	return h
}

func (r *reader) set() recipients.Set {
	n := r.uint()
	if n == 0 {
		return recipients.Set{}
	}
	if n > uint64(len(r.rest)) {
		r.fail("more participants than bytes")
		return recipients.Set{}
	}
	var space [4]recipients.Handle // as many as most sets have
	members := space[:0]
	for range n {
		members = append(members, r.handle())
	}
	if r.err != nil {
		return recipients.Set{}
	}
	set, err := recipients.NewLargeSet(members...)
	if err != nil || set.Len() != int(n) {
		r.fail("the participants are not a set")
		return recipients.Set{}
	}
	return set
}

func (r *reader) roster() store.Roster {
	set := r.set()
	since := r.time()
	switch r.byte() {
	case together:
		return store.NewRoster(set, since)
	case apart:
		joined := make([]time.Time, set.Len())
		for i := range joined {
			joined[i] = r.time()
		}
		return store.NewRosterJoined(set, since, joined)
	}
	r.fail("a roster of an unknown form")
	return store.Roster{}
}
