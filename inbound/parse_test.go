package inbound_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/fromline/fromline/fault"
	"github.com/fromline/fromline/inbound"
	"github.com/fromline/fromline/message"
	"github.com/fromline/fromline/recipients"
)

func parsed(t *testing.T, kind, data string) inbound.Event {
	e, err := inbound.Parse([]byte(`{"event_type":"` + kind + `","event_id":"e-1","created_at":"2026-11-02T12:00:00.5Z","more":{},"data":` + data + `}`))
	require.NoError(t, err)
	require.Equal(t, kind, e.Type)
	require.Equal(t, "e-1", e.ID)
	return e
}

// Both versions of a message say the same.
func TestBothVersions(t *testing.T) {
	hi := inbound.Text("STOP")
	want := inbound.Event{
		Type: inbound.MessageReceived, ID: "e-1", At: noon, Line: ours, Sender: ann,
		Chat: "c-1", Message: "m-1", Service: message.IMessage, Text: &hi,
	}
	require.Equal(t, want, parsed(t, inbound.MessageReceived, `{"id":"m-1","chat":{"id":"c-1","is_group":null,
		"owner_handle":{"handle":"+12025550161","service":"iMessage","is_me":true}},"direction":"inbound",
		"sender_handle":{"handle":"+14155550144"},"service":"iMessage","parts":[{"type":"text","value":"STOP"}],
		"sent_at":"2026-11-02T07:00:00-05:00","delivered_at":null,"effect":{"type":"screen"}}`))
	require.Equal(t, want, parsed(t, inbound.MessageReceived, `{"chat_id":"c-1","is_group":false,"from_handle":{"handle":"+14155550144"},
		"recipient_handle":{"handle":"+12025550161"},"recipient_phone":null,"is_from_me":false,"service":"iMessage",
		"message":{"id":"m-1","parts":[{"type":"text","value":"STOP"}],"sent_at":"2026-11-02T12:00:00Z","is_read":false}}`))

	own := parsed(t, inbound.MessageSent, `{"chat_id":"c-1","from_handle":{"handle":"+12025550161"},"recipient_handle":null,"is_from_me":true,
		"message":{"id":"m-1","parts":[{"type":"text","value":"a"},{"type":"media"}]}}`)
	require.True(t, own.FromMe)
	require.Equal(t, ours, own.Line)
	require.Nil(t, own.Text, "two parts are no text alone")
	require.Equal(t, 500_000_000, own.At.Nanosecond(), "without a time of its own that of the envelope")

	late := parsed(t, inbound.MessageReceived, `{"sender_handle":{"handle":"INFO"},"reconciled_at":"2026-11-02T13:00:00Z","sent_at":"2026-11-02T12:00:00Z"}`)
	require.True(t, late.Reconciled)
	require.Equal(t, noon, late.At)
	require.False(t, late.Sender.IsValid(), "the name of a company is no handle")
}

// What is told of chats and groups.
func TestChatsAndGroups(t *testing.T) {
	created := `{"id":"g","created_at":"2026-11-02T12:00:00Z","is_group":true,"display_name":%NAME%,"handles":[
		{"handle":"+12025550161","is_me":true},{"handle":"+14155550144"},{"handle":"+16175550162"}]}`
	for name, named := range map[string]bool{
		`null`: false, `"+14155550144, +16175550162"`: false, `"Dinner"`: true, `"Ann, Bob"`: true,
	} {
		e := parsed(t, inbound.ChatCreated, strings.Replace(created, "%NAME%", name, 1))
		require.Equal(t, []recipients.Handle{ours, ann, bob}, e.Participants)
		require.Equal(t, ours, e.Line)
		require.Equal(t, "g", e.Chat)
		require.Equal(t, named, e.Named, name)
		require.Equal(t, noon, e.At)
	}
	unknown := parsed(t, inbound.ChatCreated, `{"id":"g","is_group":true,"handles":[{"handle":"+14155550144"},{"handle":"INFO"}]}`)
	require.Nil(t, unknown.Participants, "a group with a person that no send can name is not known whole")

	joined := parsed(t, inbound.ParticipantAdded, `{"chat_id":"g","handle":"+16175550162","added_at":"2026-11-02T12:00:00Z"}`)
	require.Equal(t, bob, joined.Participant)
	require.Equal(t, noon, joined.At)
	left := parsed(t, inbound.ParticipantRemoved, `{"chat_id":"g","handle":"+12025550161","participant":{"handle":"+12025550161","is_me":true},"removed_at":"2026-11-02T12:00:00Z"}`)
	require.Equal(t, ours, left.Participant)
	require.Equal(t, ours, left.Line)
	require.True(t, parsed(t, inbound.GroupNameUpdated, `{"chat_id":"g","new_value":"Dinner"}`).Named)
	require.False(t, parsed(t, inbound.GroupNameUpdated, `{"chat_id":"g","new_value":null}`).Named)
	failed := parsed(t, inbound.MessageFailed, `{"code":4001,"failed_at":"2026-11-02T12:00:00Z","message_id":"m","reason":"x"}`)
	require.Equal(t, 4001, failed.Failure)
	require.Equal(t, "m", failed.Message)
}

// What is not of the form is told with its place; other types are not looked
// at.
func TestWhatCannotBeRead(t *testing.T) {
	for text, want := range map[string]string{
		`{"event_type":"message.received","data":{"parts":7}}`:             "event.malformed /data/parts 1003",
		`{"event_type":"message.received","data":{"sent_at":"yesterday"}}`: "event.bad_value /data/sent_at 1005",
		`{"event_type":"message.received","data":[]}`:                      "event.malformed /data 1003",
		`{"event_type":"message.received"}`:                                "event.missing /data 1001",
		`{"event_type":"message.received","data":null}`:                    "event.missing /data 1001",
		`{"event_type":"message.read","created_at":"now","data":{}}`:       "event.bad_value /created_at 1005",
		`{"event_type":"message.read","data":{"message":{"read_at":"x"}}}`: "event.bad_value /data/message/read_at 1005",
		`{"event_type":"participant.removed","data":{"removed_at":"1"}}`:   "event.bad_value /data/removed_at 1005",
		`{"event_type":`: "event.malformed  1003",
	} {
		_, err := inbound.Parse([]byte(text))
		var wrong *fault.Error
		require.ErrorAs(t, err, &wrong, text)
		f := wrong.Faults[0]
		require.Equal(t, want, string(f.Rule)+" "+f.Pointer+" "+f.Code.String(), text)
	}
	e, err := inbound.Parse([]byte(`{"event_type":"reaction.added","event_id":"x","data":7}`))
	require.NoError(t, err)
	require.Equal(t, inbound.Event{Type: "reaction.added", ID: "x"}, e)
}

// No text of any kind makes the reader panic, and what it reads can be checked.
func FuzzParse(f *testing.F) {
	f.Add([]byte(`{"event_type":"chat.created","created_at":"2026-11-02T12:00:00Z","data":{"id":"g","handles":[{"handle":"+14155550144"}]}}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		e, err := inbound.Parse(text)
		if err != nil {
			return
		}
		_ = e.Check(noon)
		people, err := e.Others()
		require.NoError(t, err)
		require.False(t, e.Line.IsValid() && people.Contains(e.Line))
	})
}
