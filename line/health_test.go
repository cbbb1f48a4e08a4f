package line_test

import (
	"database/sql/driver"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/fromline/fromline/line"
	"github.com/fromline/fromline/message"
)

// named is a fact with a name, as a value and as what reads it.
type named interface {
	String() string
	MarshalText() ([]byte, error)
	Value() (driver.Value, error)
}

type reading interface {
	UnmarshalText([]byte) error
	Scan(any) error
}

// Every name reads back as its value, as text and from a database; what was
// never said is the empty text and NULL, and no text that people read shows its
// number.
func TestNames(t *testing.T) {
	var s line.Status
	var r line.Reputation
	for _, c := range []struct {
		name  string
		value named
		into  reading
		read  func() any
	}{
		{"", line.Status(0), &s, func() any { return s }},
		{"ACTIVE", line.Active, &s, func() any { return s }},
		{"FLAGGED", line.Flagged, &s, func() any { return s }},
		{"", line.Reputation(0), &r, func() any { return r }},
		{"HEALTHY", line.Healthy, &r, func() any { return r }},
		{"AT_RISK", line.AtRisk, &r, func() any { return r }},
		{"CRITICAL", line.Critical, &r, func() any { return r }},
	} {
		text, err := c.value.MarshalText()
		require.NoError(t, err)
		require.Equal(t, c.name, string(text))
		value, err := c.value.Value()
		require.NoError(t, err)
		want, shown := driver.Value(c.name), c.name
		if c.name == "" {
			want, shown = nil, "unsaid"
		}
		require.Equal(t, want, value)
		require.Equal(t, shown, c.value.String())
		for _, src := range []any{value, c.name, []byte(c.name)} {
			s, r = 77, 77
			require.NoError(t, c.into.Scan(src))
			require.EqualValues(t, c.value, c.read())
		}
		s, r = 77, 77
		require.NoError(t, c.into.UnmarshalText(text))
		require.EqualValues(t, c.value, c.read())
	}
}

// Nothing else reads, and leaves what was there; values without a name do not
// write.
func TestWrongNames(t *testing.T) {
	s, r := line.Flagged, line.Critical
	for _, wrong := range []any{"active", "Active", "HEALTHY ", "0", "unsaid", "Status(1)", []byte("x"), 1, int64(1), true} {
		require.Error(t, s.Scan(wrong))
		require.Error(t, r.Scan(wrong))
		if text, is := wrong.(string); is {
			require.Error(t, s.UnmarshalText([]byte(text)))
			require.Error(t, r.UnmarshalText([]byte(text)))
		}
	}
	require.Equal(t, line.Flagged, s)
	require.Equal(t, line.Critical, r)
	for _, f := range []named{line.Status(9), line.Reputation(9)} {
		_, err := f.MarshalText()
		require.Error(t, err)
		_, err = f.Value()
		require.Error(t, err)
		require.Contains(t, f.String(), "(9)")
	}
}

// A set contains exactly the services that it was made of; all of them are the
// zero set, and none of them, or what is no service, is a set that no line may
// have. Nothing panics.
func TestServiceSets(t *testing.T) {
	all := []message.Service{message.IMessage, message.RCS, message.SMS}
	require.Equal(t, line.ServiceSet(0), line.Services(all...))
	require.Nil(t, line.ServiceSet(0).List())
	rapid.Check(t, func(t *rapid.T) {
		list := rapid.SliceOfNDistinct(rapid.SampledFrom(all), 1, 3, rapid.ID[message.Service]).Draw(t, "services")
		s := line.Services(append(list, list...)...)
		require.True(t, s.IsValid())
		require.True(t, s.Has(0))
		for _, service := range all {
			require.Equal(t, slices.Contains(list, service), s.Has(service))
		}
		require.Equal(t, slices.Min(list), s.First())
		if len(list) < len(all) {
			slices.Sort(list)
			require.Equal(t, list, s.List())
			require.Equal(t, s, line.Services(s.List()...))
		}
	})
	for _, s := range []line.ServiceSet{line.Services(), line.Services(0), line.Services(message.SMS, 9), line.Services([]message.Service{}...)} {
		require.False(t, s.IsValid())
		require.Equal(t, []message.Service{}, s.List())
		require.Zero(t, s.First())
		for service := range 256 {
			require.False(t, s.Has(message.Service(service)))
		}
	}
	for service := 4; service < 256; service++ {
		require.False(t, line.ServiceSet(0).Has(message.Service(service)))
		require.False(t, line.Services(message.SMS).Has(message.Service(service)))
	}
	require.False(t, line.ServiceSet(7).IsValid())
}
