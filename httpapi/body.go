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

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/fromline/fromline/fault"
	"github.com/fromline/fromline/internal/nearest"
	"github.com/fromline/fromline/message"
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

// boundBody bounds the time for the body, if there is one: of a request that is
// refused from its head alone net/http wants to see the end before it sends the
// answer, and waits for it without a bound of its own. What cannot be bounded,
// because a middleware hides the connection, is bounded by the server's
// ReadTimeout only.
func (x *exchange) boundBody() {
	if x.r.ContentLength == 0 {
		return
	}
	deadline := x.began.Add(x.opts.BodyTimeout)
	x.bounded = http.NewResponseController(x.w).SetReadDeadline(deadline) == nil
}

// body reads the whole body, at most limit bytes. The buffer is to be given
// back.
func (x *exchange) body(limit int64) (*bytes.Buffer, error) {
	if !isJSON(x.r.Header) {
		return nil, errMediaType
	}
	if x.r.ContentLength > limit {
		return nil, errTooLarge
	}
	b := buffers.Get().(*bytes.Buffer)
	// A length that is claimed but not sent must not cost its memory.
	b.Grow(int(min(max(x.r.ContentLength, 0), maxKept)) + bytes.MinRead)
	_, err := b.ReadFrom(http.MaxBytesReader(x.w, x.r.Body, limit))
	if x.bounded && err == nil {
		// From here on what is read is whether the client goes away.
		err = http.NewResponseController(x.w).SetReadDeadline(time.Time{})
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

// isJSON says whether the body is JSON in UTF-8 as it is. A type has to be
// given: what a browser sends without asking first never has this one.
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

// decode reads the whole body into a struct of these members. The error says
// what is wrong with it, and where.
func (x *exchange) decode(into any, members ...string) error {
	body, err := x.body(min(x.opts.MaxBody, maxEvent))
	if err != nil {
		return err
	}
	defer giveBack(body)
	f := fault.Fault{Rule: fault.RuleJSONSyntax, Code: fault.CodeBody}
	if at, deep := message.TooDeep(body.Bytes()); deep {
		f.Rule, f.Found = fault.RuleJSONDepth, int64(at)
		return &fault.Error{Faults: []fault.Fault{f}}
	}
	err = json.Unmarshal(body.Bytes(), into, json.RejectUnknownMembers(true))
	if err == nil {
		return nil
	}
	f.Found = int64(body.Len())
	if e, is := errors.AsType[*jsontext.SyntacticError](err); is {
		f.Found = e.ByteOffset
	}
	if e, is := errors.AsType[*json.SemanticError](err); is {
		f.Pointer, f.Found = string(e.JSONPointer), e.ByteOffset
		f.Rule, f.Value, f.Nearest = fault.RuleJSONType, e.JSONKind.String(), "a string"
		if f.Pointer == "" {
			f.Nearest = "an object"
		}
		if errors.Is(err, json.ErrUnknownName) {
			name := f.Pointer[strings.LastIndexByte(f.Pointer, '/')+1:]
			f = fault.Fault{Pointer: f.Pointer, Rule: fault.RuleUnknown, Code: fault.CodeValue, Value: shown(name), Nearest: nearest.Name(name, members)}
		}
	}
	f.Value = strings.ToValidUTF8(f.Value, "")
	return &fault.Error{Faults: []fault.Fault{f}}
}
