package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"runtime"
	"runtime/debug"
	"slices"
	"strings"
	"time"
)

// Queries returns the text of all statements by name.
func Queries() (map[string]string, error) { return queries() }

// Explain returns SQLite's plan for a statement.
func (s *Store) Explain(ctx context.Context, sql string) (plan string, err error) {
	err = s.write(ctx, func(t *tx) error {
		args := []any{[]byte("acme")}
		if strings.Contains(sql, "?2") {
			args = append(args, []byte("a thing"))
		}
		rows, err := t.conn.QueryContext(ctx, "EXPLAIN QUERY PLAN "+sql, args...)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var id, parent, unused int
			var detail string
			if err := rows.Scan(&id, &parent, &unused, &detail); err != nil {
				return err
			}
			plan += detail + "\n"
		}
		return rows.Err()
	})
	return plan, err
}

// Pragma returns a setting of the writing connection.
func (s *Store) Pragma(ctx context.Context, name string) (value string, err error) {
	err = s.write(ctx, func(t *tx) error {
		return t.conn.QueryRowContext(ctx, "PRAGMA "+name).Scan(&value)
	})
	return value, err
}

// LimitPages makes SQLite refuse to let the file grow beyond n pages, as a full
// disk would.
func (s *Store) LimitPages(ctx context.Context, n int) error {
	return s.write(ctx, func(t *tx) error { return t.command(fmt.Sprint("PRAGMA max_page_count = ", n)) })
}

// Panic panics in a transaction that has written and has no other job.
func (s *Store) Panic() {
	j := &job{answer: make(chan error, 1), run: func(t *tx) error {
		_, err := t.needTenant(0, "panicking")
		panic(fmt.Sprint("in a transaction: ", err))
	}}
	for !s.writer.alone(j) {
		runtime.Gosched()
	}
}

// Raw is one connection with the statements of the store, without the store.
type Raw struct {
	db         *sql.DB
	conn       *sql.Conn
	statements statements
}

// OpenRaw opens a file that a store has created.
func OpenRaw(ctx context.Context, path string) (*Raw, error) {
	dsn, err := dataSource(path, Options{BusyTimeout: time.Second})
	if err != nil {
		return nil, err
	}
	db, err := sql.Open("sqlite", dsn+"&_txlock=immediate")
	if err != nil {
		return nil, err
	}
	conn, err := db.Conn(ctx)
	if err != nil {
		return nil, err
	}
	prepared, err := prepare(ctx, conn)
	return &Raw{db, conn, prepared}, err
}

// Close closes the connection.
func (r *Raw) Close() error {
	return errors.Join(r.statements.close(), r.conn.Close(), r.db.Close())
}

// Write runs a statement that returns no rows.
func (r *Raw) Write(ctx context.Context, name string, args ...any) error {
	_, err := r.statements.named(name).ExecContext(ctx, args...)
	return err
}

// Read runs a statement, and reads all rows of its result.
func (r *Raw) Read(ctx context.Context, name string, args ...any) error {
	rows, err := r.statements.named(name).QueryContext(ctx, args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	columns, err := rows.Columns()
	if err != nil {
		return err
	}
	dest := make([]any, len(columns))
	for i := range dest {
		dest[i] = new(sql.RawBytes)
	}
	for rows.Next() {
		if err := rows.Scan(dest...); err != nil {
			return err
		}
	}
	return rows.Err()
}

// Enforce makes the writing connection enforce foreign keys, so that a COMMIT
// may fail.
func (s *Store) Enforce(ctx context.Context) error {
	s.writer.turn.Lock()
	defer s.writer.turn.Unlock()
	_, err := s.writer.conn.ExecContext(ctx, "PRAGMA foreign_keys = ON")
	return err
}

// Uncommitted returns the error of a commit whose COMMIT failed with err.
func Uncommitted(err error) error { return uncommitted(err) }

// Undone returns the error of a call whose transaction was rolled back because
// of err.
func Undone(err error) error { return undone(err) }

// Removals returns the statements that remove the rows of a tenant.
func Removals() []string { return slices.Concat(firstRemovals, chatRemovals, lastRemovals) }

// OpenAt is Open on a machine with the given clock.
func OpenAt(ctx context.Context, path string, o Options, wall func() time.Time) (*Store, error) {
	return open(ctx, path, o, wall)
}

// Call is a call that writes.
type Call struct {
	Adds      []string // tenants; the same one twice is an error of SQLite
	Refused   error    // what it returns then
	Withdrawn bool     // its caller has gone before
}

// Together runs calls in one transaction, and returns their answers.
func (s *Store) Together(calls ...Call) (answers []error) {
	var group []*job
	for _, c := range calls {
		j := &job{answer: make(chan error, 1), run: func(t *tx) error {
			for _, name := range c.Adds {
				if _, err := t.needTenant(0, name); err != nil {
					return err
				}
			}
			return c.Refused
		}}
		if c.Withdrawn {
			j.state.Store(withdrawn)
		}
		group = append(group, j)
	}
	s.writer.turn.Lock()
	s.writer.commit(group, s.writer.begin())
	s.writer.turn.Unlock()
	for _, j := range group {
		answers = append(answers, <-j.answer)
	}
	return answers
}

// Crowd makes the store think that calls came together last time.
func (s *Store) Crowd() { s.writer.crowded.Store(true) }

// Share makes the store think that another process was writing lately.
func (s *Store) Share() {
	s.writer.turn.Lock()
	defer s.writer.turn.Unlock()
	s.writer.shared = time.Now().Add(time.Hour)
}

// Alone makes a call, and reports whether it committed in its own goroutine.
func (s *Store) Alone(ctx context.Context) (alone bool, err error) {
	err = s.write(ctx, func(*tx) error {
		alone = strings.Contains(string(debug.Stack()), "(*writer).alone")
		return nil
	})
	return alone, err
}
