//go:build unix

package move_test

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/fromline/fromline/line"
	"github.com/fromline/fromline/message"
	"github.com/fromline/fromline/recipients"
	"github.com/fromline/fromline/store"
)

var (
	noon    = time.Date(2026, time.March, 1, 12, 0, 0, 0, time.UTC)
	tenants = []string{"acme", "zenith"}
	ctx     = context.Background()
)

// world is the history of a store, as far as a test must name it.
type world struct {
	*rapid.T
	s     store.Store
	ids   uint64
	chats []uuid.UUID
	mails []uuid.UUID
}

func person(i int) recipients.Handle {
	if i == 3 {
		return recipients.MustParse("ann@example.com")
	}
	return phone(12_025_550_100 + i)
}

func number(i int) recipients.Handle { return phone(13_015_550_100 + i) }

func phone(digits int) recipients.Handle {
	h, err := recipients.FromDigits(uint64(digits))
	if err != nil {
		panic(err)
	}
	return h
}

// sets returns every set of the four people.
func sets() (all []recipients.Set) {
	for some := 1; some < 16; some++ {
		var members []recipients.Handle
		for i := range 4 {
			if some>>i&1 == 1 {
				members = append(members, person(i))
			}
		}
		set, err := recipients.NewSet(members...)
		if err != nil {
			panic(err)
		}
		all = append(all, set)
	}
	return all
}

func pick[T any](t *rapid.T, what string, values []T) T {
	return values[rapid.IntRange(0, len(values)-1).Draw(t, what)]
}

func (w *world) id() uuid.UUID {
	w.ids++
	return uuid.NewSHA1(uuid.NameSpaceOID, fmt.Append(nil, w.ids))
}

func (w *world) at() time.Time {
	return noon.Add(time.Duration(rapid.IntRange(-30, 30).Draw(w.T, "hours"))*time.Hour + time.Duration(rapid.IntRange(0, 1).Draw(w.T, "µs"))*time.Microsecond)
}

func (w *world) tenant() string { return pick(w.T, "tenant", tenants) }

// live gives a store some history.
func (w *world) live() {
	steps := map[string]func(){
		"send": w.send, "send again": w.send, "see": w.see, "hear": w.hear, "report": w.report,
		"deliver": w.deliver, "forget": w.forget, "purge": w.purge,
	}
	names := []string{"send", "send again", "see", "hear", "report", "deliver", "deliver", "forget", "purge"}
	for range rapid.IntRange(5, 60).Draw(w.T, "steps") {
		name := pick(w.T, "step", names)
		if (name == "forget" || name == "purge") && rapid.IntRange(0, 4).Draw(w.T, "rarely") > 0 {
			continue
		}
		steps[name]()
	}
}

// send commits any possible decision, with everything that it can carry.
func (w *world) send() {
	tenant, set := w.tenant(), pick(w.T, "set", sets())
	snap, err := w.s.Lookup(ctx, store.Query{Tenant: tenant, Set: set.Key()})
	require.NoError(w, err)
	at := w.at()
	p := &store.Plan{Tenant: tenant, Set: set, Revision: snap.Revision, Record: store.Record{
		MessageID: w.id(), Reason: store.NewBestNumber, ChatID: w.id(), Line: number(rapid.IntRange(0, 2).Draw(w.T, "line")), At: at,
		Roster: store.NewRoster(set, at), Service: message.SMS, MoreChats: rapid.Bool().Draw(w.T, "more"),
		Fingerprint: message.Fingerprint{Version: 1, Sum: [32]byte{byte(w.ids)}},
		KeepUntil:   at.Add(time.Duration(rapid.IntRange(0, 50).Draw(w.T, "kept")) * time.Hour),
	}}
	if len(snap.Chats) > 0 {
		c := pick(w.T, "chat", snap.Chats)
		if rapid.Bool().Draw(w.T, "fail over") {
			p.Reason, p.PreviousChatID = store.FailoverFlagged, c.ID
		} else {
			p.Reason, p.ChatID, p.Line = store.ReusedActiveChat, c.ID, c.Line
		}
	}
	if rapid.Bool().Draw(w.T, "keyed") {
		p.Key = fmt.Sprint("key ", w.ids)
		p.Notes = []string{"a", ""}
		p.Attachments = []message.Media{{ID: w.id(), Filename: "photo.jpg", SizeBytes: 5, URL: "https://example.com/a"}}
	}
	if rapid.Bool().Draw(w.T, "delivered") {
		p.Content = fmt.Append(nil, w.ids)
	}
	require.NoError(w, w.s.Commit(ctx, p))
	w.chats, w.mails = append(w.chats, p.ChatID), append(w.mails, p.MessageID)
}

func (w *world) see() {
	id := w.id()
	created := w.at()
	e := store.ChatSeen{
		ID: id, Line: number(rapid.IntRange(0, 2).Draw(w.T, "line")), Participants: pick(w.T, "set", sets()), CreatedAt: created,
		Named: rapid.Bool().Draw(w.T, "named"), Service: message.Service(rapid.IntRange(0, 3).Draw(w.T, "service")),
		ActiveAt: created.Add(time.Duration(rapid.IntRange(0, 2).Draw(w.T, "later")) * time.Hour),
	}
	require.NoError(w, w.s.Apply(ctx, w.tenant(), []store.Event{e}))
	w.chats = append(w.chats, id)
}

// hear applies an event about a chat, if the tenant has one.
func (w *world) hear() {
	if len(w.chats) == 0 {
		return
	}
	id, who := pick(w.T, "chat", w.chats), person(rapid.IntRange(0, 3).Draw(w.T, "person"))
	e := pick(w.T, "event", []store.Event{
		store.Activity{Chat: id, At: w.at(), Messages: 3},
		store.ParticipantAdded{Chat: id, Handle: who, At: w.at()},
		store.ParticipantRemoved{Chat: id, Handle: who},
		store.Renamed{Chat: id, Named: rapid.Bool().Draw(w.T, "named")},
		store.LineLeft{Chat: id},
	})
	if err := w.s.Apply(ctx, w.tenant(), []store.Event{e}); !errors.Is(err, store.ErrUnknownChat) {
		require.NoError(w, err)
	}
}

func (w *world) report() {
	s := line.State{Tenant: w.tenant(), Number: number(rapid.IntRange(0, 4).Draw(w.T, "line")), Status: line.Flagged, StatusAt: w.at()}
	if rapid.Bool().Draw(w.T, "both") {
		s.Reputation, s.ReputationAt = line.AtRisk, w.at()
	}
	_, err := w.s.ReportLine(ctx, s)
	require.NoError(w, err)
}

// deliver claims a delivery and settles it in some way.
func (w *world) deliver() {
	claimed, err := w.s.Claim(ctx, time.Hour, 1)
	require.NoError(w, err)
	for _, c := range claimed {
		switch rapid.IntRange(0, 4).Draw(w.T, "outcome") {
		case 0:
			require.NoError(w, w.s.Ack(ctx, c.Lease))
		case 1:
			require.NoError(w, w.s.Park(ctx, c.Lease, 1, store.ParkedAttempts))
		case 2:
			require.NoError(w, w.s.Nack(ctx, c.Lease, 1, 0))
		case 3:
			require.NoError(w, w.s.Nack(ctx, c.Lease, 1, time.Hour))
		} // else it stays leased
	}
}

func (w *world) forget() {
	_, err := w.s.Forget(ctx, w.tenant(), person(rapid.IntRange(0, 3).Draw(w.T, "person")))
	require.NoError(w, err)
}

func (w *world) purge() {
	_, err := w.s.Purge(ctx, w.at(), 2)
	require.NoError(w, err)
}
