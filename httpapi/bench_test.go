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
	"github.com/go-json-experiment/json/jsontext"
	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/fromline/fromline/message"
	"github.com/fromline/fromline/routing"
	"github.com/fromline/fromline/validate"
)

// The baseline: the same bytes decoded into plain structs and encoded from plain
// structs by the same library, with its own options and nothing in between.
type (
	plainRequest struct {
		To      []string `json:"to"`
		Message struct {
			Parts []struct {
				Type            string `json:"type"`
				Value           string `json:"value"`
				TextDecorations []struct {
					Range     []int  `json:"range"`
					Style     string `json:"style"`
					Animation string `json:"animation"`
				} `json:"text_decorations"`
			} `json:"parts"`
			Effect           *plainEffect `json:"effect"`
			PreferredService *string      `json:"preferred_service"`
			IdempotencyKey   *string      `json:"idempotency_key"`
		} `json:"message"`
		Continuation *struct {
			Text string `json:"text"`
		} `json:"continuation_message"`
		ExcludeFrom []string `json:"exclude_from"`
	}
	plainEffect struct {
		Name string `json:"name"`
		Type string `json:"type"`
	}
	plainHandle struct {
		ID       uuid.UUID `json:"id"`
		Handle   string    `json:"handle"`
		JoinedAt string    `json:"joined_at"`
		Service  string    `json:"service"`
		IsMe     bool      `json:"is_me"`
		LeftAt   *string   `json:"left_at"`
		Status   string    `json:"status"`
	}
	plainResponse struct {
		ChatID         uuid.UUID `json:"chat_id"`
		CreatedNewChat bool      `json:"created_new_chat"`
		From           string    `json:"from"`
		FromSelection  struct {
			Reason             string `json:"reason"`
			ReusedExistingChat bool   `json:"reused_existing_chat"`
		} `json:"from_selection"`
		Handles []plainHandle `json:"handles"`
		IsGroup bool          `json:"is_group"`
		Message struct {
			ID             uuid.UUID `json:"id"`
			CreatedAt      string    `json:"created_at"`
			DeliveryStatus string    `json:"delivery_status"`
			IsRead         bool      `json:"is_read"`
			Parts          []struct {
				Reactions       []string       `json:"reactions"`
				Type            string         `json:"type"`
				Value           string         `json:"value"`
				TextDecorations jsontext.Value `json:"text_decorations,omitzero"`
			} `json:"parts"`
			SentAt           *string      `json:"sent_at"`
			DeliveredAt      *string      `json:"delivered_at"`
			Effect           *plainEffect `json:"effect"`
			FromHandle       *plainHandle `json:"from_handle"`
			PreferredService *string      `json:"preferred_service"`
			ReplyTo          *string      `json:"reply_to"`
			Service          *string      `json:"service"`
		} `json:"message"`
		Service        string  `json:"service"`
		PreviousChatID *string `json:"previous_chat_id"`
	}
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
// bytes of its answer over a memory store, with decoding and encoding those bytes
// alone.
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
		var plain plainResponse
		require.NoError(b, json.Unmarshal(answer, &plain))
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
				var in plainRequest
				if err := json.Unmarshal([]byte(body), &in); err != nil {
					b.Fatal(err)
				}
				if err := json.MarshalWrite(io.Discard, &plain); err != nil {
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
	var plain plainResponse
	require.NoError(b, json.Unmarshal(first.Body.Bytes(), &plain))
	bare := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var in plainRequest
		if err := json.UnmarshalRead(r.Body, &in); err != nil {
			b.Fatal(err)
		}
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(http.StatusAccepted)
		if err := json.MarshalWrite(w, &plain); err != nil {
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
