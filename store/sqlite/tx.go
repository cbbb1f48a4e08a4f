package sqlite

import (
	"context"
	"database/sql"
	"errors"
)

// tx is what a job reads and writes with. An error of SQLite ends the whole
// transaction: tx keeps the error, and every later call of the job does
// nothing.
type tx struct {
	conn       *sql.Conn
	statements statements
	alone      bool // the transaction has no other job
	wrote      bool
	err        error
}

// errLost is the error that a job gets after an error of SQLite.
var errLost = errors.New("sqlite: the transaction is lost")

func (t *tx) failed(err error) error {
	if err == nil {
		return nil
	}
	if t.err == nil {
		t.err = err
	}
	return errLost
}

func (t *tx) command(sql string) error {
	_, err := t.conn.ExecContext(context.Background(), sql)
	return err
}

// begin begins the savepoint of the job at its first write: a job that only
// reads needs none, and a job that is alone neither.
func (t *tx) begin() error {
	if t.err != nil {
		return errLost
	}
	if t.wrote {
		return nil
	}
	t.wrote = true
	if t.alone {
		return nil
	}
	return t.failed(t.statements.control("savepoint"))
}

// exec runs a statement that writes, and returns how many rows it changed.
func (t *tx) exec(name string, args ...any) (changed int, err error) {
	result, err := t.write(name, args)
	if err != nil {
		return 0, err
	}
	n, err := result.RowsAffected()
	return int(n), t.failed(err)
}

// insert runs a statement that adds a row, and returns the row's number. It
// does not use RETURNING: for that SQLite keeps a journal of the changes, which
// takes longer than the statement.
func (t *tx) insert(name string, args ...any) (number int64, err error) {
	result, err := t.write(name, args)
	if err != nil {
		return 0, err
	}
	number, err = result.LastInsertId()
	return number, t.failed(err)
}

func (t *tx) write(name string, args []any) (sql.Result, error) {
	if err := t.begin(); err != nil {
		return nil, err
	}
	result, err := t.statements.named(name).ExecContext(context.Background(), args...)
	return result, t.failed(err)
}

// row runs a query of one row, and reports whether there was one.
func (t *tx) row(name string, args []any, dest ...any) (found bool, err error) {
	if t.err != nil {
		return false, errLost
	}
	found, err = t.statements.row(context.Background(), name, args, dest...)
	return found, t.failed(err)
}

// rows runs a query and calls scan for each row.
func (t *tx) rows(name string, args []any, scan func(*sql.Rows) error) error {
	if t.err != nil {
		return errLost
	}
	return t.failed(t.statements.rows(context.Background(), name, args, scan))
}
