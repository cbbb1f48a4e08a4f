package fromline_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/fromline/fromline/fleet"
	"github.com/fromline/fromline/line"
	"github.com/fromline/fromline/recipients"
	"github.com/fromline/fromline/routing"
	"github.com/fromline/fromline/store"
)

// recorded returns what a record keeps of a decision, as far as a trace is read
// from it.
func recorded(d routing.Decision) *store.Record {
	return &store.Record{
		MessageID: d.MessageID, ChatID: d.ChatID, PreviousChatID: d.PreviousChatID, Line: d.Line, Reason: d.Reason, At: d.At,
		Trace: d.KeptTrace,
	}
}

// theRecordKeepsTheTrace: keeping the trace decides nothing else, and what is
// read from the record is what Explain says, within the bound.
func theRecordKeepsTheTrace(t *rapid.T, i instance) {
	d, refusal := i.decide(t)
	i.input.KeepTrace = true
	kept, again := i.decide(t)
	require.Equal(t, refusal, again)
	if refusal != nil {
		return
	}
	holdsTrace(t, i.input, kept)
	kept.KeptTrace = ""
	require.Equal(t, d, kept)
}

// holdsTrace fails unless a decision kept what Explain says of its input.
func holdsTrace(t require.TestingT, in routing.Input, d routing.Decision) routing.Trace {
	require.LessOrEqual(t, len(d.KeptTrace), routing.MaxKeptTrace)
	read, err := routing.ReadTrace(recorded(d))
	require.NoError(t, err)
	want := routing.Explain(in)
	want.PassedOver.NextFree = time.Time{}
	if want.Branch == store.ReusedActiveChat {
		want.Needs = 0
	}
	require.Len(t, read.Chats, len(want.Chats))
	for i, c := range read.Chats {
		if c.ChatID == uuid.Nil {
			require.False(t, c.Chosen || c.Previous, "a chat of the decision is named")
			want.Chats[i].ChatID, want.Chats[i].Line, want.Chats[i].ActiveAt = uuid.Nil, recipients.Handle{}, time.Time{}
		}
	}
	require.Equal(t, len(want.Policy) > 24 || longName(want.Criteria), strings.Join(read.Criteria, ",")+read.Policy != strings.Join(want.Criteria, ",")+want.Policy)
	require.True(t, strings.HasPrefix(want.Policy, read.Policy))
	for i, name := range read.Criteria {
		require.True(t, strings.HasPrefix(want.Criteria[i], name))
	}
	want.Policy, want.Criteria = read.Policy, read.Criteria
	require.Equal(t, want, read)
	return read
}

func longName(names []string) bool {
	for _, name := range names {
		if len(name) > 24 {
			return true
		}
	}
	return false
}

// crowded is an input whose trace is as long as one can be: many chats, a
// policy of a host's own with all that a policy can hold, extreme values and
// counts.
func crowded(t *testing.T, chats int, policy fleet.Policy) routing.Input {
	var lines []line.Line
	for i, n := range benchNumbers(t, 400) {
		l := line.Line{Number: n, NewChats: 1 << 20}
		switch i % 5 {
		case 0:
			l.Status = line.Flagged
		case 1:
			l.Reputation = line.Critical
		case 2:
			l.Ineligible = true
		}
		lines = append(lines, l)
	}
	view, err := fleet.NewView(lines, fleet.ViewOptions{Policy: policy, At: noon.Add(-time.Second)})
	require.NoError(t, err)
	in := routing.Input{Send: request(t, nil, ann), Lines: view, At: noon, MessageID: uuid.New(), NewChatID: uuid.New(), KeepTrace: true}
	for i := range chats {
		in.Chats = append(in.Chats, store.Chat{
			ID: uuid.New(), Line: lines[i/4*5].Number, Roster: store.NewRoster(in.Send.Recipients(), noon), // flagged
			CreatedAt: time.Unix(0, 0).UTC(), ActiveAt: time.Unix(int64(i%7), 0).UTC(),
		})
	}
	return in
}

// The bound holds for the longest traces, and what is in them stays readable.
func TestTheLongestTraceIsWithinTheBound(t *testing.T) {
	own := func(name string, n int) fleet.Criterion {
		return fleet.ByProperty(name, func(line.Line) int { return n })
	}
	label := func(fleet.Query) fleet.Label { return 1 }
	long := strings.Repeat("é", 40)
	wide := fleet.Policy{Name: long, Criteria: append(fleet.DefaultCriteria(),
		own("x"+long, fleet.MinProperty), own("y"+long, fleet.MaxProperty),
		fleet.ByMatch("z"+long, func(line.Line) fleet.Label { return 2 }, label), fleet.ByMatch("w"+long, func(line.Line) fleet.Label { return 2 }, label),
	)}
	for name, policy := range map[string]fleet.Policy{"default": {}, "named": {Name: "winter"}, "wide": wide} {
		for _, chats := range []int{0, 1, 3, store.MaxChats} {
			t.Run(fmt.Sprintf("%s/%d", name, chats), func(t *testing.T) {
				in := crowded(t, chats, policy)
				d, err := routing.Decide(in)
				require.NoError(t, err)
				read := holdsTrace(t, in, d)
				known := 0
				for _, c := range read.Chats {
					if c.ChatID != uuid.Nil {
						known++
					}
				}
				t.Logf("%d bytes, %d of %d chats named", len(d.KeptTrace), known, chats)
				require.NotContains(t, d.KeptTrace, ann)
				require.NotEmpty(t, read.String())
			})
		}
	}
}

// Whatever the bytes are, reading them ends with a trace or with an error.
func FuzzReadTrace(f *testing.F) {
	f.Add([]byte{})
	f.Add([]byte{1, 1, 0, 0})
	f.Add([]byte{1, 2, 0, 1, 1, 2, 0, 0})
	f.Fuzz(func(t *testing.T, b []byte) {
		rec := &store.Record{At: noon, Line: recipients.MustParse("+12025550161"), Trace: string(b)}
		if trace, err := routing.ReadTrace(rec); err == nil {
			require.NotEmpty(t, trace.String())
		}
	})
}
