package sim

import (
	"context"
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/fromline/fromline/recipients"
	"github.com/fromline/fromline/store"
)

// timePasses advances the true time.
func (w *world) timePasses() {
	steps := []time.Duration{time.Microsecond, time.Second, time.Minute, time.Hour, 25 * time.Hour}
	w.now = w.now.Add(steps[w.draw.below(len(steps))])
	w.log("it is %s", w.now.Format(time.DateTime))
}

// othersPick lets other picks come before those of a process: one, or so many
// that a send has to wait, or gets no answer.
func (w *world) othersPick(p *process, n int) {
	p.refuses = []int{0, 1, 1, 1, 2, 3, 40, 400}[n]
	w.log("others come in before the next %d picks of %s", p.refuses, p.name)
}

// chatHappens changes a chat without us, or makes one known.
func (w *world) chatHappens() {
	t := w.tenants[w.draw.below(len(w.tenants))]
	line := t.lines[w.draw.below(len(t.lines))].Number
	chats, _, err := w.engine.ChatsOfLine(context.Background(), t.name, line, uuid.Nil, 0)
	if err != nil {
		panic(err)
	}
	chats = slices.DeleteFunc(chats, ofNetwork)
	at := w.now.Add(time.Duration(w.draw.below(3)) * 2 * time.Minute)
	kind := w.draw.below(6)
	var event store.Event
	if len(chats) == 0 || kind == 0 {
		set, err := recipients.NewSet(sets[w.draw.below(len(sets))]...)
		if err != nil || set.Contains(line) {
			return
		}
		w.ids++
		event = store.ChatSeen{ID: uuid.UUID{0: 'c', 14: byte(w.ids >> 8), 15: byte(w.ids)}, Line: line, Participants: set, CreatedAt: w.now}
	} else {
		id := chats[w.draw.below(len(chats))].ID
		switch kind {
		case 1, 2:
			event = store.Activity{Chat: id, At: at}
		case 3:
			event = store.Renamed{Chat: id, Named: w.draw.once(2)}
		case 4:
			event = store.ParticipantAdded{Chat: id, Handle: bob, At: w.now}
		case 5:
			event = store.LineLeft{Chat: id}
			if w.draw.once(2) {
				event = store.ParticipantRemoved{Chat: id, Handle: bob}
			}
		}
	}
	if err := w.engine.Apply(context.Background(), t.name, []store.Event{event}); err != nil {
		panic(err)
	}
	w.log("%s: %T %s", t.name, event, event.ChatID())
}

// purge removes records that expired long ago by any clock that set their
// KeepUntil. All their messages were handed over by then.
func (w *world) purge() {
	w.handOver()
	before := w.now.Add(-purgeMargin)
	if _, err := w.engine.Purge(context.Background(), before, 0); err != nil {
		panic(err)
	}
	w.ledger.purge(before)
	w.log("purged")
}

const purgeMargin = 4 * time.Hour
