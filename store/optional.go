package store

import (
	"context"
	"time"

	"github.com/google/uuid"

	"github.com/fromline/fromline/line"
	"github.com/fromline/fromline/recipients"
)

// MaxPage is the largest number of items that a paged method returns at once. A
// smaller limit of the caller is honoured, and zero means MaxPage. [page.size]
const MaxPage = 1000

// ChatReader is implemented by stores that can show their chats.
type ChatReader interface {
	// Chat returns one chat of the tenant, whether or not it can still match, or
	// an error wrapping ErrUnknownChat. [chat.one]
	Chat(ctx context.Context, tenant string, id uuid.UUID) (Chat, error)

	// ChatsOfLine returns chats of a line ordered by id: those after the id given
	// (zero for the first page), at most limit of them, and the id to go on with,
	// zero when there are no more. [chat.pages] Chats that exist during the whole
	// walk are returned exactly once. [chat.walk]
	ChatsOfLine(ctx context.Context, tenant string, line recipients.Handle, after uuid.UUID, limit int) (chats []Chat, next uuid.UUID, err error)
}

// DecisionReader is implemented by stores that can show their records.
type DecisionReader interface {
	// Decision returns the record of a message, or an error wrapping ErrNoRecord
	// when there is none (any more). [decision.one]
	Decision(ctx context.Context, tenant string, messageID uuid.UUID) (Record, error)
}

// UseReader is implemented by stores that can report the use of all lines.
// Together with LineStates it makes a store a fleet.Feed.
type UseReader interface {
	// LineUse returns, over all tenants, the use of lines that changed after a
	// change number (zero: of all lines), in order of change, at most limit, and
	// the number to go on from. Change numbers follow the order of commits: once a
	// use was passed over, nothing changes under an older number. [use.changes]
	// New chats are exact. Messages may be a second late. [use.exact]
	LineUse(ctx context.Context, after line.Change, limit int) (uses []line.Use, last line.Change, err error)
}

// LineStates is implemented by stores that keep the states of lines.
type LineStates interface {
	// ReportLine merges a state into the one kept for the line, by the rule of
	// line.State.Merge on times in microseconds, and says whether a value changed.
	// So the state that is kept does not depend on the order, the number or the
	// grouping of what is reported. [state.merge] When the line was last flagged
	// and when it recovered from that is kept too; what says nothing of the status
	// changes neither. [state.recovered] A state that says nothing is an error
	// wrapping ErrInvalid. [state.empty]
	//
	// The number of the change is the store's to assign, whenever a value or a
	// time changed; what the argument holds there is ignored.
	ReportLine(ctx context.Context, s line.State) (applied bool, err error)

	// FlagLine keeps that our own delivery found the line flagged at a time by the
	// caller's clock. That is later than all that was learned of the status
	// before: its time is the one given, or a microsecond after the kept one,
	// whichever is later. A status that is FLAGGED already keeps its time. The
	// store decides this in one atomic step. It returns the state that is kept
	// now, without a change number, and whether the status changed. [state.flag]
	FlagLine(ctx context.Context, tenant string, number recipients.Handle, at time.Time) (kept line.State, applied bool, err error)

	// LineStates returns, over all tenants, the states that changed after a
	// change number (zero: all), in order of change, at most limit, and the number
	// to go on from. Numbers follow the order of commits, as those of LineUse do,
	// and go on when the store is opened again. [state.changes]
	LineStates(ctx context.Context, after line.Change, limit int) (states []line.State, last line.Change, err error)
}

// Purger is implemented by stores that can remove expired records.
type Purger interface {
	// Purge removes at most limit records whose KeepUntil is before the time
	// given, the oldest first, and returns how many it removed; fewer than limit
	// means that there are no more. [purge.oldest] It removes no record whose
	// KeepUntil the clock of the store has not passed, whatever time is given.
	// [purge.clock] Zero means MaxPage, and a limit
	// above MaxPage is honoured. [purge.limit] The keys and message ids of the
	// records are free then; all else stays. [purge.frees] It runs beside other
	// calls and does not stop them. [purge.beside]
	Purge(ctx context.Context, before time.Time, limit int) (removed int, err error)
}

// Forgetter is implemented by stores that can remove everything about a person.
type Forgetter interface {
	// Forget removes every chat of the tenant in which the handle takes part or
	// took part, its records and its deliveries, and returns the number of chats
	// removed. Use counted against lines stays: it names no person.
	// [forget.person] A second call finds nothing, and is no error. [forget.again]
	// A delivery that is leased can still be renewed and settled, and is gone when
	// its lease ends, however it ends. [forget.leased]
	Forget(ctx context.Context, tenant string, h recipients.Handle) (chats int, err error)
}

// Outbox is implemented by stores that hold deliveries until they are handed
// over. Leases are measured on the store's own clock. A lease that has run out is
// as if it had never been, but for Claimed.Unsettled. [lease.clock]
//
// An attempt is a try to hand over. A claim is none: a claim whose answer came
// late, was lost or was never used counts for nothing. The caller says how many
// attempts there were, in Nack, and in Try where it has to be kept before the
// sending begins. [claim.attempts]
type Outbox interface {
	// Claim leases up to limit deliveries that are due, for the time given. A
	// delivery is due from its commit on. [claim.due] It is leased to the caller
	// alone. [claim.alone]
	//
	// Deliveries of one chat are handed over in the order of their commits. Of
	// each chat only the first can be claimed, and only while no other of its chat
	// is leased: one that is leased, or waits for its retry, holds back the later
	// ones of its chat. [claim.order] A parked one does not. [park.pass]
	//
	// What waits in one chat holds back what was committed later to other chats with
	// the same people, for up to a second longer: so what was sent since a line was
	// flagged goes behind what has to leave it. A parked one does not, and a chat
	// that our line left neither holds back nor is held back, and one whose lease ran
	// out is not held back: it may have been sent. [claim.follows]
	//
	// It leaves out the tenants named. [claim.except] So a caller that sends for many
	// can share its time among them.
	Claim(ctx context.Context, lease time.Duration, limit int, except ...string) ([]Claimed, error)

	// Renew extends a lease to the time given from now, or returns an error
	// wrapping ErrLeaseLost. [lease.renew]
	Renew(ctx context.Context, id LeaseID, lease time.Duration) error

	// Try keeps that the delivery was tried so often by now, the attempt included
	// that is about to begin, or returns an error wrapping ErrLeaseLost. What was
	// kept stays when the lease runs out. [try.attempts] A caller that claimed an
	// unsettled delivery calls it before it sends, and need not for others: so what
	// kills its process each time comes to its end, and no other send waits for it.
	Try(ctx context.Context, id LeaseID, attempts int) error

	// Ack removes a delivery that was handed over. When the lease is not the
	// caller's (any more), Ack and Nack return an error wrapping ErrLeaseLost and
	// change nothing. [lease.lost]
	Ack(ctx context.Context, id LeaseID) error

	Leaser

	// Nack gives a delivery back: it is due again after the wait. [nack.wait]
	//
	// It keeps how often the delivery was tried by now: Claimed.Attempts, or one
	// less where the lease saw no attempt. A negative number is an error wrapping
	// ErrInvalid.
	Nack(ctx context.Context, id LeaseID, attempts int, wait time.Duration) error

	// Park sets a delivery aside until it is released, and keeps how often it was
	// tried, as Nack does, and why it is parked. [park.why]
	Park(ctx context.Context, id LeaseID, attempts int, why ParkReason) error

	Rerouter

	// Parked returns parked deliveries of a tenant ordered by message id: those
	// after the id given, at most limit, and the id to go on with, zero when there
	// are no more. [park.pages]
	Parked(ctx context.Context, tenant string, after uuid.UUID, limit int) (parked []ParkedDelivery, next uuid.UUID, err error)

	// Release makes a parked delivery due again with its attempts reset, in its
	// old place before the later ones of its chat that are still there. It
	// returns an error wrapping ErrNoRecord when the delivery is not parked.
	// [park.release]
	//
	// Where it is to leave its line, Claimed.Leave says so until it is settled by
	// Reroute or parked again. [park.leave]
	Release(ctx context.Context, tenant string, messageID uuid.UUID, leave bool) error

	// Drop removes a parked delivery for good; its record stays. It returns an error
	// wrapping ErrNoRecord when the delivery is not parked. [park.drop]
	Drop(ctx context.Context, tenant string, messageID uuid.UUID) error

	// Backlog returns how many deliveries wait and how many are parked, over all
	// tenants. [outbox.backlog]
	Backlog(ctx context.Context) (Backlog, error)
}

// LeaseID names one lease of one delivery. A later lease of the same delivery has
// another one. [lease.token]
type LeaseID struct {
	Tenant    string
	MessageID uuid.UUID
	Token     uuid.UUID // drawn anew for every lease
}

// Claimed is a delivery leased to the caller.
type Claimed struct {
	Lease    LeaseID
	Delivery Delivery

	// Attempts is the number of the attempt that the lease is for: one more than
	// was kept by Nack or Try since the commit or the release.
	Attempts int

	// Unsettled says that the lease before this one ran out: the message may
	// have been handed over or not. The release of a parked delivery of the
	// chat makes the store forget leases that have run out. [claim.unsettled]
	Unsettled bool

	// Leave says that the delivery was released to leave its line.
	Leave bool

	At time.Time // when it was decided
}

// ParkedDelivery is a delivery that is set aside.
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
	Oldest  time.Time // when the oldest waiting one was decided; zero: none waits
}
