package fromline

import (
	"context"
	"time"

	"github.com/fromline/fromline/fleet"
	"github.com/fromline/fromline/message"
	"github.com/fromline/fromline/recipients"
)

// LineHealth tells a Router which lines a tenant has and how they are. It is
// the one interface that a host with its own table of lines implements;
// fleet.Fleet is the supplied one. Implementations are safe for concurrent use.
type LineHealth interface {
	// Lines returns a view of the tenant's lines at a time. The view does not
	// change afterwards. An unknown tenant is an error that wraps
	// fleet.ErrUnknownTenant.
	Lines(ctx context.Context, tenant string, at time.Time) (fleet.View, error)
}

// Reserver is an optional interface of a LineHealth that counts a pick at
// once, so that concurrent first contacts in one process spread over the lines
// as sequential ones do. fleet.Fleet implements it. Implementations are
// safe for concurrent use.
type Reserver interface {
	// Reserve counts the pick of a line if the line is still the best one for
	// the query, and says whether it did. If not, the Router takes a new view
	// and decides again, and from the 32nd time on waits between tries as after
	// a conflict, for at most Options.Retries times. So Reserve and Lines have to
	// be about the same lines: whoever changes what Lines returns changes what
	// Reserve compares with. It is answered by exactly one Confirm or Release.
	Reserve(tenant string, at time.Time, q fleet.Query, line recipients.Handle) bool
	// Confirm says that the pick was committed and is use now.
	Confirm(tenant string, at time.Time, line recipients.Handle)
	// Release gives the pick back: its commit failed.
	Release(tenant string, at time.Time, line recipients.Handle)
	// Full says that a commit found the line full until a time.
	Full(tenant string, line recipients.Handle, until time.Time)
}

// LineReporter is an optional interface of a LineHealth that wants to know
// what became of deliveries. fleet.Fleet implements it; what wraps a fleet has to
// pass it on. It is safe for concurrent use.
type LineReporter interface {
	// ReportDelivery learns from an outcome, whose time is never zero. An error
	// says that it is not to be believed, and then [Router.Report] keeps nothing:
	// it wraps fleet.ErrUnknownTenant or fleet.ErrUnknownNumber where the tenant
	// has no such line, and fleet.ErrAhead where the time is more than five
	// minutes ahead, for no later event of the line would apply until then.
	ReportDelivery(ctx context.Context, tenant string, o Outcome) error
}

// Outcome is what became of one delivery, as [Router.Report] takes it.
type Outcome = fleet.Outcome

// Gate decides whether a tenant may write to these people at all. It is
// asked once for each send, after the look-up for an earlier decision and
// before the decision. Implementations are safe for concurrent use.
type Gate interface {
	Admit(ctx context.Context, tenant string, to recipients.Set) (Admission, error)
}

// Admission is a gate's answer.
type Admission uint8

// The answers of a Gate. OptedOut stops only messages to one person, and only
// without override_optout; the other two stop every message.
const (
	Admitted   Admission = 1 + iota
	OptedOut             // the recipient asked not to be written to
	Blocked              // the recipient blocked us
	NotAllowed           // the tenant may not write to this recipient
)

// String returns admitted, opted_out, blocked or not_allowed.
func (a Admission) String() string {
	switch a {
	case Admitted:
		return "admitted"
	case OptedOut:
		return "opted_out"
	case Blocked:
		return "blocked"
	case NotAllowed:
		return "not_allowed"
	}
	return "admission(?)"
}

// MediaResolver finds out what is behind the media parts of a message that was
// decided: the file's name, type and size. It is not asked on a replay.
// Implementations are safe for concurrent use.
type MediaResolver interface {
	// Resolve returns one attachment for each part, in order.
	Resolve(ctx context.Context, tenant string, parts []*message.MediaPart) ([]message.Media, error)
}

// Capability tells which service the chat with these people will run on, when
// neither the chat nor the sender says; zero when it does not know.
// Implementations are safe for concurrent use.
type Capability interface {
	Service(ctx context.Context, tenant string, to recipients.Set) (message.Service, error)
}
