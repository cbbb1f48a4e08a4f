package memory

import (
	"bytes"
	"cmp"
	"context"
	"slices"

	"github.com/fromline/fromline/recipients"
	"github.com/fromline/fromline/store"
	"github.com/fromline/fromline/store/internal/people"
)

// ChangeConsent implements store.Consents.
func (s *Store) ChangeConsent(
	ctx context.Context, tenant string, person recipients.Handle, w store.ConsentChange,
) (kept store.Consent, applied bool, err error) {
	name, unnamed := people.Name(person)
	if err := s.begin(ctx, cmp.Or(store.CheckConsent(tenant, person, w), unnamed)); err != nil {
		return store.Consent{}, false, err
	}
	defer s.mu.Unlock()
	if err := store.CheckAhead(s.now(), w.At); err != nil {
		return store.Consent{}, false, err
	}
	t := s.writable(tenant)
	kept = t.consents[name]
	kept.Name, kept.Person = name, person
	if kept, applied = kept.Change(w); applied {
		t.consents[name] = kept
	}
	return kept, applied, nil
}

// Consents implements store.Consents.
func (s *Store) Consents(
	ctx context.Context, tenant string, after recipients.Key, limit int,
) (consents []store.Consent, next recipients.Key, err error) {
	limit, err = store.PageSize(limit)
	if err := s.begin(ctx, cmp.Or(store.CheckTenant(tenant), err)); err != nil {
		return nil, recipients.Key{}, err
	}
	defer s.mu.Unlock()
	for name, c := range s.tenant(tenant).consents {
		if compareNames(name, after) > 0 {
			consents = append(consents, c)
		}
	}
	slices.SortFunc(consents, func(a, b store.Consent) int { return compareNames(a.Name, b.Name) })
	if len(consents) > limit {
		consents = consents[:limit]
		next = consents[limit-1].Name
	}
	return consents, next, nil
}

func compareNames(a, b recipients.Key) int {
	x, y := a.Bytes(), b.Bytes()
	return bytes.Compare(x[:], y[:])
}

// standing returns what is kept of some people.
func (t *tenant) standing(set recipients.Set) ([]store.Standing, error) {
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
