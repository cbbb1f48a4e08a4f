package httpapi

import (
	"bytes"
	"errors"
	"mime"
	"net/http"
	"os"
	"strings"
	"sync"
	"time"
)

// buffers are reused for bodies, in and out.
var buffers = sync.Pool{New: func() any { return new(bytes.Buffer) }}

// maxKept is the size of the largest buffer that is kept for reuse.
const maxKept = 64 << 10

func giveBack(b *bytes.Buffer) {
	if b.Cap() <= maxKept {
		b.Reset()
		buffers.Put(b)
	}
}

// body reads the whole body, at most limit bytes, for a bounded time. The buffer
// is to be given back.
func (x *exchange) body(limit int64) (*bytes.Buffer, error) {
	if !isJSON(x.r.Header) {
		return nil, errMediaType
	}
	if x.r.ContentLength > limit {
		return nil, errTooLarge
	}
	deadline := http.NewResponseController(x.w)
	limited := deadline.SetReadDeadline(time.Now().Add(x.opts.BodyTimeout)) == nil
	b := buffers.Get().(*bytes.Buffer)
	// A length that is claimed but not sent must not cost its memory.
	b.Grow(int(min(max(x.r.ContentLength, 0), maxKept)) + bytes.MinRead)
	_, err := b.ReadFrom(http.MaxBytesReader(x.w, x.r.Body, limit))
	if limited && err == nil {
		err = deadline.SetReadDeadline(time.Time{})
	}
	if err == nil {
		return b, nil
	}
	giveBack(b)
	switch {
	case errors.Is(err, os.ErrDeadlineExceeded):
		return nil, errSlow
	case tooLarge(err):
		return nil, errTooLarge
	}
	return nil, errCutShort
}

func tooLarge(err error) bool {
	_, is := errors.AsType[*http.MaxBytesError](err)
	return is
}

// isJSON says whether the body is JSON in UTF-8 as it is. A type has to be given:
// what a browser sends without asking first never has this one.
func isJSON(header http.Header) bool {
	if encoding := header.Get("Content-Encoding"); encoding != "" && !strings.EqualFold(encoding, "identity") {
		return false
	}
	given := header.Get("Content-Type")
	if given == "application/json" {
		return true
	}
	media, parameters, err := mime.ParseMediaType(given)
	if err != nil || media != "application/json" {
		return false
	}
	charset, has := parameters["charset"]
	return !has || strings.EqualFold(charset, "utf-8")
}
