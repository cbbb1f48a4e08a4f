package sqlite

import (
	"cmp"
	"context"
	"database/sql"
	"slices"

	"github.com/google/uuid"

	"github.com/fromline/fromline/recipients"
	"github.com/fromline/fromline/store"
	"github.com/fromline/fromline/store/internal/carry"
)

// ofThing is the suffix of the copied statements that read one thing.
const ofThing = " of a thing"

// thingKinds are the kinds of things that have rows, in the order of copied,
// each with the column of its name.
var thingKinds = []struct {
	kind   store.ThingKind
	column string
	scan   func(*Store, *sql.Rows) (store.Item, error)
	remove []string
}{
	{store.ThingChat, "c.id", (*Store).scanCopiedChat, []string{"remove people of chat", "remove sets of chat", "remove chat"}},
	{store.ThingRecord, "r.message_id", (*Store).scanCopiedRecord, []string{"remove record of message"}},
	{store.ThingDeliveries, "d.chat_id", (*Store).scanCopiedDelivery, []string{"remove queue of chat", "remove deliveries of chat"}},
	{store.ThingConsent, "c.person", (*Store).scanCopiedConsent, []string{"remove consent"}},
	{store.ThingNote, "n.name", (*Store).scanCopiedNote, []string{"remove note"}},
}

// Things implements store.Things.
func (s *Store) Things(ctx context.Context, tenant string, things []store.Thing) ([]store.Item, error) {
	if err := store.CheckThings(tenant, things); err != nil {
		return nil, err
	}
	named := carry.ByKind(things)
	items, err := carry.Named(ctx, s, tenant, named[store.ThingLine])
	if err != nil {
		return nil, err
	}
	for i, of := range thingKinds {
		for _, name := range named[of.kind] {
			some, err := readAll(ctx, s, copied[i]+ofThing, []any{[]byte(tenant), []byte(name)},
				func(rows *sql.Rows) (store.Item, error) { return of.scan(s, rows) })
			if err != nil {
				return nil, err
			}
			items = append(items, some...)
		}
	}
	return items, nil
}

// RemoveThings implements store.Things.
func (s *Store) RemoveThings(ctx context.Context, tenant string, things []store.Thing) error {
	named := carry.ByKind(things)
	lines, unnamed := carry.Numbers(named[store.ThingLine])
	if err := cmp.Or(store.CheckThings(tenant, things), unnamed); err != nil {
		return err
	}
	return s.write(ctx, func(t *tx) error {
		id, err := t.tenantID(tenant)
		if err != nil {
			return err
		}
		for _, of := range thingKinds {
			for _, name := range named[of.kind] {
				if err := t.removeThing(id, of.kind, of.remove, []byte(name)); err != nil {
					return err
				}
			}
		}
		return t.removeLines(id, lines)
	})
}

func (t *tx) removeThing(tenant int64, kind store.ThingKind, statements []string, name []byte) error {
	if kind == store.ThingChat {
		c, err := t.chat(tenant, uuid.UUID(name))
		if err != nil || !c.exists() {
			return err
		}
		if err := t.changed(&c); err != nil {
			return err
		}
	}
	for _, statement := range statements {
		if _, err := t.exec(statement, tenant, name); err != nil {
			return err
		}
	}
	return nil
}

func (t *tx) removeLines(tenant int64, lines []recipients.Handle) error {
	for _, number := range lines {
		for _, statement := range []string{"remove line", "remove state"} {
			if _, err := t.exec(statement, tenant, int64(number.Digits())); err != nil {
				return err
			}
		}
	}
	return nil
}

// ListChanges implements store.ChangeLister. Triggers write the list.
func (s *Store) ListChanges(ctx context.Context, tenant string, list uuid.UUID) error {
	if err := store.CheckTenant(tenant); err != nil {
		return err
	}
	now := micros(s.now())
	if err := s.write(ctx, func(t *tx) error {
		id, err := t.tenantID(tenant)
		if err == nil {
			_, err = t.exec("end list", id)
		}
		return err
	}); err != nil {
		return err
	}
	if err := s.removeTenantRows(ctx, tenant, "remove changes"); err != nil || list == uuid.Nil {
		return err
	}
	return s.write(ctx, func(t *tx) error {
		id, err := t.tenantID(tenant)
		if err != nil {
			return err
		}
		if id, err = t.needTenant(id, tenant); err == nil {
			_, err = t.exec("begin list", id, list[:], now)
		}
		return err
	})
}

// Changes implements store.ChangeLister.
func (s *Store) Changes(ctx context.Context, tenant string, list uuid.UUID, limit int) ([]store.Change, error) {
	limit, err := store.PageSize(limit)
	if err := cmp.Or(store.CheckTenant(tenant), err); err != nil {
		return nil, err
	}
	var changes []store.Change
	now := micros(s.now())
	err = s.write(ctx, func(t *tx) error {
		changes = nil
		id, err := t.listed(tenant, list, now)
		if err != nil {
			return err
		}
		return t.rows("changes", []any{id, limit}, func(rows *sql.Rows) error {
			var c store.Change
			var name []byte
			err := rows.Scan(&c.Number, &c.Thing.Kind, &name)
			c.Thing.ID = string(name)
			changes = append(changes, c)
			return err
		})
	})
	if err != nil {
		return nil, err
	}
	return changes, nil
}

// DropChanges implements store.ChangeLister.
func (s *Store) DropChanges(ctx context.Context, tenant string, list uuid.UUID, changes []store.Change) error {
	if err := store.CheckTenant(tenant); err != nil {
		return err
	}
	changes = slices.Clone(changes)
	now := micros(s.now())
	return s.write(ctx, func(t *tx) error {
		id, err := t.listed(tenant, list, now)
		if err != nil {
			return err
		}
		for _, c := range changes {
			if _, err := t.exec("drop change", c.Number, id); err != nil {
				return err
			}
		}
		return nil
	})
}

// listed returns the number of a tenant that has the list of changes, and
// store.ErrNoList if it has not.
func (t *tx) listed(tenant string, list uuid.UUID, now int64) (id int64, err error) {
	if id, err = t.tenantID(tenant); err != nil {
		return 0, err
	}
	n, err := t.exec("use list", id, list[:], now)
	if n == 0 {
		err = cmp.Or(err, store.ErrNoList)
	}
	return id, err
}

// endOldLists ends the lists of changes that no process reads any more, and
// removes the changes of ended lists.
func (s *Store) endOldLists(ctx context.Context) error {
	before := micros(s.now().Add(-store.ListLife))
	for n := removeBatch; n == removeBatch; {
		removed := new(int)
		err := s.write(ctx, func(t *tx) (err error) {
			if _, err = t.exec("end old lists", before); err == nil {
				*removed, err = t.exec("remove changes without a list", removeBatch)
			}
			return err
		})
		if err != nil {
			return err
		}
		n = *removed
	}
	return nil
}
