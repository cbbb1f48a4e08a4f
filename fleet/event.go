package fleet

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/fromline/fromline/line"
	"github.com/fromline/fromline/recipients"
)

// StatusUpdated is the type of the events that change lines.
const StatusUpdated = "phone_number.status_updated"

// maxAhead is how far the time of an event may be ahead of ours
// (docs/rules.md §15).
const maxAhead = 5 * time.Minute

// ErrAhead is wrapped by errors about a change that is said to have happened too
// far in the future (wire code 1005, at /data/changed_at).
var ErrAhead = errors.New("fleet: the change lies too far ahead")

// Event is what the vendor's webhook says of a line (docs/rules.md §15).
type Event struct {
	Type string // only StatusUpdated changes anything
	ID   string // the vendor's id of the event; may be empty

	// Tenant, if set, is whose line it has to be. It is no part of the envelope:
	// whoever authenticated the event sets it.
	Tenant string

	// Number is the line, and Status and Reputation what it has become. Zero
	// means that the event does not say, and it stays as it was; one of the two
	// is said.
	Number     recipients.Handle
	Status     line.Status
	Reputation line.Reputation

	// ChangedAt is when it became so: the event applies if that is later than
	// the line's last change.
	ChangedAt time.Time
}

// envelope is the event on the wire. Members that are not listed are ignored, as
// the vendor adds to them.
type envelope struct {
	EventType *string        `json:"event_type"`
	EventID   *string        `json:"event_id"`
	Data      jsontext.Value `json:"data"`
}

type statusUpdated struct {
	PhoneNumber   *string `json:"phone_number"`
	NewStatus     *string `json:"new_status"`
	NewReputation *string `json:"new_reputation"`
	ChangedAt     *string `json:"changed_at"`
}

// ParseEvent reads the envelope of a webhook. Of an event that is not
// [StatusUpdated] only type and id are read, for there is nothing to do with it.
// The error is a *[FormatError].
func ParseEvent(text []byte) (Event, error) {
	var in envelope
	if err := decode(text, &in); err != nil {
		return Event{}, err
	}
	var r reader
	e := Event{}
	if in.EventID != nil {
		e.ID = *in.EventID
	}
	if in.EventType == nil {
		r.fault(Missing, "/event_type", "the type of the event is required")
		return Event{}, r.result()
	}
	if e.Type = *in.EventType; e.Type != StatusUpdated {
		return e, nil
	}
	if len(in.Data) == 0 || in.Data.Kind() == 'n' {
		r.fault(Missing, "/data", "what happened is required")
		return Event{}, r.result()
	}
	var data statusUpdated
	if err := decode(in.Data, &data); err != nil {
		return Event{}, within("/data", err)
	}
	e.Number = r.number("/data/phone_number", data.PhoneNumber, recipients.Options{Strength: recipients.Syntax})
	e.Status = r.status("/data/new_status", data.NewStatus)
	e.Reputation = r.reputation("/data/new_reputation", data.NewReputation)
	if data.NewStatus == nil && data.NewReputation == nil {
		r.fault(Missing, "/data/new_status", "a new status or a new reputation is required")
	}
	e.ChangedAt = r.time("/data/changed_at", data.ChangedAt)
	if data.ChangedAt == nil {
		r.fault(Missing, "/data/changed_at", "the time of the change is required")
	}
	if err := r.result(); err != nil {
		return Event{}, err
	}
	return e, nil
}

// within moves the faults of a part of a text to where the part stands.
func within(pointer string, err error) error {
	if e := (*FormatError)(nil); errors.As(err, &e) {
		for i := range e.Faults {
			e.Faults[i].Pointer = pointer + e.Faults[i].Pointer
		}
	}
	return err
}

// StateOf returns what an event says, as the state to be given to the store that
// the processes of a host share, which puts it together with what it keeps (see
// [State]). It changes nothing, and reads nothing but whose line it is. The errors
// are those of [Fleet.ReportLine].
func (f *Fleet) StateOf(e Event) (line.State, error) {
	t, err := f.concerned(e)
	if err != nil {
		return line.State{}, err
	}
	return line.State{Tenant: t.name, Number: e.Number, Status: e.Status, Reputation: e.Reputation, ChangedAt: e.ChangedAt}, nil
}

// ReportLine takes in an event and reports whether it applied: an event that is
// not later than the line's last change, or of another type than
// [StatusUpdated], changes nothing. Times are compared in whole microseconds, as
// stores keep them. What the event does not say stays as it is. It does so in this
// process only; other processes, and this one after a restart, learn of it from
// the store that they follow, which has to be told the [Fleet.StateOf] the event
// first.
//
// The error is [ErrUnknownNumber] where the number is no line (of the event's
// tenant), [ErrAhead] where the change lies more than five minutes ahead, and
// [ErrEvent] where it lies before 1970, which includes the zero time, or where the
// event says neither a status nor a reputation, or one that is none.
func (f *Fleet) ReportLine(_ context.Context, e Event) (applied bool, err error) {
	if e.Type != StatusUpdated {
		return false, nil
	}
	t, err := f.concerned(e)
	if err != nil {
		return false, err
	}
	t.mu.Lock()
	defer t.unlock()
	if !t.account(e.Number).learn(e.Status, e.Reputation, changeTime(e.ChangedAt)) {
		return false, nil
	}
	t.refresh(e.Number.Digits())
	return true, nil
}

// concerned returns the lines that an event is about one of.
func (f *Fleet) concerned(e Event) (*lineup, error) {
	f.mu.RLock()
	t := f.owners[e.Number.Digits()]
	f.mu.RUnlock()
	if t == nil || e.Tenant != "" && e.Tenant != t.name {
		return nil, fmt.Errorf("%w: %s", ErrUnknownNumber, e.Number.Masked())
	}
	if err := checkChange(e.Status, e.Reputation, e.ChangedAt); err != nil {
		return nil, err
	}
	if ahead := e.ChangedAt.Sub(f.options.Clock.Now()); ahead > maxAhead {
		return nil, fmt.Errorf("%w: %v is %v ahead, at most %v will do", ErrAhead, e.ChangedAt, ahead, maxAhead)
	}
	return t, nil
}

// checkChange returns why a change cannot be one of a line.
func checkChange(s line.Status, r line.Reputation, at time.Time) error {
	switch {
	case s != 0 && !s.IsValid():
		return fmt.Errorf("%w: %v", ErrEvent, s)
	case r != 0 && !r.IsValid():
		return fmt.Errorf("%w: %v", ErrEvent, r)
	case s == 0 && r == 0:
		return fmt.Errorf("%w: it says neither a status nor a reputation", ErrEvent)
	case at.Unix() < 0:
		return fmt.Errorf("%w: it changed at %v, which is before 1970", ErrEvent, at)
	}
	return nil
}
