package sqlite

import (
	"cmp"
	"context"
	"database/sql"
	"fmt"

	"github.com/fromline/fromline/recipients"
	"github.com/fromline/fromline/store"
	"github.com/fromline/fromline/store/internal/carry"
	"github.com/fromline/fromline/store/internal/packed"
	"github.com/fromline/fromline/store/internal/people"
)

// ChangeConsent implements store.Consents.
func (s *Store) ChangeConsent(
	ctx context.Context, tenant string, person recipients.Handle, w store.ConsentChange,
) (kept store.Consent, applied bool, err error) {
	if err := cmp.Or(store.CheckConsent(tenant, person, w), store.CheckAhead(s.now(), w.At)); err != nil {
		return kept, false, err
	}
	name, err := people.Name(person)
	if err != nil {
		return kept, false, err
	}
	// The job writes its results here: it may run after the caller has gone.
	found := new(struct {
		kept    store.Consent
		applied bool
	})
	err = s.write(ctx, func(t *tx) error {
		id, err := t.tenantID(tenant)
		if err != nil {
			return err
		}
		c, _, err := t.consent(id, name)
		if err != nil {
			return err
		}
		c.Name, c.Person = name, person
		if found.kept, found.applied = c.Change(w); !found.applied {
			return nil
		}
		if id, err = t.needTenant(id, tenant); err != nil {
			return err
		}
		return t.keepConsent(id, &found.kept)
	})
	if err != nil {
		return store.Consent{}, false, err
	}
	return found.kept, found.applied, nil
}

// consent reads the consent of a person.
func (t *tx) consent(tenant int64, name recipients.Key) (c store.Consent, found bool, err error) {
	var r consentRow
	found, err = t.row("consent", []any{tenant, keyBytes(name)}, r.fields()...)
	c, _ = r.consent() // only the handle may be unreadable, and the caller knows it
	return c, found, err
}

func (t *tx) keepConsent(tenant int64, c *store.Consent) error {
	var handle any
	if c.Person.IsValid() {
		handle = c.Person.String()
	}
	_, err := t.exec("keep consent", tenant, keyBytes(c.Name), handle, c.OptedOut, packed.Time(c.OptedAt),
		c.Blocked, packed.Time(c.BlockedAt), c.Reason, c.Allowed)
	return err
}

// forgetConsent removes the consent of a person, except for the part that
// store.Consent.Forgotten keeps.
func (t *tx) forgetConsent(tenant int64, name recipients.Key) error {
	c, found, err := t.consent(tenant, name)
	if err != nil || !found {
		return err
	}
	if c, left := c.Forgotten(); left {
		return t.keepConsent(tenant, &c)
	}
	_, err = t.exec("remove consent", tenant, keyBytes(name))
	return err
}

// Consents implements store.Consents.
func (s *Store) Consents(
	ctx context.Context, tenant string, after recipients.Key, limit int,
) (consents []store.Consent, next recipients.Key, err error) {
	if err := store.CheckTenant(tenant); err != nil {
		return nil, next, err
	}
	if limit, err = store.PageSize(limit); err != nil {
		return nil, next, err
	}
	rows, err := readAll(ctx, s, "consents", []any{[]byte(tenant), keyBytes(after), limit + 1}, func(rows *sql.Rows) (r consentRow, err error) {
		err = rows.Scan(r.fields()...)
		return r, err
	})
	if err != nil {
		return nil, next, err
	}
	if len(rows) > limit {
		rows = rows[:limit]
		if next, err = recipients.KeyFromBytes(rows[limit-1].person); err != nil {
			return nil, next, fmt.Errorf("sqlite: %w", s.unreadableConsent(tenant, err))
		}
	}
	for i := range rows {
		c, err := rows[i].consent()
		if err != nil {
			_ = s.unreadableConsent(tenant, err)
			continue
		}
		consents = append(consents, c)
	}
	return consents, next, nil
}

// unreadableConsent sets a consent aside.
func (s *Store) unreadableConsent(tenant string, err error) *store.UnreadableError {
	return s.aside.Add(store.UnreadableConsent, tenant, store.UnreadablePerson, err)
}

// standing reads the standing of the people of a look-up.
func (s *Store) standing(ctx context.Context, reads statements, tenant string, set recipients.Set) ([]store.Standing, error) {
	if set.Len() == 0 {
		return nil, nil
	}
	names, err := people.Names(set)
	if err != nil {
		return nil, err
	}
	standing := make([]store.Standing, len(names))
	for i, name := range names {
		var flags int
		if _, err := reads.row(ctx, "standing", []any{[]byte(tenant), keyBytes(name)}, &flags); err != nil {
			return nil, s.readFailed(err)
		}
		standing[i] = store.Standing{OptedOut: flags&1 != 0, Blocked: flags&2 != 0, Allowed: flags&4 != 0}
	}
	return standing, nil
}

// consentRow is a row of the table consent.
type consentRow struct {
	person                     []byte
	handle                     sql.NullString
	optedOut, blocked, allowed bool
	optedAt, blockedAt         int64
	reason                     string
}

func (r *consentRow) fields() []any {
	return []any{
		&r.person, &r.handle, (*truth)(&r.optedOut), &r.optedAt, (*truth)(&r.blocked), &r.blockedAt, &r.reason, (*truth)(&r.allowed),
	}
}

func (r *consentRow) consent() (c store.Consent, err error) {
	c = store.Consent{
		OptedOut: r.optedOut, OptedAt: packed.ReadTime(r.optedAt), Blocked: r.blocked, BlockedAt: packed.ReadTime(r.blockedAt),
		Reason: r.reason, Allowed: r.allowed,
	}
	if c.Name, err = recipients.KeyFromBytes(r.person); err != nil {
		return c, err
	}
	if r.handle.Valid {
		if err := c.Person.UnmarshalText([]byte(r.handle.String)); err != nil {
			return c, fmt.Errorf("a person cannot be read: %w", err)
		}
	}
	return c, nil
}

func (s *Store) scanCopiedConsent(rows *sql.Rows) (store.Item, error) {
	var r consentRow
	var tenant []byte
	if err := rows.Scan(append(r.fields(), &tenant)...); err != nil {
		return store.Item{}, err
	}
	c, err := r.consent()
	if err != nil {
		return carry.Unreadable(s.unreadableConsent(string(tenant), err))
	}
	return store.Item{Tenant: string(tenant), Consent: &c}, nil
}
