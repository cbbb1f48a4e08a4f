package store

import "context"

// TenantRemover is implemented by stores that can remove all of a tenant.
type TenantRemover interface {
	// RemoveTenant removes everything that the store holds of a tenant: chats, records,
	// deliveries with their leases, notes, consents, and what is known of its lines.
	// [tenant.removed] What is others' stays. [tenant.others] The tenant can be met
	// anew, as if it had never been there. [tenant.anew] A tenant that is not there is
	// no error.
	//
	// It is for a tenant that nothing is called about meanwhile: what other calls write
	// of it may stay, and who follows lines is told nothing. Where it fails, some is
	// removed, and the call is repeated. It is safe for concurrent use.
	RemoveTenant(ctx context.Context, tenant string) error
}
