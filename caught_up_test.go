package fromline_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/fromline/fromline"
	"github.com/fromline/fromline/fleet"
	"github.com/fromline/fromline/inbound"
	"github.com/fromline/fromline/line"
	"github.com/fromline/fromline/message"
	"github.com/fromline/fromline/recipients"
	"github.com/fromline/fromline/store/memory"
)

// A Router without Run polls the store itself, whichever call comes first after
// a long rest.
func TestEveryCallCatchesUpWithoutRun(t *testing.T) {
	ours, person := recipients.MustParse("+12055550101"), recipients.MustParse("+14155559876")
	now := time.Date(2026, 1, 5, 9, 0, 0, 0, time.UTC)
	calls := map[string]func(*fromline.Router) error{
		"Send": func(r *fromline.Router) error {
			_, err := r.Send(t.Context(), "acme", &message.Request{
				To: []string{person.String()}, Message: &message.Content{Parts: []message.Part{message.Text("Hello")}},
			})
			return err
		},
		"Receive": func(r *fromline.Router) error {
			_, err := r.Receive(t.Context(), "acme", inbound.Event{
				Type: inbound.MessageReceived, At: now, Line: ours, Chat: "chat-1", Message: "m-1", Sender: person,
			})
			return err
		},
		"Lines": func(r *fromline.Router) error {
			_, err := r.Lines(t.Context(), "acme")
			return err
		},
		"Available": func(r *fromline.Router) error {
			_, err := r.Available(t.Context(), "acme", recipients.Set{}, nil, message.IMessage)
			return err
		},
		"Ready": func(r *fromline.Router) error { return r.Ready(t.Context()) },
	}
	for name, call := range calls {
		t.Run(name, func(t *testing.T) {
			clock := func() time.Time { return now }
			lines, err := fleet.New(fleet.Options{Clock: clock})
			require.NoError(t, err)
			require.NoError(t, lines.SetLines("acme", []line.Line{{Number: ours}}))
			router, err := fromline.New(memory.New(memory.Options{Clock: clock}), lines, fromline.Options{Clock: clock})
			require.NoError(t, err)
			require.NoError(t, calls["Send"](router)) // its poll is the only one so far
			now = now.Add(time.Hour)
			require.NoError(t, call(router))
		})
	}
}
