package recipients_test

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/fromline/fromline/recipients"
)

// Every target is also a law: it holds what comes out to what the package
// promises, and phones to the oracle.

func addVerdicts(f *testing.F) {
	for _, path := range []string{"testdata/phones.txt", "testdata/emails.txt"} {
		for _, v := range readVerdicts(f, path) {
			f.Add(v.text)
		}
	}
}

func FuzzParse(f *testing.F) {
	addVerdicts(f)
	f.Add("+14155552671;" + strings.Repeat("\xd3", 2000) + "x") // the place of its fault has four digits
	f.Fuzz(func(t *testing.T, s string) {
		if strings.Contains(s, "@") {
			checkEmail(t, s)
			return
		}
		for _, strength := range []recipients.Strength{recipients.Possible, recipients.Valid, recipients.Syntax} {
			checkPhone(t, s, strength)
			require.Equal(t, oracle(s, strength), accepts(s, strength), "strength %d: %q", strength, s)
		}
	})
}

func FuzzFromDigits(f *testing.F) {
	for _, digits := range []uint64{0, 9, 10, 15551234567, 999_999_999_999_999, 1e15, 1<<64 - 1} {
		f.Add(digits)
	}
	f.Fuzz(func(t *testing.T, digits uint64) {
		h, err := recipients.FromDigits(digits)
		require.Equal(t, 10 <= digits && digits < 1e15, err == nil)
		if err != nil {
			return
		}
		require.Equal(t, digits, h.Digits())
		require.Equal(t, digits, unmix(h.Ring()))
		checkPhone(t, h.String(), recipients.Syntax)
		checkPhone(t, h.String(), recipients.Possible)
		_ = h.Masked()
	})
}

func FuzzCanonicalize(f *testing.F) {
	f.Add("+15551234567\nann@example.com\nAnn@Example.com")
	f.Add("+12015550123")
	f.Add("")
	f.Add(strings.Join(handles, "\n") + "\nann@example.com")
	f.Fuzz(func(t *testing.T, text string) {
		to := strings.Split(text, "\n")
		set, err := recipients.Canonicalize(to)
		var parsed []recipients.Handle
		for _, s := range to {
			h, errOne := recipients.Parse(s)
			if errOne != nil {
				require.Error(t, err)
				require.False(t, set.IsValid())
				return
			}
			parsed = append(parsed, h)
		}
		again, errAgain := recipients.NewSet(parsed...)
		require.Equal(t, err == nil, errAgain == nil)
		require.Equal(t, again, set)
		if err == nil {
			var members []string
			for _, h := range set.All() {
				members = append(members, h.String())
			}
			twice, err := recipients.Canonicalize(members)
			require.NoError(t, err)
			require.Equal(t, set, twice)
		}
	})
}

func FuzzUnmarshalText(f *testing.F) {
	addVerdicts(f)
	f.Fuzz(func(t *testing.T, s string) {
		var h, scanned recipients.Handle
		err := h.UnmarshalText([]byte(s))
		require.Equal(t, err == nil, scanned.Scan(s) == nil)
		require.Equal(t, h, scanned)
		if err != nil {
			require.False(t, h.IsValid())
			return
		}
		text, err := h.MarshalText()
		require.NoError(t, err)
		if !strings.Contains(s, "@") {
			require.Equal(t, s, string(text))
		}
		var again recipients.Handle
		require.NoError(t, again.UnmarshalText(text))
		require.Equal(t, h, again)
	})
}

func FuzzUnmarshalJSON(f *testing.F) {
	f.Add([]byte(`["+15551234567","ann@example.com"]`))
	f.Add([]byte(`[]`))
	f.Add([]byte(`["+15551234567","+15551234567"]`))
	f.Add([]byte(`[""]`))
	f.Fuzz(func(t *testing.T, document []byte) {
		var set recipients.Set
		if err := json.Unmarshal(document, &set); err != nil {
			require.False(t, set.IsValid())
			return
		}
		out, err := json.Marshal(set)
		require.NoError(t, err)
		var again recipients.Set
		require.NoError(t, json.Unmarshal(out, &again))
		require.Equal(t, set, again)
	})
}

func FuzzKeyFromBytes(f *testing.F) {
	f.Add(make([]byte, 32))
	f.Add([]byte("short"))
	f.Fuzz(func(t *testing.T, b []byte) {
		key, err := recipients.KeyFromBytes(b)
		require.Equal(t, len(b) == 32, err == nil)
		if err == nil {
			stored := key.Bytes()
			require.True(t, bytes.Equal(b, stored[:]))
		}
	})
}
