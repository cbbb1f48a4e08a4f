package fleet

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"

	"github.com/fromline/fromline/line"
	"github.com/fromline/fromline/recipients"
)

// StateOf returns the state that an event reports. Give it to the store that
// your processes share. StateOf changes nothing. The errors are those of
// [Fleet.ReportLine].
func (f *Fleet) StateOf(ctx context.Context, e Event) (line.State, error) {
	t, err := f.concerned(ctx, e)
	if err != nil {
		return line.State{}, err
	}
	return e.state(t.name), nil
}

// ReportLine applies an event by the rule of [line.State.Merge], with times cut
// to microseconds as stores keep them, and returns whether a value changed. An
// event of a type that says nothing about a line changes nothing. ReportLine
// changes this process only. Other processes, and this one after a restart,
// learn the event from the store that they follow: report [Fleet.StateOf] the
// event to the store first.
//
// The error is [ErrUnknownNumber] if the number is not a line (of the event's
// tenant); an [*AheadError] if the change lies more than five minutes ahead;
// and [ErrEvent] if it lies before 1970 (as the zero time does), or if the
// event has no value or an unknown one. If the fleet does not know the number,
// has a source and the event names the tenant, it asks the source: then the
// error may also be [ErrStale] or that of the context.
func (f *Fleet) ReportLine(ctx context.Context, e Event) (applied bool, err error) {
	if !e.ChangesLine() {
		return false, nil
	}
	t, err := f.concerned(ctx, e)
	if err != nil {
		return false, err
	}
	return t.report(e.state(t.name)), nil
}

// Learn applies a state of a line that a store keeps, as [Fleet.Follow] does,
// and returns whether a value changed. The errors are [ErrUnknownNumber] and
// [ErrEvent], as for [Fleet.ReportLine].
func (f *Fleet) Learn(s line.State) (applied bool, err error) {
	adopted := f.adopt(s)
	t, err := f.ownerOf(s.Tenant, s.Number)
	if err != nil {
		return false, err
	}
	if err := checkState(s); err != nil {
		return false, err
	}
	return t.report(s) || adopted, nil
}

// adopt makes a number a line of its tenant that was assigned to us and that no
// fleet has, where the options say with which defaults; and says whether it
// did.
func (f *Fleet) adopt(s line.State) bool {
	if f.options.Assigned == nil || f.options.Source != nil || s.Ownership != line.Assigned || f.known(s.Tenant) == nil || !f.isFree(s.Number) {
		return false
	}
	l := *f.options.Assigned
	l.Number = s.Number
	l.ID = uuid.NewSHA1(uuid.NameSpaceURL, []byte("tel:"+s.Number.String())).String()
	return f.PutLine(s.Tenant, l) == nil
}

// isFree reports whether a number is no line of any tenant.
func (f *Fleet) isFree(n recipients.Handle) bool {
	_, owned := f.Owner(n)
	return !owned
}

// report merges a state into what is known of a line.
func (t *lineup) report(s line.State) (applied bool) {
	t.mu.Lock()
	defer t.unlock()
	applied, news := t.account(s.Number).learned.learn(s)
	if news {
		t.refresh(s.Number.Digits())
	}
	return applied
}

// ownerOf returns the lines that a number is one of.
func (f *Fleet) ownerOf(tenant string, n recipients.Handle) (*lineup, error) {
	f.mu.RLock()
	t := f.owners[n.Digits()]
	f.mu.RUnlock()
	if t == nil && tenant != "" {
		t = f.suspects(tenant, n)
	}
	if t == nil || tenant != "" && tenant != t.name {
		return nil, fmt.Errorf("%w: %s", ErrUnknownNumber, n.Masked())
	}
	return t, nil
}

// concerned returns the lines that an event is about one of.
func (f *Fleet) concerned(ctx context.Context, e Event) (*lineup, error) {
	t, err := f.ownerOf(e.Tenant, e.Number)
	if err != nil && f.options.Source != nil && e.Tenant != "" {
		if asked := f.refresh(ctx, e.Tenant); asked != nil && !errors.Is(asked, ErrUnknownTenant) {
			return nil, asked
		}
		t, err = f.ownerOf(e.Tenant, e.Number)
	}
	if err != nil && e.Type == NumberAssigned {
		// It is no line yet: what is kept of it makes it one, or tells that it
		// should be.
		if mine := f.known(e.Tenant); mine != nil && f.isFree(e.Number) {
			t, err = mine, nil
		}
	}
	if err != nil {
		return nil, err
	}
	if err := checkState(e.state(t.name)); err != nil {
		return nil, err
	}
	if now := f.options.Clock(); e.ChangedAt.Sub(now) > maxAhead {
		return nil, &AheadError{ChangedAt: e.ChangedAt, Now: now}
	}
	return t, nil
}

// checkState returns why a state cannot be one of a line.
func checkState(s line.State) error {
	switch {
	case s.Status != 0 && !s.Status.IsValid():
		return notUsable(badValue(), "/data/new_status", "%v is no status: use ACTIVE or FLAGGED", s.Status)
	case s.Reputation != 0 && !s.Reputation.IsValid():
		return notUsable(badValue(), "/data/new_reputation", "%v is no reputation: use HEALTHY, AT_RISK or CRITICAL", s.Reputation)
	case s.Ownership != 0 && !s.Ownership.IsValid():
		return notUsable(badValue(), "/event_type", "%v is no ownership", s.Ownership)
	case s.Status == 0 && s.Reputation == 0 && s.Ownership == 0:
		return notUsable(missing(), "/data/new_status", "it says nothing about the line: set Status or Reputation")
	}
	for _, fact := range []struct {
		said bool
		at   time.Time
	}{{s.Status != 0, s.StatusAt}, {s.Reputation != 0, s.ReputationAt}, {s.Ownership != 0, s.OwnershipAt}} {
		switch {
		case !fact.said:
		case fact.at.IsZero():
			return notUsable(missing(), "/data/changed_at", "it has no time: set ChangedAt to when the line changed")
		case fact.at.Unix() < 0:
			return notUsable(badValue(), "/data/changed_at", "it changed at %v, which is before 1970", fact.at)
		}
	}
	return nil
}
