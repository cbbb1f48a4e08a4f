package fleet

import (
	"cmp"
	"errors"
	"fmt"
	"time"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/fromline/fromline/fault"
	"github.com/fromline/fromline/line"
	"github.com/fromline/fromline/recipients"
)

// The types of the events that change lines.
const (
	StatusUpdated  = "phone_number.status_updated"
	NumberAssigned = "phone_number.assigned"
	NumberReleased = "phone_number.released"
)

// maxAhead is how far the time of an event may be ahead of ours.
const maxAhead = 5 * time.Minute

// ErrAhead is wrapped by the error of an event whose time lies more than five
// minutes in the future (wire code 1005). [AheadError] has the two times.
var ErrAhead = errors.New("fleet: the change lies too far ahead")

// AheadError is the error of an event whose time lies more than five minutes
// ahead of the clock of the Fleet.
type AheadError struct {
	ChangedAt time.Time // what the event says
	Now       time.Time // what our clock says
}

// Error returns both times and what to do.
func (e *AheadError) Error() string {
	return fmt.Sprintf("changed_at is %s and our clock says %s: at most %v ahead is taken, so compare the clocks",
		e.ChangedAt.UTC().Format(time.RFC3339Nano), e.Now.UTC().Format(time.RFC3339Nano), maxAhead)
}

// Unwrap returns ErrAhead, and the fault at /data/changed_at with both times.
func (e *AheadError) Unwrap() []error {
	return []error{ErrAhead, &fault.Error{Faults: []fault.Fault{{
		Pointer: "/data/changed_at", Rule: "event.ahead", Code: fault.CodeValue, Detail: e.Error(),
		Value: e.ChangedAt.UTC().Format(time.RFC3339Nano),
	}}}}
}

// eventError is an error that wraps ErrEvent, with what is wrong as a fault.
type eventError struct{ fault fault.Fault }

// notUsable is the error of an event with a fault of the kind.
func notUsable(k kind, pointer, format string, args ...any) error {
	return &eventError{k.at(pointer, fmt.Sprintf(format, args...))}
}

// Error says what is wrong.
func (e *eventError) Error() string { return ErrEvent.Error() + ": " + e.fault.Detail }

// Unwrap returns ErrEvent and the fault.
func (e *eventError) Unwrap() []error {
	return []error{ErrEvent, &fault.Error{Faults: []fault.Fault{e.fault}}}
}

// Event is a webhook of the vendor about a line. It is a plain value.
type Event struct {
	Type string // StatusUpdated, NumberAssigned or NumberReleased; others change nothing
	ID   string // the vendor's id of the event; may be empty

	// Tenant, if set, is the tenant that must own the line. It is not in the
	// webhook: the caller sets it after it has authenticated the event.
	Tenant string

	// Number is the line; Status and Reputation are its new values. A zero
	// value means that the event does not report it. StatusUpdated has at least
	// one of the two, the other types neither.
	Number     recipients.Handle
	Status     line.Status
	Reputation line.Reputation

	// ChangedAt is the time of the change, and so of each fact in the event. It
	// must lie from 1970 to five minutes ahead of our clock.
	ChangedAt time.Time
}

// ChangesLine reports whether events of this type say something about a line.
func (e Event) ChangesLine() bool {
	return e.Type == StatusUpdated || e.Type == NumberAssigned || e.Type == NumberReleased
}

// state returns the facts that the event says about a line of a tenant.
func (e Event) state(tenant string) line.State {
	s := line.State{Tenant: tenant, Number: e.Number}
	switch e.Type {
	case NumberAssigned:
		s.Ownership, s.OwnershipAt = line.Assigned, e.ChangedAt
	case NumberReleased:
		s.Ownership, s.OwnershipAt = line.Released, e.ChangedAt
	case StatusUpdated:
		if s.Status = e.Status; s.Status != 0 {
			s.StatusAt = e.ChangedAt
		}
		if s.Reputation = e.Reputation; s.Reputation != 0 {
			s.ReputationAt = e.ChangedAt
		}
	}
	return s
}

// envelope is the event on the wire. Members that are not listed are ignored,
// as the vendor adds to them.
type envelope struct {
	EventType *string        `json:"event_type"`
	EventID   *string        `json:"event_id"`
	Data      jsontext.Value `json:"data"`
}

// lineData is the data of the events that change lines. The vendor called the
// reputation health_status before: new_reputation counts where both are given.
type lineData struct {
	PhoneNumber     *string `json:"phone_number"`
	NewStatus       *string `json:"new_status"`
	NewReputation   *string `json:"new_reputation"`
	NewHealthStatus *string `json:"new_health_status"`
	ChangedAt       *string `json:"changed_at"`
}

// ParseEvent reads a webhook of the vendor. If the event is not about a line,
// it reads only type and id. The error is a *FormatError. It is safe for
// concurrent use.
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
		r.fault(missing(), "/event_type", "the type of the event is required")
		return Event{}, r.result()
	}
	if e.Type = *in.EventType; !e.ChangesLine() {
		return e, nil
	}
	if len(in.Data) == 0 || in.Data.Kind() == 'n' {
		r.fault(missing(), "/data", "what happened is required")
		return Event{}, r.result()
	}
	var data lineData
	if err := decode(in.Data, &data); err != nil {
		return Event{}, within("/data", err)
	}
	e.Number = r.number("/data/phone_number", data.PhoneNumber, recipients.Options{Strength: recipients.Syntax})
	if e.Type == StatusUpdated {
		e.Status = r.status("/data/new_status", data.NewStatus)
		reputation := r.reputation("/data/new_reputation", data.NewReputation)
		health := r.reputation("/data/new_health_status", data.NewHealthStatus)
		e.Reputation = cmp.Or(reputation, health)
		if data.NewStatus == nil && data.NewReputation == nil && data.NewHealthStatus == nil {
			r.fault(missing(), "/data/new_status", "a new status or a new reputation is required")
		}
	}
	e.ChangedAt = r.time("/data/changed_at", data.ChangedAt)
	if data.ChangedAt == nil {
		r.fault(missing(), "/data/changed_at", "the time of the change is required")
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
