package inbound

import (
	"cmp"
	"fmt"
	"strconv"
	"time"

	"github.com/fromline/fromline/fault"
)

// MaxAhead is how far the time of an event may be ahead of our clock.
const MaxAhead = 5 * time.Minute

// Check returns the faults of an event that is reported at the time now, as a
// [*fault.Error], and nil if there are none. An event of a type that fromline
// does not use has none. The pointers of the faults are those of the vendor's
// webhook: At is /created_at, Chat is /data/chat/id, Message is /data/id, Line
// is /data/chat/owner_handle/handle, and the people are /data/handles.
func (e *Event) Check(now time.Time) error {
	if !e.Known() {
		return nil
	}
	var faults []fault.Fault
	wrong := func(rule, pointer, value, words, withValues string) { // logs have words alone
		code := fault.CodeValue
		if rule == "missing" {
			code = fault.CodeMissing
		}
		faults = append(faults, fault.Fault{
			Pointer: pointer, Rule: fault.Rule("event." + rule), Code: code, Value: value, Hint: words, Detail: cmp.Or(withValues, words),
		})
	}
	said := e.At.UTC().Format(time.RFC3339Nano)
	switch {
	case e.At.IsZero():
		wrong("missing", "/created_at", "", "the time of the event is required", "")
	case e.At.Unix() < 0:
		wrong("bad_value", "/created_at", said, "the time of the event is before 1970", "it is "+said+", which is before 1970")
	case e.At.Sub(now) > MaxAhead:
		wrong("ahead", "/created_at", said, "the time of the event is too far ahead of our clock: compare the clocks",
			fmt.Sprintf("it is %s and our clock says %s: at most %v ahead is taken, so compare the clocks",
				said, now.UTC().Format(time.RFC3339Nano), MaxAhead))
	}
	if n := len(e.Chat); n > MaxReference {
		wrong("bad_value", "/data/chat/id", strconv.Itoa(n), "the id is too long", fmt.Sprintf("an id has at most %d bytes, and this one %d", MaxReference, n))
	}
	if n := len(e.Message); n > MaxReference {
		wrong("bad_value", "/data/id", strconv.Itoa(n), "the id is too long", fmt.Sprintf("an id has at most %d bytes, and this one %d", MaxReference, n))
	}
	if e.Chat == "" && !e.Line.IsValid() && e.needsChat() {
		wrong("missing", "/data/chat/id", "", "the id of the chat or our line is required", "")
	}
	if e.Line.IsValid() && !e.Line.IsPhone() {
		wrong("bad_value", "/data/chat/owner_handle/handle", "", "our line is a phone number", "")
	}
	if _, err := e.Others(); err != nil {
		wrong("bad_value", "/data/handles", "", "one of the people has no handle", "")
	}
	if faults == nil {
		return nil
	}
	return &fault.Error{Faults: faults}
}

// needsChat says whether an event of this type is wrong without a chat and a
// line. The vendor's message.failed and participant events need not name a
// chat: the first is found by its message, the others change nothing then.
func (e *Event) needsChat() bool {
	switch e.Type {
	case MessageDelivered, MessageRead, MessageFailed, ParticipantAdded, ParticipantRemoved:
		return false
	}
	return true
}
