package fromline

import (
	"slices"
	"sync/atomic"
	"time"

	"github.com/fromline/fromline/fleet"
	"github.com/fromline/fromline/recipients"
	"github.com/fromline/fromline/routing"
)

// fullLine is a line that a commit found at its limit of new chats.
type fullLine struct {
	number recipients.Handle
	until  time.Time // the start of the hour in which its next slot frees
	limit  int       // that it was at
}

// leaveOut remembers a line that a commit found full, for this send and for
// later ones. It is false for a line that was left out already: a store that
// keeps on naming it does not keep the send going for ever.
func (s *sending) leaveOut(f fullLine) bool {
	if slices.ContainsFunc(s.full, func(known fullLine) bool { return known.number == f.number }) {
		return false
	}
	s.full = append(s.full, f)
	if s.reserver != nil {
		s.reserver.Full(s.out.Tenant, f.number, f.until)
	} else {
		s.memory.add(s.out.Tenant, f, s.at)
	}
	return true
}

// withFull returns the view with the lines that must not be picked shown as
// full: those that this send found so, whatever time the view is of, and those
// that earlier sends did and that the view cannot know about.
func (s *sending) withFull(view fleet.View) fleet.View {
	for _, f := range s.full {
		view = view.WithFull(f.number, f.until)
	}
	for _, f := range s.memory.of(s.out.Tenant) {
		line, _ := view.Line(f.number)
		if f.until.After(s.at) && line.Limits.NewChatsPerDay == f.limit {
			view = view.WithFull(f.number, f.until)
		}
	}
	return view
}

// reserve counts a pick at once. A line that this send found full is not the
// best line of any fleet.
func (s *sending) reserve(in *routing.Input, d *routing.Decision) bool {
	q := in.Query()
	if len(s.full) > 0 {
		for _, f := range s.full {
			q.Excluded = append(q.Excluded, f.number)
		}
		slices.SortFunc(q.Excluded, recipients.Handle.Compare)
	}
	return s.reserver.Reserve(s.out.Tenant, s.at, q, d.Line)
}

// fullMemory remembers full lines for a LineHealth that cannot be told of them,
// one that is no Reserver: or every send would find them out anew. Reading it
// takes no lock, and mostly finds nothing.
type fullMemory struct {
	lines atomic.Pointer[map[string][]fullLine] // by tenant; replaced, never changed
}

func (m *fullMemory) of(tenant string) []fullLine {
	if lines := m.lines.Load(); lines != nil {
		return (*lines)[tenant]
	}
	return nil
}

// add remembers a line and forgets those whose time has come.
func (m *fullMemory) add(tenant string, full fullLine, now time.Time) {
	for {
		old := m.lines.Load()
		lines := map[string][]fullLine{tenant: {full}}
		if old != nil {
			for name, list := range *old {
				for _, f := range list {
					again := name == tenant && f.number == full.number
					if !again && f.until.After(now) {
						lines[name] = append(lines[name], f)
					}
				}
			}
		}
		if m.lines.CompareAndSwap(old, &lines) {
			return
		}
	}
}
