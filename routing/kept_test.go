package routing_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/fromline/fromline/fleet"
	"github.com/fromline/fromline/line"
	"github.com/fromline/fromline/message"
	"github.com/fromline/fromline/recipients"
	"github.com/fromline/fromline/routing"
	"github.com/fromline/fromline/store"
)

// record is what a record keeps of a decision, as far as a trace is read from
// it.
func record(d routing.Decision) *store.Record {
	return &store.Record{
		MessageID: d.MessageID, ChatID: d.ChatID, PreviousChatID: d.PreviousChatID, Line: d.Line, Reason: d.Reason, At: d.At,
		NotBefore: d.DeliverAt, Trace: d.KeptTrace,
	}
}

// readBack returns what is read from the record of a decision, and what Explain
// says of it, without what a record does not keep: when the next slot frees,
// the service that a reuse needed, what the guard makes of lines, and the chats
// for which there was no room.
func readBack(t *testing.T, in routing.Input) (read, want routing.Trace, d routing.Decision) {
	in.KeepTrace = true
	d, err := routing.Decide(in)
	require.NoError(t, err)
	require.LessOrEqual(t, len(d.KeptTrace), routing.MaxKeptTrace)
	read, err = routing.ReadTrace(record(d))
	require.NoError(t, err)
	want = routing.Explain(in)
	want.PassedOver.NextFree = time.Time{}
	if want.Branch == store.ReusedActiveChat {
		want.Needs = 0
	}
	for _, score := range []**routing.LineScore{&want.Picked, &want.RunnerUp} {
		if *score != nil {
			*score = &routing.LineScore{Line: (*score).Line, Values: (*score).Values}
		}
	}
	require.Len(t, read.Chats, len(want.Chats))
	for i, c := range read.Chats {
		if c.ChatID == uuid.Nil {
			w := &want.Chats[i]
			require.False(t, w.Chosen || w.Previous, "a chat of the decision is named")
			w.ChatID, w.Line, w.ActiveAt = uuid.Nil, recipients.Handle{}, time.Time{}
		}
	}
	return read, want, d
}

// manyLines are lines of which as many are passed over as can be, for many
// causes.
func manyLines(t *testing.T, policy fleet.Policy) (view fleet.View, flagged []recipients.Handle) {
	var lines []line.Line
	for i := range 400 {
		n, err := recipients.FromDigits(uint64(12_025_550_000 + i))
		require.NoError(t, err)
		l := line.Line{Number: n, NewChats: 1 << 20}
		switch i % 5 {
		case 0:
			l.Status = line.Flagged
			flagged = append(flagged, n)
		case 1:
			l.Reputation = line.Critical
		case 2:
			l.Ineligible = true
		}
		lines = append(lines, l)
	}
	view, err := fleet.NewView(lines, fleet.ViewOptions{Policy: policy, At: noon.Add(-time.Second)})
	require.NoError(t, err)
	return view, flagged
}

// TestKeptTracesHaveRoom is the table of how much of a decision a record keeps:
// names whole up to 24 bytes, and up to 6 of all of them where that leaves no
// room; the verdicts of all chats, and of the most recently active ones who
// they are, besides those of the decision, for which there is always room.
func TestKeptTracesHaveRoom(t *testing.T) {
	own := func(name string, n int) fleet.Criterion {
		return fleet.ByProperty(name, func(line.Line) int { return n })
	}
	match := func(name string) fleet.Criterion {
		return fleet.ByMatch(name, func(line.Line) fleet.Label { return 2 }, func(fleet.Query) fleet.Label { return 1 })
	}
	long := strings.Repeat("é", 40)
	wide := fleet.Policy{Name: long, Criteria: append(fleet.DefaultCriteria(),
		own("x"+long, fleet.MinProperty), own("y"+long, fleet.MaxProperty), match("z"+long), match("w"+long))}
	e12, e11, e2 := strings.Repeat("é", 12), strings.Repeat("é", 11), strings.Repeat("é", 2)
	for name, row := range map[string]struct {
		policy fleet.Policy
		chats  int
		name   string // of the policy, as kept
		own    []string
		size   int
		named  int
	}{
		"no chats":          {fleet.Policy{}, 0, "", nil, 47, 0},
		"a few chats":       {fleet.Policy{}, 3, "", nil, 121, 3},
		"all chats":         {fleet.Policy{}, store.MaxChats, "", nil, 179, 4},
		"a name just kept":  {fleet.Policy{Name: e12}, 3, e12, nil, 145, 3},
		"a long name":       {fleet.Policy{Name: "x" + long}, 3, "x" + e11, nil, 144, 3},
		"the last code":     {fleet.Policy{Criteria: append(fleet.DefaultCriteria(), fleet.ByKnown())}, 3, "", []string{"known"}, 124, 3},
		"all names are cut": {wide, 3, e2 + "é", []string{"x" + e2, "y" + e2, "z" + e2, "w" + e2}, 167, 3},
		"the most":          {wide, store.MaxChats, e2 + "é", []string{"x" + e2, "y" + e2, "z" + e2, "w" + e2}, 167, 2},
	} {
		t.Run(name, func(t *testing.T) {
			view, flagged := manyLines(t, row.policy)
			in := routing.Input{Send: request(t, nil, ann), Lines: view, At: noon, MessageID: uuid.UUID{0: 'm'}, NewChatID: uuid.UUID{0: 'n'}}
			for i := range row.chats {
				in.Chats = append(in.Chats, store.Chat{
					ID: uuid.UUID{0: 'c', 15: byte(i)}, Line: flagged[i/4], Roster: store.NewRoster(in.Send.Recipients(), noon),
					CreatedAt: time.Unix(0, 0).UTC(), ActiveAt: time.Unix(int64(i%7), 0).UTC(),
				})
			}
			read, want, d := readBack(t, in)
			named := 0
			for i, c := range read.Chats {
				if c.ChatID != uuid.Nil {
					named++
				} else {
					assert.Greater(t, i, 0, "what was active last is named first")
				}
			}
			assert.Equal(t, row.chats-named, strings.Count(read.String(), "another chat"))
			assert.Equal(t, row.name, read.Policy)
			assert.ElementsMatch(t, row.own, read.Criteria[len(fleet.DefaultCriteria()):])
			assert.Equal(t, row.size, len(d.KeptTrace))
			assert.Equal(t, row.named, named)
			want.Policy, want.Criteria = read.Policy, read.Criteria
			assert.Equal(t, want, read)
		})
	}
}

// requireWhole fails where a trace names no line or verdict where there has to
// be one.
func requireWhole(t *testing.T, trace routing.Trace) {
	for _, score := range []*routing.LineScore{trace.Picked, trace.RunnerUp} {
		require.True(t, score == nil || score.Line.IsValid())
	}
	for _, c := range trace.Chats {
		_, err := c.Verdict.MarshalText()
		require.NoError(t, err)
		require.True(t, c.ActiveAt.IsZero() || c.Line.IsValid())
	}
}

// TestTheAbandonedChatIsKept says that a record names the chat that was
// abandoned, however many others were active later.
func TestTheAbandonedChatIsKept(t *testing.T) {
	view, flagged := manyLines(t, fleet.Policy{})
	in := routing.Input{Send: request(t, nil, ann), Lines: view, At: noon, MessageID: uuid.UUID{0: 'm'}, NewChatID: uuid.UUID{0: 'n'}}
	for i := range store.MaxChats {
		in.Chats = append(in.Chats, store.Chat{
			ID: uuid.UUID{0: 'c', 15: byte(i)}, Line: flagged[0], Roster: store.NewRoster(in.Send.Recipients(), noon),
			CreatedAt: noon.Add(-time.Hour), ActiveAt: noon.Add(-time.Duration(i) * time.Minute), LineLeft: i < store.MaxChats-1,
		})
	}
	read, want, d := readBack(t, in)
	require.Equal(t, in.Chats[store.MaxChats-1].ID, d.PreviousChatID)
	require.Equal(t, want, read)
	require.Contains(t, read.String(), "<- abandoned")
}

// TestEachBitOfAKeptTraceCounts says that a trace that is cut short, goes on or
// has another version is told to be damaged, and that any other byte in it
// makes another trace or none.
func TestEachBitOfAKeptTraceCounts(t *testing.T) {
	view, flagged := manyLines(t, fleet.Policy{})
	sms := func(r *message.Request) { service := message.SMS.String(); r.Message.PreferredService = &service }
	opening := routing.Input{Send: request(t, sms, ann), Lines: view, At: noon, MessageID: uuid.UUID{0: 'm'}, NewChatID: uuid.UUID{0: 'n'}}
	for i := range 2 {
		opening.Chats = append(opening.Chats, store.Chat{
			ID: uuid.UUID{0: 'c', 15: byte(i)}, Line: flagged[i], Roster: store.NewRoster(opening.Send.Recipients(), noon),
			CreatedAt: noon.Add(-time.Hour), ActiveAt: noon.Add(-time.Minute),
		})
	}
	reuse := opening
	pick, ok := view.Best(fleet.Query{})
	require.True(t, ok)
	reuse.Chats = []store.Chat{opening.Chats[0]}
	reuse.Chats[0].Line = pick.Line.Number
	for name, in := range map[string]routing.Input{"an opening": opening, "a reuse": reuse} {
		t.Run(name, func(t *testing.T) {
			read, want, d := readBack(t, in)
			require.Equal(t, want, read)
			rec := record(d)
			whole := rec.Trace
			for i := range len(whole) {
				rec.Trace = whole[:i]
				_, err := routing.ReadTrace(rec)
				require.Error(t, err, "the first %d bytes", i)
				changed := []byte(whole)
				for bit := range 8 {
					changed[i] = whole[i] ^ 1<<bit
					rec.Trace = string(changed)
					other, err := routing.ReadTrace(rec)
					if err == nil {
						require.NotEqual(t, want, other, "bit %d of byte %d", bit, i)
						requireWhole(t, other)
					} else {
						require.Zero(t, other)
					}
				}
			}
			rec.Trace = whole + "\x00"
			_, err := routing.ReadTrace(rec)
			require.ErrorContains(t, err, rec.MessageID.String())
		})
	}
	_, err := routing.ReadTrace(&store.Record{})
	require.ErrorIs(t, err, routing.ErrNoTrace)
}
