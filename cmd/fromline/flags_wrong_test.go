//go:build unix

package main

import (
	"flag"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// formOf are the words that tell the form of a flag of a type, nil for one that
// takes any text.
func formOf(f *flag.Flag) []string {
	getter, is := f.Value.(flag.Getter)
	if !is {
		return nil
	}
	switch getter.Get().(type) {
	case time.Duration:
		return []string{"unit", "10s"}
	case int, int64, uint64:
		return []string{"whole number"}
	case float64:
		return []string{"a number"}
	case bool:
		return []string{"true or false"}
	case *slog.Level:
		return []string{"DEBUG", "INFO", "WARN", "ERROR"}
	}
	return nil
}

// TestAWrongValueIsToldWithItsForm says of every flag of every command that a
// value which it cannot take is told with the place where it stands and the
// form that it has to have, on the command line, in the environment and in the
// file.
func TestAWrongValueIsToldWithItsForm(t *testing.T) {
	seen := 0
	for _, c := range commands() {
		if c.add == nil {
			continue
		}
		set := flag.NewFlagSet(c.name, flag.ContinueOnError)
		c.add(set)
		set.VisitAll(func(f *flag.Flag) {
			form := formOf(f)
			if form == nil {
				return
			}
			for _, wrong := range []string{"x", "10 parsecs", "1e999", "99999999999999999999999"} {
				if _, is := f.Value.(flag.Getter).Get().(float64); is && wrong[0] == '9' {
					continue // a number as any other
				}
				seen++
				r := runWith("", c.name, "-"+f.Name+"="+wrong)
				assertWrong(t, r, append(form, fmt.Sprintf("-%s %q", f.Name, wrong)))
			}
			if !isSwitch(f) {
				assertWrong(t, runWith("", c.name, "-"+f.Name), append(form, "-"+f.Name, "without its value"))
			}
		})
	}
	require.Greater(t, seen, 50)
	r := runWith("", "serve", "-stop-within", "10")
	assertWrong(t, r, []string{`-stop-within "10"`, "unit", "10s"})

	settings().VisitAll(func(f *flag.Flag) {
		form := formOf(f)
		if form == nil {
			return
		}
		for place, text := range map[string]string{"text": `"x"`, "object": `{}`} {
			config := write(t, place+".json", fmt.Sprintf("{%q: %s}", f.Name, text))
			r := runWith("", "serve", "-config", config)
			assertWrong(t, r, []string{fmt.Sprintf("%q", f.Name), filepath.Base(config)})
			if place == "text" {
				assertWrong(t, r, form)
			}
		}
		require.NoError(t, os.Setenv(variable(f.Name), "x"))
		r := runWith("", "serve")
		require.NoError(t, os.Unsetenv(variable(f.Name)))
		assertWrong(t, r, append(form, variable(f.Name)+` "x"`))
	})
}

func assertWrong(t *testing.T, r ran, says []string) {
	t.Helper()
	assert.Equal(t, exitUsage, r.status)
	for _, words := range says {
		assert.Contains(t, r.stderr, words)
	}
	assert.NotContains(t, r.stderr, "parse error")
	assert.NotContains(t, r.stderr, "invalid value")
}

// TestStrangersInTheEnvironment says that a variable that is named like a
// setting and is none is told: by serve each, by the others what is misspelt or
// is theirs alone; and that one with a secret that env:NAME leads to is none of
// them.
func TestStrangersInTheEnvironment(t *testing.T) {
	t.Chdir(t.TempDir())
	require.NoError(t, os.WriteFile("fleet.json", []byte(twoLines), 0o600))
	require.NoError(t, os.WriteFile("config.json", []byte(`{"token": ["default=env:FROMLINE_OF_THE_FILE"]}`), 0o600))
	for name, value := range map[string]string{
		"FROMLINE_DELIVER_ULR": "https://gateway.example.com", "FROMLINE_store": "sqlite:x.db", "FROMLINE_DRY_RUN": "true",
		"FROMLINE_XYZZY": "1", "FROMLINE_EMPTY": "", "FROMLINE_GUARD": "careful", "FROMLINE_CONFIG": "config.json",
		"FROMLINE_OF_THE_FILE": "0123456789abcdef-file", "FROMLINE_OF_THE_LINE": "0123456789abcdef-line",
	} {
		t.Setenv(name, value)
	}
	serve, _ := find("serve")
	found := map[string]string{}
	for _, s := range strangers(serve, []string{"-token", "other=env:FROMLINE_OF_THE_LINE"}) {
		if strings.HasPrefix(s.name, "FROMLINE_TEST") || s.name == "FROMLINE_LONG" || s.name == "FROMLINE_POSTGRES_DSN" {
			continue // of the tests themselves
		}
		found[s.name] = s.why
	}
	for name, meant := range map[string]string{"FROMLINE_DELIVER_ULR": "did you mean FROMLINE_DELIVER_URL?", "FROMLINE_store": "did you mean FROMLINE_STORE?"} {
		assert.Equal(t, meant, found[name])
	}
	assert.Contains(t, found, "FROMLINE_XYZZY")
	for _, known := range []string{"FROMLINE_EMPTY", "FROMLINE_GUARD", "FROMLINE_CONFIG", "FROMLINE_OF_THE_FILE", "FROMLINE_OF_THE_LINE"} {
		assert.NotContains(t, found, known)
	}

	r := runWith("", "route", "-fleet", "fleet.json", os.DevNull)
	assert.Equal(t, exitOK, r.status, r.stderr)
	assert.Contains(t, r.stderr, "FROMLINE_DELIVER_ULR has no effect: did you mean FROMLINE_DELIVER_URL?")
	assert.Contains(t, r.stderr, "FROMLINE_DRY_RUN has no effect: -dry-run stands on the command line alone")
	assert.NotContains(t, r.stderr, "XYZZY")

	p := start(t, "-fleet", "fleet.json", "-addr", "127.0.0.1:0", "-deliveries", os.DevNull)
	assert.Contains(t, p.logged(), `"name":"FROMLINE_XYZZY"`)
	assert.Contains(t, p.logged(), `"why":"did you mean FROMLINE_DELIVER_URL?"`)
	assert.Equal(t, exitOK, p.stop(t))
}

// TestEveryReasonToParkIsTold says that every reason for which a message is
// parked is taken by -reason, completed, and told in the help, in the error
// about a wrong one and on the pages.
func TestEveryReasonToParkIsTold(t *testing.T) {
	store := "sqlite:" + filepath.Join(t.TempDir(), "chats.db")
	require.Equal(t, exitOK, runWith("", "migrate", "-store", store).status)
	told := map[string]string{
		"-h": runWith("", "parked", "-h").stdout, "help": runWith("", "help", "parked").stdout,
		"error":      runWith("", "parked", "list", "-store", store, "-reason", "xyzzy").stderr,
		"completion": runWith("", completing, "parked", "list", "-reason", "").stdout,
	}
	for _, page := range []string{"commands.md", "rules.md"} {
		text, err := os.ReadFile(filepath.Join("..", "..", "docs", page))
		require.NoError(t, err)
		told[page] = string(text)
	}
	for _, reason := range parkReasons() {
		r := runWith("", "parked", "list", "-store", store, "-reason", reason)
		assert.Equal(t, exitOK, r.status, r.stderr)
		for place, text := range told {
			if strings.HasSuffix(place, ".md") {
				assert.Contains(t, text, "`"+reason+"`", place)
			} else {
				assert.Contains(t, text, reason, place)
			}
		}
	}
}

// TestATimeWithoutZoneIsTold says of every flag, file and line that has a time
// that one without a zone is refused, and that what is told first names the
// zone and shows the time as it has to be written.
func TestATimeWithoutZoneIsTold(t *testing.T) {
	const zoneless = "2026-11-29T12:00:00"
	fleetOf := func(member string) string {
		return write(t, "fleet.json", fmt.Sprintf(`{"phone_numbers":[{"phone_number":"+12055550101","reputation":{"status":"HEALTHY"},%q:%q}]}`, member, zoneless))
	}
	send := fmt.Sprintf(`{"at":%q,"to":["+14155559876"],"message":{"parts":[{"type":"text","value":"hi"}]}}`, zoneless)
	chat := strings.Replace(soundly, "2024-01-01T00:00:00Z", zoneless, 1)
	for place, r := range map[string]ran{
		"a flag of route":    runWith("", "route", "-fleet", fleetFile, "-now", zoneless),
		"a flag of simulate": runWith("", "simulate", "-begins", zoneless),
		"a scene":            runWith("", "simulate", "-scene", write(t, "scene.json", fmt.Sprintf(`{"begins":%q}`, zoneless))),
		"a send":             runWith(send, "route", "-fleet", fleetFile),
		"an event":           runWith(event("+12055550101", "FLAGGED", zoneless), "route", "-fleet", fleetFile),
		"a chat":             runWith(chat, "import", "-store", "sqlite:"+filepath.Join(t.TempDir(), "chats.db")),
		"changed_at":         runWith("", "route", "-fleet", fleetOf("changed_at")),
		"started_at":         runWith("", "route", "-fleet", fleetOf("started_at")),
	} {
		told := r.stderr
		if r.stdout != "" && place != "a chat" {
			told = r.stdout // the answer to the line
		}
		first, _, _ := strings.Cut(told, "\n")
		assert.NotEqual(t, exitOK, r.status, place)
		assert.Contains(t, first, "zone is missing", place)
		assert.Contains(t, first, zoneless+"Z", place)
	}
}
