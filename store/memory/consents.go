package memory

import (
	"cmp"
	"context"
	"iter"

	"github.com/fromline/fromline/recipients"
	"github.com/fromline/fromline/store"
	"github.com/fromline/fromline/store/internal/carry"
	"github.com/fromline/fromline/store/internal/people"
)

// ChangeConsent implements store.Consents.
func (s *Store) ChangeConsent(
	ctx context.Context, tenant string, person recipients.Handle, w store.ConsentChange,
) (kept store.Consent, applied bool, err error) {
	name, unnamed := people.Name(person)
	t, err := s.beginFor(ctx, tenant, cmp.Or(store.CheckConsent(tenant, person, w), unnamed), w.At)
	if err != nil {
		return kept, false, err
	}
	defer s.mu.Unlock()
	kept = store.Consent{Name: name, Person: person}
	applied = t.changeConsent(&kept, w)
	return kept, applied, nil
}

// changeConsent changes what is kept of the person that a consent names, and
// makes the consent say that.
func (t *tenancy) changeConsent(c *store.Consent, w store.ConsentChange) (applied bool) {
	kept := t.consents[c.Name]
	kept.Name, kept.Person = c.Name, c.Person
	if *c, applied = kept.Change(w); applied {
		t.consents[c.Name] = *c
	}
	return applied
}

// Consents implements store.Consents.
func (s *Store) Consents(
	ctx context.Context, tenant string, after recipients.Key, limit int,
) (consents []store.Consent, next recipients.Key, err error) {
	return page(ctx, s, tenant, limit, nil,
		func(t *tenancy) iter.Seq[store.Consent] { return sorted(t.consents, after, carry.Compare, all) },
		func(c store.Consent) store.Consent { return c },
		func(c store.Consent) recipients.Key { return c.Name })
}

// standing returns what is kept of some people.
func (t *tenancy) standing(set recipients.Set) ([]store.Standing, error) {
	if set.Len() == 0 {
		return nil, nil
	}
	names, err := people.Names(set)
	standing := make([]store.Standing, len(names))
	for i, name := range names {
		standing[i] = t.consents[name].Standing()
	}
	return standing, err
}
