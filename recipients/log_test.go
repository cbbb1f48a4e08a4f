package recipients_test

import (
	"bytes"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/fromline/fromline/recipients"
)

// logged is what the handlers of log/slog write of values.
func logged(values ...any) string {
	var b bytes.Buffer
	options := &slog.HandlerOptions{ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
		if a.Key == slog.TimeKey { // it has digits of its own
			return slog.Attr{}
		}
		return a
	}}
	for _, handler := range []slog.Handler{slog.NewTextHandler(&b, options), slog.NewJSONHandler(&b, options)} {
		log := slog.New(handler)
		for _, v := range values {
			log.Info("sent", "value", v)
			log.WithGroup("to").With("value", v).Info("sent")
		}
	}
	return b.String()
}

func TestLogsHoldNoFullHandle(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		set, err := recipients.NewSet(rapid.SliceOfN(anyHandle(), 1, 31).Draw(t, "handles")...)
		require.NoError(t, err)
		h := set.At(0)
		lines := logged(h, set, set.Key())
		for _, member := range set.All() {
			if member.IsPhone() && len(member.String()) > 6 {
				require.NotContains(t, lines, member.String()[1:])
			}
			if local, _, found := strings.Cut(member.String(), "@"); found && len(local) > 1 {
				require.NotContains(t, lines, local+"@")
			}
			require.Contains(t, lines, member.Masked())
		}
		key := set.Key().Bytes()
		require.NotContains(t, lines, hex.EncodeToString(key[:4]))
	})
}

func TestErrorsAreSafeToLog(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := rapid.OneOf(phoneLike(), emailLike()).Draw(t, "text")
		_, err := recipients.Canonicalize([]string{s})
		if err == nil {
			return
		}
		lines := logged(err, fmt.Errorf("reading: %w", err))
		requireNoDigits(t, lines)
		var e *recipients.Error
		if errors.As(err, &e) && e.Suggestion != "" {
			require.NotContains(t, lines, strings.TrimPrefix(e.Suggestion, "+"))
		}
	})
}

// A key shows itself under no verb, neither alone nor inside a set.
func TestKeysAreNotPrinted(t *testing.T) {
	set, err := recipients.Canonicalize([]string{"+15551234567", "ann@example.com"})
	require.NoError(t, err)
	key := set.Key().Bytes()
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d", "%o", "%b", "%c", "%U", "%t", "%10v"} {
		for _, value := range []any{set.Key(), set, struct{ K recipients.Key }{set.Key()}, []recipients.Key{set.Key()}, map[recipients.Key]int{set.Key(): 1}} {
			text := strings.ToLower(fmt.Sprintf(verb, value))
			for _, form := range []string{
				hex.EncodeToString(key[:4]), fmt.Sprint(key[:3])[1:10], fmt.Sprintf("%d", key[:4]), fmt.Sprintf("%#v", key[:3])[len("[]byte{"):],
			} {
				require.NotContains(t, text, strings.ToLower(strings.Trim(form, "[]{}")), verb)
			}
		}
	}
	require.Equal(t, "+1•••67,a•••@example.com", fmt.Sprint(set))
	require.Equal(t, "+15551234567,ann@example.com", set.String())
}
