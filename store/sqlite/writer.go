package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"time"

	lib "modernc.org/sqlite/lib"

	"github.com/fromline/fromline/store"
)

// writer is the one connection of a process that writes. The goroutine of run
// commits calls that come together in one transaction. A call that comes alone
// uses the connection in its own goroutine: handing it to another one takes
// longer than many transactions.
type writer struct {
	db          *sql.DB
	conn        *sql.Conn
	statements  statements
	busyTimeout time.Duration
	file        *presence

	jobs chan *job
	stop <-chan struct{}
	done chan struct{} // closed when run has ended

	turn    sync.Mutex  // held by the goroutine that uses the connection
	crowded atomic.Bool // calls wait, or came together last time
	shared  time.Time   // until then others get a chance first: another process was writing lately; guarded by turn
}

// job is one call that writes.
type job struct {
	run    func(*tx) error
	state  atomic.Int32
	answer chan error
}

// The states of a job.
const (
	waiting   = iota
	taken     // by the writer: it will answer
	withdrawn // by the caller: it will not run
)

// newWriter opens the connection and brings the tables up to date.
func newWriter(ctx context.Context, dsn string, o Options, file *presence, stop <-chan struct{}) (*writer, error) {
	db, err := sql.Open("sqlite", dsn)
	if err != nil {
		return nil, explained(err)
	}
	db.SetMaxOpenConns(1)
	w := &writer{db: db, busyTimeout: o.BusyTimeout, file: file, jobs: make(chan *job), stop: stop, done: make(chan struct{})}
	if w.conn, err = db.Conn(ctx); err != nil {
		return nil, errors.Join(explained(err), db.Close())
	}
	if err := w.prepare(ctx, o.Migrating); err != nil {
		return nil, errors.Join(err, w.close())
	}
	return w, nil
}

func (w *writer) prepare(ctx context.Context, tell func(store.Migration)) (err error) {
	err = bringUpToDate(ctx, w.conn, tell, func() error {
		// From here on contend waits, in shorter steps than SQLite does.
		_, err := w.conn.ExecContext(ctx, "PRAGMA busy_timeout = 0")
		return errors.Join(err, w.contend(func() error {
			_, err := w.conn.ExecContext(ctx, "BEGIN IMMEDIATE")
			return err
		}))
	})
	if err != nil {
		return err
	}
	w.statements, err = prepare(ctx, w.conn)
	return err
}

// close closes the connection and its prepared statements: an open statement
// would keep the file open.
func (w *writer) close() error {
	return errors.Join(w.statements.close(), w.conn.Close(), w.db.Close())
}

// write runs a function in a transaction, and returns its error after the
// commit. If the function returns an error, its writes are undone. The function
// may run after write has returned, so it must not use memory of the caller.
func (s *Store) write(ctx context.Context, run func(*tx) error) error {
	if err := s.usable(ctx); err != nil {
		return err
	}
	if s.writer == nil {
		return fmt.Errorf("sqlite: the store was opened with ReadOnly: %w", ErrReadOnly)
	}
	j := &job{run: run, answer: make(chan error, 1)}
	if s.writer.alone(j) {
		return <-j.answer
	}
	select {
	case s.writer.jobs <- j:
	case <-s.stop:
		return fmt.Errorf("sqlite: %w", store.ErrClosed)
	case <-ctx.Done():
		return fmt.Errorf("sqlite: %w: %w", store.ErrNotWritten, ctx.Err())
	}
	select {
	case err := <-j.answer:
		return err
	case <-ctx.Done():
		if j.state.CompareAndSwap(waiting, withdrawn) {
			return fmt.Errorf("sqlite: %w: %w", store.ErrNotWritten, ctx.Err())
		}
		return fmt.Errorf("sqlite: the outcome is unknown: %w", ctx.Err())
	}
}

// lend locks turn for a caller that is alone, and reports whether it did. While
// callers come together it lends to none of them: each would commit by itself,
// and the others would wait.
func (w *writer) lend() bool { return !w.crowded.Load() && w.turn.TryLock() }

// alone commits a job in the goroutine of its caller, and reports whether it
// did. It does not if another job runs or waits, or if it would have to wait
// itself: then run does.
func (w *writer) alone(j *job) bool {
	if !w.lend() {
		return false
	}
	defer w.turn.Unlock()
	if time.Now().Before(w.shared) || w.statements.control("begin") != nil {
		return false
	}
	ended := false
	defer func() {
		if !ended { // the job panicked, and the caller may recover
			w.rollback()
		}
	}()
	w.commit([]*job{j}, nil)
	ended = true
	return true
}

// begin begins a transaction.
func (w *writer) begin() error {
	if err := w.contend(func() error { return w.statements.control("begin") }); err != nil {
		return undone(err)
	}
	return nil
}

// contend calls begin until it succeeds, for up to busyTimeout: SQLite has no
// queue of writers. If another process wrote lately, contend pauses first, so
// that the other one gets a chance.
func (w *writer) contend(begin func() error) error {
	deadline := time.Now().Add(w.busyTimeout)
	if time.Now().Before(w.shared) {
		pause(time.Millisecond)
	}
	for longest := 500 * time.Microsecond; ; longest = min(2*longest, 8*time.Millisecond) {
		err := begin()
		if code(err) != lib.SQLITE_BUSY || time.Now().After(deadline) {
			return err
		}
		w.shared = time.Now().Add(time.Second)
		pause(longest)
	}
}

// pause waits, at random, so that processes do not march in step.
func pause(longest time.Duration) { time.Sleep(rand.N(longest)) }

// emptyLog moves the write-ahead log into the file and truncates it, so that no
// old page is left in it. It does nothing if another caller reads from the log,
// or if the store is being closed.
func (w *writer) emptyLog(stop <-chan struct{}) {
	for !w.turn.TryLock() { // Close keeps turn locked
		select {
		case <-stop:
			return
		case <-time.After(time.Millisecond):
		}
	}
	defer w.turn.Unlock()
	_, _ = w.conn.ExecContext(context.Background(), "PRAGMA wal_checkpoint(TRUNCATE)")
}

// rollback rolls a transaction back, unless SQLite has done so already.
func (w *writer) rollback() {
	_, _ = w.conn.ExecContext(context.Background(), "ROLLBACK")
}
