package main

import (
	"context"
	"errors"
	"strings"
	"sync"
	"time"

	"github.com/google/uuid"

	"github.com/fromline/fromline"
	"github.com/fromline/fromline/cmd/fromline/internal/console"
	"github.com/fromline/fromline/routing"
)

// kept is how many decisions and refusals are remembered for the console. Why
// they were made is in their records.
const kept = 200

// recent remembers the last decisions and refusals of this process. It is safe
// for concurrent use, and its zero value is empty.
type recent struct {
	mu     sync.Mutex
	events [kept]happened
	next   int // its place is next modulo kept
}

// happened is an event with whose it is.
type happened struct {
	tenant string
	console.Event
}

func (l *recent) add(e happened) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.events[l.next%kept] = e
	l.next++
}

// list returns what is remembered of a tenant, the latest first.
func (l *recent) list(tenant string) []console.Event {
	l.mu.Lock()
	defer l.mu.Unlock()
	var list []console.Event
	for i := l.next - 1; i >= max(0, l.next-kept); i-- {
		if e := &l.events[i%kept]; e.tenant == tenant {
			list = append(list, e.Event)
		}
	}
	return list
}

// remembering is a Router that remembers what it decides.
type remembering struct {
	*fromline.Router
	recent *recent
}

// Route is fromline.Router.Route.
func (r remembering) Route(ctx context.Context, out fromline.Outgoing) (routing.Decision, error) {
	d, err := r.Router.Route(ctx, out)
	if refusal, is := errors.AsType[*routing.Refusal](err); is {
		r.recent.add(happened{out.Tenant, console.Event{
			At: time.Now(), What: "refused, no line", Tone: console.Bad, Detail: refusal.Error() + "\n" + refusal.Trace.String(),
		}})
	}
	if err != nil || d.Replay {
		return d, err
	}
	tone := console.Good
	if d.PreviousChatID != uuid.Nil {
		tone = console.Doubt
	}
	r.recent.add(happened{out.Tenant, console.Event{
		At: d.At, Message: d.MessageID, Chat: d.ChatID, Line: d.Line.String(), What: strings.ReplaceAll(d.Reason.String(), "_", " "), Tone: tone,
	}})
	return d, nil
}
