package routing

import (
	"encoding/binary"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"

	"github.com/fromline/fromline/message"
	"github.com/fromline/fromline/recipients"
	"github.com/fromline/fromline/store"
)

// ErrNoTrace is the error of [ReadTrace] for a record without a trace: its
// Router had no Options.KeepTraces.
var ErrNoTrace = errors.New("routing: the record kept no trace")

// ReadTrace returns the trace that a record kept: that of [Explain], but for
// what there was no room for. Of chats beyond the first few it has the verdict
// alone; names of policies and criteria may be cut; [fleet.Counts.NextFree] is
// zero. The error is ErrNoTrace, or tells what is wrong with the bytes. It is
// pure, and safe for concurrent use.
func ReadTrace(rec *store.Record) (Trace, error) {
	if len(rec.Trace) == 0 {
		return Trace{}, ErrNoTrace
	}
	r := keptReader{rest: []byte(rec.Trace)}
	if v := r.byte(); v != keptVersion {
		return Trace{}, fmt.Errorf("routing: the trace of message %s has version %d, and this release reads %d", rec.MessageID, v, keptVersion)
	}
	t := r.trace(rec)
	if r.failed || len(r.rest) > 0 {
		return Trace{}, fmt.Errorf("routing: the trace of message %s is damaged", rec.MessageID)
	}
	return t, nil
}

// keptReader takes values off. After the first thing that is wrong it returns
// zeros.
type keptReader struct {
	rest   []byte
	failed bool
}

func (r *keptReader) trace(rec *store.Record) Trace {
	t := Trace{}
	head := r.byte()
	t.Branch, t.Needs = store.Reason(head&3), message.Service(head>>2&3)
	t.MoreChats = head&keptMoreChats != 0
	if t.Branch == 0 || head>>7 != 0 {
		r.failed = true
	}
	if head&keptView != 0 {
		t.ViewAt = r.timeBefore(rec.At)
	}
	t.Policy, t.DeliverAt = r.name(), rec.NotBefore
	if t.Branch != store.ReusedActiveChat {
		r.pick(&t, rec, head&keptRunnerUp != 0)
	} else if head&keptRunnerUp != 0 || t.Needs != 0 {
		r.failed = true
	}
	r.chats(&t, rec)
	return t
}

func (r *keptReader) pick(t *Trace, rec *store.Record, runnerUp bool) {
	for range r.byte() {
		t.Criteria = append(t.Criteria, r.criterion())
		if r.failed {
			return
		}
	}
	t.Picked = &LineScore{Line: rec.Line, Values: r.values(len(t.Criteria))}
	if runnerUp {
		line := r.line()
		t.RunnerUp = &LineScore{Line: line, Values: r.values(len(t.Criteria))}
	}
	bits := r.uint()
	for i, n := range countsIn(&t.PassedOver) {
		if bits&(1<<i) != 0 {
			*n = int(r.uint())
		}
	}
}

func (r *keptReader) criterion() string {
	switch code := int(r.byte()); {
	case code == 0:
		return r.name()
	case code <= len(keptCriteria):
		return keptCriteria[code-1]
	}
	r.failed = true
	return ""
}

func (r *keptReader) values(n int) []int {
	values := make([]int, n)
	for i := range values {
		values[i] = int(r.int())
	}
	return values
}

func (r *keptReader) chats(t *Trace, rec *store.Record) {
	marks := r.take(int(r.byte()))
	t.Chats = make([]ChatVerdict, len(marks))
	for i, mark := range marks {
		c := &t.Chats[i]
		c.Verdict, c.OtherService = Verdict(mark&15), mark&keptOtherService != 0
		c.Chosen, c.Previous = mark&keptChosen != 0, mark&keptPrevious != 0
		if c.Verdict < Continues || c.Verdict > NotNamed {
			r.failed = true
		}
		if mark&keptKnown == 0 {
			continue
		}
		switch {
		case c.Chosen:
			c.ChatID, c.Line = rec.ChatID, rec.Line
		case c.Previous:
			c.ChatID, c.Line = rec.PreviousChatID, r.line()
		default:
			c.ChatID, c.Line = r.id(), r.line()
		}
		c.ActiveAt = r.timeBefore(rec.At)
	}
}

func (r *keptReader) take(n int) []byte {
	if n > len(r.rest) {
		r.rest, r.failed = nil, true
		return nil
	}
	b := r.rest[:n]
	r.rest = r.rest[n:]
	return b
}

func (r *keptReader) byte() byte {
	if b := r.take(1); b != nil {
		return b[0]
	}
	return 0
}

func (r *keptReader) name() string { return string(r.take(int(r.byte()))) }

func (r *keptReader) id() (id uuid.UUID) {
	copy(id[:], r.take(len(id)))
	return id
}

func (r *keptReader) uint() uint64 {
	n, size := binary.Uvarint(r.rest)
	r.take(max(size, 0))
	r.failed = r.failed || size <= 0
	return n
}

func (r *keptReader) int() int64 {
	n, size := binary.Varint(r.rest)
	r.take(max(size, 0))
	r.failed = r.failed || size <= 0
	return n
}

func (r *keptReader) line() recipients.Handle {
	h, err := recipients.FromDigits(r.uint())
	r.failed = r.failed || err != nil
	return h
}

func (r *keptReader) timeBefore(at time.Time) time.Time {
	return time.UnixMicro(at.UnixMicro() - r.int()).UTC()
}
