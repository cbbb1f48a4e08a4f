package sim

import (
	"context"
	"time"

	"github.com/fromline/fromline/fleet"
	"github.com/fromline/fromline/recipients"
	"github.com/fromline/fromline/store"
)

// knowsOtherwise is a store that is asked otherwise which lines people know, or
// answers otherwise.
type knowsOtherwise struct {
	knower
	ask    func([][]recipients.Handle) [][]recipients.Handle
	answer func([]store.KnownLine) []store.KnownLine
}

func (k knowsOtherwise) KnownLines(ctx context.Context, tenant string, handles [][]recipients.Handle) ([]store.KnownLine, error) {
	if k.ask != nil {
		handles = k.ask(handles)
	}
	lines, err := k.knower.KnownLines(ctx, tenant, handles)
	if k.answer != nil {
		lines = k.answer(lines)
	}
	return lines, err
}

// askedBefore answers what was the answer before.
func askedBefore(inner knower) knower {
	var before []store.KnownLine
	return knowsOtherwise{knower: inner, answer: func(lines []store.KnownLine) []store.KnownLine {
		lines, before = before, lines
		return lines
	}}
}

// withoutFurther asks about the first handle of each person alone.
func withoutFurther(inner knower) knower {
	return knowsOtherwise{knower: inner, ask: func(handles [][]recipients.Handle) [][]recipients.Handle {
		first := make([][]recipients.Handle, len(handles))
		for i := range handles {
			first[i] = handles[i][:1]
		}
		return first
	}}
}

// unknowing is a line health that does not hear of known lines when a pick is
// reserved.
type unknowing struct{ LineHealth }

func (u unknowing) Reserve(tenant string, at time.Time, q fleet.Query, line recipients.Handle) bool {
	q.Known = nil
	return u.LineHealth.Reserve(tenant, at, q, line)
}
