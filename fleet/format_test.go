package fleet

import (
	"context"
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

// A member that is within two changes of one that is read, whatever its case,
// is a fault: it was meant to be that. Others are warnings.
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
