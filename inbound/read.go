package inbound

import (
	"slices"
	"strings"

	"github.com/fromline/fromline/message"
	"github.com/fromline/fromline/recipients"
)

// read fills in what an event of its type says but for its time.
func (d *data) read(e *Event) {
	e.Chat = first(d.ChatID, d.Chat.ID)
	e.Service, _ = message.ParseService(d.Service) // zero: unknown
	switch e.Type {
	case ChatCreated:
		d.readChat(e)
	case GroupNameUpdated:
		e.Group, e.Named = true, d.NewValue != ""
	case ParticipantAdded, ParticipantRemoved:
		who := d.Participant
		who.Handle = first(who.Handle, d.Handle)
		e.Group, e.Participant = true, who.parsed()
		if who.IsMe {
			e.Line = e.Participant
		}
	default:
		d.readMessage(e)
	}
}

func (d *data) readChat(e *Event) {
	e.Chat, e.Group = first(d.ID, e.Chat), d.IsGroup
	people, names := []recipients.Handle{}, []string{}
	for _, h := range d.Handles {
		names = append(names, h.Handle)
		parsed := h.parsed()
		if h.IsMe {
			e.Line = parsed
		}
		people = append(people, parsed)
	}
	if len(people) > 0 && !slices.Contains(people, recipients.Handle{}) {
		e.Participants = people
	}
	// Without a name of its own a chat is named by its people.
	for name := range strings.SplitSeq(d.DisplayName, ", ") {
		e.Named = e.Named || d.IsGroup && name != "" && !slices.Contains(names, name)
	}
}

func (d *data) readMessage(e *Event) {
	m := d.message()
	e.Message = first(m.ID, d.MessageID)
	e.Failure, e.Key = d.Code, d.Key
	e.Group = d.Chat.IsGroup || d.IsGroup
	e.FromMe = d.IsFromMe || d.Direction == "outbound"
	e.Reconciled = m.ReconciledAt != ""
	sender := d.SenderHandle
	if sender.Handle == "" {
		sender = d.FromHandle
	}
	e.Sender = sender.parsed()
	e.FromMe = e.FromMe || sender.IsMe
	switch {
	case d.Chat.OwnerHandle.Handle != "":
		e.Line = d.Chat.OwnerHandle.parsed()
	case e.FromMe:
		e.Line = e.Sender
	default:
		e.Line = d.RecipientHandle.parsed()
	}
	if len(m.Parts) == 1 && m.Parts[0].Type == "text" {
		text := Text(m.Parts[0].Value)
		e.Text = &text
	}
}
