package fromline

import (
	"context"

	"github.com/fromline/fromline/message"
	"github.com/fromline/fromline/recipients"
)

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
