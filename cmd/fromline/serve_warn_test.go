//go:build unix

package main

import (
	"bytes"
	"encoding/json"
	"io"
	"log/slog"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/fromline/fromline/store/memory"
)

// TestWarningsAtTheStart says what serve warns of before it serves: each store
// that forgets, and each tenant without a token or without lines, once.
func TestWarningsAtTheStart(t *testing.T) {
	one, two, three := write(t, "one.json", twoLines), fleetOf(t, lineOf("+442079460103", "")), fleetOf(t, lineOf("+442079460104", ""))
	none := write(t, "none.json", `{"phone_numbers":[]}`)
	token, secret := write(t, "token", "token-of-one-0123"), write(t, "secret", "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSwAAAA")
	db := "sqlite:" + filepath.Join(t.TempDir(), "chats.db")
	type warning struct {
		tenant any // nil: of no tenant
		signed any // whether its events may be signed
		most   any // records that the store holds
	}
	for name, c := range map[string]struct {
		args []string
		want []warning
	}{
		"nothing to warn of":       {[]string{"-store", db, "-fleet", one}, nil},
		"each has a token":         {[]string{"-store", db, "-fleet", "a=" + one, "-token", "a=@" + token}, nil},
		"memory":                   {[]string{"-fleet", one}, []warning{{nil, nil, float64(memory.DefaultMaxRecords)}}},
		"a fleet without lines":    {[]string{"-store", db, "-fleet", none}, []warning{{defaultTenant, nil, nil}}},
		"one of two has no token":  {[]string{"-store", db, "-fleet", "a=" + one, "-fleet", "b=" + two, "-token", "a=@" + token}, []warning{{"b", false, nil}}},
		"two of three, one signed": {[]string{"-store", db, "-fleet", "a=" + one, "-fleet", "b=" + two, "-fleet", "c=" + three, "-token", "a=@" + token, "-webhook-secret", "c=@" + secret}, []warning{{"b", false, nil}, {"c", true, nil}}},
	} {
		t.Run(name, func(t *testing.T) {
			var f serveFlags
			require.NoError(t, f.parse(append(c.args, "-addr", "127.0.0.1:0", "-deliveries", "/dev/null"), io.Discard))
			f.strange = nil // what the tests themselves have there
			var logged bytes.Buffer
			s, err := newServer(t.Context(), f, io.Discard, slog.New(slog.NewJSONHandler(&logged, nil)))
			require.NoError(t, err)
			defer func() { require.NoError(t, s.close()) }()
			defer s.apiListener.Close()
			var got []warning
			for text := range bytes.Lines(logged.Bytes()) {
				var line map[string]any
				require.NoError(t, json.Unmarshal(text, &line))
				require.Equal(t, "WARN", line["level"])
				got = append(got, warning{line["tenant"], line["signed_events"], line["max_records"]})
			}
			assert.Equal(t, c.want, got)
		})
	}
}

// TestMessagesGoNowhere: if no flag says where messages go, people's numbers go
// to standard output, and serve warns of it; not if a flag asks for that.
func TestMessagesGoNowhere(t *testing.T) {
	for flags, warned := range map[string]bool{"": true, "-deliveries -": false, "-deliveries /dev/null": false, "-deliver-url http://127.0.0.1:1": false} {
		var f serveFlags
		args := []string{"-store", "sqlite:" + filepath.Join(t.TempDir(), "chats.db"), "-fleet", write(t, "fleet.json", twoLines), "-addr", "127.0.0.1:0"}
		require.NoError(t, f.parse(append(args, strings.Fields(flags)...), io.Discard))
		var logged bytes.Buffer
		s, err := newServer(t.Context(), f, io.Discard, slog.New(slog.NewJSONHandler(&logged, nil)))
		require.NoError(t, err)
		require.NoError(t, s.apiListener.Close())
		require.NoError(t, s.close())
		assert.Equal(t, warned, strings.Contains(logged.String(), "-deliver-url"), flags)
	}
}

// TestSecretOfNoTenant: a secret whose tenant has no fleet is refused with what
// to type.
func TestSecretOfNoTenant(t *testing.T) {
	fleet := write(t, "fleet.json", twoLines)
	for args, want := range map[string]string{
		"-fleet acme=" + fleet + " -token acm=@x": `did you mean "acme"?`,
		"-fleet " + fleet + " -token acme=@x":     "-fleet acme=FILE",
	} {
		assert.ErrorContains(t, new(serveFlags).parse(strings.Fields(args), io.Discard), want)
	}
}
