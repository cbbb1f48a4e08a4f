package routing

import (
	"slices"
	"sync/atomic"
	"time"

	"github.com/fromline/fromline/fleet"
	"github.com/fromline/fromline/recipients"
	"github.com/fromline/fromline/store"
)

// FullLine is a line that a commit found at its limit of new chats.
type FullLine struct {
	Line  recipients.Handle
	Until time.Time // the start of the hour in which its next slot frees
}

// leaveOut remembers a line that a commit found full, for this send and for
// later ones, and says whether there was one to remember: a store that reports
// a line that was left out already does not keep the send going for ever.
func (w *work) leaveOut(c *store.Conflict) bool {
	known := func(f FullLine) bool { return f.Line == c.Line }
	if c.Kind != store.LineFull || slices.ContainsFunc(w.full, known) {
		return false
	}
	w.full = append(w.full, FullLine{c.Line, c.NextFree})
	if w.reserver != nil {
		w.reserver.Full(w.send.Tenant, c.Line, c.NextFree)
	} else {
		w.memory.add(w.send.Tenant, w.full[len(w.full)-1], w.at)
	}
	return true
}

// fullLines returns the lines that this send must not pick again, and those
// that earlier sends found full and the view cannot know about.
func (w *work) fullLines(view fleet.View) []FullLine {
	full := w.full
	for _, f := range w.memory.of(w.send.Tenant) {
		known := func(o FullLine) bool { return o.Line == f.Line }
		if _, ours := view.Line(f.Line); ours && f.Until.After(w.at) && !slices.ContainsFunc(full, known) {
			full = append(slices.Clip(full), f)
		}
	}
	return full
}

// fullMemory remembers full lines for a LineHealth that cannot be told of them,
// one that is no Reserver: or every send would find them out anew. Reading it
// takes no lock, and mostly finds nothing.
type fullMemory struct {
	lines atomic.Pointer[map[string][]FullLine] // by tenant; replaced, never changed
}

func (m *fullMemory) of(tenant string) []FullLine {
	if lines := m.lines.Load(); lines != nil {
		return (*lines)[tenant]
	}
	return nil
}

// add remembers a line and forgets those whose time has come.
func (m *fullMemory) add(tenant string, full FullLine, now time.Time) {
	for {
		old := m.lines.Load()
		lines := map[string][]FullLine{}
		if old != nil {
			for name, list := range *old {
				stale := func(f FullLine) bool {
					return !f.Until.After(now) || name == tenant && f.Line == full.Line
				}
				if list = slices.DeleteFunc(slices.Clone(list), stale); len(list) > 0 {
					lines[name] = list
				}
			}
		}
		lines[tenant] = append(slices.Clip(lines[tenant]), full)
		if m.lines.CompareAndSwap(old, &lines) {
			return
		}
	}
}

// excluded are the lines that may not be picked, in order: those of
// exclude_from and those that are full.
func (in *Input) excluded() []recipients.Handle {
	excluded := slices.Collect(in.Send.Excluded())
	if len(in.Full) == 0 {
		return excluded
	}
	for _, f := range in.Full {
		excluded = append(excluded, f.Line)
	}
	slices.SortFunc(excluded, recipients.Handle.Compare)
	return slices.Compact(excluded)
}

// passedOver counts the lines that may not open this chat. A line that a commit
// found full counts as being at its limit, unless something goes before that.
func (in *Input) passedOver() fleet.Counts {
	shown := *in
	shown.Full = nil
	counts := in.Lines.PassedOver(shown.query())
	eligible := counts.Eligible
	for i := range in.Full {
		shown.Full = in.Full[i : i+1]
		if in.Lines.PassedOver(shown.query()).Eligible == eligible {
			continue // the view knows, or it is ruled out anyway
		}
		counts.Eligible--
		counts.NewChatLimit++
		if until := in.Full[i].Until; counts.NextFree.IsZero() || until.Before(counts.NextFree) {
			counts.NextFree = until
		}
	}
	return counts
}
