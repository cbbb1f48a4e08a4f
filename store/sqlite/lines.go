package sqlite

import (
	"context"
	"database/sql"

	"github.com/fromline/fromline/line"
	"github.com/fromline/fromline/store"
)

// LineUse implements store.UsageReader.
func (s *Store) LineUse(ctx context.Context, after line.Change, limit int) ([]line.Use, line.Change, error) {
	limit, err := store.PageSize(limit)
	if err != nil {
		return nil, after, err
	}
	uses, err := readAll(ctx, s, "line use", []any{int64(after), limit}, func(rows *sql.Rows) (u line.Use, err error) {
		var tenant []byte
		var number int64
		var r useRow
		if err := rows.Scan(append([]any{&tenant, &number}, r.fields()...)...); err != nil {
			return u, err
		}
		line, err := phone(number)
		return r.use(string(tenant), line), err
	})
	if err != nil || len(uses) == 0 {
		return nil, after, err
	}
	return uses, uses[len(uses)-1].Change, nil
}

// ReportLine implements store.LineStates.
func (s *Store) ReportLine(ctx context.Context, state line.State) (applied bool, err error) {
	if err := store.CheckState(state); err != nil {
		return false, err
	}
	newer := new(bool) // not the result, which the writer must not touch once we returned
	err = s.write(ctx, func(t *tx) (err error) {
		*newer, err = t.report(state)
		return err
	})
	if err != nil {
		return false, err
	}
	return *newer, nil
}

// report keeps a state if it is newer than the one kept; what it does not say
// stays.
func (t *tx) report(state line.State) (newer bool, err error) {
	tenant, err := t.tenantID(state.Tenant)
	if err != nil {
		return false, err
	}
	number, changedAt := int64(state.Number.Digits()), micros(state.ChangedAt)
	var kept int64
	found, err := t.row("state", []any{tenant, number}, &kept)
	if err != nil || found && kept >= changedAt {
		return false, err
	}
	if tenant, err = t.needTenant(tenant, state.Tenant); err != nil {
		return false, err
	}
	if err := t.advance("line_state"); err != nil {
		return false, err
	}
	_, err = t.exec("set state", tenant, number, int64(state.Status), int64(state.Reputation), changedAt)
	return true, err
}

// LineStates implements store.LineStates.
func (s *Store) LineStates(ctx context.Context, after line.Change, limit int) ([]line.State, line.Change, error) {
	limit, err := store.PageSize(limit)
	if err != nil {
		return nil, after, err
	}
	states, err := readAll(ctx, s, "line states", []any{int64(after), limit}, func(rows *sql.Rows) (state line.State, err error) {
		var tenant []byte
		var number, changedAt, change int64
		var status, reputation uint8
		if err := rows.Scan(&tenant, &number, &status, &reputation, &changedAt, &change); err != nil {
			return state, err
		}
		handle, err := phone(number)
		return line.State{
			Tenant: string(tenant), Number: handle, Status: line.Status(status), Reputation: line.Reputation(reputation),
			ChangedAt: fromMicros(changedAt), Change: line.Change(change),
		}, err
	})
	if err != nil || len(states) == 0 {
		return nil, after, err
	}
	return states, states[len(states)-1].Change, nil
}
