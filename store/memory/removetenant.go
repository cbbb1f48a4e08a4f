package memory

import (
	"context"
	"slices"

	"github.com/fromline/fromline/store"
)

// RemoveTenant implements store.TenantRemover.
func (s *Store) RemoveTenant(ctx context.Context, tenant string) error {
	if err := s.begin(ctx, store.CheckTenant(tenant)); err != nil {
		return err
	}
	defer s.mu.Unlock()
	t := s.tenants[tenant]
	if t == nil {
		return nil
	}
	for _, d := range t.deliveries {
		s.remove(d)
	}
	for _, r := range t.messages {
		s.drop(r)
	}
	s.number() // so that no line of it is counted later
	of := func(l *account) bool { return l.use.Tenant == tenant }
	s.uses.lines = slices.DeleteFunc(s.uses.lines, of)
	s.states.lines = slices.DeleteFunc(s.states.lines, of)
	delete(s.tenants, tenant)
	return nil
}
