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

	"github.com/fromline/fromline/internal/plain"
	"github.com/fromline/fromline/message"
	"github.com/fromline/fromline/routing"
	"github.com/fromline/fromline/validate"
)

// cpuTime makes a benchmark report the processor time of an operation, collecting
// garbage included, which on a shared machine says more than the time on the clock.
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

// BenchmarkBytesToBytes compares a whole send, from the bytes of its request to the
// bytes of its answer over a memory store, with decoding those bytes into plain
// structs and encoding plain structs into them, by the same library with its own
// options and nothing in between.
func BenchmarkBytesToBytes(b *testing.B) {
	for name, body := range map[string]string{
		"text":      text(person, "Hi! Thanks for reaching out — how can we help?"),
		"decorated": `{"to":["` + person + `","+14155559877"],"message":{"parts":[{"type":"text","value":"Hello, this is a rather long text with decorations in it, as people like to send.","text_decorations":[{"range":[0,5],"style":"bold"},{"range":[7,20],"animation":"shake"},{"range":[30,40],"style":"italic"}]}],"effect":{"type":"screen","name":"confetti"},"preferred_service":"iMessage"},"continuation_message":{"text":"Hi, it is us from a new number."}}`,
	} {
		r := newRig(b, func(r *rig, s *setup) { s.routing.Deliver = false })
		router, err := routing.New(r.store, r.fleet, routing.Options{})
		require.NoError(b, err)
		send := func(buf []byte) []byte {
			request, err := message.DecodeRequest([]byte(body))
			if err != nil {
				b.Fatal(err)
			}
			checked, err := validate.Request(request, validate.Options{})
			if err != nil {
				b.Fatal(err)
			}
			d, err := router.Route(context.Background(), routing.Send{Tenant: tenant, Request: checked})
			if err != nil {
				b.Fatal(err)
			}
			response := d.Response()
			buf, err = response.AppendJSON(buf)
			if err != nil {
				b.Fatal(err)
			}
			return buf
		}
		answer := send(nil)
		var body202 plain.Response
		require.NoError(b, json.Unmarshal(answer, &body202))
		b.Run(name+"/send", func(b *testing.B) {
			b.ReportAllocs()
			defer cpuTime(b)()
			buf := make([]byte, 0, 4096)
			for b.Loop() {
				send(buf)
			}
		})
		b.Run(name+"/json", func(b *testing.B) {
			b.ReportAllocs()
			defer cpuTime(b)()
			for b.Loop() {
				var in plain.Request
				if err := json.Unmarshal([]byte(body), &in); err != nil {
					b.Fatal(err)
				}
				if err := json.MarshalWrite(io.Discard, &body202); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
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
