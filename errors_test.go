package fromline_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/fromline/fromline"
	"github.com/fromline/fromline/fault"
	"github.com/fromline/fromline/fleet"
	"github.com/fromline/fromline/line"
	"github.com/fromline/fromline/message"
	"github.com/fromline/fromline/recipients"
	"github.com/fromline/fromline/routing"
	"github.com/fromline/fromline/store"
	"github.com/fromline/fromline/store/memory"
	"github.com/fromline/fromline/validate"
)

// Every error that a send or an event can end in has its wire code
// (docs/rules.md §14), however it is wrapped, and an answer that tells no
// cause.
func TestCodes(t *testing.T) {
	_, wrong := validate.Request(&message.Request{}, validate.Options{})
	_, decode := message.DecodeRequest([]byte("{"))
	_, event := fleet.ParseEvent([]byte(`{"event_type":"phone_number.status_updated","data":{}}`))
	require.Error(t, wrong)
	require.Error(t, decode)
	require.Error(t, event)
	secret := errors.New("the password is 1234")
	for _, row := range []struct {
		name string
		err  error
		code fault.Code
	}{
		{"nobody knows", secret, fault.CodeInternal},
		{"invalid input", routing.ErrInput, fault.CodeInternal},
		{"invalid plan", store.ErrInvalid, fault.CodeInternal},
		{"faults", wrong, fault.CodeMissing},
		{"no JSON", decode, fault.CodeBody},
		{"no line", &routing.Refusal{Code: fault.CodeNoLine}, fault.CodeNoLine},
		{"all excluded", &routing.Refusal{Code: fault.CodeValue}, fault.CodeValue},
		{"opted out", &fromline.GateError{Admission: fromline.OptedOut}, fault.CodeOptedOut},
		{"blocked", &fromline.GateError{Admission: fromline.Blocked}, fault.CodeBlocked},
		{"not allowed", &fromline.GateError{Admission: fromline.NotAllowed}, fault.CodeNotAllowed},
		{"a gate that is none", &fromline.GateError{}, fault.CodeInternal},
		{"unavailable", &fromline.UnavailableError{Err: secret}, fault.CodeStore},
		{"unavailable tenant", &fromline.UnavailableError{Err: fleet.ErrUnknownTenant}, fault.CodeStore},
		{"tenant", fleet.ErrUnknownTenant, fault.CodeForbidden},
		{"number", fleet.ErrUnknownNumber, fault.CodeLineNotFound},
		{"chat", store.ErrUnknownChat, fault.CodeChatNotFound},
		{"message", store.ErrNoRecord, fault.CodeMessageNotFound},
		{"a store that fails", &fromline.UnavailableError{Err: store.ErrUnknownChat}, fault.CodeStore},
		{"ahead", fleet.ErrAhead, fault.CodeValue},
		{"no event", fleet.ErrEvent, fault.CodeValue},
		{"cancelled", context.Canceled, fault.CodeStore},
		{"too late", context.DeadlineExceeded, fault.CodeStore},
		{"an event", event, fault.CodeMissing},
		{"a host's own file", fmt.Errorf("%w: %w", fleet.ErrStale, event), fault.CodeStore},
		{"a host's own file, later", &fromline.UnavailableError{Err: event}, fault.CodeStore},
	} {
		t.Run(row.name, func(t *testing.T) {
			wrapped := fmt.Errorf("wrapped: %w", row.err)
			require.Equal(t, row.code, fromline.CodeOf(wrapped))
			answer := fromline.Envelope(wrapped, "https://docs.example.com", "trace")
			require.False(t, answer.Success)
			require.Equal(t, "trace", answer.TraceID)
			require.Equal(t, int(row.code), answer.Error.Code)
			require.Equal(t, row.code.Status(), answer.Error.Status)
			require.Equal(t, row.code.Message(), strings.SplitN(answer.Error.Message, ": ", 2)[0], "the words about the fault come after the title")
			require.Equal(t, "https://docs.example.com"+row.code.DocPath(), answer.Error.DocURL)
			require.NotContains(t, body(t, answer), "password")
		})
	}
}

// Line events have faults of their own, each with its code.
func TestEventFaults(t *testing.T) {
	_, err := fleet.ParseEvent([]byte(`{"event_type":"phone_number.status_updated","data":{"phone_number":"x","new_status":"SAD"}}`))
	codes := map[string]int{}
	for _, v := range fromline.Envelope(err, "", "").Error.Violations {
		codes[v.Pointer] = v.Code
		require.NotEmpty(t, v.Rule)
		require.NotEmpty(t, v.Message)
		require.Equal(t, fault.Code(v.Code).Status(), v.Status)
	}
	require.Equal(t, map[string]int{
		"/data/phone_number": int(fault.CodePhone), "/data/new_status": int(fault.CodeValue), "/data/changed_at": int(fault.CodeMissing),
	}, codes)
	_, err = fleet.ParseEvent([]byte(`{`))
	require.Equal(t, fault.CodeBody, fromline.CodeOf(err))
}

// An event that a host made itself and that cannot be used names its faults as
// one does that ParseEvent refuses: the place in the webhook, the rule and the
// words.
func TestUnusableEventsNameTheirFault(t *testing.T) {
	r := newRig(t, fromline.Options{}, line.Line{Number: dc})
	of := func(status line.Status, reputation line.Reputation, at time.Time) fleet.Event {
		return fleet.Event{Type: fleet.StatusUpdated, Tenant: "acme", Number: dc, Status: status, Reputation: reputation, ChangedAt: at}
	}
	for _, row := range []struct {
		name    string
		event   fleet.Event
		pointer string
		rule    string
	}{
		{"empty", fleet.Event{}, "/event_type", "event.missing"},
		{"nothing said", of(0, 0, noon), "/data/new_status", "event.missing"},
		{"status", of(99, 0, noon), "/data/new_status", "event.bad_value"},
		{"reputation", of(0, 99, noon), "/data/new_reputation", "event.bad_value"},
		{"no time", of(line.Flagged, 0, time.Time{}), "/data/changed_at", "event.missing"},
		{"no time of a release", fleet.Event{Type: fleet.NumberReleased, Tenant: "acme", Number: dc}, "/data/changed_at", "event.missing"},
		{"before 1970", of(line.Flagged, 0, time.Unix(-1, 0)), "/data/changed_at", "event.bad_value"},
		{"ahead", of(line.Flagged, 0, noon.AddDate(100, 0, 0)), "/data/changed_at", "event.ahead"},
	} {
		t.Run(row.name, func(t *testing.T) {
			_, err := r.ReportLine(t.Context(), row.event)
			require.Error(t, err)
			list := fromline.Envelope(err, "", "").Error.Violations
			require.Len(t, list, 1)
			require.Equal(t, row.pointer, list[0].Pointer)
			require.Equal(t, row.rule, list[0].Rule)
			require.Equal(t, int(fromline.CodeOf(err)), list[0].Code)
			require.NotEmpty(t, list[0].Message)
			require.NotEqual(t, fromline.CodeOf(err).Message(), list[0].Message, "it says more than the code")
		})
	}
}

// A refusal is listed as a fault, with the causes and when the next slot frees.
func TestRefusalAsAFault(t *testing.T) {
	violation := func(lines ...line.Line) fault.WireFault {
		r := newRig(t, fromline.Options{}, lines...)
		r.fullLines(noon.Add(time.Hour), boston)
		_, err := r.send(request(t, func(r *message.Request) { r.ExcludeFrom = []string{dc.String()} }, ann))
		list := fromline.Envelope(err, "", "").Error.Violations
		require.Len(t, list, 1)
		return list[0]
	}
	v := violation(line.Line{Number: dc})
	require.Equal(t, "/exclude_from", v.Pointer)
	require.Equal(t, string(fault.RuleEveryLineBarred), v.Rule)
	require.Equal(t, int(fault.CodeValue), v.Code)

	v = violation(line.Line{Number: dc, Status: line.Flagged}, line.Line{Number: boston})
	require.Equal(t, string(fault.RuleNoLine), v.Rule)
	require.Equal(t, int(fault.CodeNoLine), v.Code)
	require.Contains(t, v.Value, "1 flagged")
	require.Contains(t, v.Value, "1 at the new-chat limit")
	require.Contains(t, v.Value, "2026-03-01T13:00:00Z")

	require.NotEmpty(t, violation().Value)
}

// lineStates is store.LineStates under a name that hides none of its methods.
type lineStates interface{ store.LineStates }

// states is a store of line states that may fail.
type states struct {
	err error
	got []line.State
}

func (s *states) LineStates(context.Context, line.Change, int) ([]line.State, line.Change, error) {
	return nil, 0, nil
}

func (s *states) FlagLine(_ context.Context, tenant string, number recipients.Handle, at time.Time) (line.State, bool, error) {
	flagged := line.State{Tenant: tenant, Number: number, Status: line.Flagged, StatusAt: at}
	s.got = append(s.got, flagged)
	return flagged, false, s.err
}

func (s *states) ReportLine(_ context.Context, state line.State) (bool, error) {
	s.got = append(s.got, state)
	return false, s.err
}

// A line event is kept first, and then applied; when it cannot be kept nothing
// has changed.
func TestLineEvents(t *testing.T) {
	f, err := fleet.New(fleet.Options{})
	require.NoError(t, err)
	require.NoError(t, f.SetLines("acme", []line.Line{{Number: dc}}))
	status := func() line.Status {
		view, err := f.View(t.Context(), "acme", noon)
		require.NoError(t, err)
		line, ours := view.Line(dc)
		require.True(t, ours)
		return line.Status
	}
	kept := &states{err: errLost}
	chats := struct{ store.ChatStore }{memory.New(memory.Options{})}
	events, err := fromline.New(struct {
		store.ChatStore
		lineStates
	}{chats, kept}, f, fromline.Options{})
	require.NoError(t, err)
	e := fleet.Event{Type: fleet.StatusUpdated, Number: dc, Status: line.Flagged, ChangedAt: noon}

	_, err = events.ReportLine(t.Context(), e)
	require.ErrorIs(t, err, errLost)
	require.Equal(t, fault.CodeStore, fromline.CodeOf(err))
	require.Equal(t, line.Active, status())

	kept.err = nil
	applied, err := events.ReportLine(t.Context(), e)
	require.NoError(t, err)
	require.True(t, applied, "although the store had it already")
	require.Equal(t, line.Flagged, status())
	require.Equal(t, line.State{Tenant: "acme", Number: dc, Status: line.Flagged, StatusAt: noon}, kept.got[1], "what the event says, and no more")

	applied, err = events.ReportLine(t.Context(), e)
	require.NoError(t, err)
	require.False(t, applied, "it is not later than itself")

	n := len(kept.got)
	applied, err = events.ReportLine(t.Context(), fleet.Event{Type: "something.else", Number: boston})
	require.NoError(t, err)
	require.False(t, applied)
	_, err = events.ReportLine(t.Context(), fleet.Event{Type: fleet.StatusUpdated, Number: boston, Status: line.Active, ChangedAt: noon})
	require.ErrorIs(t, err, fleet.ErrUnknownNumber)
	require.Len(t, kept.got, n)

	// Without a store it is this process that learns.
	e.Status, e.ChangedAt = line.Active, noon.Add(time.Second)
	forgetful, err := fromline.New(chats, f, fromline.Options{})
	require.NoError(t, err)
	applied, err = forgetful.ReportLine(t.Context(), e)
	require.NoError(t, err)
	require.True(t, applied)
	require.Equal(t, line.Active, status())
}
