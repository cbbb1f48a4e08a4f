package routing_test

import (
	"encoding/json"
	"os"
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
	"github.com/fromline/fromline/validate"
)

// The decision record and the trace as JSON are pinned by a golden file: people
// keep them.
func TestRecordAsJSON(t *testing.T) {
	lines := []line.Line{
		{Number: dc, Status: line.Flagged}, {Number: boston, NewChats: 5}, {Number: dallas, Reputation: line.AtRisk},
	}
	set, err := recipients.NewSet(ann, bob)
	require.NoError(t, err)
	old := store.Chat{
		ID: uuid.UUID{0: 'c', 15: 1}, Line: dc, Roster: store.NewRoster(set, noon), CreatedAt: noon.Add(-time.Hour), ActiveAt: noon,
		Service: message.RCS,
	}
	answered, text := uuid.UUID{0: 'r'}.String(), "It is me: https://example.com"
	everything := func(r *message.Request) {
		r.Message.ReplyTo = &message.ReplyTo{MessageID: &answered}
		r.ContinuationMessage = &message.Continuation{Text: &text}
		r.ExcludeFrom = []string{dc.String()}
	}
	in := routing.Input{
		Send: request(t, everything, ann, bob), Chats: []store.Chat{old}, MoreChats: true, At: noon.Add(123456 * time.Microsecond),
		MessageID: uuid.UUID{0: 'm'}, NewChatID: uuid.UUID{0: 'n'},
	}
	var all []any
	for _, view := range []fleet.View{
		byHand(t, lines),
		byHand(t, []line.Line{{Number: dc, Reputation: line.Critical, MessagesFullUntil: noon.Add(time.Hour)}}),
	} {
		in.Lines = view
		d, err := routing.Decide(in)
		require.NoError(t, err)
		trace := routing.Explain(in)
		d.Trace = &trace
		d.Attachments = []message.Media{{ID: uuid.UUID{0: 'a'}, Filename: "menu.png", MimeType: "image/png"}}
		all = append(all, d)
	}
	in.Lines = byHand(t, lines[:1])
	_, err = routing.Decide(in)
	var refusal *routing.Refusal
	require.ErrorAs(t, err, &refusal)
	all = append(all, refusal.Trace)

	got, err := json.MarshalIndent(all, "", "\t")
	require.NoError(t, err)
	got = append(got, '\n')
	const file = "testdata/record.golden.json"
	if *update {
		require.NoError(t, os.WriteFile(file, got, 0o644))
	}
	want, err := os.ReadFile(file)
	require.NoError(t, err)
	require.Equal(t, string(want), string(got))

	var trace routing.Trace
	require.NoError(t, json.Unmarshal([]byte(body(t, refusal.Trace)), &trace), "a trace can be read back")
	require.Equal(t, body(t, refusal.Trace), body(t, trace))
}

// A decision that was not made has no record, and says so to people.
func TestNoDecision(t *testing.T) {
	_, err := json.Marshal(routing.Decision{})
	require.Error(t, err)
	require.Equal(t, "no decision", routing.Decision{}.String())
	require.Contains(t, routing.Trace{}.String(), "contradicts itself")
}

// An input that contradicts itself is an error and has an empty trace.
func TestDecideRefusesNonsense(t *testing.T) {
	in := routing.Input{
		Send: request(t, nil, ann), At: noon, MessageID: uuid.UUID{0: 'm'}, NewChatID: uuid.UUID{0: 'n'},
		Lines: byHand(t, []line.Line{{Number: dc}}),
	}
	_, err := routing.Decide(in)
	require.NoError(t, err)
	for name, spoil := range map[string]func(*routing.Input){
		"unchecked":     func(in *routing.Input) { in.Send = validate.Checked{} },
		"no time":       func(in *routing.Input) { in.At = time.Time{} },
		"no message id": func(in *routing.Input) { in.MessageID = uuid.Nil },
	} {
		bad := in
		spoil(&bad)
		d, err := routing.Decide(bad)
		require.ErrorIs(t, err, routing.ErrInput, name)
		require.Zero(t, d, name)
		require.Equal(t, routing.Trace{Chats: []routing.ChatVerdict{}}, routing.Explain(bad), name)
	}

	// The id of a new chat may be drawn after the decision, which is the same.
	in.Chats = nil
	with, err := routing.Decide(in)
	require.NoError(t, err)
	in.NewChatID = uuid.Nil
	without, err := routing.Decide(in)
	require.NoError(t, err)
	require.Zero(t, without.ChatID)
	without.ChatID = with.ChatID
	require.Equal(t, with, without)
}

// The zero view has no lines; that is a refusal, not a failure.
func TestNoLines(t *testing.T) {
	_, err := routing.Decide(routing.Input{Send: request(t, nil, ann), At: noon, MessageID: uuid.UUID{1}, NewChatID: uuid.UUID{2}})
	require.Equal(t, fault.CodeNoLine, fromline.CodeOf(err))
}

func TestVerdictsReadBack(t *testing.T) {
	words := map[string]bool{}
	for v := routing.Continues; v <= routing.NotNamed; v++ {
		text, err := v.MarshalText()
		require.NoError(t, err)
		require.Equal(t, v.String(), string(text))
		words[string(text)] = true
		var back routing.Verdict
		require.NoError(t, back.UnmarshalText(text))
		require.Equal(t, v, back)
	}
	require.Len(t, words, int(routing.NotNamed))
	for _, v := range []routing.Verdict{0, routing.NotNamed + 1} {
		_, err := v.MarshalText()
		require.Error(t, err)
		require.NotContains(t, words, v.String())
	}
	v := routing.Left
	for _, text := range []string{"", "Left", "left "} {
		require.Error(t, v.UnmarshalText([]byte(text)))
	}
	require.Equal(t, routing.Left, v)
}

func byHand(t *testing.T, lines []line.Line) fleet.View {
	v, err := fleet.NewView(lines, fleet.ViewOptions{At: noon})
	require.NoError(t, err)
	return v
}
