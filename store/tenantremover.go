package store

import "context"

// TenantRemover is implemented by stores that can remove everything of a
// tenant.
type TenantRemover interface {
	// RemoveTenant removes everything that the store holds of a tenant: chats,
	// records, deliveries with their leases, notes, consents, and the state and
	// use of its lines. [tenant.removed] Everything of other tenants stays.
	// [tenant.others] The tenant may be used again, as if it had never existed.
	// [tenant.anew] A tenant that the store does not have is no error.
	//
	// It removes things that Copier.Count does not count, such as sets, beside
	// those that it counts: so the count tells how much is left.
	//
	// Make no other call about the tenant meanwhile: its writes may stay.
	// LineStates and LineUse do not report the removal. After an error some
	// things may be removed: call it again. It is safe for concurrent use.
	RemoveTenant(ctx context.Context, tenant string) error
}
