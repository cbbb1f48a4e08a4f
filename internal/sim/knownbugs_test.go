package sim

import (
	"context"
	"time"

	"github.com/fromline/fromline/fleet"
	"github.com/fromline/fromline/recipients"
	"github.com/fromline/fromline/store"
)

// knowsOtherwise is a store that changes the questions or answers about known
// lines.
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

// askedBefore returns the previous answer.
func askedBefore(inner knower) knower {
	var before []store.KnownLine
	return knowsOtherwise{knower: inner, answer: func(lines []store.KnownLine) []store.KnownLine {
		lines, before = before, lines
		return lines
	}}
}

// withoutFurther asks about the first handle of each person only.
func withoutFurther(inner knower) knower {
	return knowsOtherwise{knower: inner, ask: func(handles [][]recipients.Handle) [][]recipients.Handle {
		first := make([][]recipients.Handle, len(handles))
		for i := range handles {
			first[i] = handles[i][:1]
		}
		return first
	}}
}

// unknowing is a line health that ignores known lines when it reserves a pick.
type unknowing struct{ LineHealth }

func (u unknowing) Reserve(tenant string, at time.Time, q fleet.Query, line recipients.Handle) bool {
	q.Known = nil
	return u.LineHealth.Reserve(tenant, at, q, line)
}
