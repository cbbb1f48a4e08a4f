package simulate

import (
	"context"
	"errors"
	"time"

	"github.com/fromline/fromline"
	"github.com/fromline/fromline/message"
	"github.com/fromline/fromline/recipients"
	"github.com/fromline/fromline/routing"
	"github.com/fromline/fromline/store"
)

// talk is one person whom we write to, and where.
type talk struct {
	person   recipients.Handle
	line     int32 // the number that its chat is on, -1 before the first
	place    int32 // in the talks of the line
	moves    int32 // how often it went to another line
	draws    uint32
	attempts int32
	waiting  bool  // something is wanted
	refused  bool  // and was refused before
	first    bool  // and it is a first contact
	since    int64 // when it was wanted
}

// campaign is what the talk is about.
func (w *world) campaign(index int32) int { return int(index) % max(w.model.Campaigns.Count, 1) }

// newTalk makes a person known to the world, living where a line is.
func (w *world) newTalk(near recipients.Handle) int32 {
	shared := uint64(1)
	for shared*1_000_000 < near.Digits() && shared < 10_000_000 {
		shared *= 10
	}
	prefix := near.Digits() / shared
	for {
		digits := prefix*shared + w.people[prefix]
		w.people[prefix]++
		if _, ours := w.byDigit[digits]; !ours {
			w.talks = append(w.talks, talk{person: phone(digits), line: -1})
			return int32(len(w.talks) - 1)
		}
	}
}

// befriend makes the chats that are there at the beginning.
func (w *world) befriend() error {
	var events []store.Event
	for i := range w.numbers {
		n := &w.numbers[i]
		age := float64(w.clock().Sub(n.born)) / float64(youngFor)
		for range int(float64(w.scene.Chats) * min(age, 1)) {
			t := w.newTalk(n.line.Number)
			set, err := recipients.NewSet(w.talks[t].person)
			if err != nil {
				return err
			}
			events = append(events, store.ChatSeen{ID: w.newID(), Line: n.line.Number, Participants: set, CreatedAt: w.clock().Add(-time.Hour)})
			w.attach(t, int32(i))
		}
	}
	return w.chats.Apply(context.Background(), tenant, events)
}

// attach notes on which line the chat of a talk is.
func (w *world) attach(index, to int32) {
	t := &w.talks[index]
	if t.line >= 0 {
		from := &w.numbers[t.line]
		last := from.talks[len(from.talks)-1]
		from.talks[t.place] = last
		w.talks[last].place = t.place
		from.talks = from.talks[:len(from.talks)-1]
	}
	n := &w.numbers[to]
	t.line, t.place = to, int32(len(n.talks))
	n.talks = append(n.talks, index)
}

// meet draws the first contacts of a day, between 8 and 20 o'clock.
func (w *world) meet(day int) {
	n := int(w.scene.First)
	if w.luck.unit(drawFirst, uint64(day), 0) < w.scene.First-float64(n) {
		n++
	}
	for i := range n {
		hours := 8 + 12*w.luck.unit(drawFirst, uint64(day), uint64(i)+1)
		t := w.newTalk(w.numbers[i%w.founders].line.Number)
		w.talks[t].first = true
		w.queue.add(happening{at: w.scene.Begins.Add(time.Duration((24*float64(day) + hours) * float64(time.Hour))).UnixMicro(), talk: t})
	}
}

// wish draws when a talk on a line that is out is wanted next, and puts it in
// the queue if the line will not be back by then.
func (w *world) wish(index int32) {
	t := &w.talks[index]
	if t.waiting {
		return
	}
	id := uint64(index)
	n := &w.numbers[t.line]
	perDay := 0.05 + w.luck.exponential(w.scene.Sends, drawRate, id, 0)
	t.draws++
	k := uint64(t.draws)
	day := 24 * time.Hour * time.Duration(w.luck.exponential(1/perDay, drawDay, id, k))
	start := w.clock().Truncate(24 * time.Hour).Add(day)
	at := start.Add(w.hour(id, k))
	if at.Before(w.clock()) {
		at = at.Add(24 * time.Hour)
	}
	if micros := at.UnixMicro(); n.gone || micros < n.lastsTo {
		t.waiting, t.first, t.refused, t.attempts = true, false, false, 0
		w.queue.add(happening{at: micros, talk: index})
	}
}

// hour draws the time of a day at which a talk is wanted.
func (w *world) hour(id, k uint64) time.Duration {
	u := w.luck.unit(drawHour, id, k)
	if w.luck.unit(drawBroadcast, id, k) < w.scene.Broadcast {
		return time.Duration(w.scene.BroadcastAt) + time.Duration(u*float64(w.scene.BroadcastOver))
	}
	return 8*time.Hour + time.Duration(u*float64(12*time.Hour))
}

// want makes us write to the person of a talk.
func (w *world) want(ctx context.Context, index int32) error {
	t := &w.talks[index]
	kind := &w.run.Failovers
	if t.first {
		kind = &w.run.First
	}
	if t.attempts == 0 {
		t.waiting, t.since = true, w.now
		kind.Wanted++
	}
	if !t.first && w.numbers[t.line].up { // the line is back
		w.done(t, kind, true, w.now)
		return nil
	}
	t.attempts++
	d, err := w.send(ctx, t.person)
	if refusal, is := errors.AsType[*routing.Refusal](err); is {
		w.refused(index, kind, refusal)
		return nil
	}
	if err != nil {
		return err
	}
	w.sent(index, kind, &d)
	return nil
}

// send sends through the Router.
func (w *world) send(ctx context.Context, person recipients.Handle) (routing.Decision, error) {
	checked, err := w.router.Check(&message.Request{
		To: []string{person.String()}, Message: &message.Content{Parts: []message.Part{message.Text("Hello")}},
	})
	if err != nil {
		return routing.Decision{}, err
	}
	return w.router.Route(ctx, fromline.Outgoing{Tenant: tenant, Request: checked})
}

// sent notes what a decision came to.
func (w *world) sent(index int32, kind *Sends, d *routing.Decision) {
	t := &w.talks[index]
	to := w.byDigit[d.Line.Digits()]
	failover := d.Reason == store.FailoverFlagged
	switch {
	case !d.OpensChat():
	case d.DeliverAt.IsZero():
		w.opened(index, to, failover)
	default:
		w.queue.add(happening{at: d.DeliverAt.UnixMicro(), talk: index, line: to, slot: true, failover: failover})
	}
	if w.watch != nil && d.OpensChat() {
		due := d.DeliverAt
		if due.IsZero() {
			due = w.clock()
		}
		w.watch(opening{number: to, at: w.clock(), due: due, failover: failover})
	}
	if failover {
		w.numbers[to].taken = append(w.numbers[to].taken, taking{w.now, w.numbers[t.line].flag})
		if t.moves++; t.moves == 1 {
			w.run.Moved++
		} else if t.moves == 2 {
			w.run.MovedTwice++
		}
	}
	wasFirst := t.first
	if !d.DeliverAt.IsZero() {
		w.run.Deferred++
	}
	w.done(t, kind, !d.OpensChat(), max(w.now, d.DeliverAt.UnixMicro()))
	if !wasFirst || w.luck.unit(drawStay, uint64(index), 0) < w.scene.Stay {
		w.attach(index, to)
	}
}

// opened shows the network a chat.
func (w *world) opened(index, to int32, failover bool) {
	s := &w.slots[w.numbers[to].slot]
	s.history.opening(failover, w.campaign(index))
	id, k := uint64(index), uint64(w.talks[index].moves)
	if w.luck.unit(drawReply, id, k) < w.scene.Replies {
		s.history.answered++
	}
	reported := w.model.Reports.First
	if failover {
		reported = w.model.Reports.Failover
	}
	if w.luck.unit(drawReport, id, k) < reported {
		s.history.score++
	}
	w.record.opened(w, w.numbers[to].slot)
}

// done ends what was wanted of a talk, which goes out at a time.
func (w *world) done(t *talk, kind *Sends, without bool, at int64) {
	kind.Sent++
	if without {
		kind.Returned++
	}
	kind.waits = append(kind.waits, float64(at-t.since)/float64(time.Hour.Microseconds()))
	kind.end(t)
}

// end ends what was wanted of a talk, sent or not.
func (s *Sends) end(t *talk) {
	if t.refused {
		s.tries += int(t.attempts)
		s.ended++
	}
	t.waiting, t.first, t.refused, t.attempts = false, false, false, 0
}

// spread is over how much time the endpoint spreads its Retry-After.
const spread = time.Hour

// refused puts a send off until it was told to come again, or gives it up.
func (w *world) refused(index int32, kind *Sends, r *routing.Refusal) {
	t := &w.talks[index]
	if !t.refused {
		t.refused = true
		kind.Refused++
	}
	again := w.now + time.Hour.Microseconds()
	if told := r.NextFree; !told.IsZero() {
		again = max(told.UnixMicro(), w.now)
		if !w.guard.Guard.IsZero() { // then the answer spreads what it tells
			again += int64(float64(t.person.Ring()) / (1 << 64) * float64(spread.Microseconds()))
		}
	}
	again += int64(w.luck.unit(drawRetry, uint64(index), uint64(t.draws)<<32|uint64(t.attempts)) * float64((15 * time.Minute).Microseconds()))
	if again-t.since > time.Duration(w.scene.Retry).Microseconds() {
		kind.GivenUp++
		known := !t.first
		kind.end(t)
		if known {
			w.wish(index)
		}
		return
	}
	w.queue.add(happening{at: again, talk: index})
}
