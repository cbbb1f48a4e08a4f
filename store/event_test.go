package store_test

import (
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/fromline/fromline/message"
	"github.com/fromline/fromline/recipients"
	"github.com/fromline/fromline/store"
)

// seen returns an event that is fine, but for the change.
func seen(change func(*store.ChatSeen)) store.ChatSeen {
	e := store.ChatSeen{ID: uuid.UUID{1}, Line: number, Participants: people(ann, mail), CreatedAt: noon, ActiveAt: noon}
	change(&e)
	return e
}

var fineEvents = map[string]store.Event{
	"a chat":                         seen(func(*store.ChatSeen) {}),
	"a chat active later":            seen(func(e *store.ChatSeen) { e.ActiveAt = noon.Add(time.Hour) }),
	"a chat active when created":     seen(func(e *store.ChatSeen) { e.ActiveAt = time.Time{} }),
	"a named chat on a service":      seen(func(e *store.ChatSeen) { e.Named, e.Service = true, message.RCS }),
	"activity":                       store.Activity{Chat: uuid.UUID{1}, At: noon},
	"activity of several":            store.Activity{Chat: uuid.UUID{1}, At: noon, Messages: 2},
	"somebody joined":                store.ParticipantAdded{Chat: uuid.UUID{1}, Handle: mail, At: noon},
	"somebody left":                  store.ParticipantRemoved{Chat: uuid.UUID{1}, Handle: ann},
	"a name":                         store.Renamed{Chat: uuid.UUID{1}, Named: true},
	"no name any more":               store.Renamed{Chat: uuid.UUID{1}},
	"the line is no longer in there": store.LineLeft{Chat: uuid.UUID{1}},
}

var wrongEvents = map[string]store.Event{
	"a chat without an id":                 seen(func(e *store.ChatSeen) { e.ID = uuid.Nil }),
	"a chat without a line":                seen(func(e *store.ChatSeen) { e.Line = recipients.Handle{} }),
	"a chat on an address":                 seen(func(e *store.ChatSeen) { e.Line = recipients.MustParse("line@example.com") }),
	"a chat with nobody":                   seen(func(e *store.ChatSeen) { e.Participants = recipients.Set{} }),
	"a chat of the line with itself":       seen(func(e *store.ChatSeen) { e.Line = ann }),
	"a chat active before it was there":    seen(func(e *store.ChatSeen) { e.ActiveAt = noon.Add(-1) }),
	"a chat without a time":                seen(func(e *store.ChatSeen) { e.CreatedAt, e.ActiveAt = time.Time{}, time.Time{} }),
	"an active chat without a time":        seen(func(e *store.ChatSeen) { e.CreatedAt = time.Time{} }),
	"a chat active when no message can be": seen(func(e *store.ChatSeen) { e.ActiveAt = time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC) }),
	"activity nowhere":                     store.Activity{At: noon},
	"activity at no time":                  store.Activity{Chat: uuid.UUID{1}},
	"less than no activity":                store.Activity{Chat: uuid.UUID{1}, At: noon, Messages: -1},
	"joined nowhere":                       store.ParticipantAdded{Handle: ann, At: noon},
	"nobody joined":                        store.ParticipantAdded{Chat: uuid.UUID{1}, At: noon},
	"joined at no time":                    store.ParticipantAdded{Chat: uuid.UUID{1}, Handle: ann},
	"left from nowhere":                    store.ParticipantRemoved{Handle: ann},
	"nobody left":                          store.ParticipantRemoved{Chat: uuid.UUID{1}},
	"a name of nothing":                    store.Renamed{Named: true},
	"the line left nothing":                store.LineLeft{},
}

func TestEvents(t *testing.T) {
	for name, e := range fineEvents {
		require.NoError(t, e.Check(), name)
		require.Equal(t, uuid.UUID{1}, e.ChatID(), name)
	}
	for name, e := range wrongEvents {
		requireInvalid(t, e.Check(), name)
	}
}
