package inbound_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/fromline/fromline/fault"
	"github.com/fromline/fromline/inbound"
	"github.com/fromline/fromline/recipients"
)

var (
	ours = recipients.MustParse("+12025550161")
	ann  = recipients.MustParse("+14155550144")
	bob  = recipients.MustParse("+16175550162")
	noon = time.Date(2026, 11, 2, 12, 0, 0, 0, time.UTC)
)

// Each way in which an event can be wrong is told with its place.
func TestWhatIsWrong(t *testing.T) {
	good := inbound.Event{Type: inbound.MessageReceived, At: noon, Line: ours, Sender: ann, Chat: "c"}
	require.NoError(t, good.Check(noon))
	for name, c := range map[string]struct {
		change func(*inbound.Event)
		want   string
	}{
		"no time":           {func(e *inbound.Event) { e.At = time.Time{} }, "event.missing /created_at"},
		"before 1970":       {func(e *inbound.Event) { e.At = time.Unix(-1, 0) }, "event.bad_value /created_at"},
		"too far ahead":     {func(e *inbound.Event) { e.At = noon.Add(inbound.MaxAhead + 1) }, "event.ahead /created_at"},
		"a long chat id":    {func(e *inbound.Event) { e.Chat = strings.Repeat("c", 256) }, "event.bad_value /data/chat/id"},
		"a long message id": {func(e *inbound.Event) { e.Message = strings.Repeat("c", 256) }, "event.bad_value /data/id"},
		"no chat, no line":  {func(e *inbound.Event) { e.Chat, e.Line = "", recipients.Handle{} }, "event.missing /data/chat/id"},
		"a line by mail":    {func(e *inbound.Event) { e.Line = recipients.MustParse("us@example.com") }, "event.bad_value /data/chat/owner_handle/handle"},
		"a person of none": {func(e *inbound.Event) { e.Participants = make([]recipients.Handle, 1) },
			"event.bad_value /data/handles"},
	} {
		t.Run(name, func(t *testing.T) {
			e := good
			c.change(&e)
			var wrong *fault.Error
			require.ErrorAs(t, e.Check(noon), &wrong)
			require.Len(t, wrong.Faults, 1)
			require.Equal(t, c.want, string(wrong.Faults[0].Rule)+" "+wrong.Faults[0].Pointer)
			require.NotContains(t, wrong.Error(), wrong.Faults[0].Code.Message()+" (", "the text says more than the code")
			require.NotContains(t, wrong.Error(), "2026", "the text of an error has no values: it goes into logs")
			e.Type = "reaction.added"
			require.NoError(t, e.Check(noon), "an event that tells nothing is never wrong")
		})
	}
	for _, kind := range []string{inbound.MessageDelivered, inbound.MessageRead, inbound.MessageFailed, inbound.ParticipantAdded, inbound.ParticipantRemoved} {
		alone := inbound.Event{Type: kind, At: noon} // as the vendor may tell it
		require.NoError(t, alone.Check(noon), kind)
	}
	atMost := good
	atMost.At, atMost.Chat = noon.Add(inbound.MaxAhead), strings.Repeat("c", inbound.MaxReference)
	require.NoError(t, atMost.Check(noon))
}

// The people of a chat are those that are listed without our line, in any order
// and with any repetition; or the sender of a direct message; or not known.
func TestOthers(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		all := []recipients.Handle{ours, ann, bob, recipients.MustParse("c@example.com")}
		listed := rapid.SliceOfN(rapid.SampledFrom(all), 1, 8).Draw(t, "listed")
		got, err := (&inbound.Event{Type: inbound.ChatCreated, Line: ours, Participants: listed}).Others()
		require.NoError(t, err)
		for _, h := range all {
			require.Equal(t, h != ours && slices.Contains(listed, h), got.Contains(h))
		}
	})
	direct := inbound.Event{Type: inbound.MessageReceived, Line: ours, Sender: ann}
	got, err := direct.Others()
	require.NoError(t, err)
	require.Equal(t, 1, got.Len())
	require.True(t, got.Contains(ann))
	for name, change := range map[string]func(*inbound.Event){
		"a group":           func(e *inbound.Event) { e.Group = true },
		"of ours":           func(e *inbound.Event) { e.FromMe = true },
		"from our line":     func(e *inbound.Event) { e.Sender = ours },
		"a message of ours": func(e *inbound.Event) { e.Type = inbound.MessageSent },
	} {
		e := direct
		change(&e)
		got, err := e.Others()
		require.NoError(t, err, name)
		require.False(t, got.IsValid(), name)
	}
}

// What a person wrote is seen under no verb.
func TestTextIsNotPrinted(t *testing.T) {
	text := inbound.Text("a secret")
	e := inbound.Event{Text: &text}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d"} {
		require.NotContains(t, fmt.Sprintf(verb, text), "secret")
		require.NotContains(t, fmt.Sprintf(verb, e), "secret")
	}
	require.Equal(t, "…", text.LogValue().String())
}
