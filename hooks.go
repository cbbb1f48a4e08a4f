package fromline

import (
	"context"

	"github.com/fromline/fromline/message"
	"github.com/fromline/fromline/recipients"
)

// A Gate decides whether a tenant may write to these people at all. The Router
// asks it once for each send: after it has looked for an earlier decision under
// the same key, and before it decides. Implementations must be safe for
// concurrent use.
type Gate interface {
	Admit(ctx context.Context, tenant string, to recipients.Set) (Admission, error)
}

// Admission is a gate's answer.
type Admission uint8

// The answers of a Gate. OptedOut stops only messages to one person, and only
// where the request does not say override_optout. Blocked and NotAllowed stop
// every message.
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

// A MediaResolver finds out the name, type and size of the files behind the
// media parts of a message. The Router asks it after the decision and before
// the commit, and never for a replay. Implementations must be safe for
// concurrent use.
type MediaResolver interface {
	// Resolve returns one attachment for each part, in order.
	Resolve(ctx context.Context, tenant string, parts []*message.MediaPart) ([]message.Media, error)
}

// A Capability tells which service the chat with these people will run on. The
// Router asks it where neither the chat nor the request names a service. Zero
// means that it does not know. Implementations must be safe for concurrent use.
type Capability interface {
	Service(ctx context.Context, tenant string, to recipients.Set) (message.Service, error)
}
