package recipients_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/fromline/fromline/recipients"
)

// The number of allocations is part of what the package promises.
func TestAllocations(t *testing.T) {
	set, err := recipients.Canonicalize(handles)
	require.NoError(t, err)
	email := recipients.MustParse("ann@example.com")
	buffer := make([]byte, 0, 256)
	for _, row := range []struct {
		name string
		most float64
		work func()
	}{
		{"Parse, possible", 0, func() { handleSink, _ = recipients.Parse("+442071838750") }},
		{"Parse, valid", 0, func() { handleSink, _ = recipients.Options{Strength: recipients.Valid}.Parse("+442071838750") }},
		{"Parse, syntax", 0, func() { handleSink, _ = recipients.Options{Strength: recipients.Syntax}.Parse("+442071838750") }},
		{"Parse, email", 1, func() { handleSink, _ = recipients.Parse("Ann.Lee@Mail.Example.com") }},
		{"FromDigits", 0, func() { handleSink, _ = recipients.FromDigits(15551234567) }},
		{"Canonicalize 1", 1, func() { s, _ := recipients.Canonicalize(handles[:1]); keySink = s.Key() }},
		{"Canonicalize 2", 2, func() { s, _ := recipients.Canonicalize(handles[:2]); keySink = s.Key() }},
		{"Canonicalize 31", 2, func() { s, _ := recipients.Canonicalize(handles); keySink = s.Key() }},
		{"NewSet", 2, func() { s, _ := recipients.NewSet(set.At(3), email, set.At(1)); keySink = s.Key() }},
		{"Set", 0, func() {
			for i, h := range set.All() {
				boolSink = set.Contains(h) && set.At(i).Compare(h) == 0 && set.Key().Ring() != 0 && set.Equal(set)
			}
		}},
		{"Handle", 0, func() {
			for _, h := range set.All() {
				boolSink = h.CallingCode()+h.AreaCode() > 0 && h.Ring() > 0 && uint16(h.Country())+uint16(h.Province())+uint16(h.Place()) > 0
				buffer = h.AppendTo(buffer[:0])
			}
		}},
		{"String", 1, func() { buffer = append(buffer[:0], set.At(0).String()...) }},
	} {
		require.LessOrEqual(t, testing.AllocsPerRun(100, row.work), row.most, row.name)
	}
}
