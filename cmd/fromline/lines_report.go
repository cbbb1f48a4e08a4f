package main

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/fromline/fromline/fleet"
	"github.com/fromline/fromline/line"
	"github.com/fromline/fromline/recipients"
	"github.com/fromline/fromline/store"
)

// fleets are the fleet files of a run.
type fleets struct {
	*fleet.Fleet
	tenants []string
}

// loadFleets reads fleet files. What is not understood in them is for doctor.
func loadFleets(files ofTenants, guard line.Guard) (*fleets, error) {
	loaded, err := fleet.New(fleet.Options{Guard: guard})
	if err != nil {
		return nil, err
	}
	f := &fleets{Fleet: loaded, tenants: slices.Sorted(maps.Keys(files.values))}
	for _, tenant := range f.tenants {
		path := files.values[tenant][0]
		text, err := readText(path)
		if err != nil {
			return nil, err
		}
		if _, err := loaded.Load(tenant, text); err != nil {
			return nil, fmt.Errorf("%s: %w", path, err)
		}
	}
	return f, nil
}

// lineName is the name of a line: numbers belong to tenants.
type lineName struct {
	tenant string
	number recipients.Handle
}

// lineReport is what is known of a line.
type lineReport struct {
	lineName
	listed  bool      // in a fleet file
	guarded fleet.Ref // where it is listed
	fleet   bool      // its tenant has a fleet file
	line    line.Line // with its limits, where it is listed
	state   line.State
	use     line.Use
	chats   int
	waiting int // chats that fail over with their next message, if the line cannot continue
}

// reportLines puts together what fleet files, states, use and chats say of the
// lines of a tenant, or of all of them, ordered by tenant and number.
func reportLines(ctx context.Context, chats store.Store, f *fleets, tenant string, now time.Time, p *progress) ([]*lineReport, error) {
	all := map[lineName]*lineReport{}
	of := func(t string, number recipients.Handle) *lineReport {
		name := lineName{t, number}
		if all[name] == nil {
			all[name] = &lineReport{lineName: name, fleet: slices.Contains(f.tenants, t), line: line.Line{Number: number}.Normal()}
		}
		return all[name]
	}
	if err := f.Sync(ctx, chats); err != nil {
		return nil, err
	}
	if err := gatherLines(ctx, chats, f, now, of); err != nil {
		return nil, err
	}
	err := eachTenant(ctx, chats, func(t string) error {
		if tenant != "" && t != tenant {
			return nil
		}
		found, err := takeCensus(ctx, chats, t, now, p)
		if err != nil {
			return err
		}
		for number, counts := range found.lines {
			r := of(t, number)
			r.chats, r.waiting = counts.all, counts.waiting
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return inOrder(all, tenant), nil
}

// inOrder returns the reports of a tenant, or of all, by tenant and number.
func inOrder(all map[lineName]*lineReport, tenant string) []*lineReport {
	report := slices.DeleteFunc(slices.Collect(maps.Values(all)), func(r *lineReport) bool { return tenant != "" && r.tenant != tenant })
	slices.SortFunc(report, func(a, b *lineReport) int {
		return cmp.Or(cmp.Compare(a.tenant, b.tenant), a.number.Compare(b.number))
	})
	return report
}

// gatherLines puts together what the fleets, states and use say of lines.
func gatherLines(ctx context.Context, chats store.Store, f *fleets, now time.Time, of func(string, recipients.Handle) *lineReport) error {
	for _, t := range f.tenants {
		view, err := f.View(ctx, t, now)
		if err != nil {
			return err
		}
		for l := range view.All() {
			r := of(t, l.Number)
			r.line, r.listed, r.guarded = l, true, view.Find(l.Number)
		}
	}
	for after := line.Change(0); ; {
		states, last, err := chats.LineStates(ctx, after, pageSize)
		if err != nil {
			return err
		}
		for _, s := range states {
			of(s.Tenant, s.Number).learned(s)
		}
		if after = last; len(states) < pageSize {
			break
		}
	}
	for after := line.Change(0); ; {
		uses, last, err := chats.LineUse(ctx, after, pageSize)
		if err != nil {
			return err
		}
		for _, u := range uses {
			of(u.Tenant, u.Number).use = u
		}
		if after = last; len(uses) < pageSize {
			break
		}
	}
	return nil
}

// learned takes over a state of the store. A line that a fleet lists knows it
// already, and knows which of file and store counts.
func (r *lineReport) learned(s line.State) {
	r.state = s
	if r.listed {
		return
	}
	if s.Status != 0 {
		r.line.Status = s.Status
	}
	if s.Reputation != 0 {
		r.line.Reputation = s.Reputation
	}
}

// released says whether the number is not ours any more.
func (r *lineReport) released() bool { return r.state.Ownership > line.Assigned }

// continues says whether the line can send into its chats. Of a tenant without
// a fleet file it is not known which lines are ours: all are taken to be.
func (r *lineReport) continues() bool {
	return r.line.CanContinue() && !r.released() && (r.listed || !r.fleet)
}

// words are the state of the line, and since when: of the fact that says most.
func (r *lineReport) words() (state string, since time.Time) {
	switch {
	case r.released():
		return "RELEASED", r.state.OwnershipAt
	case r.line.Status == line.Flagged:
		return line.Flagged.String(), r.statusAt()
	case r.fleet && !r.listed:
		return "in no fleet file", time.Time{}
	case r.line.Ineligible:
		return "out of service", time.Time{}
	case r.line.Reputation != line.Healthy:
		return fmt.Sprintf("%s, %s", r.line.Status, r.line.Reputation), r.reputationAt()
	}
	return fmt.Sprintf("%s, %s", r.line.Status, r.line.Reputation), later(r.statusAt(), r.reputationAt())
}

// statusAt is when the status that counts was said, the zero time if it never
// was.
func (r *lineReport) statusAt() time.Time {
	if r.state.Status == r.line.Status {
		return r.state.StatusAt
	}
	return r.line.ChangedAt
}

func (r *lineReport) reputationAt() time.Time {
	if r.state.Reputation == r.line.Reputation {
		return r.state.ReputationAt
	}
	return r.line.ChangedAt
}

// nextFree is when the line can open a chat, as far as limits go: a time that
// has come for now, and the zero time for a line that opens none.
func (r *lineReport) nextFree(now time.Time) time.Time {
	if !r.continues() || r.line.Reputation == line.Critical {
		return time.Time{}
	}
	if r.listed {
		return later(now, r.guarded.NextFree(false))
	}
	hour, at := line.HourOf(now), now
	if r.use.Full(hour, r.line.Limits.NewChatsPerDay) {
		at = later(at, r.use.NextFree(hour, r.line.Limits.NewChatsPerDay))
	}
	return later(at, r.use.MessagesFullUntil(hour, r.line.Limits.MessagesPerDay))
}

// moving is how many chats wait for another line.
func (r *lineReport) moving() int {
	if r.continues() {
		return 0
	}
	return r.waiting
}
