package sqlite

import (
	"cmp"
	"context"
	"database/sql"
	"time"

	"github.com/fromline/fromline/line"
	"github.com/fromline/fromline/recipients"
	"github.com/fromline/fromline/store"
	"github.com/fromline/fromline/store/internal/aside"
	"github.com/fromline/fromline/store/internal/packed"
)

// LineUse implements store.UseReader.
func (s *Store) LineUse(ctx context.Context, after line.Change, limit int) ([]line.Use, line.Change, error) {
	limit, err := store.PageSize(limit)
	if err != nil {
		return nil, after, err
	}
	return s.lineUse(ctx, after, limit, nil)
}

// lineUse is LineUse. It calls bad with the error of each row that cannot be
// read.
func (s *Store) lineUse(ctx context.Context, after line.Change, limit int, bad func(*store.UnreadableError)) ([]line.Use, line.Change, error) {
	return aside.Page(ctx, &s.aside, after, limit, bad, func(ctx context.Context, after line.Change, limit int) ([]aside.Line[line.Use], error) {
		return readAll(ctx, s, "line use", []any{int64(after), limit}, func(rows *sql.Rows) (l aside.Line[line.Use], err error) {
			var tenant []byte
			var r useRow
			err = rows.Scan(append([]any{&tenant, &l.Digits}, r.fields()...)...)
			l.Tenant, l.Change = string(tenant), line.Change(r.change)
			l.Says = r.use(l.Tenant, l.Number())
			if l.Err == nil {
				l.Err = r.check()
			}
			return l, err
		})
	})
}

// ReportLine implements store.LineStates.
func (s *Store) ReportLine(ctx context.Context, state line.State) (applied bool, err error) {
	if err := cmp.Or(store.CheckState(state), store.CheckAhead(s.now(), store.StateTime(&state))); err != nil {
		return false, err
	}
	state = store.CutState(state)
	_, applied, err = s.changeState(ctx, state.Tenant, state.Number, func(kept line.State) line.State {
		kept, _ = kept.Merge(state)
		return kept
	})
	return applied, err
}

// FlagLine implements store.LineStates.
func (s *Store) FlagLine(ctx context.Context, tenant string, number recipients.Handle, at time.Time) (line.State, bool, error) {
	if err := cmp.Or(store.CheckFlag(tenant, number, at), store.CheckAhead(s.now(), at)); err != nil {
		return line.State{}, false, err
	}
	kept, applied, err := s.changeState(ctx, tenant, number, func(kept line.State) line.State { return store.Flag(kept, at) })
	kept.Change = 0
	return kept, applied, err
}

// changeState replaces the state of a line, and reports whether a value
// changed.
func (s *Store) changeState(ctx context.Context, tenant string, number recipients.Handle, make func(line.State) line.State) (line.State, bool, error) {
	type change struct{ from, to line.State }
	c := new(change) // not the results: the writer may use it after we returned
	err := s.write(ctx, func(t *tx) (err error) {
		c.from, c.to, err = t.changeState(tenant, number, make)
		return err
	})
	if err != nil {
		return line.State{}, false, err
	}
	return c.to, !c.to.SameValues(c.from), nil
}

func (t *tx) changeState(tenant string, number recipients.Handle, make func(line.State) line.State) (from, to line.State, err error) {
	id, err := t.tenantID(tenant)
	if err != nil {
		return from, to, err
	}
	var r aside.StateRow
	if _, err := t.row("state", []any{id, int64(number.Digits())}, r.Columns()...); err != nil {
		return from, to, err
	}
	from = r.State(tenant, number)
	if to = make(from); to.SameFacts(from) {
		return from, to, nil
	}
	if id, err = t.needTenant(id, tenant); err != nil {
		return from, to, err
	}
	if err := t.advance("line_state"); err != nil {
		return from, to, err
	}
	_, err = t.exec("set state", id, int64(number.Digits()), int64(to.Status), packed.Time(to.StatusAt),
		int64(to.Reputation), packed.Time(to.ReputationAt), int64(to.Ownership), packed.Time(to.OwnershipAt),
		packed.Time(to.FlaggedAt), packed.Time(to.RecoveredAt))
	return from, to, err
}

// LineStates implements store.LineStates.
func (s *Store) LineStates(ctx context.Context, after line.Change, limit int) ([]line.State, line.Change, error) {
	limit, err := store.PageSize(limit)
	if err != nil {
		return nil, after, err
	}
	return s.lineStates(ctx, after, limit, nil)
}

// lineStates is LineStates. It calls bad with the error of each row that cannot
// be read.
func (s *Store) lineStates(ctx context.Context, after line.Change, limit int, bad func(*store.UnreadableError)) ([]line.State, line.Change, error) {
	return aside.Page(ctx, &s.aside, after, limit, bad, func(ctx context.Context, after line.Change, limit int) ([]aside.Line[line.State], error) {
		return readAll(ctx, s, "line states", []any{int64(after), limit}, func(rows *sql.Rows) (l aside.Line[line.State], err error) {
			var tenant []byte
			var r aside.StateRow
			err = rows.Scan(append([]any{&tenant, &l.Digits}, r.Columns()...)...)
			l.Tenant, l.Change = string(tenant), line.Change(r.Change)
			aside.State(&l, r.State(l.Tenant, l.Number()))
			return l, err
		})
	})
}
