package etcd

import (
	"encoding/binary"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"

	"github.com/fromline/fromline/recipients"
	"github.com/fromline/fromline/store/internal/packed"
)

// errDamaged is wrapped by errors about values that this package did not write.
var errDamaged = errors.New("damaged value")

// writer appends values for reader. The first byte of every value is the
// version of its form.
type writer []byte

const version = 1

func newWriter() writer { return append(make(writer, 0, 128), version) }

func (w *writer) byte(b byte)     { *w = append(*w, b) }
func (w *writer) uint(n uint64)   { *w = binary.AppendUvarint(*w, n) }
func (w *writer) int(n int64)     { *w = binary.AppendVarint(*w, n) }
func (w *writer) id(id uuid.UUID) { *w = append(*w, id[:]...) }

// time writes a time that may be zero.
func (w *writer) time(t time.Time) {
	if t.IsZero() {
		w.int(-1)
		return
	}
	w.int(micros(t))
}

func (w *writer) bytes(b []byte) {
	w.uint(uint64(len(b)))
	*w = append(*w, b...)
}

func (w *writer) key(k recipients.Key) {
	b := k.Bytes()
	*w = append(*w, b[:]...)
}

func (w *writer) phone(h recipients.Handle) { w.uint(h.Digits()) }

// reader reads values in the order in which writer appended them. After the
// first error it returns zeros, and keeps the error.
type reader struct {
	rest []byte
	err  error
}

func newReader(b []byte) *reader {
	r := &reader{rest: b}
	if v := r.byte(); v > version {
		r.err, r.rest = fmt.Errorf("%w: its form has version %d, and this release reads %d", packed.ErrNewer, v, version), nil
	} else if v != version {
		r.fail(fmt.Sprintf("its form has version %d, and this release reads %d", v, version))
	}
	return r
}

func (r *reader) fail(what string) {
	if r.err == nil {
		r.err = fmt.Errorf("%w: %s", errDamaged, what)
	}
	r.rest = nil
}

func (r *reader) take(n uint64) []byte {
	if n > uint64(len(r.rest)) {
		r.fail("cut short")
		return nil
	}
	b := r.rest[:n:n]
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

// time reads a time that may be zero.
func (r *reader) time() time.Time {
	if us := r.int(); us >= 0 {
		return fromMicros(us)
	}
	return time.Time{}
}

func (r *reader) id() (id uuid.UUID) {
	copy(id[:], r.take(uint64(len(id))))
	return id
}

func (r *reader) bytes() []byte { return r.take(r.uint()) }

func (r *reader) key() recipients.Key {
	k, err := recipients.KeyFromBytes(r.take(32))
	if err != nil {
		r.fail("a key cannot be read")
	}
	return k
}

func (r *reader) phone() recipients.Handle {
	h, err := recipients.FromDigits(r.uint())
	if err != nil {
		r.fail("a number cannot be read")
	}
	return h
}

// list reads a number, and calls a function that many times.
func (r *reader) list(each func()) {
	for n := r.uint(); n > 0 && r.err == nil; n-- {
		each()
	}
}

// end returns the first error. Bytes that are left over are an error too.
func (r *reader) end() error {
	if r.err == nil && len(r.rest) > 0 {
		r.fail(fmt.Sprintf("%d bytes too many", len(r.rest)))
	}
	return r.err
}
