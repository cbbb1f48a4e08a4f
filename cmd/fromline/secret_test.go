//go:build unix

package main

import (
	"bytes"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestExposedPasswords says which names of stores hold a password that a
// command line shows.
func TestExposedPasswords(t *testing.T) {
	for arg, is := range map[string]bool{
		"postgres://app:hunter2@db/fromline":                 true,
		"postgres://app@db/fromline?password=hunter2":        true,
		"postgres://app@db/fromline?a=b&sslpassword=hunter2": true,
		"postgres:host=db password=hunter2":                  true,
		"postgres:password = hunter2":                        true,
		"etcd://app:hunter2@one,two/chats":                   true,
		"https://gateway:hunter2@host/send":                  true,
		"postgres://app@db/fromline":                         false,
		"postgres://app@db:5432/fromline":                    false,
		"postgres://db:5432/fromline?sslmode=require":        false,
		"postgres:host=db passfile=/etc/pass":                false,
		"sqlite:/a/password=b.db":                            false,
		"env:STORE":                                          false,
		"@store":                                             false,
	} {
		want := []string(nil)
		if is {
			want = []string{"-store"}
		}
		for _, args := range [][]string{{"-tenant", "a", "-store", arg}, {"--store=" + arg, "-tenant", "a"}} {
			assert.Equal(t, want, exposed(args), arg)
		}
	}
}

// TestPasswordOnACommandLine says that each command warns of one, and repeats
// nothing of it.
func TestPasswordOnACommandLine(t *testing.T) {
	const name = "postgres://app:hunter2@127.0.0.1:1/none?connect_timeout=1"
	for _, args := range [][]string{
		{"doctor", "-store", name}, {"lines", "-store=" + name}, {"copy", "-from", name, "-to", "sqlite:" + filepath.Join(t.TempDir(), "to.db")},
	} {
		got := runWith("", args...)
		assert.Contains(t, got.stderr, exposure, args[0])
		assert.NotContains(t, got.stdout+got.stderr, "hunter2")
	}
	var f serveFlags
	var logged bytes.Buffer
	args := []string{"-fleet", write(t, "fleet.json", twoLines), "-store", name}
	require.NoError(t, f.parse(args, io.Discard))
	(&server{logger: slog.New(slog.NewJSONHandler(&logged, nil))}).warn(f)
	assert.Contains(t, logged.String(), `"flag":"-store"`)
	assert.NotContains(t, logged.String(), "hunter2")

	f, logged = serveFlags{}, bytes.Buffer{}
	require.NoError(t, f.parse([]string{"-fleet", args[1], "-config", write(t, "config", `{"store":"`+name+`"}`)}, io.Discard))
	(&server{logger: slog.New(slog.NewJSONHandler(&logged, nil))}).warn(f)
	assert.NotContains(t, logged.String(), exposure, "a file is a place for it")
}

// TestSecretsFromElsewhere says that the name of a store and every secret of
// serve come from a file or from the environment, and what is wrong with those
// that do not.
func TestSecretsFromElsewhere(t *testing.T) {
	db := "sqlite:" + filepath.Join(t.TempDir(), "chats.db")
	const token, secret = "token-of-acme-0123", "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSwAAAA"
	const older = "token-of-acme-older"
	t.Setenv("FROMLINE_TEST_STORE", db)
	t.Setenv("FROMLINE_TEST_TOKEN", token+"\n"+older)
	t.Setenv("FROMLINE_TEST_SECRET", secret)
	t.Setenv("FROMLINE_TEST_EMPTY", " ")
	fleet := write(t, "fleet.json", twoLines)
	with := func(store, token, secret, ops string) (serveFlags, error) {
		var f serveFlags
		err := f.parse([]string{"-fleet", "acme=" + fleet, "-store", store, "-token", "acme=" + token, "-webhook-secret", "acme=" + secret, "-ops-token", ops,
			"-ops-addr", "127.0.0.1:0", "-addr", "127.0.0.1:0", "-deliveries", "/dev/null"}, io.Discard)
		return f, err
	}
	for _, s := range [][4]string{
		{"env:FROMLINE_TEST_STORE", "env:FROMLINE_TEST_TOKEN", "env:FROMLINE_TEST_SECRET", "env:FROMLINE_TEST_TOKEN"},
		{"@" + write(t, "store", db+"\n"), "@" + write(t, "token", token+"\n\n"+older+"\n"), "@" + write(t, "secret", secret), "@" + write(t, "ops", token+"\n")},
	} {
		f, err := with(s[0], s[1], s[2], s[3])
		require.NoError(t, err)
		assert.Equal(t, db, f.store)
		tokens, err := readSecrets(f.tokens)
		require.NoError(t, err)
		assert.Equal(t, map[string][]string{"acme": {token, older}}, tokens)
		secrets, err := readSecrets(f.secrets)
		require.NoError(t, err)
		assert.Equal(t, map[string][]string{"acme": {secret}}, secrets)
		ops, err := f.opsToken.lines()
		require.NoError(t, err)
		assert.Equal(t, token, ops[0])
	}
	for _, wrong := range []string{"env:FROMLINE_TEST_MISSING", "env:FROMLINE_TEST_EMPTY", "@" + filepath.Join(t.TempDir(), "missing"), "@" + write(t, "empty", "\n")} {
		_, err := with(wrong, "@x", "@x", "@x")
		require.Error(t, err)
		for i := range 3 {
			s := []string{"env:FROMLINE_TEST_STORE", "@" + write(t, "token", token), "@" + write(t, "secret", secret), "@" + write(t, "ops", token)}
			s[1+i] = wrong
			f, err := with(s[0], s[1], s[2], s[3])
			require.NoError(t, err)
			_, err = newServer(t.Context(), f, io.Discard, slog.New(slog.DiscardHandler))
			require.Error(t, err, "%d %s", i, wrong)
			assert.Contains(t, err.Error(), []string{"-token", "-webhook-secret", "-ops-token"}[i])
		}
	}
	for _, bare := range []string{token, "env:", "@"} {
		for i := range 3 {
			s := []string{"@" + write(t, "t", token), "@" + write(t, "s", secret), "@" + write(t, "o", token)}
			s[i] = bare
			_, err := with(db, s[0], s[1], s[2])
			require.Error(t, err)
			assert.NotContains(t, err.Error(), token)
		}
	}
}

// TestTheTokenOfOperators says that a token of -ops-token that could be
// guessed, or several, end the start, wherever -ops-addr is.
func TestTheTokenOfOperators(t *testing.T) {
	for _, addr := range []string{"127.0.0.1:0", "0.0.0.0:0"} {
		for text, says := range map[string]string{"123456789012345": "at least 16", "0123456789abcdef\n0123456789abcdef": "one token"} {
			r := runWith("", "serve", "-fleet", fleetFile, "-addr", "127.0.0.1:0", "-deliveries", os.DevNull, "-ops-addr", addr, "-ops-token", "@"+write(t, "token", text))
			assert.Equal(t, exitUsage, r.status)
			assert.Contains(t, r.stderr, "-ops-token: ")
			assert.Contains(t, r.stderr, says)
		}
	}
}
