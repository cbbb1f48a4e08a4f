package postgres

import (
	"context"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"

	"github.com/fromline/fromline/line"
	"github.com/fromline/fromline/store"
)

// LineUse implements store.UsageReader. Lines get their change numbers here and
// not from the commits that use them: a page holds everything that was committed
// before the call, but for the messages of the last second.
func (s *Store) LineUse(ctx context.Context, after line.Change, limit int) ([]line.Use, line.Change, error) {
	limit, err := store.PageSize(limit)
	if err != nil {
		return nil, after, err
	}
	var uses []line.Use
	err = s.rows(ctx, s.sql.lineUse, []any{int64(after), limit}, func(rows pgx.Rows) error {
		var tenant []byte
		var number int64
		var r useRow
		if err := rows.Scan(&tenant, &number, &r.hour, &r.opened, &r.messagesHour, &r.messages, &r.change); err != nil {
			return err
		}
		u, err := r.use(string(tenant), number)
		uses = append(uses, u)
		return err
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
	args := []any{
		[]byte(state.Tenant), int64(state.Number.Digits()), int16(state.Status), int16(state.Reputation), micros(state.ChangedAt),
	}
	err = s.call(ctx, s.sql.reportLine, args, &applied)
	return applied, err
}

// LineStates implements store.LineStates.
func (s *Store) LineStates(ctx context.Context, after line.Change, limit int) ([]line.State, line.Change, error) {
	limit, err := store.PageSize(limit)
	if err != nil {
		return nil, after, err
	}
	var states []line.State
	err = s.rows(ctx, s.sql.lineStates, []any{int64(after), limit}, func(rows pgx.Rows) error {
		var tenant []byte
		var number, changedAt, change int64
		var status, reputation pgtype.Int2
		if err := rows.Scan(&tenant, &number, &status, &reputation, &changedAt, &change); err != nil {
			return err
		}
		handle, err := phone(number)
		states = append(states, line.State{
			Tenant: string(tenant), Number: handle,
			Status: line.Status(status.Int16), Reputation: line.Reputation(reputation.Int16),
			ChangedAt: fromMicros(changedAt), Change: line.Change(change),
		})
		return err
	})
	if err != nil || len(states) == 0 {
		return nil, after, err
	}
	return states, states[len(states)-1].Change, nil
}
