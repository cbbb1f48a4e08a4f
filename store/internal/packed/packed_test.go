package packed_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/fromline/fromline/message"
	"github.com/fromline/fromline/recipients"
	"github.com/fromline/fromline/store"
	"github.com/fromline/fromline/store/internal/packed"
)

var (
	ids = rapid.Custom(func(t *rapid.T) (id uuid.UUID) {
		copy(id[:], rapid.SliceOfN(rapid.Byte(), 16, 16).Draw(t, "id"))
		return
	})
	times = rapid.Map(rapid.Int64Range(0, 253402300799999999), func(us int64) time.Time { return time.UnixMicro(us).UTC() })

	handles = rapid.Custom(func(t *rapid.T) recipients.Handle {
		if rapid.Bool().Draw(t, "mail") {
			return recipients.MustParse(fmt.Sprintf("%s@example.com", rapid.StringMatching(`[a-zé]{1,20}`).Draw(t, "local")))
		}
		h, err := recipients.FromDigits(rapid.Uint64Range(10, 999_999_999_999_999).Draw(t, "digits"))
		require.NoError(t, err)
		return h
	})
	sets = rapid.Custom(func(t *rapid.T) recipients.Set {
		set, err := recipients.NewLargeSet(rapid.SliceOfN(handles, 1, 2*recipients.MaxRecipients).Draw(t, "members")...)
		require.NoError(t, err)
		return set
	})
	rosters = rapid.Custom(func(t *rapid.T) store.Roster {
		since := times.Draw(t, "since")
		switch rapid.IntRange(0, 2).Draw(t, "form") {
		case 0:
			return store.NewRoster(recipients.Set{}, since)
		case 1:
			return store.NewRoster(sets.Draw(t, "set"), since)
		}
		set := sets.Draw(t, "set")
		return store.NewRosterJoined(set, since, rapid.SliceOfN(times, set.Len(), set.Len()).Draw(t, "joined"))
	})
	records = rapid.Custom(func(t *rapid.T) store.Record {
		rec := store.Record{
			PreviousChatID: ids.Draw(t, "previous"),
			Line:           handles.Filter(recipients.Handle.IsPhone).Draw(t, "line"),
			Reason:         store.Reason(rapid.IntRange(1, 3).Draw(t, "reason")),
			At:             times.Draw(t, "at"),
			Roster:         rosters.Draw(t, "roster"),
			Service:        message.Service(rapid.IntRange(0, 3).Draw(t, "service")),
			Continuation:   rapid.Bool().Draw(t, "continuation"),
			MoreChats:      rapid.Bool().Draw(t, "more"),
			Fingerprint:    message.Fingerprint{Version: rapid.Byte().Draw(t, "version")},
		}
		copy(rec.Fingerprint.Sum[:], rapid.SliceOfN(rapid.Byte(), 32, 32).Draw(t, "sum"))
		for range rapid.IntRange(0, 3).Draw(t, "attachments") {
			rec.Attachments = append(rec.Attachments, message.Media{
				ID: ids.Draw(t, "id"), Filename: rapid.String().Draw(t, "name"), MimeType: rapid.String().Draw(t, "type"),
				SizeBytes: rapid.Int64().Draw(t, "size"), URL: rapid.String().Draw(t, "url"),
			})
		}
		if rapid.Bool().Draw(t, "deferred") {
			rec.NotBefore = times.Draw(t, "not before")
		}
		rec.Trace = string(rapid.SliceOfN(rapid.Byte(), 0, 200).Draw(t, "trace"))
		for range rapid.IntRange(0, 3).Draw(t, "notes") {
			rec.Notes = append(rec.Notes, rapid.String().Draw(t, "note"))
		}
		return rec
	})
	deliveries = rapid.Custom(func(t *rapid.T) store.Delivery {
		d := store.Delivery{
			From: handles.Filter(recipients.Handle.IsPhone).Draw(t, "from"), To: sets.Draw(t, "to"),
			Reason: store.Reason(rapid.IntRange(1, 3).Draw(t, "reason")),
		}
		if content := rapid.SliceOf(rapid.Byte()).Draw(t, "content"); len(content) > 0 {
			d.Content = content
		}
		return d
	})
)

// Packed values are read back unchanged.
func TestRoundTrips(t *testing.T) { rapid.Check(t, roundTrips) }

func FuzzRoundTrips(f *testing.F) { f.Fuzz(rapid.MakeFuzz(roundTrips)) }

func roundTrips(t *rapid.T) {
	roster := rosters.Draw(t, "roster")
	read, err := packed.ReadRoster(packed.Roster(roster))
	require.NoError(t, err)
	require.True(t, read.Equal(roster))

	record := records.Draw(t, "record")
	var record2 store.Record
	require.NoError(t, packed.ReadRecord(packed.Record(&record), &record2))
	require.True(t, record2.Roster.Equal(record.Roster))
	record2.Roster = record.Roster
	require.Equal(t, record, record2)

	delivery := deliveries.Draw(t, "delivery")
	var delivery2 store.Delivery
	require.NoError(t, packed.ReadDelivery(packed.Delivery(&delivery), &delivery2))
	require.Equal(t, delivery, delivery2)
}

// Reading any bytes returns a value or ErrDamaged. A value that was read is
// packed into bytes that read as the same value.
func FuzzDamage(f *testing.F) {
	set, err := recipients.NewSet(recipients.MustParse("+12025550123"), recipients.MustParse("a@example.com"))
	require.NoError(f, err)
	at := time.Date(2026, 1, 2, 3, 4, 5, 6000, time.UTC)
	roster := store.NewRosterJoined(set, at, []time.Time{at, at.Add(time.Hour)})
	f.Add(packed.Roster(roster))
	f.Add(packed.Record(&store.Record{Line: set.At(0), Roster: roster, Notes: []string{"n"}, Attachments: []message.Media{{URL: "u"}}}))
	f.Add(packed.Delivery(&store.Delivery{From: set.At(0), To: set, Content: []byte("{}")}))
	f.Add(packed.Record(&store.Record{Line: set.At(0), Roster: roster, Trace: "\x01"}))
	f.Add([]byte{2})
	f.Fuzz(func(t *testing.T, b []byte) {
		if roster, err := packed.ReadRoster(b); err != nil {
			require.ErrorIs(t, err, packed.ErrDamaged)
		} else {
			again, err := packed.ReadRoster(packed.Roster(roster))
			require.NoError(t, err)
			require.True(t, again.Equal(roster))
		}
		var record store.Record
		if err := packed.ReadRecord(b, &record); err != nil {
			require.ErrorIs(t, err, packed.ErrDamaged)
		}
		var delivery store.Delivery
		if err := packed.ReadDelivery(b, &delivery); err != nil {
			require.ErrorIs(t, err, packed.ErrDamaged)
		}
	})
}

// A time comes back to the microsecond, and the zero time as itself.
func TestTimesComeBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		at := time.Unix(rapid.Int64Range(1, 1<<37).Draw(t, "s"), rapid.Int64Range(0, 999_999_999).Draw(t, "ns"))
		require.Equal(t, store.Micros(at), packed.ReadTime(packed.Time(at)))
	})
	require.Zero(t, packed.Time(time.Time{}))
	require.True(t, packed.ReadTime(0).IsZero())
}
