package main

import (
	"context"
	"errors"
	"reflect"
	"time"

	"github.com/go-json-experiment/json/jsontext"
	"github.com/google/uuid"

	"github.com/fromline/fromline"
	"github.com/fromline/fromline/decorations"
	"github.com/fromline/fromline/delivery"
	"github.com/fromline/fromline/fleet"
	"github.com/fromline/fromline/httpapi"
	values "github.com/fromline/fromline/line"
	"github.com/fromline/fromline/message"
	"github.com/fromline/fromline/metrics"
	"github.com/fromline/fromline/recipients"
	"github.com/fromline/fromline/recipients/national"
	"github.com/fromline/fromline/store"
	"github.com/fromline/fromline/store/memory"
	"github.com/fromline/fromline/store/move"
	"github.com/fromline/fromline/store/postgres"
	"github.com/fromline/fromline/store/sharded"
	"github.com/fromline/fromline/store/sqlite"
	"github.com/fromline/fromline/validate"
	"github.com/fromline/fromline/validate/imagecheck"
)

// makers make values of types that have no exported fields, or that are invalid
// with filled fields.
var makers = map[reflect.Type]func(name string) any{
	reflect.TypeFor[recipients.Handle](): func(name string) any {
		if ours[name] {
			return line
		}
		return person
	},
	reflect.TypeFor[recipients.Set]():   func(string) any { return people() },
	reflect.TypeFor[recipients.Key]():   func(string) any { return people().Key() },
	reflect.TypeFor[store.Roster]():     func(string) any { return store.NewRoster(people(), noon) },
	reflect.TypeFor[validate.Checked](): func(string) any { return send() },
	reflect.TypeFor[time.Time]():        func(string) any { return noon },
	reflect.TypeFor[uuid.UUID]():        func(string) any { return uuid.UUID{6: 0x70, 8: 0x80, 15: 1} },
	reflect.TypeFor[error]():            func(string) any { return errors.New("an error") },
	reflect.TypeFor[jsontext.Value]():   func(string) any { return jsontext.Value(`"text"`) },
	reflect.TypeFor[any]():              func(string) any { return person },
	reflect.TypeFor[message.Part]():     func(string) any { return message.Text("text") },
	reflect.TypeFor[store.Event]():      func(string) any { return store.ParticipantAdded{Handle: person} },
}

// live makes values that are used by pointer only and keep what they were
// given. They are tried as pointers, with a chat in them.
var live = map[reflect.Type]func() any{
	reflect.TypeFor[memory.Store]():    func() any { return chats() },
	reflect.TypeFor[fleet.Fleet]():     func() any { return lines() },
	reflect.TypeFor[fromline.Router](): func() any { return router() },
}

// impersonal are the types without exported fields that hold neither a handle
// of a person nor a key: they hold numbers, words, a text, our lines, or the
// address of a file, a database or a web server.
var impersonal = map[reflect.Type]bool{
	reflect.TypeFor[decorations.Index]():   true,
	reflect.TypeFor[delivery.Dispatcher](): true, reflect.TypeFor[delivery.FileSender](): true, reflect.TypeFor[delivery.HTTPSender](): true,
	reflect.TypeFor[fleet.Criterion](): true, reflect.TypeFor[fleet.Ref](): true, reflect.TypeFor[fleet.Values](): true, reflect.TypeFor[fleet.View](): true,
	reflect.TypeFor[httpapi.Signatures](): true, reflect.TypeFor[imagecheck.Checker](): true, reflect.TypeFor[national.Parser](): true,
	reflect.TypeFor[message.Timestamp](): true, reflect.TypeFor[message.UnknownPart](): true,
	reflect.TypeFor[metrics.Gauges](): true, reflect.TypeFor[metrics.Metrics](): true,
	reflect.TypeFor[move.Following](): true, reflect.TypeFor[postgres.Store](): true, reflect.TypeFor[sharded.Store](): true, reflect.TypeFor[sqlite.Store](): true,
}

func chats() *memory.Store {
	s := memory.New(memory.Options{})
	seen := store.ChatSeen{ID: uuid.UUID{6: 0x70, 8: 0x80, 15: 1}, Line: line, Participants: people(), CreatedAt: noon}
	if err := s.Apply(context.Background(), "tenant", []store.Event{seen}); err != nil {
		panic(err)
	}
	return s
}

func lines() *fleet.Fleet {
	f, err := fleet.New(fleet.Options{})
	if err != nil {
		panic(err)
	}
	if err := f.SetLines("tenant", []values.Line{{Number: line}}); err != nil {
		panic(err)
	}
	return f
}

func router() *fromline.Router {
	r, err := fromline.New(chats(), lines(), fromline.Options{})
	if err != nil {
		panic(err)
	}
	return r
}

// send returns a request to people, with a key.
func send() validate.Checked {
	key := idempotencyKey
	c, err := validate.Request(&message.Request{
		To: []string{person.String(), mail.String()}, HeaderKey: &key,
		Message: &message.Content{Parts: []message.Part{message.Text("text")}},
	}, validate.Options{})
	if err != nil {
		panic(err)
	}
	return c
}

// bare are the types that are only a handle. They print as their text, because
// that is their purpose; log/slog masks them.
var bare = map[reflect.Type]bool{
	reflect.TypeFor[recipients.Handle](): true,
}

// ofPeople are the types whose made values contain people or their keys.
var ofPeople = map[reflect.Type]bool{
	reflect.TypeFor[recipients.Handle](): true, reflect.TypeFor[recipients.Set](): true, reflect.TypeFor[recipients.Key](): true,
	reflect.TypeFor[store.Roster](): true, reflect.TypeFor[validate.Checked](): true, reflect.TypeFor[any](): true, reflect.TypeFor[store.Event](): true,
}

// make1 makes a value of a type, if it has a maker.
func make1(t reflect.Type, name string) (reflect.Value, bool) {
	make, is := makers[t]
	if !is {
		return reflect.Value{}, false
	}
	v := reflect.New(t).Elem()
	v.Set(reflect.ValueOf(make(name)))
	return v, true
}
