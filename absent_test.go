package fromline_test

import (
	"context"
	"reflect"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/fromline/fromline"
	"github.com/fromline/fromline/delivery"
	"github.com/fromline/fromline/fleet"
	"github.com/fromline/fromline/httpapi"
	"github.com/fromline/fromline/line"
	"github.com/fromline/fromline/message"
	"github.com/fromline/fromline/recipients"
	"github.com/fromline/fromline/store/memory"
)

// part is every part that a host gives to a Router. A nil one panics when it is
// used.
type part struct{ calls int }

func (p *part) Lines(context.Context, string) ([]line.Line, error) { p.calls++; return nil, nil }
func (p *part) Send(context.Context, delivery.Delivery) error      { p.calls++; return nil }
func (p *part) CheckImage(context.Context, string, string) error   { p.calls++; return nil }

func (p *part) ParseNational(string) (h recipients.Handle, err error) { p.calls++; return h, nil }

func (p *part) Admit(context.Context, string, recipients.Set) (fromline.Admission, error) {
	p.calls++
	return fromline.Admitted, nil
}

func (p *part) Resolve(context.Context, string, []*message.MediaPart) ([]message.Media, error) {
	p.calls++
	return nil, nil
}

func (p *part) Service(context.Context, string, recipients.Set) (message.Service, error) {
	p.calls++
	return message.SMS, nil
}

func (p *part) Aliases(context.Context, string, recipients.Set) ([][]recipients.Handle, error) {
	p.calls++
	return nil, nil
}

// eachPart calls do with each field of a struct that is an interface, and its
// path.
func eachPart(v reflect.Value, within string, do func(path string, field reflect.Value)) {
	for i := range v.NumField() {
		field, path := v.Field(i), within+v.Type().Field(i).Name
		switch {
		case !v.Type().Field(i).IsExported():
		case field.Kind() == reflect.Struct:
			eachPart(field, path+".", do)
		case field.Kind() == reflect.Interface:
			do(path, field)
		}
	}
}

// A part that was declared and never made is refused by New, by its name, and
// not by a panic of the first send that uses it.
func TestPartsThatWereNeverMadeAreRefused(t *testing.T) {
	lines, err := fleet.New(fleet.Options{})
	require.NoError(t, err)
	chats := memory.New(memory.Options{})
	var never *part
	parts := 0
	var probe fromline.Options
	eachPart(reflect.ValueOf(&probe).Elem(), "", func(path string, field reflect.Value) {
		parts++
		require.True(t, reflect.TypeOf(never).Implements(field.Type()), "%s: part needs the methods of %s", path, field.Type())
		field.Set(reflect.ValueOf(never))
		_, err := fromline.New(chats, lines, probe)
		require.ErrorContains(t, err, path+" is a nil *fromline_test.part")
		field.SetZero()
	})
	require.GreaterOrEqual(t, parts, 9)
	_, err = fromline.New(chats, lines, probe)
	require.NoError(t, err)

	var noStore *memory.Store
	_, err = fromline.New(noStore, lines, fromline.Options{})
	require.ErrorContains(t, err, "needs a store")
	_, err = fromline.New(chats, never, fromline.Options{})
	require.ErrorContains(t, err, "needs a LineHealth")
	_, err = fleet.New(fleet.Options{Source: never})
	require.ErrorIs(t, err, fleet.ErrOptions)
	_, err = delivery.New(chats, never, delivery.Options{})
	require.Error(t, err)
	_, err = delivery.New(noStore, &part{}, delivery.Options{})
	require.Error(t, err)
	var noRouter *fromline.Router
	_, err = httpapi.New(noRouter, httpapi.Options{Authenticate: httpapi.Open("acme")})
	require.ErrorContains(t, err, "the router is missing")
}
