package simulate

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"

	"github.com/fromline/fromline"
	"github.com/fromline/fromline/fleet"
	"github.com/fromline/fromline/line"
	"github.com/fromline/fromline/recipients"
	"github.com/fromline/fromline/store/memory"
)

// tenant is whose lines the lines of a world are.
const tenant = "default"

// world is one run: our program, the people who want to be written to, and the
// network.
type world struct {
	scene *Scene
	model *Model
	guard Guard
	luck  luck

	now    int64 // microseconds since 1970
	end    int64
	ids    uint64
	fleet  *fleet.Fleet
	chats  *memory.Store
	router *fromline.Router

	slots    []slot
	numbers  []number
	founders int              // how many of the numbers were there at the beginning
	byDigit  map[uint64]int32 // numbers
	talks    []talk
	people   map[uint64]uint64 // how many were made, by the digits they share
	queue    queue
	fades    fades
	heat     [maxCampaigns]float64 // of campaigns
	flags    []flag

	run    Run
	record *Series

	watch func(opening) // if set, is told of every chat that is opened
}

// slot is a place in the fleet: a number, and the one that replaces it.
type slot struct {
	number  int32
	history history
}

// number is one of our lines.
type number struct {
	line    line.Line
	slot    int32
	born    time.Time
	up      bool
	atRisk  bool
	flag    int32   // the last one, or -1
	talks   []int32 // whose chat is on it
	taken   []taking
	lastsTo int64 // when an outage ends

	recovered time.Time // zero if it never did
	gone      bool      // for good, when it is flagged
}

// opening is one chat that a line opened.
type opening struct {
	number   int32
	at       time.Time // when it was decided
	due      time.Time // when its message goes out
	failover bool
}

// newWorld returns a world at its beginning.
func newWorld(s *Scene, m *Model, g Guard, seed uint64) (*world, error) {
	w := &world{
		scene: s, model: m, guard: g, luck: luck(seed), now: s.Begins.UnixMicro(),
		end:     s.Begins.Add(time.Duration(s.Days) * 24 * time.Hour).UnixMicro(),
		byDigit: map[uint64]int32{}, people: map[uint64]uint64{}, fades: m.fades(),
		run: Run{Seed: seed},
	}
	w.record = &Series{leastUp: 1}
	w.chats = memory.New(memory.Options{Clock: w.clock, MaxRecords: 1 << 30})
	var err error
	if w.fleet, err = fleet.New(g.options(w.clock)); err != nil {
		return nil, err
	}
	if w.router, err = fromline.New(w.chats, w.fleet, fromline.Options{
		Clock: w.clock, NewID: w.newID, Deliver: g.Defer > 0, DeferUpTo: g.Defer,
	}); err != nil {
		return nil, err
	}
	for i := range m.Campaigns.Bad {
		w.heat[i] = 1
	}
	if err := w.settle(); err != nil {
		return nil, err
	}
	w.founders = len(w.numbers)
	return w, w.befriend()
}

func (w *world) clock() time.Time { return time.UnixMicro(w.now).UTC() }

// newID counts.
func (w *world) newID() (id uuid.UUID) {
	w.ids++
	for i := range 8 {
		id[15-i] = byte(w.ids >> (8 * i))
	}
	id[6], id[8] = 0x40, 0x80
	return id
}

// settle makes the lines that are there at the beginning.
func (w *world) settle() error {
	young := int(float64(w.scene.Lines)*w.scene.Young + 0.5)
	for i, l := range w.firstLines() {
		born := l.StartedAt
		if born.IsZero() {
			age := 365 * 24 * time.Hour
			if len(w.scene.lines) == 0 && i < young {
				age = time.Duration(w.luck.unit(drawBirth, uint64(i), 0) * float64(youngFor)).Truncate(time.Second)
				l.StartedAt = w.clock().Add(-age)
			}
			born = w.clock().Add(-age)
		}
		w.slots = append(w.slots, slot{})
		if err := w.put(l, int32(i), born); err != nil {
			return err
		}
	}
	return nil
}

// youngFor is until which age a line has fewer chats than a grown one.
const youngFor = 28 * 24 * time.Hour

func (w *world) firstLines() []line.Line {
	if len(w.scene.lines) > 0 {
		return w.scene.lines
	}
	lines := make([]line.Line, w.scene.Lines)
	for i := range lines {
		lines[i] = line.Line{Number: phone(12055550000 + uint64(i)), Limits: line.Limits{NewChatsPerDay: w.scene.Limit}}
	}
	return lines
}

// phone returns a number that is one.
func phone(digits uint64) recipients.Handle {
	h, err := recipients.FromDigits(digits)
	if err != nil {
		panic(fmt.Sprintf("simulate: %d is no number: %v", digits, err))
	}
	return h
}

// put makes a line one of ours.
func (w *world) put(l line.Line, at int32, born time.Time) error {
	if err := w.fleet.PutLine(tenant, l); err != nil {
		return err
	}
	n := int32(len(w.numbers))
	w.numbers = append(w.numbers, number{line: l, slot: at, born: born, up: l.CanContinue(), flag: -1})
	w.byDigit[l.Number.Digits()] = n
	w.slots[at] = slot{number: n}
	return nil
}

// another is a new line like one that there is, in its slot or in one more.
func (w *world) another(like line.Line, at int32) error {
	digits := like.Number.Digits()
	for taken := true; taken; _, taken = w.byDigit[digits] {
		digits++
	}
	l := line.Line{Number: phone(digits), Services: like.Services, Limits: like.Limits, Label: like.Label, Guard: like.Guard, StartedAt: w.clock()}
	return w.put(l, at, w.clock())
}

// play lets the days of the scene pass. It calls told at the end of each.
func (w *world) play(ctx context.Context, told func(day int)) error {
	for day := range w.scene.Days {
		if err := ctx.Err(); err != nil {
			return err
		}
		if day == w.scene.JoinDay {
			for range w.scene.Joins {
				w.slots = append(w.slots, slot{})
				if err := w.another(w.numbers[0].line, int32(len(w.slots)-1)); err != nil {
					return err
				}
			}
		}
		w.meet(day)
		for t := range ticksPerDay {
			if err := w.pass(ctx, day, t); err != nil {
				return err
			}
		}
		told(day + 1)
	}
	w.close()
	return nil
}

// pass lets a tick pass: what happens in it, and then what the network makes of
// it.
func (w *world) pass(ctx context.Context, day, t int) error {
	end := w.scene.Begins.Add(time.Duration(day*ticksPerDay+t+1) * tick).UnixMicro()
	for {
		h, ok := w.queue.before(end)
		if !ok {
			break
		}
		w.now = h.at
		var err error
		switch {
		case h.slot:
			err = w.due(ctx, &h)
		case h.talk >= 0:
			err = w.want(ctx, h.talk)
		default:
			err = w.recover(ctx, h.line)
		}
		if err != nil {
			return err
		}
	}
	w.now = end - 1
	if t%6 == 5 {
		if _, err := w.chats.Purge(ctx, w.clock(), 1<<20); err != nil {
			return err
		}
		if err := w.handOver(ctx); err != nil {
			return err
		}
		w.record.hour(w)
	}
	return w.look(ctx, day, t)
}
