package fleet

import (
	"context"
	stdjson "encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/fromline/fromline/fault"
	"github.com/fromline/fromline/line"
	"github.com/fromline/fromline/message"
)

// faults says what is wrong, shortly: kind and place of each fault.
func faults(err error) string {
	if err == nil {
		return "fine"
	}
	var format *FormatError
	if !errors.As(err, &format) {
		return err.Error()
	}
	var list []string
	for _, f := range format.Faults {
		list = append(list, strings.TrimSpace(strings.TrimPrefix(string(f.Rule), "event.")+" "+f.Pointer))
	}
	return strings.Join(list, ", ")
}

func TestEventsAreReadStrictly(t *testing.T) {
	event := func(data string) string {
		return `{"event_type":"phone_number.status_updated","data":` + data + `}`
	}
	const number, changed = `"phone_number":"+14155550100"`, `"changed_at":"2026-11-21T20:30:00Z"`
	for _, c := range []struct{ name, text, want string }{
		{"the vendor's envelope", `{"api_version":"v3","webhook_version":"2026-02-03","event_type":"phone_number.status_updated",
			"event_id":"6f0c","created_at":"2026-11-21T20:30:01Z","trace_id":"t","partner_id":"p",
			"data":{` + number + `,"previous_status":"WHATEVER","new_status":"FLAGGED","previous_reputation":7,"new_reputation":"CRITICAL",` + changed + `}}`, "fine"},
		{"only a status", event(`{` + number + `,"new_status":"ACTIVE",` + changed + `}`), "fine"},
		{"only a reputation", event(`{` + number + `,"new_status":null,"new_reputation":"AT_RISK",` + changed + `}`), "fine"},
		{"another event", `{"event_type":"message.sent","data":{"phone_number":1}}`, "fine"},
		{"another event without data", `{"event_type":"message.sent"}`, "fine"},
		{"empty", ``, "malformed"},
		{"no object", `[]`, "malformed"},
		{"no JSON", `{"event_type"`, "malformed /event_type"},
		{"nested as deep as may be", `{"event_type":"message.sent","x":` + strings.Repeat("[", 63) + strings.Repeat("]", 63) + `}`, "fine"},
		{"nested too deep", `{"event_type":"message.sent","x":` + strings.Repeat("[", 64) + strings.Repeat("]", 64) + `}`, "malformed"},
		{"trailing data", `{"event_type":"message.sent"} {}`, "malformed"},
		{"a name twice", `{"event_type":"a","event_type":"b"}`, "malformed /event_type"},
		{"a name twice inside", event(`{"x":{"y":1,"y":2}}`), "malformed /data/x/y"},
		{"invalid UTF-8", "{\"event_type\":\"\xff\"}", "malformed /event_type"},
		{"half a surrogate pair", `{"event_type":"\ud800"}`, "malformed /event_type"},
		{"a type that is no text", `{"event_type":1}`, "malformed /event_type"},
		{"a number that is no text", event(`{"phone_number":14155550100}`), "malformed /data/phone_number"},
		{"a time that is no text", event(`{"changed_at":1700000000}`), "malformed /data/changed_at"},
		{"data that is no object", event(`"x"`), "malformed /data"},
		{"no type", `{"data":{}}`, "missing /event_type"},
		{"a null type", `{"event_type":null}`, "missing /event_type"},
		{"names are case-sensitive", `{"Event_Type":"phone_number.status_updated"}`, "missing /event_type"},
		{"no data", `{"event_type":"phone_number.status_updated"}`, "missing /data"},
		{"null data", event(`null`), "missing /data"},
		{"nothing in it", event(`{}`), "missing /data/phone_number, missing /data/new_status, missing /data/changed_at"},
		{"everything wrong", event(`{"phone_number":"4155550100","new_status":"active","new_reputation":"OK","changed_at":"yesterday"}`),
			"bad_number /data/phone_number, bad_value /data/new_status, bad_value /data/new_reputation, bad_value /data/changed_at"},
		{"an email address", event(`{"phone_number":"a@example.com","new_status":"ACTIVE",` + changed + `}`), "bad_number /data/phone_number"},
		{"a time without a zone", event(`{` + number + `,"new_status":"ACTIVE","changed_at":"2026-11-21T20:30:00"}`), "bad_value /data/changed_at"},
		{"a time before 1970", event(`{` + number + `,"new_status":"ACTIVE","changed_at":"0001-01-01T00:00:00Z"}`), "bad_value /data/changed_at"},
	} {
		t.Run(c.name, func(t *testing.T) {
			e, err := ParseEvent([]byte(c.text))
			require.Equal(t, c.want, faults(err))
			if err != nil {
				require.Zero(t, e)
			}
		})
	}

	e, err := ParseEvent([]byte(event(`{` + number + `,"new_status":"FLAGGED","changed_at":"2026-11-21T22:30:00.1234567+02:00"}`)))
	require.NoError(t, err)
	require.Equal(t, Event{
		Type: StatusUpdated, Number: handle("+14155550100"), Status: line.Flagged,
		ChangedAt: time.Date(2026, 11, 21, 20, 30, 0, 123_456_000, time.UTC),
	}, e)
}

func TestEventsApplyOnlyIfLater(t *testing.T) {
	number := handle("+14157770000")
	f := newFleet(t, Options{Clock: fixedClock(epoch)}, line.Line{Number: number, Reputation: line.AtRisk})
	event := func(after time.Duration, s line.Status, r line.Reputation) Event {
		return Event{Type: StatusUpdated, Number: number, Status: s, Reputation: r, ChangedAt: epoch.Add(after)}
	}
	for i, c := range []struct {
		e       Event
		applied bool
		status  line.Status
		reput   line.Reputation
	}{
		{event(0, line.Flagged, 0), true, line.Flagged, line.AtRisk},
		{event(0, line.Active, 0), false, line.Flagged, line.AtRisk},
		{event(-time.Hour, line.Active, line.Healthy), true, line.Flagged, line.Healthy}, // an older status, and the first word about the reputation
		{event(-2*time.Hour, line.Active, line.Critical), false, line.Flagged, line.Healthy},
		{event(time.Minute, 0, line.Critical), true, line.Flagged, line.Critical},
		{event(5*time.Minute, line.Active, line.Healthy), true, line.Active, line.Healthy},
		{Event{Type: "message.sent", Number: number, Status: line.Flagged, ChangedAt: epoch.Add(5 * time.Minute)}, false, line.Active, line.Healthy},
	} {
		applied, err := f.ReportLine(context.Background(), c.e)
		require.NoError(t, err, i)
		require.Equal(t, c.applied, applied, i)
		v, err := f.View(context.Background(), "acme", epoch)
		require.NoError(t, err)
		l, _ := v.Line(number)
		require.Equal(t, []any{c.status, c.reput}, []any{l.Status, l.Reputation}, i)
	}

	_, err := f.ReportLine(context.Background(), event(5*time.Minute+time.Microsecond, line.Active, 0))
	require.ErrorIs(t, err, ErrAhead)
	other := event(0, line.Active, 0)
	other.Number = handle("+14157770009")
	_, err = f.ReportLine(context.Background(), other)
	require.ErrorIs(t, err, ErrUnknownNumber)
	foreign := event(0, line.Active, 0)
	foreign.Tenant = "zenith"
	_, err = f.ReportLine(context.Background(), foreign)
	require.ErrorIs(t, err, ErrUnknownNumber)
	_, err = f.StateOf(context.Background(), foreign)
	require.ErrorIs(t, err, ErrUnknownNumber)
}

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

// FuzzParseEvent: an event that is read says something, of a line, at a time.
func FuzzParseEvent(f *testing.F) {
	f.Add([]byte(`{"event_type":"phone_number.status_updated","event_id":"e","data":{"phone_number":"+14155550100","new_status":"FLAGGED","changed_at":"2026-11-21T20:30:00Z"}}`))
	f.Add([]byte(`{"event_type":"message.sent"}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		e, err := ParseEvent(text)
		if err != nil {
			require.Zero(t, e)
			require.NotEqual(t, "fine", faults(err))
			return
		}
		if e.Type == StatusUpdated {
			require.True(t, e.Number.IsPhone())
			require.True(t, e.Status.IsValid() || e.Reputation.IsValid())
			require.False(t, e.ChangedAt.IsZero())
			require.Equal(t, e.ChangedAt, e.ChangedAt.Truncate(time.Microsecond))
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

// A member that is within two changes of one that is read, whatever its case, is a
// fault: it was meant to be that. Others are warnings.
func TestMembersMisspelt(t *testing.T) {
	ours := []string{
		"phone_number", "forwarding_number", "reputation", "health_status", "status", "eligible", "services", "limits", "label", "changed_at",
	}
	rapid.Check(t, func(t *rapid.T) {
		name := rapid.SampledFrom(ours).Draw(t, "name")
		changes := rapid.IntRange(0, 3).Draw(t, "changes")
		for range changes {
			at := rapid.IntRange(0, len(name)-1).Draw(t, "at")
			switch rapid.IntRange(0, 2).Draw(t, "change") {
			case 0:
				name = name[:at] + name[at+1:]
			case 1:
				name = name[:at] + "#" + name[at:]
			default:
				name = name[:at] + "#" + name[at+1:]
			}
		}
		if rapid.Bool().Draw(t, "capitals") {
			name = strings.ToUpper(name)
		}
		_, warnings, err := ParseFile([]byte(`{"phone_numbers":[{"id":"a","phone_number":"+14155550100",` + strconv.Quote(name) + `:null}]}`))
		switch {
		case slices.Contains(ours, name):
			require.NotContains(t, fmt.Sprint(err), "is meant")
		case changes <= 2:
			require.Equal(t, "bad_value /phone_numbers/0/"+name, faults(err))
		case err == nil:
			require.Equal(t, "/phone_numbers/0/"+name, warnings[0].Pointer)
		}
	})
}

// What is wrong with a text is wrong in the one vocabulary of faults, with the
// marker that there is more.
func TestFaultsOfTexts(t *testing.T) {
	_, err := ParseEvent([]byte(`{"event_type":"phone_number.status_updated","data":{}}`))
	var wrong *fault.Error
	require.ErrorAs(t, err, &wrong)
	require.Equal(t, fault.CodeMissing, wrong.Primary().Code)
	require.Equal(t, "/data/phone_number", wrong.Faults[0].Pointer)
	require.NotEmpty(t, wrong.Faults[0].Message())

	_, _, err = ParseFile([]byte(`{"phone_numbers":[` + strings.Repeat(`{},`, 100) + `{}]}`))
	require.ErrorAs(t, err, &wrong)
	require.Len(t, wrong.Faults, fault.Max+1)
	require.Equal(t, fault.RuleMore, wrong.Faults[fault.Max].Rule)

	require.ErrorAs(t, &AheadError{ChangedAt: epoch.Add(time.Hour), Now: epoch}, &wrong)
	require.Equal(t, fault.CodeValue, wrong.Primary().Code)
	require.ErrorIs(t, &AheadError{}, ErrAhead)
}
