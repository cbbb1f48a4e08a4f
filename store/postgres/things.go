package postgres

import (
	"cmp"
	"context"
	"errors"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"

	"github.com/fromline/fromline/store"
	"github.com/fromline/fromline/store/internal/carry"
)

// Things implements store.Things. It reads the things of each kind with one
// statement.
func (s *Store) Things(ctx context.Context, tenant string, things []store.Thing) ([]store.Item, error) {
	if err := store.CheckThings(tenant, things); err != nil {
		return nil, err
	}
	named := carry.ByKind(things)
	items, err := carry.Named(ctx, s, tenant, named[store.ThingLine])
	if err != nil {
		return nil, err
	}
	var rest []store.Item
	err = s.onTenant(ctx, tenant, func(tx pgx.Tx, number int64) error {
		rest = nil
		for _, of := range []struct {
			kind      store.ThingKind
			sql, name string
			scan      func(pgx.Rows) (store.Item, error)
		}{
			{store.ThingChat, s.sql.copyChats, "c.id = ANY ($2::uuid[])", s.scanCopiedChat},
			{store.ThingRecord, s.sql.copyRecords, "r.message_id = ANY ($2::uuid[])", s.scanCopiedRecord},
			{store.ThingDeliveries, s.sql.copyDeliveries, "d.chat_id = ANY ($2::uuid[])", s.scanCopiedDelivery},
			{store.ThingConsent, s.sql.copyConsents, "c.person = ANY ($2::bytea[])", s.scanCopiedConsent},
			{store.ThingNote, s.sql.copyNotes, "n.name = ANY ($2::bytea[])", s.scanCopiedNote},
		} {
			if len(named[of.kind]) == 0 {
				continue
			}
			rows, err := tx.Query(ctx, carry.OfTenant(of.sql, "t.id = $1 AND "+of.name), number, namesOf(of.kind, named[of.kind]))
			if err != nil {
				return err
			}
			some, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (store.Item, error) { return of.scan(rows) })
			if err != nil {
				return err
			}
			rest = append(rest, some...)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return append(items, rest...), nil
}

// namesOf returns the argument for statements about things of a kind.
func namesOf(kind store.ThingKind, names []string) any {
	if kind == store.ThingConsent || kind == store.ThingNote {
		var all [][]byte
		for _, name := range names {
			all = append(all, []byte(name))
		}
		return all
	}
	var all []pgtype.UUID
	for _, name := range names {
		all = append(all, id(uuid.UUID([]byte(name))))
	}
	return all
}

// RemoveThings implements store.Things. It is one transaction.
func (s *Store) RemoveThings(ctx context.Context, tenant string, things []store.Thing) error {
	named := carry.ByKind(things)
	lines, unnamed := carry.Numbers(named[store.ThingLine])
	if err := cmp.Or(store.CheckThings(tenant, things), unnamed); err != nil {
		return err
	}
	return s.onTenant(ctx, tenant, func(tx pgx.Tx, number int64) error {
		for _, of := range []struct {
			kind store.ThingKind
			sql  string
		}{
			{store.ThingChat, s.sql.removeChats}, {store.ThingRecord, s.sql.removeRecords},
			{store.ThingDeliveries, s.sql.removeDeliveries}, {store.ThingConsent, s.sql.removeConsents}, {store.ThingNote, s.sql.removeNotes},
		} {
			if len(named[of.kind]) == 0 {
				continue
			}
			if _, err := tx.Exec(ctx, of.sql, number, namesOf(of.kind, named[of.kind])); err != nil {
				return err
			}
		}
		var digits []int64
		for _, line := range lines {
			digits = append(digits, int64(line.Digits()))
		}
		if len(digits) == 0 {
			return nil
		}
		_, err := tx.Exec(ctx, s.sql.removeLines, number, digits)
		return err
	})
}

// onTenant calls do in a transaction that reads no whole tables, with the
// number of a tenant. If there is no such tenant, it does not call do.
func (s *Store) onTenant(ctx context.Context, tenant string, do func(tx pgx.Tx, number int64) error) error {
	inside := func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, "SET LOCAL enable_seqscan = off"); err != nil {
			return err
		}
		var number int64
		err := tx.QueryRow(ctx, s.sql.copyTenant, []byte(tenant)).Scan(&number)
		if errors.Is(err, pgx.ErrNoRows) {
			return nil
		}
		if err != nil {
			return err
		}
		return do(tx, number)
	}
	return s.repeat(ctx, func(conn heldConn) error { return pgx.BeginFunc(ctx, conn, inside) })
}
