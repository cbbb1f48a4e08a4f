package aside

import (
	"context"
	"strconv"
	"time"

	"github.com/fromline/fromline/line"
	"github.com/fromline/fromline/recipients"
	"github.com/fromline/fromline/store"
	"github.com/fromline/fromline/store/internal/packed"
)

// Line is a row about a line. It holds the value of the row, or the error of a
// row that cannot be read.
type Line[T any] struct {
	Says   T
	Tenant string
	Digits int64
	Change line.Change
	Err    error
}

// Number returns the line that Digits name, and sets Err: nil if they name one.
func (l *Line[T]) Number() recipients.Handle {
	h, err := recipients.FromDigits(uint64(l.Digits))
	if err == nil && !h.IsPhone() {
		err = store.ErrUnreadable
	}
	l.Err = err
	return h
}

// State sets the value of a row, and Err if no line can have that state. A
// later release may know more facts than this one.
func State(l *Line[line.State], s line.State) {
	l.Says = s
	if l.Err == nil {
		l.Err = store.CheckState(s)
	}
}

// Fact is a fact of a line as its column holds it. It may be any number.
type Fact int64

// Byte returns the fact, and 255, which no release knows, for a number that is
// no byte.
func (f Fact) Byte() byte {
	if f < 0 || f > 255 {
		return 255
	}
	return byte(f)
}

// StateRow is the state of a line as the row of an SQL database holds it.
type StateRow struct {
	status, reputation, ownership       Fact
	statusAt, reputationAt, ownershipAt int64
	flaggedAt, recoveredAt              int64
	Change                              int64
}

// Columns returns the destinations of the columns.
func (r *StateRow) Columns() []any {
	return []any{&r.status, &r.statusAt, &r.reputation, &r.reputationAt, &r.ownership, &r.ownershipAt, &r.flaggedAt, &r.recoveredAt, &r.Change}
}

// State returns the state of the line with a number. A fact of 0 was never
// reported.
func (r *StateRow) State(tenant string, number recipients.Handle) line.State {
	at := func(fact Fact, at int64) time.Time {
		if fact == 0 {
			return time.Time{}
		}
		return time.UnixMicro(at).UTC()
	}
	return line.State{
		Tenant: tenant, Number: number,
		Status: line.Status(r.status.Byte()), StatusAt: at(r.status, r.statusAt),
		Reputation: line.Reputation(r.reputation.Byte()), ReputationAt: at(r.reputation, r.reputationAt),
		Ownership: line.Ownership(r.ownership.Byte()), OwnershipAt: at(r.ownership, r.ownershipAt),
		FlaggedAt: packed.ReadTime(r.flaggedAt), RecoveredAt: packed.ReadTime(r.recoveredAt),
		Change: line.Change(r.Change),
	}
}

// Page reads rows about lines after a change number, until limit of them can be
// read or there are no more. So a page that is not full is the last one. It
// remembers the rows that cannot be read, and calls bad with the error of each,
// unless bad is nil. The error is that of read.
func Page[T any](
	ctx context.Context, rows *Rows, after line.Change, limit int, bad func(*store.UnreadableError),
	read func(ctx context.Context, after line.Change, limit int) ([]Line[T], error),
) (all []T, last line.Change, err error) {
	for last = after; len(all) < limit; {
		want := limit - len(all)
		page, err := read(ctx, last, want)
		if err != nil {
			return nil, after, err
		}
		for _, l := range page {
			if last = max(last, l.Change); l.Err != nil {
				if e := rows.Add(store.UnreadableLine, l.Tenant, strconv.FormatInt(l.Digits, 10), l.Err); bad != nil {
					bad(e)
				}
				continue
			}
			all = append(all, l.Says)
		}
		if len(page) < want {
			break
		}
	}
	return all, last, nil
}
