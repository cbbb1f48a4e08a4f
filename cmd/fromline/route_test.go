package main

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

var update = flag.Bool("update", false, "write the golden files anew")

// The story of the examples, and a run that repeats to the byte.
const (
	fleetFile = "../../examples/fleet.json"
	sendsFile = "../../examples/sends.jsonl"
)

var fixed = []string{"route", "-fleet", fleetFile, "-seed", "1", "-now", "2026-01-05T09:00:00Z"}

// ran is what one run of the command left behind.
type ran struct {
	status         int
	stdout, stderr string
}

func runWith(stdin string, args ...string) ran {
	var stdout, stderr bytes.Buffer
	status := run(args, strings.NewReader(stdin), &stdout, &stderr)
	return ran{status, stdout.String(), progressLine.ReplaceAllString(stderr.String(), "")}
}

// progressLine is a line of progress: only a slow machine is told any of a
// command that is short, so runWith leaves them out.
var progressLine = regexp.MustCompile(`(?m)^(\d+ lines, (just begun|\d+/(s|min|h)(, \S+ left)?): .*|.*, (for \S+ so far(, time left unknown)?|just begun|\d+/(s|min|h)(, \S+ left)?))\n`)

// answers decodes the lines of standard output.
func (r ran) answers(t *testing.T) []map[string]any {
	t.Helper()
	var all []map[string]any
	for line := range strings.Lines(r.stdout) {
		var answer map[string]any
		require.NoError(t, json.Unmarshal([]byte(line), &answer), "%s", line)
		all = append(all, answer)
	}
	return all
}

// TestStory runs the examples and compares every byte with the golden files:
// the answers, what -explain says, and standard error.
func TestStory(t *testing.T) {
	for name, args := range map[string][]string{
		"story.jsonl": append(fixed[:len(fixed):len(fixed)], sendsFile),
		"story.txt":   append(fixed[:len(fixed):len(fixed)], "-explain", sendsFile),
	} {
		t.Run(name, func(t *testing.T) {
			first, second := runWith("", args...), runWith("", args...)
			assert.Equal(t, first, second, "a run with -seed and -now repeats to the byte")
			assert.Equal(t, exitRefused, first.status, "the story has refusals")
			got := first.stdout + "-- standard error --\n" + first.stderr
			golden := filepath.Join("testdata", name)
			if *update {
				require.NoError(t, os.WriteFile(golden, []byte(got), 0o644))
			}
			want, err := os.ReadFile(golden)
			require.NoError(t, err)
			assert.Equal(t, string(want), got)
		})
	}
}

// TestStoryShowsEverything holds the story to what it is meant to show, so that
// an updated golden cannot lose a branch unnoticed.
func TestStoryShowsEverything(t *testing.T) {
	reasons := map[any]int{}
	codes := map[any]int{}
	continued := false
	for _, a := range runWith("", append(fixed[:len(fixed):len(fixed)], sendsFile)...).answers(t) {
		if e, refused := a["error"].(map[string]any); refused {
			codes[e["code"]]++
			assert.Equal(t, false, a["success"])
			assert.Len(t, a["trace_id"], 32)
			continue
		}
		if selection, sent := a["from_selection"].(map[string]any); sent {
			reasons[selection["reason"]]++
			text, _ := json.Marshal(a["message"])
			continued = continued || bytes.Contains(text, []byte("writing from a new number"))
			assert.Equal(t, selection["reason"] == "failover_flagged", a["previous_chat_id"] != nil)
		}
	}
	assert.NotZero(t, reasons["reused_active_chat"])
	assert.NotZero(t, reasons["new_best_number"])
	assert.Equal(t, 2, reasons["failover_flagged"], "with and without continuation")
	assert.True(t, continued)
	assert.Equal(t, map[any]int{1005.: 1, 1008.: 1, 2015.: 1}, codes)
}

// TestInputIsReadFromAFileOrStandardInput: a file, "-" and nothing are the
// same.
func TestInputIsReadFromAFileOrStandardInput(t *testing.T) {
	text, err := os.ReadFile(sendsFile)
	require.NoError(t, err)
	file := runWith("", append(fixed[:len(fixed):len(fixed)], sendsFile)...)
	assert.Equal(t, file, runWith(string(text), fixed...))
	assert.Equal(t, file, runWith(string(text), append(fixed[:len(fixed):len(fixed)], "-")...))
	assert.Equal(t, file, runWith(strings.TrimRight(string(text), "\n"), fixed...), "the last line may lack its newline")
	assert.Equal(t, file.stdout, runWith("\n \t\r\n"+strings.ReplaceAll(string(text), "\n", "\r\n\n"), fixed...).stdout, "blank lines are passed over")
}

// TestStatus holds the three exit statuses apart.
func TestStatus(t *testing.T) {
	good := `{"to":["+14155559876"],"message":{"parts":[{"type":"text","value":"hi"}]}}` + "\n"
	broken := filepath.Join(t.TempDir(), "fleet.json")
	require.NoError(t, os.WriteFile(broken, []byte(`{"phone_numbers":[{"id":"1","phone_number":"12055550101"}]}`), 0o600))
	for _, c := range []struct {
		why    string
		stdin  string
		args   []string
		status int
	}{
		{"every line decided", good, fixed, exitOK},
		{"no line at all", "", fixed, exitOK},
		{"one line refused, the others answered", good + "{}\n" + good, fixed, exitRefused},
		{"no fleet", good, []string{"route"}, exitUsage},
		{"fleet file missing", good, []string{"route", "-fleet", "does-not-exist.json"}, exitUsage},
		{"fleet file with a fault", good, []string{"route", "-fleet", broken}, exitUsage},
		{"input missing", "", append(fixed[:len(fixed):len(fixed)], "does-not-exist.jsonl"), exitUsage},
		{"input is a folder", "", append(fixed[:len(fixed):len(fixed)], "testdata"), exitUsage},
		{"two inputs", "", append(fixed[:len(fixed):len(fixed)], sendsFile, sendsFile), exitUsage},
		{"unknown flag", good, append(fixed[:len(fixed):len(fixed)], "-fast"), exitUsage},
		{"unknown store", good, append(fixed[:len(fixed):len(fixed)], "-store", "cassandra:"), exitUsage},
		{"store without a scheme", good, append(fixed[:len(fixed):len(fixed)], "-store", "chats.db"), exitUsage},
		{"now is no time", good, []string{"route", "-fleet", fleetFile, "-now", "yesterday"}, exitUsage},
		{"empty tenant", good, append(fixed[:len(fixed):len(fixed)], "-tenant", ""), exitUsage},
		{"unknown command", "", []string{"rout"}, exitUsage},
		{"no command", "", nil, exitUsage},
		{"help", "", []string{"help"}, exitOK},
		{"help for route", "", []string{"route", "-h"}, exitOK},
	} {
		t.Run(c.why, func(t *testing.T) {
			r := runWith(c.stdin, c.args...)
			assert.Equal(t, c.status, r.status, "%s", r.stderr)
			if c.status == exitUsage {
				assert.NotEmpty(t, r.stderr, "it says why")
				assert.Empty(t, r.stdout)
			}
		})
	}
}

// TestRefusedLines: a line that cannot be used is answered and reported, by its
// number, and the next line is answered as if nothing had been.
func TestRefusedLines(t *testing.T) {
	for _, c := range []struct {
		why  string
		line string
		code float64
	}{
		{"not JSON", `{"to":`, 1003},
		{"not an object", `42`, 1003},
		{"trailing data", `{"to":["+14155559876"]} {}`, 1003},
		{"neither a send nor an event", `{"hello":1}`, 1001},
		{"no message", `{"to":["+14155559876"]}`, 1001},
		{"not E.164", `{"to":["4155559876"],"message":{"parts":[{"type":"text","value":"hi"}]}}`, 1002},
		{"misspelt member", `{"to":["+14155559876"],"mesage":{}}`, 1001},
		{"from", `{"to":["+14155559876"],"from":"+12055550101","message":{"parts":[{"type":"text","value":"hi"}]}}`, 1005},
		{"time of the wrong type", `{"to":["+14155559876"],"at":5,"message":{"parts":[{"type":"text","value":"hi"}]}}`, 1003},
		{"time that is none", `{"to":["+14155559876"],"at":"noon","message":{"parts":[{"type":"text","value":"hi"}]}}`, 1005},
		{"key of the wrong type", `{"to":["+14155559876"],"idempotency_key":5,"message":{"parts":[{"type":"text","value":"hi"}]}}`, 1003},
		{"two different keys", `{"to":["+14155559876"],"idempotency_key":"a","message":{"idempotency_key":"b","parts":[{"type":"text","value":"hi"}]}}`, 1005},
		{"longer than a body may be", `{"to":["` + strings.Repeat("x", maxLine) + `"]}`, 1003},
		{"event without data", `{"event_type":"phone_number.status_updated"}`, 1001},
		{"event too far ahead", event("+12055550101", "FLAGGED", "2026-01-05T09:06:00Z"), 1005},
		{"event with an unknown status", event("+12055550101", "BURNT", "2026-01-05T09:00:00Z"), 1005},
	} {
		t.Run(c.why, func(t *testing.T) {
			good := `{"to":["+14155559876"],"message":{"parts":[{"type":"text","value":"hi"}]}}`
			r := runWith(c.line+"\n"+good+"\n", fixed...)
			assert.Equal(t, exitRefused, r.status)
			all := r.answers(t)
			require.Len(t, all, 2)
			fault, refused := all[0]["error"].(map[string]any)
			require.True(t, refused, "%v", all[0])
			assert.Equal(t, c.code, fault["code"])
			assert.Contains(t, all[1], "chat_id", "the next line is answered")
			assert.True(t, strings.HasPrefix(r.stderr, "line 1: "), "%s", r.stderr)
			assert.Equal(t, 1, strings.Count(r.stderr, "\n"), "one report, of the refused line: %s", r.stderr)
		})
	}
}

// TestARefusalBeginsWithWhatToWrite says that what is read first of a send
// whose text is in the wrong place, or whose member is misspelt, is what to
// write: in the answer and on standard error.
func TestARefusalBeginsWithWhatToWrite(t *testing.T) {
	const parts = `"parts": [{"type": "text", "value": "…"}]`
	for line, says := range map[string]string{
		`{"to":["+14155559876"],"message":{"text":"x"}}`:                             parts,
		`{"to":["+14155559876"],"message":{"body":"x"}}`:                             parts,
		`{"to":["+14155559876"],"text":"x"}`:                                         `"message": {` + parts,
		`{"to":["+14155559876"],"parts":[]}`:                                         "/message/parts",
		`{"to":["+14155559876"],"mesage":{}}`:                                        "write message",
		`{"too":["+14155559876"],"message":{"parts":[{"type":"text","value":"x"}]}}`: "write to",
		`{"to":["+14155559876"],"message":{"parts":[{"type":"text","text":"x"}]}}`:   "write value",
		`{"to":["+14155559876"],"message":{"parts":[{"typ":"text","value":"x"}]}}`:   "write type",
		`{"to":["+14155559876"],"message":"x"}`:                                      "an object",
	} {
		r := runWith(line, fixed...)
		first, _, _ := strings.Cut(r.stderr, "\n")
		assert.Contains(t, first, says, line)
		if refusal := r.answers(t)[0]["error"].(map[string]any); refusal["code"] != 1003.0 { // whose message is fixed
			assert.Contains(t, refusal["message"], says, line)
		}
	}
}

func event(number, status, at string) string {
	return `{"event_type":"phone_number.status_updated","event_id":"e","created_at":"` + at + `","data":{"phone_number":"` +
		number + `","new_status":"` + status + `","new_reputation":"HEALTHY","changed_at":"` + at + `"}}`
}

// TestEventsAreAcknowledged: applied, outrun by a later one, or of another
// type.
func TestEventsAreAcknowledged(t *testing.T) {
	input := event("+12055550101", "FLAGGED", "2026-01-05T09:00:00Z") + "\n" +
		event("+12055550101", "ACTIVE", "2026-01-05T08:00:00Z") + "\n" +
		`{"event_type":"message.delivered","event_id":"m","data":{"anything":[1]}}` + "\n"
	r := runWith(input, fixed...)
	assert.Equal(t, exitOK, r.status, "%s", r.stderr)
	assert.Equal(t, `{"event_type":"phone_number.status_updated","event_id":"e","applied":true}
{"event_type":"phone_number.status_updated","event_id":"e","applied":false,"reason":"not_newer"}
{"event_type":"message.delivered","event_id":"m","applied":false,"reason":"unknown_type"}
`, r.stdout)
}

// TestTimes: a line's own time counts, and the next line goes on from it.
func TestTimes(t *testing.T) {
	send := func(at string) string {
		return `{"to":["+14155559876"],"message":{"parts":[{"type":"text","value":"hi"}]}` + at + "}\n"
	}
	r := runWith(send("")+send("")+send(`,"at":"2026-01-05T10:30:00+01:00"`)+send(`,"at":null`), fixed...)
	var times []any
	for _, a := range r.answers(t) {
		times = append(times, a["message"].(map[string]any)["created_at"])
	}
	assert.Equal(t, []any{
		"2026-01-05T09:00:00.000Z", "2026-01-05T09:00:01.000Z", "2026-01-05T09:30:00.000Z", "2026-01-05T09:30:01.000Z",
	}, times)
}

// TestFleetWarnings: what is not understood in a fleet file is said, and the
// run goes on.
func TestFleetWarnings(t *testing.T) {
	file := filepath.Join(t.TempDir(), "fleet.json")
	require.NoError(t, os.WriteFile(file, []byte(`{"phone_numbers":[{"id":"1","phone_number":"+12055550101","colour":"red"}]}`), 0o600))
	r := runWith("", "route", "-fleet", file)
	assert.Equal(t, exitOK, r.status)
	assert.Contains(t, r.stderr, "/phone_numbers/0/colour")
}

// TestStoreOutlivesTheRun: a second run on the same file reuses the chat, knows
// that its line was flagged, replays by key, and counts use on.
func TestStoreOutlivesTheRun(t *testing.T) {
	// Without -seed: a seed gives every run the same message ids, and a store
	// that outlives the run takes each of them once.
	args := []string{"route", "-fleet", fleetFile, "-now", "2026-01-05T09:00:00Z", "-store", "sqlite:" + filepath.Join(t.TempDir(), "chats.db")}
	send := `{"to":["+14155559876"],"idempotency_key":"k","message":{"parts":[{"type":"text","value":"hi"}]}}` + "\n"
	first := runWith(send, args...)
	require.Equal(t, exitOK, first.status, "%s", first.stderr)
	again := runWith(send, args...)
	assert.Equal(t, first.stdout, again.stdout, "the key gives the same answer in another run")

	line := first.answers(t)[0]["from"].(string)
	other := strings.Replace(send, `"idempotency_key":"k",`, "", 1)
	assert.Equal(t, "reused_active_chat", reason(t, runWith(other, args...)))
	flagged := runWith(event(line, "FLAGGED", "2026-01-05T09:00:00Z"), args...)
	require.Equal(t, exitOK, flagged.status, "%s", flagged.stderr)
	assert.Equal(t, "failover_flagged", reason(t, runWith(other, args...)), "the flag is known in the next run")
}

// TestDryRun: what a dry run answers is what a run decides then, and it writes
// nothing; a run that writes to a store that is kept says so before.
func TestDryRun(t *testing.T) {
	name := "sqlite:" + filepath.Join(t.TempDir(), "chats.db")
	args := []string{"route", "-fleet", fleetFile, "-now", "2026-01-05T09:00:00Z", "-store", name}
	dry := slices.Concat(args, []string{"-dry-run"})
	send := `{"to":["+14155559876"],"message":{"parts":[{"type":"text","value":"hi"}]}}` + "\n"
	missing := runWith(send, dry...)
	assert.Equal(t, exitUsage, missing.status, "there is nothing to look at: %s", missing.stderr)

	first := runWith(send, args...)
	require.Equal(t, exitOK, first.status, "%s", first.stderr)
	assert.Contains(t, first.stderr, "written to the store")
	line := first.answers(t)[0]["from"].(string)
	for range 2 { // the first one changes nothing for the second
		r := runWith(send+event(line, "FLAGGED", "2026-01-05T09:00:00Z")+"\n"+send, dry...)
		require.Equal(t, exitOK, r.status, "%s", r.stderr)
		assert.Empty(t, r.stderr)
		answers := r.answers(t)
		require.Len(t, answers, 3)
		assert.Equal(t, first.answers(t)[0]["chat_id"], answers[0]["chat_id"])
		assert.Equal(t, "failover_flagged", answers[2]["from_selection"].(map[string]any)["reason"], "the event counts for this run")
	}
	assert.Equal(t, "reused_active_chat", reason(t, runWith(send, args...)))
}

func reason(t *testing.T, r ran) any {
	t.Helper()
	all := r.answers(t)
	require.Len(t, all, 1)
	selection, decided := all[0]["from_selection"].(map[string]any)
	require.True(t, decided, "%v", all[0])
	return selection["reason"]
}
