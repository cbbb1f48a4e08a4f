package store

import (
	"context"
	"time"

	"github.com/google/uuid"

	"github.com/fromline/fromline/line"
	"github.com/fromline/fromline/recipients"
)

// MaxPage is the largest number of items that a paged method returns at once. A
// caller may give a smaller limit; zero means MaxPage. [page.size]
const MaxPage = 1000

// ChatReader is implemented by stores that can show their chats.
type ChatReader interface {
	// Chat returns one chat of the tenant, also one that can no longer match,
	// or an error wrapping ErrUnknownChat. [chat.one]
	Chat(ctx context.Context, tenant string, id uuid.UUID) (Chat, error)

	// ChatsOfLine returns chats of a line ordered by id: those after the given
	// id (zero for the first page), at most limit of them, and the id to go on
	// with, zero if there are no more. [chat.pages] It returns chats that exist
	// during the whole walk exactly once. [chat.walk]
	ChatsOfLine(ctx context.Context, tenant string, line recipients.Handle, after uuid.UUID, limit int) (chats []Chat, next uuid.UUID, err error)
}

// DecisionReader is implemented by stores that can show their records.
type DecisionReader interface {
	// Decision returns the record of a message, or an error wrapping
	// ErrNoRecord if there is none, or none any more. [decision.one]
	Decision(ctx context.Context, tenant string, messageID uuid.UUID) (Record, error)
}

// UseReader is implemented by stores that can report the use of all lines.
// Together with LineStates it makes a store a fleet.Feed.
type UseReader interface {
	// LineUse returns, over all tenants, the use of lines that changed after a
	// change number (zero: of all lines), in order of change, at most limit,
	// and the number to go on from. Change numbers follow the order of commits:
	// once a caller has read past a number, nothing changes under it or a lower
	// one. [use.changes] New chats are exact. Messages may be a second late.
	// [use.exact]
	LineUse(ctx context.Context, after line.Change, limit int) (uses []line.Use, last line.Change, err error)
}

// LineStates is implemented by stores that keep the states of lines.
type LineStates interface {
	// ReportLine merges a report into the state of the line, by the rule of
	// line.State.Merge on times in microseconds, and returns whether a value
	// changed. So the state does not depend on the order, the number or the
	// grouping of reports. [state.merge] The store also keeps when the line was
	// last flagged, and when it recovered from that; a report without a status
	// changes neither. [state.recovered] A report without any fact is an error
	// wrapping ErrInvalid. [state.empty]
	//
	// The store assigns the change number, whenever a value or a time changed.
	// It ignores the number in the argument.
	ReportLine(ctx context.Context, s line.State) (applied bool, err error)

	// FlagLine sets the status to FLAGGED because our own delivery found the
	// line flagged, at a time by the caller's clock. The flag is later than
	// every report before: its time is the given one, or a microsecond after
	// the kept one, whichever is later. A status that is FLAGGED already keeps
	// its time. The store decides this in one atomic step. It returns the state
	// that it keeps now, without a change number, and whether the status
	// changed. [state.flag]
	FlagLine(ctx context.Context, tenant string, number recipients.Handle, at time.Time) (kept line.State, applied bool, err error)

	// LineStates returns, over all tenants, the states that changed after a
	// change number (zero: all), in order of change, at most limit, and the
	// number to go on from. Numbers follow the order of commits, as those of
	// LineUse do, and continue when the store is opened again. [state.changes]
	LineStates(ctx context.Context, after line.Change, limit int) (states []line.State, last line.Change, err error)
}

// Purger is implemented by stores that can remove expired records.
type Purger interface {
	// Purge removes at most limit records whose KeepUntil is before the given
	// time, the oldest first, and returns how many it removed; fewer than limit
	// means that there are no more. [purge.oldest] It removes no record whose
	// KeepUntil the clock of the store has not passed, even if the given time
	// is later. [purge.clock] Zero means MaxPage, and a limit above MaxPage is
	// allowed. [purge.limit] The keys and message ids of the records are free
	// then; everything else stays. [purge.frees] Purge runs beside other calls
	// and does not stop them. [purge.beside]
	Purge(ctx context.Context, before time.Time, limit int) (removed int, err error)
}

// Forgetter is implemented by stores that can remove everything about a person.
type Forgetter interface {
	// Forget removes every chat of the tenant in which the handle takes part or
	// took part, with its records and deliveries, and returns the number of
	// chats removed. The use of lines stays: it names no person.
	// [forget.person] A second call finds nothing, and is no error.
	// [forget.again] A leased delivery can still be renewed and settled. It is
	// removed when its lease ends, in whatever way. [forget.leased]
	Forget(ctx context.Context, tenant string, h recipients.Handle) (chats int, err error)
}

// Outbox is implemented by stores that hold deliveries until they are handed
// over. The store's own clock measures leases. A lease that has run out has no
// effect, except on Claimed.Unsettled. [lease.clock]
//
// An attempt is a try to hand over. A claim is none: a claim whose answer came
// late, was lost or was never used does not count. The caller gives the number
// of attempts: in Nack, and in Try if the store must have it before the sending
// begins. [claim.attempts]
type Outbox interface {
	// Claim leases up to limit due deliveries for the given time. A delivery is
	// due from its commit on. [claim.due] It is leased to the caller alone.
	// [claim.alone]
	//
	// Deliveries of one chat are handed over in the order of their commits. A
	// caller can claim only the first delivery of each chat, and only while no
	// other one of the chat is leased. So a delivery that is leased, or waits
	// for its retry, holds back the later ones of its chat. [claim.order] A
	// parked one does not. [park.pass]
	//
	// A waiting delivery also holds back later ones to other chats with the
	// same people, for up to a second longer. So messages sent after a line was
	// flagged follow those that must leave it. Three exceptions: a parked
	// delivery holds back none; a chat that our line left neither holds back
	// nor is held back; and a delivery whose lease ran out is not held back,
	// because it may have been sent. [claim.follows]
	//
	// Of one tenant, the chats that have been due longest come first, so that no
	// chat waits for those that became due after it. [claim.oldest]
	//
	// It leaves out the named tenants. [claim.except] So a caller that sends
	// for many tenants can share its time among them.
	Claim(ctx context.Context, lease time.Duration, limit int, except ...string) ([]Claimed, error)

	// Renew extends a lease to the given time from now, or returns an error
	// wrapping ErrLeaseLost. [lease.renew]
	Renew(ctx context.Context, id LeaseID, lease time.Duration) error

	// Try stores how many attempts the delivery has had, including the one that
	// is about to begin, or returns an error wrapping ErrLeaseLost. The number
	// stays when the lease runs out. [try.attempts] A caller calls Try before
	// it sends an unsettled delivery; others do not need it. So a message that
	// kills its process each time uses up its attempts, and no other send pays
	// for it.
	Try(ctx context.Context, id LeaseID, attempts int) error

	// Ack removes a delivery that was handed over. If the lease is not the
	// caller's, or not any more, Ack and Nack return an error wrapping
	// ErrLeaseLost and change nothing. [lease.lost]
	Ack(ctx context.Context, id LeaseID) error

	Leaser

	// Nack returns a delivery: it is due again after the wait. [nack.wait]
	//
	// It stores how many attempts the delivery has had: Claimed.Attempts, or
	// one less if there was no attempt under this lease. A negative number is
	// an error wrapping ErrInvalid.
	Nack(ctx context.Context, id LeaseID, attempts int, wait time.Duration) error

	// Park sets a delivery aside until it is released. It stores the attempts,
	// as Nack does, and why the delivery is parked. [park.why]
	Park(ctx context.Context, id LeaseID, attempts int, why ParkReason) error

	Rerouter

	// Parked returns parked deliveries of a tenant ordered by message id: those
	// after the given id, at most limit, and the id to go on with, zero if
	// there are no more. [park.pages]
	Parked(ctx context.Context, tenant string, after uuid.UUID, limit int) (parked []ParkedDelivery, next uuid.UUID, err error)

	// Release makes a parked delivery due again without attempts, in its old
	// place before the later ones of its chat that are still there. It returns
	// an error wrapping ErrNoRecord if the delivery is not parked.
	// [park.release]
	//
	// If leave is set, the delivery must leave its line: Claimed.Leave is set
	// until Reroute settles the delivery or it is parked again. [park.leave]
	Release(ctx context.Context, tenant string, messageID uuid.UUID, leave bool) error

	// Drop removes a parked delivery for good; its record stays. It returns an
	// error wrapping ErrNoRecord if the delivery is not parked. [park.drop]
	Drop(ctx context.Context, tenant string, messageID uuid.UUID) error

	// Backlog returns how many deliveries wait and how many are parked, over
	// all tenants. [outbox.backlog]
	Backlog(ctx context.Context) (Backlog, error)
}

// LeaseID names one lease of one delivery. A later lease of the same delivery
// has another LeaseID. [lease.token]
type LeaseID struct {
	Tenant    string
	MessageID uuid.UUID
	Token     uuid.UUID // new for every lease
}

// Claimed is a delivery that is leased to the caller.
type Claimed struct {
	Lease    LeaseID
	Delivery Delivery

	// Attempts is the number of the attempt that the lease is for: one more
	// than Nack or Try last stored since the commit or the release.
	Attempts int

	// Unsettled says that the last lease ran out: the message may have been
	// handed over. Release of a parked delivery makes the store forget the
	// leases of its chat that have run out. [claim.unsettled]
	Unsettled bool

	// Leave says that Release wants the delivery to leave its line.
	Leave bool

	At time.Time // when it was decided
}

// ParkedDelivery is a parked delivery.
type ParkedDelivery struct {
	Delivery Delivery
	Attempts int
	Why      ParkReason
	At       time.Time // when it was decided
}

// Backlog is the state of an outbox at one moment.
type Backlog struct {
	Waiting int // leased ones included, parked ones not
	Parked  int
	Oldest  time.Time // when the oldest waiting one was decided; zero if none waits
}
