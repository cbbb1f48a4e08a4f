package sqlite

import (
	"context"
	"database/sql"
	"time"

	"github.com/fromline/fromline/recipients"
	"github.com/fromline/fromline/store"
	"github.com/fromline/fromline/store/internal/people"
)

// The largest number of rows in one transaction of a removal: others wait a few
// milliseconds only.
const (
	purgeBatch  = 500 // records
	forgetBatch = 50  // chats
)

// Purge implements store.Purger.
func (s *Store) Purge(ctx context.Context, before time.Time, limit int) (removed int, err error) {
	if limit <= 0 {
		if limit, err = store.PageSize(limit); err != nil {
			return 0, err
		}
	}
	before = store.PurgeBefore(s.now(), before)
	for removed < limit {
		asked := min(limit-removed, purgeBatch)
		n := new(int)
		err := s.write(ctx, func(t *tx) (err error) {
			if _, err := t.exec("purge notes", micros(before), asked); err != nil {
				return err
			}
			*n, err = t.exec("purge", micros(before), asked)
			return err
		})
		if err != nil {
			return removed, err
		}
		removed += *n
		if *n < asked {
			break
		}
	}
	return removed, s.endOldLists(ctx)
}

// Forget implements store.Forgetter. If it fails, call it again: it continues.
// SQLite overwrites removed data in the file. Forget also empties the file with
// the ending -wal, unless another caller reads from it at that moment: then a
// later Forget does, or the last process that closes the file.
func (s *Store) Forget(ctx context.Context, tenant string, h recipients.Handle) (chats int, err error) {
	if err := store.CheckTenant(tenant); err != nil {
		return 0, err
	}
	if err := store.CheckHandle(h); err != nil {
		return 0, err
	}
	name, err := people.Name(h)
	if err != nil {
		return 0, err
	}
	now := micros(s.now())
	for {
		n := new(int)
		err := s.write(ctx, func(t *tx) error {
			id, err := t.tenantID(tenant)
			if err != nil {
				return err
			}
			if *n, err = t.forget(id, name, now); err != nil {
				return err
			}
			if _, err := t.exec("forget notes of person", id, keyBytes(name)); err != nil {
				return err
			}
			return t.forgetConsent(id, name)
		})
		if err != nil {
			return chats, err
		}
		if *n == 0 {
			s.writer.emptyLog(s.stop)
			return chats, nil
		}
		chats += *n
	}
}

// forget removes up to forgetBatch chats of a person.
func (t *tx) forget(tenant int64, name recipients.Key, now int64) (chats int, err error) {
	var rows []chatRow
	err = t.rows("chats of person", []any{tenant, keyBytes(name), forgetBatch}, func(r *sql.Rows) error {
		rows = append(rows, chatRow{})
		c := &rows[len(rows)-1]
		return r.Scan(&c.id, &c.setID, (*truth)(&c.lineLeft))
	})
	if err != nil {
		return 0, err
	}
	for i := range rows {
		if err := t.forgetChat(tenant, &rows[i], now); err != nil {
			return 0, err
		}
	}
	return len(rows), nil
}

// forgetChat removes a chat and all that is about it. A leased delivery goes
// when its lease ends.
func (t *tx) forgetChat(tenant int64, c *chatRow, now int64) error {
	var sets []int64
	if c.setID.Valid {
		sets = append(sets, c.setID.Int64)
	}
	err := t.rows("past sets", []any{tenant, c.id}, func(r *sql.Rows) error {
		sets = append(sets, 0)
		return r.Scan(&sets[len(sets)-1])
	})
	if err != nil {
		return err
	}
	var due int64
	var leased sql.NullInt64
	if _, err := t.row("queued", []any{tenant, c.id}, &due, &leased); err != nil {
		return err
	}
	if leased.Valid && due > now {
		_, err = t.exec("forget delivery", leased.Int64)
	} else {
		_, err = t.exec("unqueue", tenant, c.id)
	}
	if err != nil {
		return err
	}
	for _, statement := range []string{
		"forget deliveries", "forget notes of records", "forget records", "forget notes", "forget participants", "forget past sets", "forget chat",
	} {
		if _, err := t.exec(statement, tenant, c.id); err != nil {
			return err
		}
	}
	if err := t.changed(c); err != nil {
		return err
	}
	for _, set := range sets {
		if _, err := t.exec("remove empty set", set); err != nil {
			return err
		}
	}
	return nil
}
