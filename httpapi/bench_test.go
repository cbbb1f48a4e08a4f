//go:build unix

package httpapi_test

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/stretchr/testify/require"

	"github.com/fromline/fromline"
	"github.com/fromline/fromline/internal/plain"
	"github.com/fromline/fromline/message"
	"github.com/fromline/fromline/routing"
	"github.com/fromline/fromline/validate"
)

// cpuTime makes a benchmark report the processor time of an operation,
// collecting garbage included, which on a shared machine says more than the
// time on the clock.
func cpuTime(b *testing.B) func() {
	used := func() time.Duration {
		var u syscall.Rusage
		if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
			b.Fatal(err)
		}
		return time.Duration(u.Utime.Nano() + u.Stime.Nano())
	}
	before := used()
	return func() { b.ReportMetric(float64(used()-before)/float64(b.N), "cpu-ns/op") }
}

// sends are the requests of the benchmark below. An x stands for a digit of the
// number of the send, so that every send has a key of its own.
var sends = []kindOfSend{
	{"text", text(person, "Hi! Thanks for reaching out — how can we help?")},
	{"keyed", `{"to":["` + person + `"],"message":{"parts":[{"type":"text","value":"Hi! Thanks for reaching out — how can we help?"}],"idempotency_key":"8c9f3c1e-5b1d-4a52-9a39-0c2fxxxxxxxx"}}`},
	{"replay", `{"to":["` + person + `"],"message":{"parts":[{"type":"text","value":"Hi! Thanks for reaching out — how can we help?"}],"idempotency_key":"8c9f3c1e-5b1d-4a52-9a39-0c2f6f0a1b2c"}}`},
	{"decorated", `{"to":["` + person + `","+14155559877"],"message":{"parts":[{"type":"text","value":"Hello, this is a rather long text with decorations in it, as people like to send.","text_decorations":[{"range":[0,5],"style":"bold"},{"range":[7,20],"animation":"shake"},{"range":[30,40],"style":"italic"}]}],"effect":{"type":"screen","name":"confetti"},"preferred_service":"iMessage"},"continuation_message":{"text":"Hi, it is us from a new number."}}`},
}

type kindOfSend struct{ name, body string }

// number writes the number of a send over its x.
func number(body []byte, at, n int) {
	for i := at; i < len(body) && at >= 0 && body[i] != '"'; i++ {
		body[i] = byte('0' + n%10)
		n /= 10
	}
}

// BenchmarkBytesToBytes compares a whole send, from the bytes of its request to
// the bytes of its answer over a memory store, with decoding those bytes into
// plain structs and encoding plain structs into them, by the same library with
// its own options and nothing in between. The other rows stop a send on its
// way.
func BenchmarkBytesToBytes(b *testing.B) {
	for _, kind := range sends {
		body, numbered := []byte(kind.body), strings.Index(kind.body, "xx")
		s := newSender(b)
		var answer plain.Response
		require.NoError(b, json.Unmarshal(s.answer(s.route(s.check(s.decode(body)))), &answer))
		n := 0
		run := func(name string, step func()) {
			b.Run(kind.name+"/"+name, func(b *testing.B) {
				b.ReportAllocs()
				defer cpuTime(b)()
				for b.Loop() {
					n++
					number(body, numbered, n)
					step()
				}
			})
		}
		// How far a send goes, and beside the whole of it what the library alone
		// takes.
		run("decode", func() { s.decode(body) })
		run("decode+check", func() { s.check(s.decode(body)) })
		run("decode+check+route", func() { s.route(s.check(s.decode(body))) })
		run("send", func() { s.answer(s.route(s.check(s.decode(body)))) })
		run("json", func() {
			var in plain.Request
			if err := json.Unmarshal(body, &in); err != nil {
				b.Fatal(err)
			}
			if err := json.MarshalWrite(io.Discard, &answer); err != nil {
				b.Fatal(err)
			}
		})
	}
}

// sender takes the steps of a send.
type sender struct {
	testing.TB
	router *fromline.Router
	room   []byte // for answers
}

func newSender(b testing.TB) *sender {
	r := newRig(b)
	router, err := fromline.New(r.store, r.fleet, fromline.Options{})
	require.NoError(b, err)
	return &sender{TB: b, router: router, room: make([]byte, 0, 4096)}
}

func (s *sender) decode(body []byte) *message.Request {
	request, err := message.DecodeRequest(body)
	if err != nil {
		s.Fatal(err)
	}
	return request
}

func (s *sender) check(request *message.Request) validate.Checked {
	checked, err := validate.Request(request, validate.Options{})
	if err != nil {
		s.Fatal(err)
	}
	return checked
}

func (s *sender) route(checked validate.Checked) routing.Decision {
	d, err := s.router.Route(context.Background(), fromline.Outgoing{Tenant: tenant, Request: checked})
	if err != nil {
		s.Fatal(err)
	}
	return d
}

func (s *sender) answer(d routing.Decision) []byte {
	body, err := d.AppendResponse(s.room)
	if err != nil {
		s.Fatal(err)
	}
	return body
}

// BenchmarkHandler is a whole exchange without a socket, beside a handler that
// reads, decodes, encodes and writes the same bytes.
func BenchmarkHandler(b *testing.B) {
	body := text(person, "Hi! Thanks for reaching out — how can we help?")
	r := newRig(b)
	first := httptest.NewRecorder()
	r.ServeHTTP(first, newRequest("POST", "/v3/messages", body))
	var body202 plain.Response
	require.NoError(b, json.Unmarshal(first.Body.Bytes(), &body202))
	bare := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var in plain.Request
		if err := json.UnmarshalRead(r.Body, &in); err != nil {
			b.Fatal(err)
		}
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(http.StatusAccepted)
		if err := json.MarshalWrite(w, &body202); err != nil {
			b.Fatal(err)
		}
	})
	for name, handler := range map[string]http.Handler{"fromline": r.Handler, "bare": bare} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			defer cpuTime(b)()
			request := newRequest("POST", "/v3/messages", body)
			for b.Loop() {
				request.Body = io.NopCloser(strings.NewReader(body))
				recorder := httptest.NewRecorder()
				handler.ServeHTTP(recorder, request)
				if recorder.Code != http.StatusAccepted {
					b.Fatal(recorder.Code, recorder.Body)
				}
			}
		})
	}
}
