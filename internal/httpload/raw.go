//go:build unix

package main

import (
	"context"
	"database/sql"
	"fmt"

	_ "modernc.org/sqlite" // the driver
)

// rawWriter writes sends into a SQLite file with the fewest statements: a
// look-up of the chat, a record, and a message that a later group removes. All
// sends that come while it writes a group are the next group: one transaction,
// and one sync.
type rawWriter struct {
	conn    *sql.Conn
	asked   chan rawSend
	written []string // the keys of the previous group
}

// rawSend is one send, and the channel for its outcome.
type rawSend struct {
	to, key, body string
	done          chan error
}

const rawSchema = `
CREATE TABLE chat (person TEXT PRIMARY KEY, id INTEGER) WITHOUT ROWID;
CREATE TABLE record (key TEXT PRIMARY KEY, body TEXT) WITHOUT ROWID;
CREATE TABLE waiting (key TEXT PRIMARY KEY, body TEXT) WITHOUT ROWID;`

// openRaw creates a file and starts a writer.
func openRaw(ctx context.Context, path string) (*rawWriter, error) {
	db, err := sql.Open("sqlite", "file:"+path+"?_pragma=journal_mode(WAL)&_pragma=synchronous(FULL)&_pragma=cache_size(-16384)")
	if err != nil {
		return nil, err
	}
	conn, err := db.Conn(ctx)
	if err != nil {
		return nil, err
	}
	if _, err := conn.ExecContext(ctx, rawSchema); err != nil {
		return nil, err
	}
	w := &rawWriter{conn: conn, asked: make(chan rawSend, 1024)}
	statements := make([]*sql.Stmt, 7)
	for i, text := range []string{
		"BEGIN IMMEDIATE", "COMMIT", "SELECT id FROM chat WHERE person = ?", "INSERT OR IGNORE INTO chat VALUES (?, ?)",
		"INSERT INTO record VALUES (?, ?)", "INSERT INTO waiting VALUES (?, ?)", "DELETE FROM waiting WHERE key = ?",
	} {
		if statements[i], err = conn.PrepareContext(ctx, text); err != nil {
			return nil, fmt.Errorf("%s: %w", text, err)
		}
	}
	go w.run(ctx, statements)
	return w, nil
}

// write writes a send, and returns when it is on the disk.
func (w *rawWriter) write(to, key, body string) error {
	s := rawSend{to, key, body, make(chan error, 1)}
	w.asked <- s
	return <-s.done
}

func (w *rawWriter) run(ctx context.Context, statements []*sql.Stmt) {
	for first := range w.asked {
		group := append(make([]rawSend, 0, 64), first)
		for more := true; more && len(group) < cap(group); {
			select {
			case next := <-w.asked:
				group = append(group, next)
			default:
				more = false
			}
		}
		err := w.group(ctx, statements, group)
		for _, s := range group {
			s.done <- err
		}
	}
}

// group writes a group of sends.
func (w *rawWriter) group(ctx context.Context, statements []*sql.Stmt, group []rawSend) (err error) {
	do := func(i int, args ...any) {
		if err == nil {
			_, err = statements[i].ExecContext(ctx, args...)
		}
	}
	do(0)
	for i, s := range group {
		var id int64
		if err == nil && statements[2].QueryRowContext(ctx, s.to).Scan(&id) != nil {
			do(3, s.to, i)
		}
		do(4, s.key, s.body)
		do(5, s.key, s.body)
	}
	for _, key := range w.written {
		do(6, key)
	}
	do(1)
	w.written = w.written[:0]
	for _, s := range group {
		w.written = append(w.written, s.key)
	}
	return err
}
