package delivery

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/fromline/fromline/store"
)

// Sender hands messages to the network.
type Sender interface {
	// Send hands over one message, and returns nil after the network has taken
	// it: then the dispatcher does not send it again. After any error the
	// message must be sent again, because the network did not, or may not, have
	// taken it; a [*Failure] says more. After a crash or an error, Send may get
	// the same message again, always under the same message id.
	//
	// Send must return soon after the context has ended, because another
	// process may send the message then. The dispatcher calls Send concurrently
	// for different chats, and never for two messages of one chat at a time.
	// Send must not change the content. The dispatcher logs errors, so they
	// must not name people.
	Send(ctx context.Context, d Delivery) error
}

// Delivery is one message to hand over.
type Delivery struct {
	store.Delivery

	Tenant  string
	Attempt int       // 1 for the first; see Options.Attempts
	At      time.Time // when the message was decided

	// Network is where a Sender writes the network's own ids of the chat and
	// the message, if it knows them. It is nil if they are not needed.
	Network *NetworkIDs
}

// NetworkIDs are the network's own ids of a chat and a message, of 1 to 255
// bytes each; empty if unknown. The Router ignores a longer one.
type NetworkIDs struct{ Chat, Message string }

// AppendJSON appends the delivery as one JSON object without a line break:
// message_id, chat_id, from, to (in canonical order), reason and message (the
// content as message.EncodeContent wrote it). On an error, which a content
// that is not JSON causes, it returns b as it was.
func (d *Delivery) AppendJSON(b []byte) ([]byte, error) {
	content := d.Content
	if bytes.IndexByte(content, '\n') >= 0 || bytes.IndexByte(content, '\r') >= 0 {
		compact := jsontext.Value(bytes.Clone(content))
		if err := compact.Compact(); err != nil {
			return b, fmt.Errorf("delivery: the content of message %s is not JSON: %w", d.MessageID, err)
		}
		content = compact
	}
	o := b
	o = append(o, `{"message_id":"`...)
	o = append(o, d.MessageID.String()...)
	o = append(o, `","chat_id":"`...)
	o = append(o, d.ChatID.String()...)
	o = append(o, `","from":`...)
	o = appendText(o, d.From.String())
	o = append(o, `,"to":[`...)
	for i, h := range d.To.All() {
		if i > 0 {
			o = append(o, ',')
		}
		o = appendText(o, h.String())
	}
	o = append(o, `],"reason":`...)
	o = appendText(o, d.Reason.String())
	o = append(o, `,"message":`...)
	o = append(o, content...)
	return append(o, '}'), nil
}

// appendText appends a JSON string. Handles and reasons are always UTF-8.
func appendText(b []byte, s string) []byte {
	b, err := jsontext.AppendQuote(b, s)
	if err != nil {
		panic("delivery: " + err.Error())
	}
	return b
}

// Failure is the error of a Sender that knows why it failed. For success a
// Sender returns nil itself: an error that holds a nil *Failure counts as a
// failure, and the message is sent again.
type Failure struct {
	Err error // what happened; may be nil

	// Permanent says that another try cannot help: the delivery is parked.
	Permanent bool

	// Receiver says that the receiver takes no messages at all now, for example
	// because it wants another Authorization. The dispatcher tries the message
	// again after long waits, and does not park it. It logs this once, not once
	// for each message. With Permanent, Receiver has no effect.
	Receiver bool

	// RetryAfter is how long the network asked us to wait; zero if it did not
	// ask. The dispatcher waits at least that long, up to Options.MaxBackoff.
	RetryAfter time.Duration

	// LineFlagged says that the network refused the message because it has
	// flagged the line. A Router then marks the line as flagged; a program with
	// a Dispatcher of its own does so in Options.Settled.
	LineFlagged bool
}

// Error says what happened and whether it is final.
func (f *Failure) Error() string {
	if f == nil {
		return "the sender returned a nil *delivery.Failure: return nil itself where the message was taken"
	}
	what := "the sender does not say what happened: it returned a *delivery.Failure without Err"
	if f.Err != nil {
		what = fmt.Sprint(f.Err)
	}
	switch {
	case f.Permanent && f.LineFlagged:
		return "the line is flagged: " + what
	case f.Permanent:
		return "for good: " + what
	}
	return what
}

// Unwrap returns what happened.
func (f *Failure) Unwrap() error {
	if f == nil {
		return nil
	}
	return f.Err
}

// isNilFailure reports whether an error says that it is a *Failure, and is
// none.
func isNilFailure(err error) bool {
	f, is := errors.AsType[*Failure](err)
	return is && f == nil
}

// failureOf returns what an error of a Sender says of itself.
func failureOf(err error) Failure {
	if f, is := errors.AsType[*Failure](err); is {
		return *f
	}
	return Failure{Err: err}
}
