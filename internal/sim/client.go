package sim

import (
	"errors"
	"fmt"
	"slices"

	"github.com/fromline/fromline"
	"github.com/fromline/fromline/internal/reference"
	"github.com/fromline/fromline/line"
	"github.com/fromline/fromline/message"
	"github.com/fromline/fromline/recipients"
	"github.com/fromline/fromline/validate"
)

// send is a message that a client wants to send once, however often it has to
// ask.
type send struct {
	tenant *tenant
	number int
	key    string // the idempotency key, mostly empty
	built

	running int  // calls in flight
	again   bool // the client asks again after this answer, or after none
	over    bool // the client has an answer
	commits int  // of calls without a key, at most one
}

func (s *send) String() string {
	key := ""
	if s.key != "" {
		key = " under " + s.key
	}
	return fmt.Sprintf("send %d of %s%s", s.number, s.tenant.name, key)
}

// ended tells the client how a call ended; err is nil also if the process died.
// A client with a key asks again until it has an answer. A client without one
// asks again only if it learns that nothing was written.
func (s *send) ended(t *task, err error) {
	s.running--
	unavailable, is := errors.AsType[*fromline.UnavailableError](err)
	switch {
	case !t.done: // the process died
		s.again = s.key != ""
		s.over = s.key == ""
	case err == nil:
		s.over = true
	case is && (unavailable.Retry || t.world.bug.Impatient):
		s.again = true
	default:
		s.over = true
	}
}

// newSend draws a send of a client.
func (w *world) newSend() *send {
	s := &send{tenant: w.tenants[w.draw.below(len(w.tenants))], number: len(w.sends)}
	to := w.draw.below(len(sets))
	excluded := w.draw.below(4)
	content := w.draw.below(len(contents))
	if w.draw.once(2) {
		s.key = fmt.Sprintf("key %d", s.number/6+w.draw.below(3))
	}
	s.built = w.simulation.request(s.tenant, to, excluded, content, s.key)
	w.sends = append(w.sends, s)
	w.stats.Sends++
	return s
}

// People, and the sets of them that clients send to. The last set is one of our
// lines.
var (
	ann  = recipients.MustParse("+12025550143")
	bob  = recipients.MustParse("bob@example.com")
	sets = [][]recipients.Handle{{ann}, {bob}, {ann, bob}, {recipients.MustParse("+12025550161")}}
)

// contents are the kinds of content: a text, one with a continuation, and a
// reply.
var contents = []struct{ continuation, reply bool }{{}, {continuation: true}, {reply: true}}

// request builds a request, or returns the same one if it was built before.
func (s *Simulation) request(t *tenant, to, excluded, content int, key string) built {
	id := fmt.Sprint(t.name, to, excluded, content, key)
	if known, ok := s.requests[id]; ok {
		return known
	}
	facts := reference.Send{To: sets[to], Continuation: contents[content].continuation, Reply: contents[content].reply}
	if excluded > 0 {
		facts.ExcludeFrom = numbers(t.lines[:min(excluded, len(t.lines))])
	}
	r := &message.Request{Message: &message.Content{Parts: []message.Part{message.Text("Dinner at eight?")}}}
	for _, h := range facts.To {
		r.To = append(r.To, h.String())
	}
	for _, h := range facts.ExcludeFrom {
		r.ExcludeFrom = append(r.ExcludeFrom, h.String())
	}
	if facts.Continuation {
		text := "It is me."
		r.ContinuationMessage = &message.Continuation{Text: &text}
	}
	if facts.Reply {
		answered := "018f3a4e-0000-7000-8000-000000000001"
		r.Message.ReplyTo = &message.ReplyTo{MessageID: &answered}
	}
	if key != "" {
		r.HeaderKey = &key
	}
	checked, err := validate.Request(r, validate.Options{})
	if err != nil {
		panic(err)
	}
	b := built{facts, checked, checked.Fingerprint()}
	s.requests[id] = b
	return b
}

// built is a request in the forms for a Router and for the reference.
type built struct {
	facts       reference.Send
	request     validate.Checked
	fingerprint message.Fingerprint
}

func numbers(lines []line.Line) []recipients.Handle {
	var list []recipients.Handle
	for _, l := range lines {
		list = append(list, l.Number)
	}
	slices.SortFunc(list, recipients.Handle.Compare)
	return list
}
