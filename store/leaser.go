package store

import (
	"context"
	"time"
)

// Leaser is the part of an Outbox that saves transactions: one commits a
// decision and leases its delivery, and one removes many deliveries.
type Leaser interface {
	// CommitLeased is Commit. Where nothing that is not parked waits in the chat of
	// the plan, nor in another one with the same people, and the delivery is due, it
	// is leased to the caller in the same atomic step, for the time given, as Claim
	// would lease it at that moment: for its first attempt. [commit.leased] Else,
	// and where the plan has no content, the id is zero, and the delivery waits as
	// after Commit: what was committed before it goes first. [commit.waits]
	//
	// If the caller does not learn the id, because the answer was lost or the
	// caller was killed, the delivery rests until the lease has run out.
	// [commit.lost]
	CommitLeased(ctx context.Context, p *Plan, lease time.Duration) (LeaseID, error)

	// AckAll is Ack for many leases, each given once, in as few transactions as the
	// store can. It returns those that are not the caller's (any more), which change
	// nothing; the others are done. [ack.all] After an error each of them may be done
	// or not: ask again with Ack, which finds those lost that are done.
	AckAll(ctx context.Context, ids []LeaseID) (lost []LeaseID, err error)
}
