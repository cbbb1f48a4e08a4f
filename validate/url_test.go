package validate_test

import (
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/fromline/fromline/message"
	"github.com/fromline/fromline/validate"
)

func passes(part message.Part) bool {
	_, err := validate.Request(&message.Request{To: []string{"+14155559876"}, Message: &message.Content{Parts: []message.Part{part}}}, validate.Options{})
	return err == nil
}

var absolute = regexp.MustCompile(`(?i)^https?://[^/?#@]`)

// What passes as a URL can be fetched as it is: it names one host, whichever
// client reads it, and no password.
func FuzzURL(f *testing.F) {
	for _, s := range []string{
		"https://example.com/", "HTTP://example.com:80/a?b#c", "https://ann@example.com", "https://[::1]:443/", "https://[fe80::1%25eth0]/", "https:///", "https://?a",
		"https://example.com\\@example.org", "https://%65xample.com/", "https://exa%20mple.com/", "https://münchen.example/ü", "//example.com", "https:example.com",
		"https://example.com:/", "https://example.com:99999/", "https://a,b;c/", "data:,x", "https://example.com/%", "https://example.com/%zz?%zz", "https://\u00ad/", "https://.",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		link, clip := passes(message.Link(s)), passes(message.AppClip(s))
		media := passes(message.MediaURL(s))
		require.Equal(t, clip, media, "one policy")
		require.True(t, link || !clip, "what may be https may be http")
		if !link {
			return
		}
		require.True(t, utf8.ValidString(s))
		require.LessOrEqual(t, utf8.RuneCountInString(s), 2048)
		require.Regexp(t, absolute, s)
		require.Equal(t, clip, strings.EqualFold(s[:6], "https:"))
		u, err := url.Parse(s)
		require.NoError(t, err)
		require.NotEmpty(t, u.Hostname())
		require.Nil(t, u.User)
		written := u.String()
		require.LessOrEqual(t, len(written), 2048)
		again, err := url.Parse(written)
		require.NoError(t, err)
		require.Equal(t, u.Hostname(), again.Hostname())
		_, err = http.NewRequest(http.MethodGet, s, nil)
		require.NoError(t, err)
	})
}

var link = regexp.MustCompile(`(?i)https?://`)

// HasLink is that of a regular expression, for any text.
func TestHasLink(t *testing.T) {
	pieces := rapid.SliceOfN(rapid.SampledFrom([]string{"http", "HTTPS", "s", "://", ":", "/", "a", "ftp", "h", " "}), 1, 12)
	rapid.Check(t, func(t *rapid.T) {
		s := strings.Join(pieces.Draw(t, "pieces"), "") + "." // not blank
		c := mustPass(t, &message.Request{To: []string{"+14155559876"}, Message: &message.Content{Parts: []message.Part{message.Text(s)}}})
		require.Equal(t, link.MatchString(s), c.HasLink(), "%q", s)
	})
}
