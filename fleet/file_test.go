package fleet

import (
	"context"
	stdjson "encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/fromline/fromline/line"
	"github.com/fromline/fromline/message"
	"github.com/fromline/fromline/recipients"
)

func TestFilesAreReadStrictly(t *testing.T) {
	file := func(entry string) string { return `{"phone_numbers":[` + entry + `]}` }
	const named = `"id":"a","phone_number":"+14155550100"`
	many := strings.TrimSuffix(strings.Repeat(`{"id":"a"},`, 70), ",")
	for _, c := range []struct{ name, text, want, warnings string }{
		{"the vendor's list", file(`{` + named + `,"forwarding_number":null,"reputation":{"status":"HEALTHY"},"health_status":{"status":"HEALTHY"}}`), "fine", ""},
		{"everything of ours", file(`{` + named + `,"status":"FLAGGED","eligible":false,"services":["SMS","RCS"],
			"limits":{"new_chats_per_day":50,"messages_per_day":7000},"label":"autumn","changed_at":"2026-11-21T20:30:00Z"}`), "fine", ""},
		{"no line", file(``), "fine", ""},
		{"unknown members", `{"next":null,"phone_numbers":[{` + named + `,"capabilities":{},"uid":"x","reputation":{"status":"HEALTHY","since":1}}]}`,
			"fine", "/next, /phone_numbers/0/reputation/since, /phone_numbers/0/capabilities, /phone_numbers/0/uid"},
		{"members misspelt and unknown", file(`{` + named + `,"Label":"x","Statuss":"y","uid":1}`),
			"bad_value /phone_numbers/0/Label, bad_value /phone_numbers/0/Statuss", "/phone_numbers/0/uid"},
		{"a list misspelt", `{"phone_numbers":[],"Phone_number":[]}`, "bad_value /Phone_number", ""},
		{"a member of a reputation misspelt", file(`{` + named + `,"reputation":{"status":"HEALTHY","Status":"CRITICAL"}}`),
			"bad_value /phone_numbers/0/reputation/Status", ""},
		{"two reputations", file(`{` + named + `,"reputation":{"status":"AT_RISK"},"health_status":{"status":"HEALTHY"}}`), "fine", "/phone_numbers/0/health_status"},
		{"null wherever it may be", file(`{` + named + `,"reputation":null,"health_status":null,"status":null,"eligible":null,"services":null,"limits":null,"label":null,"changed_at":null}`), "fine", ""},
		{"empty", ``, "malformed", ""},
		{"no list", `{}`, "missing /phone_numbers", ""},
		{"a null list", `{"phone_numbers":null}`, "missing /phone_numbers", ""},
		{"a null line", file(`{` + named + `},null`), "malformed /phone_numbers/1", ""},
		{"a null line before one with faults", file(`null,{}`), "malformed /phone_numbers/0", ""},
		{"a line that is no object", file(`"+14155550100"`), "malformed /phone_numbers/0", ""},
		{"a name twice", file(`{"id":"a","id":"b"}`), "malformed /phone_numbers/0/id", ""},
		{"a null service", file(`{` + named + `,"status":"x","services":[null]}`), "malformed /phone_numbers/0/services/0", ""},
		{"a limit that is no integer", file(`{` + named + `,"limits":{"new_chats_per_day":1.5}}`), "malformed /phone_numbers/0/limits/new_chats_per_day", ""},
		{"limits in other spellings", file(`{` + named + `,"limits":{"new_chats_per_day":50.0,"messages_per_day":7e3}}`), "fine", ""},
		{"a limit that is text", file(`{` + named + `,"limits":{"new_chats_per_day":"50"}}`), "malformed /phone_numbers/0/limits/new_chats_per_day", ""},
		{"nothing in a line", file(`{}`), "missing /phone_numbers/0/id, missing /phone_numbers/0/phone_number", ""},
		{"an empty id", file(`{"id":"","phone_number":"+14155550100"}`), "missing /phone_numbers/0/id", ""},
		{"a national number", file(`{"id":"a","phone_number":"(415) 555-0100"}`), "bad_number /phone_numbers/0/phone_number", ""},
		{"a trunk zero", file(`{"id":"a","phone_number":"+4402071838750"}`), "bad_number /phone_numbers/0/phone_number", ""},
		{"a number twice", file(`{` + named + `},{` + named + `}`), "bad_value /phone_numbers/1/phone_number", ""},
		{"an unknown reputation", file(`{` + named + `,"reputation":{"status":"healthy"}}`), "bad_value /phone_numbers/0/reputation/status", ""},
		{"an empty reputation", file(`{` + named + `,"health_status":{}}`), "missing /phone_numbers/0/health_status/status", ""},
		{"an unknown status", file(`{` + named + `,"status":"PAUSED"}`), "bad_value /phone_numbers/0/status", ""},
		{"no services", file(`{` + named + `,"services":[]}`), "bad_value /phone_numbers/0/services", ""},
		{"an unknown service", file(`{` + named + `,"services":["SMS","sms"]}`), "bad_value /phone_numbers/0/services/1", ""},
		{"services with two faults", file(`{` + named + `,"services":["sms","mms","SMS"]}`),
			"bad_value /phone_numbers/0/services/0, bad_value /phone_numbers/0/services/1", ""},
		{"the least and the greatest limit", file(`{` + named + `,"limits":{"new_chats_per_day":1,"messages_per_day":1000000000}}`), "fine", ""},
		{"a limit beyond that", file(`{` + named + `,"limits":{"messages_per_day":1000000001}}`), "bad_value /phone_numbers/0/limits/messages_per_day", ""},
		{"a limit of nothing", file(`{` + named + `,"limits":{"new_chats_per_day":0,"messages_per_day":-1}}`),
			"bad_value /phone_numbers/0/limits/new_chats_per_day, bad_value /phone_numbers/0/limits/messages_per_day", ""},
		{"an unknown limit", file(`{` + named + `,"limits":{"per/day":1}}`), "bad_value /phone_numbers/0/limits/per~1day", ""},
		{"an empty label", file(`{` + named + `,"label":""}`), "bad_value /phone_numbers/0/label", ""},
		{"a label that is no text", file(`{` + named + `,"label":["autumn"]}`), "malformed /phone_numbers/0/label", ""},
		{"the first and the last year", file(`{` + named + `,"changed_at":"1970-06-01T00:00:00Z"},{"id":"b","phone_number":"+14155550101","changed_at":"2200-06-01T00:00:00Z"}`), "fine", ""},
		{"a year before and after", file(`{` + named + `,"changed_at":"1969-06-01T00:00:00Z"},{"id":"b","phone_number":"+14155550101","changed_at":"2201-06-01T00:00:00Z"}`),
			"bad_value /phone_numbers/0/changed_at, bad_value /phone_numbers/1/changed_at", ""},
		{"a bad time", file(`{` + named + `,"changed_at":"2026-11-21"}`), "bad_value /phone_numbers/0/changed_at", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, warnings, err := ParseFile([]byte(c.text))
			require.Equal(t, c.want, faults(err))
			var places []string
			for _, w := range warnings {
				places = append(places, w.Pointer)
			}
			require.Equal(t, c.warnings, strings.Join(places, ", "))
		})
	}
	_, _, err := ParseFile([]byte(file(many)))
	var format *FormatError
	require.ErrorAs(t, err, &format)
	require.Len(t, format.Faults, 64)
	require.True(t, format.More)
}

// TestFilesSurviveTheRoundTrip is the law of the file: what is written is read
// as the same lines.
func TestFilesSurviveTheRoundTrip(t *testing.T) { rapid.Check(t, filesSurviveTheRoundTrip) }

func filesSurviveTheRoundTrip(t *rapid.T) {
	f := File{Lines: []line.Line{}}
	seen := map[string]bool{}
	for range rapid.IntRange(0, 20).Draw(t, "lines") {
		l := drawLine(t)
		if seen[l.Number.String()] {
			continue
		}
		seen[l.Number.String()] = true
		l.ID = rapid.StringN(1, 9, 40).Draw(t, "id")
		l.Forwarding = rapid.SampledFrom([]string{"", "+14155550199"}).Draw(t, "forwarding")
		if rapid.Bool().Draw(t, "dated") {
			l.ChangedAt = epoch.Add(time.Duration(rapid.Int64Range(-1e9, 1e9).Draw(t, "microseconds")) * time.Microsecond)
		}
		l = l.Normal()
		l.NewChats, l.NewChatsFullUntil, l.MessagesFullUntil = 0, time.Time{}, time.Time{}
		l.Failovers, l.PacedAt, l.FailoversFullUntil, l.RecoveredAt = 0, time.Time{}, time.Time{}, time.Time{}
		f.Lines = append(f.Lines, l)
	}
	text, err := stdjson.Marshal(f)
	require.NoError(t, err)
	back, warnings, err := ParseFile(text)
	require.NoError(t, err)
	require.Empty(t, warnings)
	require.Equal(t, f, back)
}

// FuzzParseFile looks for texts that are read without being understood: what is
// read can be written, and is read from there as the same.
func FuzzParseFile(f *testing.F) {
	f.Add([]byte(`{"phone_numbers":[{"id":"a","phone_number":"+14155550100","services":["SMS"],"limits":{"new_chats_per_day":5},"label":"autumn","changed_at":"2026-11-21T20:30:00.5Z"}]}`))
	f.Add([]byte(`{"phone_numbers":[{"id":"a","phone_number":"+442071838750","status":"FLAGGED","eligible":false,"health_status":{"status":"CRITICAL"}}]}`))
	f.Add([]byte(`{"phone_numbers":[null]}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		file, _, err := ParseFile(text)
		if err != nil {
			require.NotEqual(t, "fine", faults(err))
			return
		}
		written, err := stdjson.Marshal(file)
		require.NoError(t, err)
		back, warnings, err := ParseFile(written)
		require.NoError(t, err)
		require.Empty(t, warnings)
		require.Equal(t, file, back)
		for _, l := range back.Lines {
			require.NoError(t, l.Validate())
		}
	})
}

func TestLoad(t *testing.T) {
	f, err := New(Options{Clock: fixedClock(epoch)})
	require.NoError(t, err)
	entry := func(number, more string) string {
		return fmt.Sprintf(`{"phone_numbers":[{"id":"a","phone_number":%q%s}]}`, number, more)
	}
	warnings, err := f.Load("acme", []byte(entry("+14155550100", `,"x":1,"services":["RCS"]`)))
	require.NoError(t, err)
	require.Len(t, warnings, 1)
	v, err := f.View(context.Background(), "acme", epoch)
	require.NoError(t, err)
	l, ok := v.Line(handle("+14155550100"))
	require.True(t, ok)
	require.Equal(t, line.Services(message.RCS), l.Services)

	_, err = f.Load("zenith", []byte(entry("+14155550100", ``)))
	require.ErrorIs(t, err, ErrTaken)
	require.ErrorContains(t, err, "/phone_numbers/0: ")
	require.ErrorContains(t, err, `"acme"`)
	_, err = f.Load("acme", []byte(entry("+14155550100", `,"changed_at":"2026-11-21T20:35:01Z"`)))
	require.ErrorIs(t, err, ErrAhead)
	_, err = f.Load("acme", []byte(`{}`))
	require.Equal(t, "missing /phone_numbers", faults(err))
	_, err = f.Load("", []byte(entry("+14155550101", ``)))
	require.ErrorIs(t, err, ErrUnknownTenant)
	require.Equal(t, 1, v.Len())
}

func TestUnusableLinesAreNotWritten(t *testing.T) {
	_, err := stdjson.Marshal(File{Lines: []line.Line{{}}})
	require.ErrorIs(t, err, line.ErrLine)
}

// A file says where its lines are explained only if it is told where the pages
// are.
func TestFilesNameTheirPages(t *testing.T) {
	for base, want := range map[string]string{"": "", "https://docs.example": "https://docs.example" + ReputationPath + "#at_risk"} {
		data, err := File{DocBase: base, Lines: []line.Line{{Number: handle("+14157770000"), Reputation: line.AtRisk}}}.MarshalJSON()
		require.NoError(t, err)
		if want == "" {
			require.NotContains(t, string(data), ReputationPath)
			continue
		}
		require.Contains(t, string(data), want)
	}
}

// A number that is refused comes with how to write it.
func TestNumbersAreRefusedWithTheirMend(t *testing.T) {
	for _, text := range []string{"4155550100", "15550100", "+4402071838750", "+1415", "+1 (415"} {
		f, err := New(Options{})
		require.NoError(t, err)
		_, err = f.Load("acme", []byte(`{"phone_numbers":[{"id":"a","phone_number":"`+text+`"}]}`))
		_, refused := recipients.Parse(text)
		wrong, is := errors.AsType[*recipients.Error](refused)
		require.True(t, is)
		require.ErrorContains(t, err, wrong.Hint())
	}
}
