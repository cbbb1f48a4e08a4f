package postgres

import (
	"cmp"
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"
)

// statement is one statement of a call.
type statement struct {
	sql  string
	args []any

	begin func()               // called before its rows, each time that it runs; may be nil
	row   func(pgx.Rows) error // called for each row
	locks locks                // of a commit: the rows that it locks
}

// locks are the names of the rows that a commit locks.
type locks struct {
	tenant []byte
	set    []byte
	line   int64  // 0 if the commit opens no chat
	key    []byte // nil if there is none
}

// lookUpAll runs look-ups of many callers in one round trip.
func (s *Store) lookUpAll(ctx context.Context, group []*queued) { s.together(ctx, group, nil) }

// commitAll runs commits of many callers in one round trip, one transaction and
// one sync. Conflicts are answers, and undo nothing. The transaction first
// takes the locks of all, in the order in which a single commit takes its own:
// so no two transactions wait for each other.
func (s *Store) commitAll(ctx context.Context, group []*queued) {
	n := len(group)
	tenants, sets, keys, lines := make([][]byte, n), make([][]byte, n), make([][]byte, n), make([]int64, n)
	for i, q := range group {
		tenants[i], sets[i], keys[i], lines[i] = q.locks.tenant, q.locks.set, q.locks.key, q.locks.line
	}
	s.together(ctx, group, &statement{sql: s.sql.lockPlans, args: []any{tenants, sets, keys, lines}})
}

// together runs the statements of a group in one transaction, after a first one
// that may be nil. It answers each when all are durable. If the server refuses
// one of them, it rolls all back; each then runs by itself, so that the error
// of one is not the error of the others.
func (s *Store) together(ctx context.Context, group []*queued, first *statement) {
	if len(group) == 1 {
		group[0].answer <- s.alone(ctx, group[0].statement)
		return
	}
	bad, err := s.batch(ctx, group, first)
	_, refused := refusal(err)
	for i, q := range group {
		switch {
		case refused:
			q.answer <- s.alone(ctx, q.statement)
		case err != nil:
			q.answer <- err
		default:
			q.answer <- bad[i]
		}
	}
}

// batch sends the statements of a group at once. If a row cannot be read, only
// its statement gets an error.
func (s *Store) batch(ctx context.Context, group []*queued, first *statement) (bad []error, err error) {
	conn, err := s.acquire(ctx)
	if err != nil {
		return nil, err
	}
	defer conn.Release()
	var b pgx.Batch
	if first != nil {
		b.Queue(first.sql, first.args...)
	}
	for _, q := range group {
		b.Queue(q.sql, q.args...)
	}
	results := conn.SendBatch(ctx, &b)
	if first != nil {
		if _, err := results.Exec(); err != nil {
			_ = results.Close() // its error is the same
			return nil, failed(err)
		}
	}
	bad = make([]error, len(group))
	for i, q := range group {
		rows, _ := results.Query() // its error is that of rows.Err
		if bad[i] = q.read(rows); rows.Err() != nil {
			_ = results.Close()
			return nil, failed(rows.Err())
		}
	}
	if err := results.Close(); err != nil { // this commits
		return nil, failed(err)
	}
	return bad, nil
}

// alone runs a statement by itself.
func (s *Store) alone(ctx context.Context, st statement) (bad error) {
	err := s.repeat(ctx, func(conn heldConn) error {
		rows, _ := conn.Query(ctx, st.sql, st.args...) // its error is that of rows.Err
		bad = st.read(rows)
		return rows.Err()
	})
	return cmp.Or(err, bad)
}

// read reads the rows of a statement to their end. It returns the error of a
// row that cannot be read.
func (st *statement) read(rows pgx.Rows) (bad error) {
	if st.begin != nil {
		st.begin()
	}
	for bad == nil && rows.Next() {
		if err := st.row(rows); err != nil {
			bad = fmt.Errorf("postgres: %w", err)
		}
	}
	rows.Close()
	return bad
}
