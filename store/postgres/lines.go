package postgres

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/fromline/fromline/line"
	"github.com/fromline/fromline/recipients"
	"github.com/fromline/fromline/store"
	"github.com/fromline/fromline/store/internal/aside"
	"github.com/fromline/fromline/store/internal/packed"
)

// LineUse implements store.UseReader. This call numbers the changes, not the
// commits: a page holds everything that was committed before the call, except
// the messages of the last second.
func (s *Store) LineUse(ctx context.Context, after line.Change, limit int) ([]line.Use, line.Change, error) {
	limit, err := store.PageSize(limit)
	if err != nil {
		return nil, after, err
	}
	return s.useOfLines(ctx, after, limit, nil)
}

// useOfLines is LineUse. It calls bad with the error of each row that cannot be
// read.
func (s *Store) useOfLines(ctx context.Context, after line.Change, limit int, bad func(*store.UnreadableError)) ([]line.Use, line.Change, error) {
	return aside.Page(ctx, &s.aside, after, limit, bad, func(ctx context.Context, after line.Change, limit int) (page []aside.Line[line.Use], err error) {
		err = s.rows(ctx, s.sql.lineUse, []any{int64(after), limit}, func(rows pgx.Rows) error {
			var l aside.Line[line.Use]
			var tenant []byte
			var r useRow
			err := rows.Scan(&tenant, &l.Digits, &r.hour, &r.opened, &r.failovers, &r.pacedAt, &r.messagesHour, &r.messages, &r.change)
			l.Tenant, l.Change = string(tenant), line.Change(r.change.Int64)
			l.Says = r.use(l.Tenant, l.Number())
			if l.Err == nil {
				l.Err = r.check()
			}
			page = append(page, l)
			return err
		})
		return page, err
	})
}

// ReportLine implements store.LineStates.
func (s *Store) ReportLine(ctx context.Context, state line.State) (applied bool, err error) {
	if err := store.CheckState(state); err != nil {
		return false, err
	}
	_, applied, err = s.reportLine(ctx, state, false)
	return applied, err
}

// FlagLine implements store.LineStates.
func (s *Store) FlagLine(ctx context.Context, tenant string, number recipients.Handle, at time.Time) (line.State, bool, error) {
	if err := store.CheckFlag(tenant, number, at); err != nil {
		return line.State{}, false, err
	}
	kept, applied, err := s.reportLine(ctx, line.State{Tenant: tenant, Number: number, Status: line.Flagged, StatusAt: at}, true)
	kept.Change = 0
	return kept, applied, err
}

func (s *Store) reportLine(ctx context.Context, state line.State, flag bool) (kept line.State, applied bool, err error) {
	var r aside.StateRow
	if err = s.call(ctx, s.sql.reportLine, append(stateArgs(state, flag), earliest(store.StateTime(&state))), append([]any{&applied}, r.Columns()...)...); err != nil {
		return line.State{}, false, s.tooFar(ctx, err, func(now time.Time) error { return store.CheckAhead(now, store.StateTime(&state)) })
	}
	return r.State(state.Tenant, state.Number), applied, nil
}

// stateArgs are the arguments of fromline.report_line.
func stateArgs(state line.State, flag bool) []any {
	return []any{
		[]byte(state.Tenant), int64(state.Number.Digits()),
		int16(state.Status), packed.Time(state.StatusAt), int16(state.Reputation), packed.Time(state.ReputationAt),
		int16(state.Ownership), packed.Time(state.OwnershipAt), packed.Time(state.FlaggedAt), packed.Time(state.RecoveredAt), flag,
	}
}

// LineStates implements store.LineStates.
func (s *Store) LineStates(ctx context.Context, after line.Change, limit int) ([]line.State, line.Change, error) {
	limit, err := store.PageSize(limit)
	if err != nil {
		return nil, after, err
	}
	return s.statesOfLines(ctx, after, limit, nil)
}

// statesOfLines is LineStates. It calls bad with the error of each row that
// cannot be read.
func (s *Store) statesOfLines(ctx context.Context, after line.Change, limit int, bad func(*store.UnreadableError)) ([]line.State, line.Change, error) {
	return aside.Page(ctx, &s.aside, after, limit, bad, func(ctx context.Context, after line.Change, limit int) (page []aside.Line[line.State], err error) {
		err = s.rows(ctx, s.sql.lineStates, []any{int64(after), limit}, func(rows pgx.Rows) error {
			var l aside.Line[line.State]
			var tenant []byte
			var r aside.StateRow
			err := rows.Scan(append([]any{&tenant, &l.Digits}, r.Columns()...)...)
			l.Tenant, l.Change = string(tenant), line.Change(r.Change)
			aside.State(&l, r.State(l.Tenant, l.Number()))
			page = append(page, l)
			return err
		})
		return page, err
	})
}
