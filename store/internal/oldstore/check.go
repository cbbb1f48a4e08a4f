// Package oldstore checks stores that the code of commit cecd54f filled. The
// same calls filled store/sqlite/testdata/version5.sql and
// store/postgres/testdata/version14.sql. A store that was opened on one of
// them, and so brought up to date, passes [Check]. Only tests import this
// package.
package oldstore

import (
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/fromline/fromline/line"
	"github.com/fromline/fromline/message"
	"github.com/fromline/fromline/recipients"
	"github.com/fromline/fromline/store"
)

const tenant, other = "acme", "büro"

var (
	noon  = time.Date(2026, time.March, 1, 12, 0, 0, 123456000, time.UTC)
	ann   = recipients.MustParse("+12025550143")
	mail  = recipients.MustParse("ann@example.com")
	bob   = recipients.MustParse("+442079460146")
	line1 = recipients.MustParse("+13015550101")
	line2 = recipients.MustParse("+13015550102")
	line3 = recipients.MustParse("+13015550103")
)

func id(b byte) uuid.UUID { return uuid.UUID{0: b, 6: 0x40, 8: 0x80, 15: b} }

func set(t *testing.T, handles ...recipients.Handle) recipients.Set {
	s, err := recipients.NewSet(handles...)
	require.NoError(t, err)
	return s
}

// Check fails the test unless the store holds the data of the old release, and
// can be used further. It changes the store.
func Check(t *testing.T, s store.Store) {
	checkStates(t, s)
	checkChats(t, s)
	checkRecords(t, s)
	checkUse(t, s)
	checkDeliveries(t, s)
	checkGoesOn(t, s)
}

// checkStates: the old release kept one time for status and reputation; now
// each fact has that time.
func checkStates(t *testing.T, s store.Store) {
	states, last, err := s.LineStates(t.Context(), 0, 0)
	require.NoError(t, err)
	require.Equal(t, []line.State{
		{Tenant: tenant, Number: line1, Status: line.Flagged, StatusAt: noon.Add(time.Minute), FlaggedAt: noon.Add(time.Minute), Change: 1},
		{
			Tenant: tenant, Number: line3, Status: line.Active, StatusAt: noon.Add(3 * time.Minute),
			Reputation: line.Critical, ReputationAt: noon.Add(3 * time.Minute), Change: 3,
		},
		{Tenant: other, Number: line1, Status: line.Active, StatusAt: noon, Reputation: line.Healthy, ReputationAt: noon, Change: 4},
		{Tenant: tenant, Number: line2, Reputation: line.Healthy, ReputationAt: noon.Add(4 * time.Minute), Change: 5},
	}, states)

	// The old release did not have this older status. The store merges it now,
	// and the reputation stays.
	applied, err := s.ReportLine(t.Context(), line.State{Tenant: tenant, Number: line2, Status: line.Flagged, StatusAt: noon})
	require.NoError(t, err)
	require.True(t, applied)
	applied, err = s.ReportLine(t.Context(), line.State{Tenant: tenant, Number: line1, Status: line.Active, StatusAt: noon})
	require.NoError(t, err)
	require.False(t, applied, "older than what the old release kept")
	states, _, err = s.LineStates(t.Context(), last, 0)
	require.NoError(t, err)
	require.Equal(t, []line.State{{
		Tenant: tenant, Number: line2, Status: line.Flagged, StatusAt: noon, FlaggedAt: noon,
		Reputation: line.Healthy, ReputationAt: noon.Add(4 * time.Minute), Change: 6,
	}}, states)
}

func checkChats(t *testing.T, s store.Store) {
	three := set(t, ann, bob, mail)
	joined := make([]time.Time, 3)
	for i := range joined {
		if joined[i] = noon; three.At(i) == mail {
			joined[i] = noon.Add(2 * time.Minute)
		}
	}
	for _, want := range []store.Chat{
		{
			ID: id(1), Line: line1, Roster: store.NewRoster(set(t, ann), noon), Service: message.SMS,
			CreatedAt: noon, ActiveAt: noon.Add(time.Hour), Successor: id(5), SucceededAt: noon.Add(3 * time.Hour),
		},
		{
			ID: id(2), Line: line2, Roster: store.NewRosterJoined(three, noon, joined), Named: true,
			CreatedAt: noon, ActiveAt: noon.Add(time.Minute),
		},
		{ID: id(3), Line: line1, Roster: store.NewRoster(set(t, bob), noon), LineLeft: true, CreatedAt: noon, ActiveAt: noon},
		{
			ID: id(4), Line: line2, Roster: store.NewRoster(set(t, bob), noon.Add(time.Hour)),
			CreatedAt: noon.Add(time.Hour), ActiveAt: noon.Add(2 * time.Hour),
		},
		{
			ID: id(5), Line: line3, Roster: store.NewRoster(set(t, ann), noon.Add(3*time.Hour)),
			CreatedAt: noon.Add(3 * time.Hour), ActiveAt: noon.Add(3 * time.Hour),
		},
	} {
		got, err := s.Chat(t.Context(), tenant, want.ID)
		require.NoError(t, err)
		require.True(t, want.Roster.Equal(got.Roster), "%v", want.ID)
		got.Roster = want.Roster
		require.Equal(t, want, got)
	}
	chats, _, err := s.ChatsOfTenant(t.Context(), tenant, uuid.Nil, 0)
	require.NoError(t, err)
	require.Len(t, chats, 5)
	chats, _, err = s.ChatsOfLine(t.Context(), other, line3, uuid.Nil, 0)
	require.NoError(t, err)
	require.Len(t, chats, 1)
}

func checkRecords(t *testing.T, s store.Store) {
	for messageID, want := range map[uuid.UUID]store.Record{
		id(0x41): {Key: "key-1", ChatID: id(4), Line: line2, At: noon.Add(time.Hour), Reason: store.NewBestNumber, Notes: []string{"a.note"}},
		id(0x42): {ChatID: id(4), Line: line2, At: noon.Add(2 * time.Hour), Reason: store.ReusedActiveChat},
		id(0x51): {Key: "key-2", ChatID: id(5), PreviousChatID: id(1), Line: line3, At: noon.Add(3 * time.Hour), Reason: store.FailoverFlagged},
	} {
		got, err := s.Decision(t.Context(), tenant, messageID)
		require.NoError(t, err)
		want.MessageID, want.KeepUntil = messageID, want.At.Add(48*time.Hour)
		require.Equal(t, want.At, got.Roster.Since())
		want.Roster = got.Roster
		if len(got.Attachments) == 0 {
			got.Attachments = nil
		}
		if len(got.Notes) == 0 {
			got.Notes = nil
		}
		require.Equal(t, want, got)
	}
}

func checkUse(t *testing.T, s store.Store) {
	uses, _, err := s.LineUse(t.Context(), 0, 0)
	require.NoError(t, err)
	opened, messages := make(map[recipients.Handle]uint32), make(map[recipients.Handle]uint32)
	for _, u := range uses {
		require.Equal(t, tenant, u.Tenant)
		for i := range u.NewChats {
			opened[u.Number] += u.NewChats[i]
			messages[u.Number] += u.Messages[i]
		}
	}
	require.Equal(t, map[recipients.Handle]uint32{line1: 0, line2: 1, line3: 1}, opened)
	require.Equal(t, map[recipients.Handle]uint32{line1: 7, line2: 2, line3: 1}, messages)
}

func checkDeliveries(t *testing.T, s store.Store) {
	parked, _, err := s.Parked(t.Context(), tenant, uuid.Nil, 0)
	require.NoError(t, err)
	require.Len(t, parked, 1)
	require.Equal(t, "third", string(parked[0].Delivery.Content))
	require.Equal(t, noon.Add(3*time.Hour), parked[0].At)
	require.NoError(t, s.Release(t.Context(), tenant, id(0x51), false))
	var got []string
	for range 2 {
		claimed, err := s.Claim(t.Context(), time.Minute, 10)
		require.NoError(t, err)
		for _, c := range claimed {
			got = append(got, string(c.Delivery.Content))
			require.NoError(t, s.Ack(t.Context(), c.Lease))
		}
	}
	require.Len(t, got, 3)
	require.ElementsMatch(t, []string{"first", "third"}, got[:2])
	require.Equal(t, "second", got[2])
}

// checkGoesOn commits a decision on the revision that the old release left.
func checkGoesOn(t *testing.T, s store.Store) {
	people := set(t, bob)
	snap, err := s.Lookup(t.Context(), store.Query{Tenant: tenant, Set: people.Key(), IdempotencyKey: "key-1"})
	require.NoError(t, err)
	require.Len(t, snap.Chats, 1)
	require.Equal(t, id(0x41), snap.Record.MessageID)
	at := noon.Add(4 * time.Hour)
	require.NoError(t, s.Commit(t.Context(), &store.Plan{
		Tenant: tenant, Set: people, Revision: snap.Revision, Content: []byte("fourth"),
		Record: store.Record{
			MessageID: id(0x43), ChatID: id(4), Line: line2, At: at, Reason: store.ReusedActiveChat,
			Roster: snap.Chats[0].Roster, KeepUntil: at.Add(time.Hour),
		},
	}))
	forgotten, err := s.Forget(t.Context(), tenant, mail)
	require.NoError(t, err)
	require.Equal(t, 1, forgotten)
}
