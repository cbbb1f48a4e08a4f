package store

import (
	"context"
	"time"
)

// Leaser is the part of an Outbox that saves transactions: CommitLeased commits
// a decision and leases its delivery, and AckAll removes many deliveries.
type Leaser interface {
	// CommitLeased is Commit. If the delivery is due, and no delivery that is
	// not parked waits in its chat or in another one with the same people, the
	// same atomic step leases it to the caller for the given time, as Claim
	// would at that moment: for its first attempt. [commit.leased] Otherwise,
	// and if the plan has no content, the id is zero. The delivery then waits
	// as after Commit: earlier ones go first. [commit.waits]
	//
	// If the caller does not learn the id, because the answer was lost or the
	// caller was killed, the delivery waits until the lease has run out.
	// [commit.lost]
	CommitLeased(ctx context.Context, p *Plan, lease time.Duration) (LeaseID, error)

	// AckAll is Ack for many leases, each given once, in as few transactions as
	// the store can. It returns the leases that are not the caller's, or not
	// any more, and changes nothing for them; the others are acknowledged.
	// [ack.all] After an error each may be acknowledged or not: call Ack for
	// each, which finds the acknowledged ones lost.
	AckAll(ctx context.Context, ids []LeaseID) (lost []LeaseID, err error)
}
