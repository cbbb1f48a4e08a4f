package fromline_test

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/fromline/fromline"
	"github.com/fromline/fromline/fault"
	"github.com/fromline/fromline/fleet"
	"github.com/fromline/fromline/line"
	"github.com/fromline/fromline/message"
	"github.com/fromline/fromline/recipients"
	"github.com/fromline/fromline/routing"
	"github.com/fromline/fromline/store"
	"github.com/fromline/fromline/store/memory"
	"github.com/fromline/fromline/validate"
)

var (
	ann    = recipients.MustParse("+12025550143")
	bob    = recipients.MustParse("+14155550144")
	boston = recipients.MustParse("+16175550162")
	dallas = recipients.MustParse("+12145550163")
	dc     = recipients.MustParse("+12025550161")
)

// rig is a Router over a memory store, with everything around it noted and
// open to interference.
type rig struct {
	*fromline.Router
	t     *testing.T
	chats *script
	lines lineTable
	notes *notes
	ids   *counted
	clock *ticking // of its fleet
}

// notes are the calls that a Router made, in order.
type notes struct {
	mu   sync.Mutex
	list []string
}

func (n *notes) add(format string, args ...any) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.list = append(n.list, fmt.Sprintf(format, args...))
}

// take returns the notes since the last time.
func (n *notes) take() []string {
	n.mu.Lock()
	defer n.mu.Unlock()
	list := n.list
	n.list = nil
	return list
}

// script is a memory store in which calls can be made to go wrong.
type script struct {
	*memory.Store
	notes *notes

	// These, where set, stand in the way of a call.
	beforeLookup func(store.Query) error
	beforeHear   func(store.DirectMessage) error
	beforeKnown  func(handles [][]recipients.Handle) error
	aroundCommit func(p *store.Plan, commit func() error) error

	plans []store.Plan // that were committed
}

func (s *script) Lookup(ctx context.Context, q store.Query) (store.Snapshot, error) {
	s.notes.add("lookup")
	if s.beforeLookup != nil {
		if err := s.beforeLookup(q); err != nil {
			return store.Snapshot{}, err
		}
	}
	return s.Store.Lookup(ctx, q)
}

func (s *script) Hear(ctx context.Context, tenant string, m store.DirectMessage) (uuid.UUID, store.Heard, error) {
	if s.beforeHear != nil {
		if err := s.beforeHear(m); err != nil {
			return uuid.Nil, 0, err
		}
	}
	return s.Store.Hear(ctx, tenant, m)
}

func (s *script) Commit(ctx context.Context, p *store.Plan) error {
	s.notes.add("commit")
	commit := func() error {
		err := s.Store.Commit(ctx, p)
		if err == nil {
			s.plans = append(s.plans, *p)
		}
		return err
	}
	if s.aroundCommit != nil {
		return s.aroundCommit(p, commit)
	}
	return commit()
}

func (s *script) KnownLines(ctx context.Context, tenant string, handles [][]recipients.Handle) ([]store.KnownLine, error) {
	s.notes.add("known")
	if s.beforeKnown != nil {
		if err := s.beforeKnown(handles); err != nil {
			return nil, err
		}
	}
	return s.Store.KnownLines(ctx, tenant, handles)
}

// lineTable is the line health of a host with a table of lines of its own.
type lineTable struct{ *table }

type table struct {
	notes *notes
	lines []line.Line
	err   error
}

func (l lineTable) Lines(context.Context, string) ([]line.Line, error) {
	l.notes.add("lines")
	return l.lines, l.err
}

// ticking is a clock that goes on by a nanosecond with each look.
type ticking struct{ looks atomic.Int64 }

func (c *ticking) Now() time.Time { return noon.Add(time.Duration(c.looks.Add(1))) }

// asking are the options of a fleet that asks its source every time.
func asking(l fromline.LineHealth) fleet.Options {
	return fleet.Options{Source: l, RefreshEvery: 1, Clock: new(ticking).Now}
}

// counted draws ids that count up.
type counted struct{ n int }

func (c *counted) NewID() uuid.UUID { c.n++; return uuid.UUID{0: 'i', 15: byte(c.n)} }

// newRig builds a Router over a table of lines.
func newRig(t *testing.T, o fromline.Options, lines ...line.Line) *rig {
	return build(t, lines, func(r *rig) (fromline.LineHealth, fromline.Options) { return r.lines, o })
}

// build lets the caller choose the line health and the options, which may use
// the rig's notes.
func build(t *testing.T, lines []line.Line, choose func(*rig) (fromline.LineHealth, fromline.Options)) *rig {
	r := &rig{t: t, notes: &notes{}, ids: &counted{}, clock: &ticking{}}
	r.chats = &script{Store: memory.New(memory.Options{}), notes: r.notes}
	r.lines = lineTable{&table{notes: r.notes, lines: lines}}
	health, o := choose(r)
	o.Clock = func() time.Time { return noon }
	o.NewID = r.ids.NewID
	if _, is := health.(interface{ LastPoll() time.Time }); !is { // a fleet, which has its own options
		o.Fleet.RefreshEvery, o.Fleet.Clock = 1, r.clock.Now
	}
	if o.Wait == nil {
		o.Wait = func(ctx context.Context, n int) error {
			r.notes.add("wait %d", n)
			return ctx.Err()
		}
	}
	var err error
	r.Router, err = fromline.New(r.chats, health, o)
	require.NoError(t, err)
	return r
}

// request is a checked request to some people, changed as the caller likes.
func request(t testing.TB, change func(*message.Request), to ...recipients.Handle) validate.Checked {
	r := &message.Request{Message: &message.Content{Parts: []message.Part{message.Text("Dinner at eight?")}}}
	for _, h := range to {
		r.To = append(r.To, h.String())
	}
	if change != nil {
		change(r)
	}
	send, err := validate.Request(r, validate.Options{})
	require.NoError(t, err)
	return send
}

func withKey(key string) func(*message.Request) {
	return func(r *message.Request) { r.HeaderKey = &key }
}

// send routes a request of the tenant acme.
func (r *rig) send(send validate.Checked) (routing.Decision, error) {
	return r.Route(r.t.Context(), fromline.Outgoing{Tenant: "acme", Request: send})
}

// seen makes a chat known.
func (r *rig) seen(id byte, line recipients.Handle, ago time.Duration, people ...recipients.Handle) uuid.UUID {
	set, err := recipients.NewSet(people...)
	require.NoError(r.t, err)
	seen := store.ChatSeen{ID: uuid.UUID{0: 'c', 15: id}, Line: line, Participants: set, CreatedAt: noon.Add(-ago)}
	require.NoError(r.t, r.chats.Apply(r.t.Context(), "acme", []store.Event{seen}))
	return seen.ID
}

// setStatus changes a line of the table.
func (r *rig) setStatus(line recipients.Handle, status line.Status) {
	r.lines.lines = slices.Clone(r.lines.lines)
	for i := range r.lines.lines {
		if r.lines.lines[i].Number == line {
			r.lines.lines[i].Status = status
		}
	}
}

// unavailable requires that kind of error.
func (r *rig) unavailable(err error) *fromline.UnavailableError {
	var u *fromline.UnavailableError
	require.ErrorAs(r.t, err, &u)
	require.Equal(r.t, fault.CodeStore, fromline.CodeOf(err))
	return u
}
