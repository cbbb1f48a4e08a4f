package fromline_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/fromline/fromline"
	"github.com/fromline/fromline/fleet"
	"github.com/fromline/fromline/inbound"
	"github.com/fromline/fromline/line"
	"github.com/fromline/fromline/message"
	"github.com/fromline/fromline/recipients"
	"github.com/fromline/fromline/store"
	"github.com/fromline/fromline/store/memory"
)

// faltering is a store of which calls fail: those with the numbers from at to
// last, counted from 1. What a fleet polls does not count: a poll that fails is
// tried again.
type faltering struct {
	*memory.Store
	calls, at, last int
	between         func() // is done once, before the call with the number at
}

var errFails = errors.New("the store fails")

func (f *faltering) turn() error {
	f.calls++
	if do := f.between; do != nil && f.calls == f.at {
		f.between = nil
		do()
	}
	if f.calls >= f.at && f.calls <= f.last {
		return errFails
	}
	return nil
}

func (f *faltering) Lookup(ctx context.Context, q store.Query) (s store.Snapshot, err error) {
	if err = f.turn(); err == nil {
		s, err = f.Store.Lookup(ctx, q)
	}
	return s, err
}

func (f *faltering) Commit(ctx context.Context, p *store.Plan) (err error) {
	if err = f.turn(); err == nil {
		err = f.Store.Commit(ctx, p)
	}
	return err
}

func (f *faltering) Apply(ctx context.Context, tenant string, events []store.Event) (err error) {
	if err = f.turn(); err == nil {
		err = f.Store.Apply(ctx, tenant, events)
	}
	return err
}

func (f *faltering) Hear(ctx context.Context, tenant string, m store.DirectMessage) (chat uuid.UUID, h store.Heard, err error) {
	if err = f.turn(); err == nil {
		chat, h, err = f.Store.Hear(ctx, tenant, m)
	}
	return chat, h, err
}

func (f *faltering) Note(ctx context.Context, tenant, name string) (n store.Note, err error) {
	if err = f.turn(); err == nil {
		n, err = f.Store.Note(ctx, tenant, name)
	}
	return n, err
}

func (f *faltering) KeepNote(ctx context.Context, tenant string, was, now store.Note) (kept bool, err error) {
	if err = f.turn(); err == nil {
		kept, err = f.Store.KeepNote(ctx, tenant, was, now)
	}
	return kept, err
}

func (f *faltering) KnownLines(ctx context.Context, tenant string, handles [][]recipients.Handle) (known []store.KnownLine, err error) {
	if err = f.turn(); err == nil {
		known, err = f.Store.KnownLines(ctx, tenant, handles)
	}
	return known, err
}

func (f *faltering) Chat(ctx context.Context, tenant string, id uuid.UUID) (c store.Chat, err error) {
	if err = f.turn(); err == nil {
		c, err = f.Store.Chat(ctx, tenant, id)
	}
	return c, err
}

func (f *faltering) ChatsOfLine(ctx context.Context, tenant string, line recipients.Handle, after uuid.UUID, limit int) (chats []store.Chat, next uuid.UUID, err error) {
	if err = f.turn(); err == nil {
		chats, next, err = f.Store.ChatsOfLine(ctx, tenant, line, after, limit)
	}
	return chats, next, err
}

func (f *faltering) ChatsOfPerson(ctx context.Context, tenant string, person recipients.Handle, after uuid.UUID, limit int) (chats []store.Chat, next uuid.UUID, err error) {
	if err = f.turn(); err == nil {
		chats, next, err = f.Store.ChatsOfPerson(ctx, tenant, person, after, limit)
	}
	return chats, next, err
}

func (f *faltering) ChatsOfTenant(ctx context.Context, tenant string, after uuid.UUID, limit int) (chats []store.Chat, next uuid.UUID, err error) {
	if err = f.turn(); err == nil {
		chats, next, err = f.Store.ChatsOfTenant(ctx, tenant, after, limit)
	}
	return chats, next, err
}

func (f *faltering) Decision(ctx context.Context, tenant string, id uuid.UUID) (r store.Record, err error) {
	if err = f.turn(); err == nil {
		r, err = f.Store.Decision(ctx, tenant, id)
	}
	return r, err
}

func (f *faltering) Delivery(ctx context.Context, tenant string, id uuid.UUID) (d store.CopiedDelivery, err error) {
	if err = f.turn(); err == nil {
		d, err = f.Store.Delivery(ctx, tenant, id)
	}
	return d, err
}

func (f *faltering) ChangeConsent(ctx context.Context, tenant string, person recipients.Handle, w store.ConsentChange) (kept store.Consent, applied bool, err error) {
	if err = f.turn(); err == nil {
		kept, applied, err = f.Store.ChangeConsent(ctx, tenant, person, w)
	}
	return kept, applied, err
}

func (f *faltering) Consents(ctx context.Context, tenant string, after recipients.Key, limit int) (consents []store.Consent, next recipients.Key, err error) {
	if err = f.turn(); err == nil {
		consents, next, err = f.Store.Consents(ctx, tenant, after, limit)
	}
	return consents, next, err
}

func (f *faltering) ReportLine(ctx context.Context, s line.State) (applied bool, err error) {
	if err = f.turn(); err == nil {
		applied, err = f.Store.ReportLine(ctx, s)
	}
	return applied, err
}

func (f *faltering) FlagLine(ctx context.Context, tenant string, number recipients.Handle, at time.Time) (kept line.State, applied bool, err error) {
	if err = f.turn(); err == nil {
		kept, applied, err = f.Store.FlagLine(ctx, tenant, number, at)
	}
	return kept, applied, err
}

// kept is all that a store keeps, but for the ids that are drawn.
func (f *faltering) kept(t *testing.T) []string {
	var all []string
	for item, err := range f.Export(t.Context()) {
		require.NoError(t, err)
		switch {
		case item.Record != nil:
			all = append(all, fmt.Sprint("record ", item.Record.Reason, item.Record.Line, item.Record.Key))
		case item.Delivery != nil:
			all = append(all, fmt.Sprint("delivery ", item.Delivery.From, item.Delivery.Attempts))
		case item.State != nil:
			item.State.Change = 0
			all = append(all, fmt.Sprintf("state %+v", *item.State))
		case item.Use != nil:
			item.Use.Change = 0
			all = append(all, fmt.Sprintf("use %+v", *item.Use))
		case item.Chat != nil:
			all = append(all, fmt.Sprint("chat ", item.Chat.Line, item.Chat.Roster.Set(), item.Chat.ActiveAt, item.Chat.Named, item.Chat.LineLeft, item.Chat.Service, item.Chat.Past))
		default:
			all = append(all, fmt.Sprint(item.Consent, item.Note))
		}
	}
	slices.Sort(all)
	return all
}

// afterFirst is a Router that has sent a first message and knows a group.
type afterFirst struct {
	*fromline.Router
	message uuid.UUID // of the first
	t       *testing.T
}

// send answers the line and the reason.
func (r *afterFirst) send(key string, to ...recipients.Handle) (any, error) {
	d, err := r.Route(r.t.Context(), fromline.Outgoing{Tenant: "acme", Request: request(r.t, withKey(key), to...)})
	return fmt.Sprint(d.Line, d.Reason), err
}

// Whichever call to the store fails, alone or with all that follow, the caller
// is told, or gets the answer that it would have got; and what it does again
// after an error ends as if no call had failed.
func TestEveryFailureIsToldOrMended(t *testing.T) {
	cat := recipients.MustParse("cat@example.com")
	group := func(kind, chat string, e inbound.Event) func(*afterFirst) (any, error) {
		e.Type, e.Line, e.Chat, e.Group, e.ID = kind, dc, chat, true, "e"
		if e.At.IsZero() {
			e.At = noon
		}
		return func(r *afterFirst) (any, error) { return nil, second(r.Receive(r.t.Context(), "acme", e)) }
	}
	direct := func(e inbound.Event) func(*afterFirst) (any, error) {
		return func(r *afterFirst) (any, error) { return nil, second(r.Receive(r.t.Context(), "acme", e)) }
	}
	stop := wrote(ann, dc, "", noon)
	stop.Text = new(inbound.Text("STOP"))
	listed := func(line, person recipients.Handle) func(*afterFirst) (any, error) {
		return func(r *afterFirst) (any, error) {
			chats, next, err := r.Chats(r.t.Context(), "acme", line, person, uuid.Nil, 1)
			return []any{len(chats), next == uuid.Nil}, err
		}
	}
	open := group(inbound.ChatCreated, "g", inbound.Event{At: noon.Add(-time.Hour), Participants: []recipients.Handle{dc, ann, bob}})
	yes := true
	for name, does := range map[string]func(*afterFirst) (any, error){
		"a direct message":           direct(wrote(bob, boston, "", noon)),
		"a stop word":                direct(stop),
		"a group that is not known":  group(inbound.MessageReceived, "h", inbound.Event{Sender: ann}),
		"a group that becomes known": group(inbound.ChatCreated, "h", inbound.Event{Participants: []recipients.Handle{dc, ann, cat}}),
		"a message in a group":       group(inbound.MessageReceived, "g", inbound.Event{Sender: ann}),
		"our message in a group":     group(inbound.MessageSent, "g", inbound.Event{Sender: dc, FromMe: true}),
		"a person joins":             group(inbound.ParticipantAdded, "g", inbound.Event{Participant: cat}),
		"a person leaves":            group(inbound.ParticipantRemoved, "g", inbound.Event{Participant: bob}),
		"our line leaves":            group(inbound.ParticipantRemoved, "g", inbound.Event{Participant: dc}),
		"a name":                     group(inbound.GroupNameUpdated, "g", inbound.Event{Named: true}),
		"what became of a message": func(r *afterFirst) (any, error) {
			e := inbound.Event{Type: inbound.MessageDelivered, ID: "e", Line: dc, Message: r.message.String(), At: noon}
			receipt, err := r.Receive(r.t.Context(), "acme", e)
			if err == nil {
				require.True(r.t, receipt.Applied, receipt)
			}
			return nil, err
		},
		"what became of a message that the network named": func(r *afterFirst) (any, error) {
			e := inbound.Event{Type: inbound.MessageDelivered, ID: "e", Line: dc, Message: "net", Key: "first", At: noon}
			if _, err := r.Receive(r.t.Context(), "acme", e); err != nil {
				return nil, err
			}
			e.Type, e.Key = inbound.MessageRead, ""
			receipt, err := r.Receive(r.t.Context(), "acme", e)
			return receipt.Applied, err
		},
		"a send that opens":      func(r *afterFirst) (any, error) { return r.send("new", bob) },
		"a send that reuses":     func(r *afterFirst) (any, error) { return r.send("again", ann, bob) },
		"a send that is decided": func(r *afterFirst) (any, error) { return r.send("first", ann) },
		"a send into a chat": func(r *afterFirst) (any, error) {
			key := "into"
			d, err := r.SendInto(r.t.Context(), "acme", inbound.ChatID("g"), &message.Request{
				HeaderKey: &key, Message: &message.Content{Parts: []message.Part{message.Text("Hi")}},
			})
			return fmt.Sprint(d.Line, d.ChatID), err
		},
		"a preview": func(r *afterFirst) (any, error) {
			d, err := r.Preview(r.t.Context(), fromline.Outgoing{Tenant: "acme", Request: request(r.t, nil, bob)})
			return d.Line, err
		},
		"lines for a person": func(r *afterFirst) (any, error) {
			set, err := recipients.NewSet(ann)
			require.NoError(r.t, err)
			return anyOf(r.Available(r.t.Context(), "acme", set, nil, 0))
		},
		"chats":             listed(recipients.Handle{}, recipients.Handle{}),
		"chats of a line":   listed(dc, recipients.Handle{}),
		"chats of a person": listed(recipients.Handle{}, ann),
		"chats of both":     listed(dc, bob),
		"a message, read back": func(r *afterFirst) (any, error) {
			a, err := r.ReadBack(r.t.Context(), "acme", r.message)
			return []any{a.Status(), a.Record.Line, a.Delivery != nil, a.Trace != nil}, err
		},
		"a line that a send found flagged": func(r *afterFirst) (any, error) { return nil, r.LineFlagged(r.t.Context(), "acme", boston) },
		"an event of a line": func(r *afterFirst) (any, error) {
			e := fleet.Event{Type: fleet.StatusUpdated, Tenant: "acme", Number: boston, Status: line.Flagged, ChangedAt: noon.Add(-time.Minute)}
			return nil, second(r.ReportLine(r.t.Context(), e))
		},
		"a consent": func(r *afterFirst) (any, error) {
			kept, _, err := r.ChangeConsent(r.t.Context(), "acme", bob, store.ConsentChange{Blocked: &yes, At: noon})
			return kept, err
		},
		"consents": func(r *afterFirst) (any, error) {
			kept, _, err := r.Consents(r.t.Context(), "acme", recipients.Key{}, 0)
			return len(kept), err
		},
	} {
		t.Run(name, func(t *testing.T) {
			// with does it on a store whose calls of these numbers fail, again where it
			// is told so, and returns the answer and what the store keeps at the end.
			with := func(at, last int) (answer any, kept []string, calls int) {
				chats := &faltering{Store: memory.New(memory.Options{})}
				router, err := fromline.New(chats, lineTable{&table{notes: &notes{}, lines: []line.Line{{Number: dc}, {Number: boston}}}}, fromline.Options{
					Clock: func() time.Time { return noon }, NewID: new(counted).NewID, Deliver: true,
					Consents: fromline.ConsentRules{OptOuts: true, Blocks: true},
					Fleet:    fleet.Options{Policy: knownFirst.Policy, RefreshEvery: 1, Clock: new(ticking).Now},
					Wait:     func(ctx context.Context, _ int) error { return ctx.Err() },
				})
				require.NoError(t, err)
				first, err := router.Route(t.Context(), fromline.Outgoing{Tenant: "acme", Request: request(t, withKey("first"), ann)})
				require.NoError(t, err)
				r := &afterFirst{router, first.MessageID, t}
				require.NoError(t, second(open(r)))
				chats.calls, chats.at, chats.last = 0, at, last
				answer, err = does(r)
				calls = chats.calls
				if err != nil {
					require.ErrorIs(t, err, errFails, "calls %d to %d failed", at, last)
					chats.last = 0
					answer, err = does(r)
					require.NoError(t, err, "calls %d to %d failed", at, last)
				}
				return answer, chats.kept(t), calls
			}
			answer, kept, calls := with(0, 0)
			require.NotZero(t, calls)
			for at := 1; at <= calls; at++ {
				for _, last := range []int{at, math.MaxInt} {
					a, k, _ := with(at, last)
					require.Equal(t, answer, a, "calls %d to %d failed", at, last)
					require.Equal(t, kept, k, "calls %d to %d failed", at, last)
				}
			}
		})
	}
}

func second[T any](_ T, err error) error { return err }

func anyOf[T any](v T, err error) (any, error) { return v, err }

// A store that does not answer a read is unavailable, and no internal error;
// what is not there is not found.
func TestReadsOfAStoreThatFails(t *testing.T) {
	chats := &faltering{Store: memory.New(memory.Options{})}
	lines, err := fleet.New(fleet.Options{})
	require.NoError(t, err)
	require.NoError(t, lines.SetLines("acme", []line.Line{{Number: dc}}))
	router, err := fromline.New(chats, lines, fromline.Options{})
	require.NoError(t, err)
	text := &message.Request{Message: &message.Content{Parts: []message.Part{message.Text("Hi!")}}}
	reads := map[string]func() error{
		"Chat":     func() error { _, err := router.Chat(t.Context(), "acme", uuid.New()); return err },
		"SendInto": func() error { _, err := router.SendInto(t.Context(), "acme", uuid.New(), text); return err },
		"ReadBack": func() error { _, err := router.ReadBack(t.Context(), "acme", uuid.New()); return err },
	}
	for name, read := range reads {
		chats.at, chats.last = 0, 0
		require.Equal(t, 404, fromline.CodeOf(read()).Status(), name)
		chats.at, chats.last = 1, math.MaxInt
		err := read()
		require.ErrorIs(t, err, errFails, name)
		require.Equal(t, 503, fromline.CodeOf(err).Status(), name)
	}
}
