package fromline_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/fromline/fromline/fleet"
	"github.com/fromline/fromline/internal/reference"
	"github.com/fromline/fromline/line"
	"github.com/fromline/fromline/message"
	"github.com/fromline/fromline/recipients"
	"github.com/fromline/fromline/routing"
	"github.com/fromline/fromline/store"
	"github.com/fromline/fromline/validate"
)

// The worlds that the laws are tried on are small, so that coincidences are
// frequent: few people, few lines, few moments, few ids.

var noon = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// people may be written to. The last one is also a line of ours.
var people = handles("+12025550143", "+12025550144", "+14155550145", "+442079460146", "ann@example.com", "bob@example.org", "+12125550167")

// numbers are lines, of two countries and three areas and one more country.
var numbers = handles("+12025550161", "+12025550162", "+14155550163", "+14155550164", "+442079460165", "+493012345666", "+12125550167")

// stranger is a number that is neither.
var stranger = recipients.MustParse("+13105550199")

func handles(texts ...string) []recipients.Handle {
	var list []recipients.Handle
	for _, text := range texts {
		list = append(list, recipients.MustParse(text))
	}
	return list
}

// id makes ids that are easy to read; the kind keeps chats and messages apart.
func id(kind byte, n int) uuid.UUID {
	return uuid.UUID{0: kind, 6: 0x70, 8: 0x80, 14: byte(n >> 8), 15: byte(n)}
}

// chance is true once in so many times.
func chance(t *rapid.T, once int, label string) bool {
	return rapid.IntRange(1, once).Draw(t, label) == once
}

// someOf draws distinct members of a list, at least so many, in any order.
func someOf[T comparable](t *rapid.T, list []T, least, most int, label string) []T {
	return rapid.SliceOfNDistinct(rapid.SampledFrom(list), least, min(most, len(list)), rapid.ID).Draw(t, label)
}

// anyLine draws the health, limits and use of a line.
func anyLine(t *rapid.T, number recipients.Handle) line.Line {
	l := line.Line{Number: number}
	l.Status = rapid.SampledFrom([]line.Status{0, line.Active, line.Active, line.Flagged}).Draw(t, "status")
	l.Ineligible = chance(t, 6, "ineligible")
	l.Reputation = rapid.SampledFrom([]line.Reputation{0, line.Healthy, line.Healthy, line.AtRisk, line.Critical}).Draw(t, "reputation")
	if chance(t, 4, "few services") {
		l.Services = line.Services(someOf(t, []message.Service{message.IMessage, message.RCS, message.SMS}, 1, 3, "services")...)
	}
	l.Limits.NewChatsPerDay = rapid.SampledFrom([]int{0, 0, 1, 2, 3, 40}).Draw(t, "new chats a day")
	l.NewChats = rapid.SampledFrom([]int{0, 0, 1, 2, 3, 4, 5, 39, 41, 60}).Draw(t, "new chats")
	until := []time.Time{{}, {}, {}, {}, noon.Add(-time.Hour), noon, noon.Add(time.Microsecond), noon.Add(time.Hour), noon.Add(2 * time.Hour)}
	l.NewChatsFullUntil = rapid.SampledFrom(until).Draw(t, "full until")
	l.MessagesFullUntil = rapid.SampledFrom(until).Draw(t, "messages full until")
	return l
}

// anySend draws a request, as the reference sees it and as the wire has it.
func anySend(t *rapid.T) (reference.Send, *message.Request) {
	s := reference.Send{To: someOf(t, people, 1, 3, "to")}
	s.ExcludeFrom = someOf(t, append(slices.Clone(numbers), stranger), 0, len(numbers), "exclude_from")
	if chance(t, 2, "exclude nobody") {
		s.ExcludeFrom = nil
	}
	if !slices.ContainsFunc(s.To, recipients.Handle.IsEmail) || chance(t, 2, "service for emails") {
		s.Service = rapid.SampledFrom([]message.Service{0, 0, message.IMessage, message.RCS, message.SMS}).Draw(t, "service")
	}
	if slices.ContainsFunc(s.To, recipients.Handle.IsEmail) && s.Service > message.IMessage {
		s.Service = 0 // an address cannot be written to by RCS or SMS
	}

	content := &message.Content{}
	kinds := 3
	if s.Service == 0 || s.Service == message.IMessage {
		kinds = 5 // cards and clips are for iMessage
	}
	switch rapid.IntRange(0, kinds).Draw(t, "content") {
	case 0, 1:
		content.Parts = []message.Part{message.Text("Dinner at eight?")}
	case 2:
		s.Link = true
		content.Parts = []message.Part{message.Text("see https://example.com/menu"), message.MediaURL("https://example.com/menu.png")}
	case 3:
		s.Link = true
		content.Parts = []message.Part{message.Link("https://example.com/menu")}
	case 4:
		s.CardOrClip = true
		content.Parts = []message.Part{appCard()}
	case 5:
		s.CardOrClip, s.Link = true, true
		content.Parts = []message.Part{message.AppClip("https://example.com/clip")}
	}
	if s.Service != 0 {
		name := s.Service.String()
		content.PreferredService = &name
	}
	if s.Reply = chance(t, 3, "reply"); s.Reply {
		answered := id('r', 1).String()
		content.ReplyTo = &message.ReplyTo{MessageID: &answered}
	}
	r := &message.Request{Message: content, To: texts(s.To), ExcludeFrom: texts(s.ExcludeFrom)}
	if s.Continuation = chance(t, 2, "continuation"); s.Continuation {
		text := "It is me, from another number."
		if s.ContinuationLink = chance(t, 2, "continuation link"); s.ContinuationLink {
			text = "It is me: http://example.com"
		}
		r.ContinuationMessage = &message.Continuation{Text: &text}
	}
	return s, r
}

// appCard is an app card, which only iMessage has.
func appCard() *message.AppCardPart {
	text := func(s string) *string { return &s }
	return &message.AppCardPart{
		App:    &message.App{Name: text("Menu"), BundleID: text("com.example.menu"), TeamID: text("ABCDE12345")},
		Layout: &message.Layout{Caption: text("Dinner")},
		URL:    text("https://example.com/menu"),
	}
}

func texts(handles []recipients.Handle) []string {
	var list []string
	for _, h := range handles {
		list = append(list, h.String())
	}
	return list
}

// respelled writes the same request in another way: another order, repetitions,
// other letters where they do not matter.
func respelled(t *rapid.T, r *message.Request) *message.Request {
	c := *r
	c.To = shuffledAndRepeated(t, r.To, "to again")
	for i, text := range c.To {
		if strings.Contains(text, "@") && chance(t, 2, "capitals") {
			c.To[i] = strings.ToUpper(text)
		}
	}
	c.ExcludeFrom = shuffledAndRepeated(t, r.ExcludeFrom, "exclude_from again")
	return &c
}

func shuffledAndRepeated(t *rapid.T, list []string, label string) []string {
	if len(list) == 0 {
		return nil
	}
	more := rapid.SliceOfN(rapid.SampledFrom(list), 0, 4).Draw(t, label)
	return rapid.Permutation(slices.Concat(list, more)).Draw(t, label)
}

// anyChats draws chats, most of them with exactly the people given.
func anyChats(t *rapid.T, to []recipients.Handle) []store.Chat {
	moments := []time.Time{noon.Add(-time.Hour), noon.Add(-time.Microsecond), noon, noon.Add(time.Hour)}
	var chats []store.Chat
	for _, n := range someOf(t, []int{1, 2, 3, 4, 5, 6}, 0, 6, "chats") {
		with := to
		if chance(t, 4, "other people") {
			with = someOf(t, people, 1, 3, "with")
		}
		set, err := recipients.NewSet(with...)
		require.NoError(t, err)
		c := store.Chat{ID: id('c', n)}
		c.Line = rapid.SampledFrom(append(slices.Clone(numbers), stranger)).Draw(t, "line")
		if set.Contains(c.Line) {
			c.Line = stranger
		}
		c.CreatedAt = rapid.SampledFrom(moments[:3]).Draw(t, "created")
		c.ActiveAt = rapid.SampledFrom(moments[slices.Index(moments, c.CreatedAt):]).Draw(t, "active")
		c.Roster = store.NewRoster(set, c.CreatedAt)
		c.Named = chance(t, 4, "named")
		c.LineLeft = chance(t, 6, "left")
		c.Service = rapid.SampledFrom([]message.Service{0, 0, message.IMessage, message.RCS, message.SMS}).Draw(t, "chat's service")
		chats = append(chats, c)
	}
	return chats
}

// instance is the facts of one decision, and the same as Decide takes them.
type instance struct {
	facts   reference.Facts
	request *message.Request
	input   routing.Input
}

func anyInstance(t *rapid.T) instance {
	send, request := anySend(t)
	f := reference.Facts{Send: send, Chats: anyChats(t, send.To), At: noon}
	for _, number := range someOf(t, numbers, 0, len(numbers), "lines") {
		f.Lines = append(f.Lines, anyLine(t, number))
	}
	f.SkipNamedGroups = rapid.Bool().Draw(t, "skip named groups")
	f.AllowCritical = rapid.Bool().Draw(t, "allow critical")
	return of(t, f, request)
}

// of makes the input of Decide from the facts.
func of(t require.TestingT, f reference.Facts, r *message.Request) instance {
	in := routing.Input{
		Send: checked(t, r), Chats: f.Chats, SkipNamedGroups: f.SkipNamedGroups, At: f.At,
		MessageID: id('m', 1), NewChatID: id('n', 1),
	}
	var err error
	in.Lines, err = fleet.NewView(f.Lines, fleet.ViewOptions{Policy: fleet.Policy{AllowCritical: f.AllowCritical}, At: f.At})
	require.NoError(t, err)
	return instance{f, r, in}
}

func checked(t require.TestingT, r *message.Request) validate.Checked {
	send, err := validate.Request(r, validate.Options{})
	require.NoError(t, err)
	return send
}

// story prints an instance, for a law that does not hold.
func (i instance) story() string {
	return fmt.Sprintf("to %v exclude %v service %v\nchats %+v\nlines %+v", i.request.To, i.request.ExcludeFrom, i.facts.Send.Service, i.facts.Chats, i.facts.Lines)
}

// TestSendsAreToldApart: the reference tells sends apart exactly where their
// fingerprints do, also those that differ in nothing that a decision asks of.
// Otherwise a key that is used twice is judged by luck.
func TestSendsAreToldApart(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		_, first := anySend(t)
		_, another := anySend(t)
		same := respelled(t, first)
		differs := *first
		content := *first.Message
		content.Parts = slices.Concat(content.Parts, []message.Part{message.MediaURL("https://example.com/another.png")})
		switch content.Parts[0].(type) {
		case *message.LinkPart, *message.AppCardPart, *message.AppClipPart: // which stand alone
			content.Parts = []message.Part{message.Text("something else")}
		}
		differs.Message = &content

		one := checked(t, first)
		for _, c := range []struct {
			request *message.Request
			verdict string
		}{{same, "same"}, {&differs, "other"}, {another, ""}} {
			other := checked(t, c.request)
			equal := reference.Meaning(one, first) == reference.Meaning(other, c.request)
			require.Equal(t, one.Fingerprint() == other.Fingerprint(), equal)
			if c.verdict != "" {
				require.Equal(t, c.verdict == "same", equal)
			}
		}
	})
}
