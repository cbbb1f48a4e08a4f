package fromline

import (
	"context"

	"github.com/fromline/fromline/message"
	"github.com/fromline/fromline/recipients"
)

// A Gate says whether a tenant may write to these people at all. The Router
// asks it once for each send: after it has looked for an earlier decision under
// the same key, and before it decides. If Admit returns an error, the Router
// refuses the send with an [*UnavailableError] and writes nothing.
// Implementations must be safe for concurrent use.
type Gate interface {
	Admit(ctx context.Context, tenant string, to recipients.Set) (Admission, error)
}

// Admission is the answer of a Gate.
type Admission uint8

// The answers of a Gate. OptedOut stops only messages to one person, and only
// if the request does not set override_optout. Blocked and NotAllowed stop
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

// A MediaResolver returns the name, type and size of the files of the media
// parts of a message. The Router asks it after the decision and before the
// commit, and never for a replay. Implementations must be safe for concurrent
// use.
type MediaResolver interface {
	// Resolve returns one attachment for each part, in order. After an error
	// the Router refuses the send with an [*UnavailableError] and writes
	// nothing.
	Resolve(ctx context.Context, tenant string, parts []*message.MediaPart) ([]message.Media, error)
}

// A Capability says on which service the chat with these people will run. The
// Router asks it if neither the chat nor the request names a service. Zero
// means that it does not know. After an error the Router refuses the send with
// an [*UnavailableError] and writes nothing. Implementations must be safe for
// concurrent use.
type Capability interface {
	Service(ctx context.Context, tenant string, to recipients.Set) (message.Service, error)
}
