//go:build unix

package main

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"os"

	"github.com/go-json-experiment/json"

	"github.com/fromline/fromline/internal/plain"
)

// serveBare serves the handler that all servers are compared with: it decodes
// the request and encodes an answer of the same bytes. If raw is a path, it
// writes each send into a SQLite file in between.
func serveBare(raw string) {
	var answer plain.Response
	if err := json.Unmarshal([]byte(sampleAnswer), &answer); err != nil {
		panic(err)
	}
	var file *rawWriter
	if raw != "" {
		var err error
		if file, err = openRaw(context.Background(), raw); err != nil {
			panic(err)
		}
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		panic(err)
	}
	fmt.Fprintf(os.Stderr, "{\"msg\":\"listening\",\"addr\":%q}\n", l.Addr().String())
	_ = http.Serve(l, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var in plain.Request
		if err := json.UnmarshalRead(r.Body, &in); err != nil {
			w.WriteHeader(http.StatusBadRequest)
			return
		}
		body, err := json.Marshal(&answer)
		if err != nil {
			panic(err)
		}
		if file != nil {
			if err := file.write(in.To[0], r.Header.Get("Idempotency-Key"), string(body)); err != nil {
				w.WriteHeader(http.StatusServiceUnavailable)
				return
			}
		}
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(http.StatusAccepted)
		_, _ = w.Write(body)
	}))
}

// sampleAnswer is fromline's answer to a send of httpload.
const sampleAnswer = `{"chat_id":"01a2000c-9a78-76e8-81b5-874bd9d7d0d8","created_new_chat":true,"from":"+14155550102","from_selection":{"reason":"new_best_number","reused_existing_chat":false},"handles":[{"id":"a74fecd0-ad09-59bc-b5dc-9f9bb05b45ec","handle":"+14155559876","joined_at":"2026-11-21T21:39:15.704Z","service":"iMessage","is_me":false,"left_at":null,"status":"active"},{"id":"2eadca66-5df5-5d1c-bc76-5a04ee1a4bf0","handle":"+14155550102","joined_at":"2026-11-21T21:39:15.704Z","service":"iMessage","is_me":true,"left_at":null,"status":"active"}],"is_group":false,"message":{"id":"01a2000c-9a78-76e6-aae4-28411a16e5ac","created_at":"2026-11-21T21:39:15.704Z","delivery_status":"pending","is_read":false,"parts":[{"reactions":[],"type":"text","value":"Hi! Thanks for reaching out — how can we help?"}],"sent_at":null,"delivered_at":null,"effect":null,"from_handle":{"id":"2eadca66-5df5-5d1c-bc76-5a04ee1a4bf0","handle":"+14155550102","joined_at":"2026-11-21T21:39:15.704Z","service":"iMessage","is_me":true,"left_at":null,"status":"active"},"preferred_service":null,"reply_to":null,"service":null},"service":"iMessage","previous_chat_id":null}`
