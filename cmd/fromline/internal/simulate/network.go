package simulate

import (
	"context"
	"time"

	"github.com/fromline/fromline/fleet"
	"github.com/fromline/fromline/line"
)

// flag is one time that a line was flagged.
type flag struct {
	at     int64
	root   int32 // the flag that began the cascade; itself if none did
	size   int   // of the cascade, in its root
	number int32
}

// taking is a chat that a line took over, from the line of a flag.
type taking struct {
	at   int64
	from int32
}

// A flag is the child of the flag whose chats its line took most of, if there
// were enough of them lately.
const (
	cascadeLeast  = 5
	cascadeWithin = 48 * time.Hour
)

// look is what the network does at the end of a tick: it flags lines, and says
// which are at risk.
func (w *world) look(ctx context.Context, day, t int) error {
	for c := range w.heat {
		w.heat[c] *= w.fades.heat
		if c < w.model.Campaigns.Bad {
			w.heat[c] = max(w.heat[c], 1)
		}
	}
	at := uint64(day*ticksPerDay + t)
	for i := range w.slots {
		s := &w.slots[i]
		n := &w.numbers[s.number]
		if n.up {
			rate, slow := w.model.hazard(&s.history, w.clock().Sub(n.born).Hours()/24, w.clock(), &w.heat)
			if w.luck.unit(drawFlag, uint64(i), at) < chance(rate) || w.swept(uint64(i), day, t) {
				if err := w.flag(ctx, s.number, at); err != nil {
					return err
				}
			} else if err := w.warn(ctx, n, slow); err != nil {
				return err
			}
		}
		s.history.next(&w.fades)
	}
	w.record.look(w)
	return nil
}

// swept reports whether a sweep takes a line.
func (w *world) swept(slot uint64, day, t int) bool {
	for i, s := range w.model.Sweeps {
		if s.Day == day && t == ticksPerDay/2 && w.luck.unit(drawSweep, slot, uint64(i)) < s.Share {
			return true
		}
	}
	return false
}

// warn lets the network say that a line is at risk, or no more.
func (w *world) warn(ctx context.Context, n *number, slow float64) error {
	if w.model.AtRisk == 0 || n.atRisk && slow > w.model.AtRisk/2 || !n.atRisk && slow < w.model.AtRisk {
		return nil
	}
	n.atRisk = !n.atRisk
	says := line.Healthy
	if n.atRisk {
		says = line.AtRisk
	}
	return w.tell(ctx, n, fleet.Event{Reputation: says})
}

// tell hands an event of the network to our program.
func (w *world) tell(ctx context.Context, n *number, e fleet.Event) error {
	e.Type, e.Tenant, e.Number, e.ChangedAt = fleet.StatusUpdated, tenant, n.line.Number, w.clock()
	_, err := w.router.ReportLine(ctx, e)
	return err
}

// flag flags a line. Its chats draw when they are wanted next.
func (w *world) flag(ctx context.Context, index int32, tickNumber uint64) error {
	n := &w.numbers[index]
	h := &w.slots[n.slot].history
	n.up = false
	id := int32(len(w.flags))
	w.flags = append(w.flags, flag{at: w.now, root: id, number: index})
	if parent := n.parent(w.now); parent >= 0 {
		w.flags[id].root = w.flags[parent].root
	}
	w.flags[w.flags[id].root].size++
	n.flag, n.taken = id, n.taken[:0]
	h.flagged, h.flaggedAt = true, w.clock()
	if c := &w.model.Campaigns; c.Count > 0 && h.day > 0 {
		for i := range c.Count {
			w.heat[i] += c.Spreads * float64(h.carriedDay[i]) / float64(h.day)
		}
	}
	hours := w.luck.logNormal(time.Duration(w.scene.Outage).Hours(), 0.5, drawOutage, uint64(n.slot), tickNumber)
	outage := time.Duration(max(hours, min(24, time.Duration(w.scene.Outage).Hours())) * float64(time.Hour))
	n.lastsTo = w.now + outage.Microseconds()
	w.run.LineDaysLost += Span(min(outage, time.Duration(w.end-w.now)*time.Microsecond)).Days()
	n.gone = w.luck.unit(drawReplaced, uint64(n.slot), tickNumber) < w.scene.Replaced
	w.queue.add(happening{at: n.lastsTo, talk: -1, line: index})
	if err := w.tell(ctx, n, fleet.Event{Status: line.Flagged}); err != nil {
		return err
	}
	for _, t := range n.talks {
		w.wish(t)
	}
	return nil
}

// parent returns the flag whose chats the line took most of lately, or -1.
func (n *number) parent(now int64) int32 {
	counts := make(map[int32]int)
	best := int32(-1)
	for _, t := range n.taken {
		if now-t.at > cascadeWithin.Microseconds() {
			continue
		}
		counts[t.from]++
		if c := counts[t.from]; c >= cascadeLeast && (best < 0 || c > counts[best] || c == counts[best] && t.from < best) {
			best = t.from
		}
	}
	return best
}

// recover brings a line back, or another in its place.
func (w *world) recover(ctx context.Context, index int32) error {
	n := &w.numbers[index]
	if n.gone {
		if err := w.fleet.RemoveLine(tenant, n.line.Number); err != nil {
			return err
		}
		return w.another(n.line, n.slot)
	}
	n.up, n.atRisk, n.recovered = true, false, w.clock()
	return w.tell(ctx, n, fleet.Event{Status: line.Active, Reputation: line.Healthy})
}
