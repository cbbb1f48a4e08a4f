package fleet

import (
	"time"

	"github.com/fromline/fromline/line"
	"github.com/fromline/fromline/message"
	"github.com/fromline/fromline/recipients"
)

// A Ref is one line of a view without a copy of it, for callers that need one
// or two of its values. It is a small immutable value. The zero Ref is no line:
// it has the zero number, status and reputation, serves nothing and cannot
// continue.
type Ref struct{ r *record }

// Find returns the line of that number, or the zero Ref if it is not in the
// view. It does not allocate.
func (v View) Find(n recipients.Handle) Ref {
	if v.s == nil {
		return Ref{}
	}
	return Ref{v.s.find(n)}
}

// IsValid reports whether r is a line: any but the zero Ref.
func (r Ref) IsValid() bool { return r.r != nil }

// CanContinue is [Line.CanContinue]; the zero Ref cannot.
func (r Ref) CanContinue() bool {
	return r.r != nil && r.r.status != line.Flagged && !r.r.ineligible
}

// Number returns the line's number.
func (r Ref) Number() recipients.Handle {
	if r.r == nil {
		return recipients.Handle{}
	}
	return r.r.number()
}

// Status returns the line's status.
func (r Ref) Status() line.Status {
	if r.r == nil {
		return 0
	}
	return r.r.status
}

// Reputation returns the line's reputation.
func (r Ref) Reputation() line.Reputation {
	if r.r == nil {
		return 0
	}
	return r.r.reputation
}

// Serves reports whether the line can send over the service.
func (r Ref) Serves(service message.Service) bool { return r.r != nil && r.r.services.Has(service) }

// FirstService returns the first service of iMessage, RCS and SMS that the line
// serves, and zero for the zero Ref.
func (r Ref) FirstService() message.Service {
	if r.r == nil {
		return 0
	}
	return r.r.services.First()
}

// OverMessagesAt reports whether the line is over its message limit at a time.
func (r Ref) OverMessagesAt(t time.Time) bool {
	return r.r != nil && r.r.messagesUntil != 0 && instant(r.r.messagesUntil).After(t)
}

// NewChatLimit returns how many chats the line may open in its window, 0 for
// any number.
func (r Ref) NewChatLimit() int {
	if r.r == nil {
		return 0
	}
	return int(r.r.newChatsPerDay)
}

// Line returns a copy of the line, the zero Line for the zero Ref.
func (r Ref) Line() line.Line {
	if r.r == nil {
		return line.Line{}
	}
	return r.r.line()
}
