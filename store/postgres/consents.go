package postgres

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"

	"github.com/fromline/fromline/recipients"
	"github.com/fromline/fromline/store"
	"github.com/fromline/fromline/store/internal/carry"
	"github.com/fromline/fromline/store/internal/packed"
	"github.com/fromline/fromline/store/internal/people"
)

// ChangeConsent implements store.Consents. It is one round trip.
func (s *Store) ChangeConsent(
	ctx context.Context, tenant string, person recipients.Handle, w store.ConsentChange,
) (kept store.Consent, applied bool, err error) {
	if err := store.CheckConsent(tenant, person, w); err != nil {
		return kept, false, err
	}
	name, err := people.Name(person)
	if err != nil {
		return kept, false, err
	}
	what, value := "allowed", w.Allowed
	switch {
	case w.OptedOut != nil:
		what, value = "opted_out", w.OptedOut
	case w.Blocked != nil:
		what, value = "blocked", w.Blocked
	}
	var r consentRow
	args := []any{[]byte(tenant), keyBytes(name), person.String(), what, *value, micros(w.At), []byte(w.Reason), earliest(w.At)}
	if err := s.call(ctx, s.sql.changeConsent, args, append(r.fields(), &applied)...); err != nil {
		return kept, false, s.tooFar(ctx, err, func(now time.Time) error { return store.CheckAhead(now, w.At) })
	}
	kept, err = r.consent()
	return kept, applied, err
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
	var rows []consentRow
	err = s.rows(ctx, s.sql.consents, []any{[]byte(tenant), keyBytes(after), limit + 1}, func(found pgx.Rows) error {
		var r consentRow
		err := found.Scan(r.fields()...)
		rows = append(rows, r)
		return err
	})
	if err != nil {
		return nil, next, err
	}
	if len(rows) > limit {
		rows = rows[:limit]
		if next, err = recipients.KeyFromBytes(rows[limit-1].person); err != nil {
			return nil, next, fmt.Errorf("postgres: %w", s.unreadableConsent(tenant, err))
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

// forgetConsent removes the consent of a person, except for the part that
// store.Consent.Forgotten keeps.
func (s *Store) forgetConsent(ctx context.Context, tenant string, name recipients.Key) error {
	return s.rows(ctx, s.sql.forgetConsent, []any{[]byte(tenant), keyBytes(name)}, func(pgx.Rows) error { return nil })
}

// askedNames returns the names of the people of a look-up, nil if there are
// none.
func askedNames(set recipients.Set) ([][]byte, error) {
	if set.Len() == 0 {
		return nil, nil
	}
	names, err := people.Names(set)
	asked := make([][]byte, len(names))
	for i, name := range names {
		asked[i] = keyBytes(name)
	}
	return asked, err
}

// standingOf decodes the standing that fromline.lookup returns as bits.
func standingOf(flags []int16) []store.Standing {
	if len(flags) == 0 {
		return nil
	}
	standing := make([]store.Standing, len(flags))
	for i, f := range flags {
		standing[i] = store.Standing{OptedOut: f&1 != 0, Blocked: f&2 != 0, Allowed: f&4 != 0}
	}
	return standing
}

// consentRow is a row of the table consent.
type consentRow struct {
	person, reason             []byte
	handle                     pgtype.Text
	optedOut, blocked, allowed bool
	optedAt, blockedAt         int64
}

func (r *consentRow) fields() []any {
	return []any{&r.person, &r.handle, &r.optedOut, &r.optedAt, &r.blocked, &r.blockedAt, &r.reason, &r.allowed}
}

func (r *consentRow) consent() (c store.Consent, err error) {
	c = store.Consent{
		OptedOut: r.optedOut, OptedAt: packed.ReadTime(r.optedAt), Blocked: r.blocked, BlockedAt: packed.ReadTime(r.blockedAt),
		Reason: string(r.reason), Allowed: r.allowed,
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

func (s *Store) scanCopiedConsent(rows pgx.Rows) (store.Item, error) {
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

// consentsImport holds the arguments of an import of consents.
type consentsImport struct {
	tenants                    []int64
	people, reasons            [][]byte
	handles                    []pgtype.Text
	optedOut, blocked, allowed []bool
	optedAt, blockedAt         []int64
}

func (c *consentsImport) add(tenant int64, from *store.Consent) {
	c.tenants = append(c.tenants, tenant)
	c.people = append(c.people, keyBytes(from.Name))
	c.handles = append(c.handles, pgtype.Text{String: from.Person.String(), Valid: from.Person.IsValid()})
	c.optedOut, c.optedAt = append(c.optedOut, from.OptedOut), append(c.optedAt, packed.Time(from.OptedAt))
	c.blocked, c.blockedAt = append(c.blocked, from.Blocked), append(c.blockedAt, packed.Time(from.BlockedAt))
	c.reasons = append(c.reasons, []byte(from.Reason))
	c.allowed = append(c.allowed, from.Allowed)
}

func (c *consentsImport) args() []any {
	return []any{c.tenants, c.people, c.handles, c.optedOut, c.optedAt, c.blocked, c.blockedAt, c.reasons, c.allowed}
}
