package validate_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/fromline/fromline/fault"
	"github.com/fromline/fromline/internal/reference"
	"github.com/fromline/fromline/message"
	"github.com/fromline/fromline/recipients"
	"github.com/fromline/fromline/routing"
	"github.com/fromline/fromline/validate"
)

func mustPass(t require.TestingT, r *message.Request) validate.Checked {
	c, err := validate.Request(r, validate.Options{})
	require.NoError(t, err)
	require.True(t, c.IsValid())
	return c
}

func reread(t require.TestingT, r *message.Request) *message.Request {
	body, err := r.MarshalJSON()
	require.NoError(t, err)
	back, err := message.DecodeRequest(body)
	require.NoError(t, err, "%s", body)
	back.HeaderKey = r.HeaderKey
	return back
}

// What passes passes again after encoding and decoding, with the same
// fingerprint, and leaves the request as it was.
func TestValidPasses(t *testing.T) { rapid.Check(t, validPasses) }

func FuzzValidPasses(f *testing.F) { f.Fuzz(rapid.MakeFuzz(validPasses)) }

func validPasses(t *rapid.T) {
	r := valid.Draw(t, "request")
	before, err := r.MarshalJSON()
	require.NoError(t, err)
	c := mustPass(t, r)
	after, err := r.MarshalJSON()
	require.NoError(t, err)
	require.Equal(t, string(before), string(after), "the request is as it was")

	again := mustPass(t, reread(t, r))
	require.Equal(t, c.Fingerprint(), again.Fingerprint())
	require.Equal(t, c.Message(), again.Message())
	require.Equal(t, c.Advisories(), again.Advisories())
	require.Equal(t, c.Recipients(), again.Recipients())

	// The normal form is one: it passes, and is its own normal form.
	r.Message = c.Message()
	normal := mustPass(t, r)
	require.Equal(t, c.Fingerprint(), normal.Fingerprint())
	require.Same(t, c.Message(), normal.Message())
}

// Order, repetition and spelling of to and exclude_from, the key,
// override_optout and members that say nothing do not change the fingerprint.
func TestFingerprintIgnores(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r := valid.Draw(t, "request")
		before := mustPass(t, r)

		r.To = append(rapid.Permutation(r.To).Draw(t, "to"), rapid.SliceOfN(rapid.SampledFrom(r.To), 0, 3).Draw(t, "repeated")...)
		for i, s := range r.To {
			if at := strings.IndexByte(s, '@'); at >= 0 {
				r.To[i] = s[:at] + strings.ToUpper(s[at:])
			}
		}
		if len(r.ExcludeFrom) > 0 {
			r.ExcludeFrom = append(rapid.Permutation(r.ExcludeFrom).Draw(t, "exclude_from"), r.ExcludeFrom[0])
		}
		r.OverrideOptOut = maybe(t, rapid.Bool(), "another override_optout")
		r.HeaderKey, r.Message.IdempotencyKey = maybe(t, word, "key"), nil
		after := mustPass(t, r)
		require.Equal(t, before.Fingerprint(), after.Fingerprint())
		require.Equal(t, before.Recipients(), after.Recipients())
		require.Equal(t, slices.Collect(before.Excluded()), slices.Collect(after.Excluded()))
	})
}

// Fingerprints are equal if and only if the requests mean the same, and then
// their answers are equal too.
func TestFingerprintMeans(t *testing.T) {
	seen := map[message.Fingerprint]string{}
	echoes := map[message.Fingerprint]string{}
	same := 0
	rapid.Check(t, func(t *rapid.T) {
		r := valid.Draw(t, "request")
		for range 3 {
			c := mustPass(t, r)
			f := c.Fingerprint()
			means := reference.Meaning(c, r)
			if other, ok := seen[f]; ok {
				require.Equal(t, other, means, "one fingerprint, two meanings")
				require.Equal(t, echoes[f], echo(t, c), "one fingerprint, two answers")
				same++
			}
			for g, other := range seen {
				require.True(t, g == f || other != means, "two fingerprints for %s", means)
			}
			seen[f], echoes[f] = means, echo(t, c)
			if len(seen) > 2000 {
				clear(seen)
			}
			nudge(t, r)
		}
	})
	require.Positive(t, same, "no two requests meant the same: the law was not tried")
}

// nudge changes one thing of a request, which stays valid.
func nudge(t *rapid.T, r *message.Request) {
	switch rapid.IntRange(0, 6).Draw(t, "nudge") {
	case 0:
		r.ContinuationMessage = nil
	case 1:
		r.ContinuationMessage = &message.Continuation{Text: new("c")}
	case 2:
		r.ExcludeFrom = nil
	case 3:
		r.ExcludeFrom = []string{"+12025550100"}
	case 4:
		r.Message.Effect = nil
	case 5:
		r.Message.ReplyTo = nil
	case 6:
		for _, p := range r.Message.Parts {
			if p, ok := p.(*message.TextPart); ok {
				p.TextDecorations = nil
			}
		}
	}
}

// echo is an answer to the request, by a decision that is always the same.
func echo(t require.TestingT, c validate.Checked) string {
	d := routing.Decision{Message: c.Message(), Mentions: slices.Collect(c.Mentions())}
	body, err := d.AppendResponse(nil)
	require.NoError(t, err)
	return string(body)
}

// The content that replaces the message on failover is one text, and would pass
// as a message itself.
func TestContinued(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r := valid.Draw(t, "request")
		c := mustPass(t, r)
		next, ok := c.Continuation()
		require.Equal(t, r.ContinuationMessage != nil, ok)
		if !ok {
			require.Nil(t, c.Continued())
			return
		}
		m := c.Continued()
		require.Equal(t, []message.Part{message.Text(next)}, m.Parts)
		require.Nil(t, m.Effect)
		require.Nil(t, m.ReplyTo)
		again := mustPass(t, &message.Request{To: r.To, Message: m})
		require.Equal(t, c.PreferredService(), again.PreferredService())
		require.Equal(t, c.ContinuationHasLink(), again.HasLink())
	})
}

// Excluded lines are sorted and distinct, and found.
func TestExcluded(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r := valid.Draw(t, "request")
		c := mustPass(t, r)
		list := slices.Collect(c.Excluded())
		require.Len(t, list, c.ExcludedLen())
		require.True(t, slices.IsSortedFunc(list, recipients.Handle.Compare))
		require.Equal(t, list, slices.Compact(slices.Clone(list)))
		for _, s := range r.ExcludeFrom {
			require.True(t, c.IsExcluded(syntax(t, s)))
		}
		for _, s := range []string{"+12025550100", "+12025550101", "+15551234", "+12025550102"} {
			require.Equal(t, slices.Contains(r.ExcludeFrom, s), c.IsExcluded(syntax(t, s)))
		}
	})
}

func syntax(t require.TestingT, s string) recipients.Handle {
	h, err := recipients.Options{Strength: recipients.Syntax}.Parse(s)
	require.NoError(t, err)
	return h
}

// What callers get to keep is theirs: changing it changes nothing.
func TestAdvisoriesAreCopies(t *testing.T) {
	m := &message.Content{Parts: []message.Part{message.Text("Hi")}, Effect: &message.Effect{Name: new("love")}, PreferredService: new("SMS")}
	c := mustPass(t, &message.Request{To: []string{"+14155559876"}, Message: m})
	list := c.Advisories()
	require.Equal(t, []validate.Advisory{{Pointer: "/message/effect", Rule: fault.RulePlainEffect}}, list)
	list[0].Rule = "changed"
	require.Equal(t, fault.RulePlainEffect, c.Advisories()[0].Rule)
}
