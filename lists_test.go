package fromline_test

import (
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/fromline/fromline"
	"github.com/fromline/fromline/fault"
	"github.com/fromline/fromline/fleet"
	"github.com/fromline/fromline/line"
	"github.com/fromline/fromline/message"
	"github.com/fromline/fromline/recipients"
	"github.com/fromline/fromline/routing"
	"github.com/fromline/fromline/store"
)

// Page by page, however small, the chats of a tenant, of a line, of a person
// and of both are all there, each once and in the order of their ids; only the
// last page may be short of its limit.
func TestPagesOfChatsAreAllOfThem(t *testing.T) {
	r := newRig(t, fromline.Options{}, line.Line{Number: dc})
	var all []uuid.UUID
	with := map[string][]uuid.UUID{}
	var nobody recipients.Handle
	for i := range 12 {
		on := []recipients.Handle{dc, boston}[i%2]
		people := [][]recipients.Handle{{ann}, {ann, bob}, {ann, cat}, {bob, cat}}[i/2%4]
		id := r.seen(byte(i+1), on, time.Hour, people...)
		if i%5 == 4 && len(people) > 1 {
			gone := people[0]
			people = people[1:]
			require.NoError(t, r.chats.Apply(t.Context(), "acme", []store.Event{store.ParticipantRemoved{Chat: id, Handle: gone}}))
		}
		all = append(all, id)
		with[fmt.Sprint(on, nobody)] = append(with[fmt.Sprint(on, nobody)], id)
		for _, h := range people {
			with[fmt.Sprint(nobody, h)] = append(with[fmt.Sprint(nobody, h)], id)
			with[fmt.Sprint(on, h)] = append(with[fmt.Sprint(on, h)], id)
		}
	}
	with[fmt.Sprint(nobody, nobody)] = all
	for _, on := range []recipients.Handle{nobody, dc, boston, dallas} {
		for _, person := range []recipients.Handle{nobody, ann, bob, cat, recipients.MustParse("eve@example.com")} {
			want := with[fmt.Sprint(on, person)]
			for limit := range len(all) + 2 {
				var got []uuid.UUID
				for after := uuid.Nil; ; {
					page, next, err := r.Chats(t.Context(), "acme", on, person, after, limit)
					require.NoError(t, err)
					for _, c := range page {
						got = append(got, c.ID)
					}
					if next == uuid.Nil {
						break
					}
					require.Len(t, page, limit, "there are more")
					require.Equal(t, page[limit-1].ID, next)
					require.Less(t, len(got), len(want), "and none is empty")
					after = next
				}
				require.Equal(t, want, got, "on %s with %s, %d a page", on, person, limit)
			}
		}
	}
	_, _, err := r.Chats(t.Context(), "acme", nobody, nobody, uuid.Nil, -1)
	require.ErrorIs(t, err, store.ErrInvalid)
}

// Available lists the lines that can take the message, each once and at most
// ten, and first the one that a send would get; nothing else follows from the
// order in which the lines are told.
func TestAvailableIsWhatASendWouldGet(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		kinds := map[string]line.ServiceSet{
			"all": 0, "iMessage": line.Services(message.IMessage), "SMS": line.Services(message.SMS), "RCS and SMS": line.Services(message.RCS, message.SMS),
		}
		var lines []line.Line
		can := map[recipients.Handle]line.ServiceSet{}
		for i := range rapid.IntRange(0, 13).Draw(rt, "lines") {
			l := line.Line{Number: recipients.MustParse(fmt.Sprintf("+1202555%04d", 180+i))}
			l.Services = kinds[rapid.SampledFrom([]string{"RCS and SMS", "SMS", "all", "iMessage"}).Draw(rt, "services")]
			if rapid.IntRange(0, 4).Draw(rt, "flagged") == 0 {
				l.Status = line.Flagged
			} else {
				can[l.Number] = l.Services
			}
			lines = append(lines, l)
		}
		r := newRig(t, fromline.Options{}, lines...)
		var people recipients.Set
		if rapid.Bool().Draw(rt, "people") {
			var err error
			people, err = recipients.NewSet(ann)
			require.NoError(rt, err)
			if len(lines) > 0 && rapid.Bool().Draw(rt, "a chat") {
				r.seen(1, rapid.SampledFrom(lines).Draw(rt, "its line").Number, time.Hour, ann)
			}
		}
		var excluded []recipients.Handle
		for _, l := range lines {
			if rapid.IntRange(0, 5).Draw(rt, "excluded") == 0 {
				excluded = append(excluded, l.Number)
			}
		}
		kind := rapid.SampledFrom([]message.Service{0, message.IMessage, message.RCS, message.SMS}).Draw(rt, "kind")
		var want []recipients.Handle
		ofKind := 0
		for h, services := range can {

			if kind != 0 && (!services.Has(kind) || services.Has(message.IMessage) != (kind == message.IMessage)) {
				continue
			}
			if ofKind++; !slices.Contains(excluded, h) {
				want = append(want, h)
			}
		}
		for range 2 { // it changes nothing
			got, err := r.Available(t.Context(), "acme", people, excluded, kind)
			if len(want) == 0 {
				refused, is := errors.AsType[*routing.Refusal](err)
				require.True(rt, is, "%v %v", got, err)
				code := fault.CodeNoLine
				if ofKind > 0 {
					code = fault.CodeValue
				}
				require.Equal(rt, code, refused.Code)
				require.NotNil(rt, refused.PassedOver)
				continue
			}
			require.NoError(rt, err)
			require.Len(rt, got, min(len(want), 10))
			require.Subset(rt, want, got)
			require.Len(rt, slices.Compact(slices.SortedFunc(slices.Values(got), recipients.Handle.Compare)), len(got), "each once")
			if people.IsValid() {
				d, err := r.Preview(t.Context(), fromline.Outgoing{Tenant: "acme", Request: request(t, nil, ann)})
				require.NoError(rt, err)
				if slices.Contains(want, d.Line) {
					require.Equal(rt, d.Line, got[0], d)
				}
			}
		}
	})
}

// At most ten lines are named, and first that of the people's chat, be it the
// worst.
func TestAvailableNamesTenAndTheChatsLineFirst(t *testing.T) {
	for count := 9; count <= 12; count++ {
		var lines []line.Line
		for i := range count {
			lines = append(lines, line.Line{Number: recipients.MustParse(fmt.Sprintf("+1202555%04d", 180+i)), Reputation: line.Healthy})
		}
		lines[count/2].Reputation = line.AtRisk
		r := newRig(t, fromline.Options{}, lines...)
		r.seen(1, lines[count/2].Number, time.Hour, ann)
		people, err := recipients.NewSet(ann)
		require.NoError(t, err)
		got, err := r.Available(t.Context(), "acme", people, nil, 0)
		require.NoError(t, err)
		require.Len(t, got, min(count, 10))
		require.Equal(t, lines[count/2].Number, got[0])
		got, err = r.Available(t.Context(), "acme", people, got[:1], 0)
		require.NoError(t, err)
		require.Len(t, got, min(count-1, 10))
		require.NotContains(t, got, lines[count/2].Number)
	}
}

// A line that would take a message only later is none from which one could go
// out now.
func TestAvailableIsNow(t *testing.T) {
	r := newRig(t, fromline.Options{
		Deliver: true, DeferUpTo: 2 * time.Hour, Fleet: fleet.Options{Guard: line.Guard{Gap: time.Hour, Burst: 1}},
	}, line.Line{Number: dc})
	first, err := r.send(request(t, nil, ann))
	require.NoError(t, err)
	require.True(t, first.DeliverAt.IsZero())
	d, err := r.Preview(t.Context(), fromline.Outgoing{Tenant: "acme", Request: request(t, nil, bob)})
	require.NoError(t, err)
	require.False(t, d.DeliverAt.IsZero(), "it would be deferred")
	for person, want := range map[recipients.Handle]fault.Code{ann: 0, bob: fault.CodeNoLine} {
		people, err := recipients.NewSet(person)
		require.NoError(t, err)
		lines, err := r.Available(t.Context(), "acme", people, nil, 0)
		if want == 0 {
			require.NoError(t, err)
			require.Equal(t, []recipients.Handle{dc}, lines)
		} else {
			require.Equal(t, want, fromline.CodeOf(err), lines)
		}
	}
}

// The status of a message is what its delivery says while there is one, and
// then what the network said.
func TestStatusOfAReadBack(t *testing.T) {
	delivery := func(parked bool) *store.CopiedDelivery { return &store.CopiedDelivery{Parked: parked} }
	unreadable := errors.New("not readable")
	for _, c := range []struct {
		delivery   *store.CopiedDelivery
		unreadable error
		told       fromline.MessageStatus
		delivers   bool
		want       string
	}{
		{delivery(true), nil, fromline.MessageStatus{}, true, "failed"},
		{delivery(true), nil, fromline.MessageStatus{SentAt: noon}, true, "failed"},
		{delivery(false), nil, fromline.MessageStatus{}, true, "pending"},
		{delivery(false), nil, fromline.MessageStatus{SentAt: noon}, true, "pending"},
		{nil, unreadable, fromline.MessageStatus{}, true, "pending"},
		{nil, nil, fromline.MessageStatus{}, true, "sent"},
		{nil, nil, fromline.MessageStatus{}, false, "pending"},
		{nil, nil, fromline.MessageStatus{SentAt: noon}, true, "sent"},
		{nil, nil, fromline.MessageStatus{SentAt: noon, FailedAt: noon}, false, "failed"},
		{nil, unreadable, fromline.MessageStatus{SentAt: noon, DeliveredAt: noon, FailedAt: noon}, true, "delivered"},
		{nil, nil, fromline.MessageStatus{DeliveredAt: noon, ReadAt: noon}, true, "read"},
	} {
		a := fromline.ReadBack{Delivery: c.delivery, Unreadable: c.unreadable, Told: c.told, Delivers: c.delivers}
		require.Equal(t, c.want, a.Status(), c)
		require.Nil(t, a.Content(), "there is none, or none that can be read")
	}
}

// A message is read back by its id and by its key, with its content while it
// waits.
func TestReadBackByIDAndByKey(t *testing.T) {
	for _, delivers := range []bool{false, true} {
		r := newRig(t, fromline.Options{Deliver: delivers}, line.Line{Number: dc})
		d, err := r.send(request(t, withKey("key"), ann))
		require.NoError(t, err)
		byID, err := r.ReadBack(t.Context(), "acme", d.MessageID)
		require.NoError(t, err)
		byKey, err := fromline.ReadBackOfKey(t.Context(), r.chats, "acme", "key")
		require.NoError(t, err)
		require.Equal(t, byID.Record, byKey.Record)
		require.Equal(t, []any{delivers, "pending"}, []any{byID.Delivers, byID.Status()})
		require.Equal(t, delivers, byID.Content() != nil)
		if delivers {
			require.Equal(t, "Dinner at eight?", *byKey.Content().Parts[0].(*message.TextPart).Value)
		}
		for key, want := range map[string]error{"": store.ErrInvalid, "another": store.ErrNoRecord} {
			_, err := fromline.ReadBackOfKey(t.Context(), r.chats, "acme", key)
			require.ErrorIs(t, err, want)
		}
		_, err = r.ReadBack(t.Context(), "other", d.MessageID)
		require.ErrorIs(t, err, store.ErrNoRecord)
		r.chats.beforeLookup = func(store.Query) error { return errFails }
		_, err = fromline.ReadBackOfKey(t.Context(), r.chats, "acme", "key")
		require.ErrorIs(t, err, errFails)
	}
}

// A send into a chat whose people change meanwhile is made again for those of
// then: three times in all.
func TestSendIntoAChatThatChanges(t *testing.T) {
	for changes := range 5 {
		r := newRig(t, fromline.Options{}, line.Line{Number: dc})
		id := r.seen(1, dc, time.Hour, ann, bob)
		left := changes
		r.chats.beforeLookup = func(store.Query) error {
			if left == 0 {
				return nil
			}
			left--
			who := recipients.MustParse(fmt.Sprintf("p%d@example.com", left))
			return r.chats.Store.Apply(t.Context(), "acme", []store.Event{store.ParticipantAdded{Chat: id, Handle: who, At: noon}})
		}
		d, err := r.SendInto(t.Context(), "acme", id, &message.Request{Message: &message.Content{Parts: []message.Part{message.Text("Hi")}}})
		if changes > 2 {
			require.Equal(t, fault.CodeChatNotFound, fromline.CodeOf(err))
			require.Equal(t, changes-3, left, "it was tried three times")
			continue
		}
		require.NoError(t, err)
		require.Equal(t, []any{id, dc, 2 + changes}, []any{d.ChatID, d.Line, d.Roster.Len()})
	}
	r := newRig(t, fromline.Options{}, line.Line{Number: dc, Status: line.Flagged})
	id := r.seen(1, dc, time.Hour, ann)
	_, err := r.SendInto(t.Context(), "acme", id, &message.Request{Message: &message.Content{Parts: []message.Part{message.Text("Hi")}}})
	require.Equal(t, fault.CodeLineBarred, fromline.CodeOf(err))
	require.Equal(t, 1, len(slices.DeleteFunc(r.notes.take(), func(n string) bool { return n != "lookup" })), "another refusal is final")
}

// A send into a chat is refused at no member for what is wrong with the line or
// the people of the chat: the request names neither.
func TestSendIntoIsRefusedAtNoMissingMember(t *testing.T) {
	flagged, gone := line.Line{Number: dc, Status: line.Flagged}, line.Line{Number: boston}
	consents := fromline.Options{Consents: fromline.ConsentRules{OptOuts: true, Blocks: true}}
	change := func(c store.ConsentChange) func(*rig) {
		return func(r *rig) {
			c.At = noon
			_, _, err := r.ChangeConsent(t.Context(), "acme", ann, c)
			require.NoError(t, err)
		}
	}
	by := func(a fromline.Admission) fromline.Options { return fromline.Options{Gate: gate{answer: a}} }
	for name, c := range map[string]struct {
		options fromline.Options
		line    line.Line
		before  func(*rig)
		people  int
		want    fault.Rule
	}{
		"a flagged line":         {line: flagged, want: fault.RuleLineBarred},
		"a line that is gone":    {line: gone, want: fault.RuleForeignLine},
		"opted out":              {options: consents, before: change(store.ConsentChange{OptedOut: new(true)}), want: fault.RuleOptedOut},
		"blocked":                {options: consents, before: change(store.ConsentChange{Blocked: new(true)}), want: fault.RuleBlocked},
		"not on the list":        {options: fromline.Options{Consents: fromline.ConsentRules{AllowList: true}}, want: fault.RuleNotAllowed},
		"opted out, by a gate":   {options: by(fromline.OptedOut), want: fault.RuleOptedOut},
		"blocked, by a gate":     {options: by(fromline.Blocked), want: fault.RuleBlocked},
		"not allowed, by a gate": {options: by(fromline.NotAllowed), want: fault.RuleNotAllowed},
		"too many people":        {people: recipients.MaxRecipients, want: fault.RuleRecipients},
	} {
		t.Run(name, func(t *testing.T) {
			if c.line == (line.Line{}) {
				c.line = line.Line{Number: dc}
			}
			r := newRig(t, c.options, c.line)
			id := r.seen(1, dc, time.Hour, ann)
			for i := range c.people {
				who := recipients.MustParse(fmt.Sprintf("p%d@example.com", i))
				require.NoError(t, r.chats.Store.Apply(t.Context(), "acme", []store.Event{store.ParticipantAdded{Chat: id, Handle: who, At: noon}}))
			}
			if c.before != nil {
				c.before(r)
			}
			_, err := r.SendInto(t.Context(), "acme", id, &message.Request{Message: &message.Content{Parts: []message.Part{message.Text("Hi")}}})
			violations := fromline.Envelope(err, "", "").Error.Violations
			require.Len(t, violations, 1, err)
			require.Equal(t, []string{"", string(c.want)}, []string{violations[0].Pointer, violations[0].Rule})
			require.Contains(t, c.want.Pointers(), "")
		})
	}
}
