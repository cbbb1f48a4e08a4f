package inbound

import "github.com/google/uuid"

// references is the name space of the ids of chats whose network has other ids
// than UUIDs.
var references = uuid.NewSHA1(uuid.NameSpaceURL, []byte("https://github.com/fromline/fromline/inbound"))

// ChatID returns fromline's id of a chat from the network's id, of 1 to
// MaxReference bytes. A UUID in its usual form stays unchanged; for any other
// text the result is always the same UUID. Use it when you make chats known
// with store.ChatSeen, so that the network's events find them. It is safe for
// concurrent use.
func ChatID(reference string) uuid.UUID {
	if id, err := uuid.Parse(reference); err == nil && id != uuid.Nil && len(reference) == 36 {
		return id
	}
	return uuid.NewSHA1(references, []byte("chat "+reference))
}

// ChatID returns the id that the chat of the event gets if the event makes it
// known: that of the function [ChatID], or, if the event has no chat id, one
// made from our line and the people. It is safe for concurrent use.
func (e *Event) ChatID() uuid.UUID {
	if e.Chat != "" {
		return ChatID(e.Chat)
	}
	people, _ := e.Others() // Check finds what is wrong with them
	key := people.Key().Bytes()
	return uuid.NewSHA1(references, append([]byte("line "+e.Line.String()+" "), key[:]...))
}
