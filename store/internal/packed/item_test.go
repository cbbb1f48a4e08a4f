package packed_test

import (
	"reflect"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/fromline/fromline/line"
	"github.com/fromline/fromline/message"
	"github.com/fromline/fromline/recipients"
	"github.com/fromline/fromline/store"
	"github.com/fromline/fromline/store/internal/packed"
)

// The bytes of an item contain every field, also one that a later release adds:
// a copy compares nothing else. Change numbers belong to each store.
func TestItemsHoldEveryField(t *testing.T) {
	at := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	ours, ann := recipients.MustParse("+12025550161"), recipients.MustParse("ann@example.com")
	set, err := recipients.NewSet(ann)
	require.NoError(t, err)
	others := []any{ // other values of each type
		"other", uuid.UUID{9}, recipients.MustParse("+12025550199"), at.Add(time.Hour), true, 7, int64(7), uint32(7), uint8(1), []byte("other"),
		store.NewRoster(set, at.Add(time.Hour)), store.FailoverFlagged, message.SMS, message.Fingerprint{Version: 9},
		[]message.Media{{URL: "other"}}, []string{"other"}, []store.Move{{ChatID: uuid.UUID{9}, Line: ours, At: at}}, store.ParkedRefused, []recipients.Key{set.Key()}, recipients.Key{}, line.Flagged, line.Critical, line.Released,
		[line.WindowHours]uint32{3: 1}, recipients.Set{},
	}
	for _, make := range []func() store.Item{
		func() store.Item { return store.Item{State: &line.State{Number: ours}} },
		func() store.Item { return store.Item{Use: &line.Use{Number: ours}} },
		func() store.Item { return store.Item{Chat: &store.CopiedChat{Chat: store.Chat{Line: ours}}} },
		func() store.Item { return store.Item{Record: &store.Record{Line: ours}} },
		func() store.Item { return store.Item{Consent: &store.Consent{Name: set.Key()}} },
		func() store.Item { return store.Item{Note: &store.Note{Name: "a note"}} },
		func() store.Item {
			return store.Item{Delivery: &store.CopiedDelivery{Delivery: store.Delivery{From: ours, To: set}}}
		},
	} {
		plain := make()
		for _, path := range fields(thing(&plain).Type(), nil) {
			changed := make()
			field := thing(&changed).FieldByIndex(path)
			name := thing(&changed).Type().FieldByIndex(path).Name
			if name == "Change" || name == "Tenant" { // the tenant is that of the item
				continue
			}
			found := false
			for _, other := range others {
				if v := reflect.ValueOf(other); v.Type() == field.Type() {
					field.Set(v)
					found = true
				}
			}
			require.True(t, found, "the test has no value for %s %v", name, field.Type())
			require.NotEqual(t, packed.Item(&plain), packed.Item(&changed), "%v: %s is not packed", thing(&plain).Type(), name)
		}
		other := make()
		other.Tenant = "other"
		require.NotEqual(t, packed.Item(&plain), packed.Item(&other))
		again := make()
		require.Equal(t, packed.Item(&plain), packed.Item(&again))
	}
}

// thing returns the content of an item.
func thing(i *store.Item) reflect.Value {
	v := reflect.ValueOf(i).Elem()
	for k := range v.NumField() {
		if f := v.Field(k); f.Kind() == reflect.Pointer && !f.IsNil() {
			return f.Elem()
		}
	}
	panic("an item of nothing")
}

// fields returns the fields of a type, and those of the types that it embeds.
func fields(t reflect.Type, at []int) (all [][]int) {
	for i := range t.NumField() {
		path := append(append([]int(nil), at...), i)
		if f := t.Field(i); f.Anonymous {
			all = append(all, fields(f.Type, path)...)
		} else {
			all = append(all, path)
		}
	}
	return all
}
