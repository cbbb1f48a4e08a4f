package routing_test

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/fromline/fromline/fleet"
	"github.com/fromline/fromline/internal/reference"
	"github.com/fromline/fromline/line"
	"github.com/fromline/fromline/message"
	"github.com/fromline/fromline/recipients"
	"github.com/fromline/fromline/routing"
	"github.com/fromline/fromline/store"
	"github.com/fromline/fromline/validate"
)

// noon is the time of every send of a story; the story's times are told
// relative to it.
var noon = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// story is a world in which a golden file routes its sends. The format is one
// statement a line:
//
//	person ann +12025550143              a handle by a name
//	line dc +12025550161 flagged …       a line of ours: flagged, ineligible,
//	                                     at-risk, critical, services=SMS,RCS,
//	                                     limit=3 chats=2 full=1h messages-full=2h
//	chat old dc ann,bob active=-1h …     a chat on a line: active=, created=,
//	                                     named, left, service=RCS
//	                                     paced=+20m failovers=2 shares-full=1h
//	guard gap=10m burst=1 share=20       of all lines
//	defer 15m                            how long an opening may wait for its slot
//	gone dc                              the line is not in the fleet any more
//	option skip-named-groups             or allow-critical
//	more                                 the store had more chats than it returned
//	forget                               all lines and chats, but not the names
//	send ann,bob exclude=dc service=SMS reply link continuation[=link]
//
// Behind each send stand "----", what is decided, and an empty line. What is
// told of a line or chat again replaces what was told before.
type story struct {
	names map[string]recipients.Handle
	facts reference.Facts
	more  bool
	chats map[string]uuid.UUID
}

func newStory() *story {
	return &story{
		names: map[string]recipients.Handle{}, chats: map[string]uuid.UUID{},
		facts: reference.Facts{At: noon, SentAt: noon},
	}
}

// tell takes a statement in, and returns the request of a send.
func (s *story) tell(statement string) (*message.Request, error) {
	words := strings.Fields(statement)
	verb, words := words[0], words[1:]
	switch verb {
	case "person":
		h, err := recipients.Parse(words[1])
		s.names[words[0]] = h
		return nil, err
	case "line":
		return nil, s.line(words)
	case "chat":
		return nil, s.chat(words)
	case "gone":
		number := s.names[words[0]]
		s.facts.Lines = slices.DeleteFunc(s.facts.Lines, func(l line.Line) bool { return l.Number == number })
		return nil, nil
	case "option":
		s.facts.SkipNamedGroups = s.facts.SkipNamedGroups || words[0] == "skip-named-groups"
		s.facts.AllowCritical = s.facts.AllowCritical || words[0] == "allow-critical"
		return nil, nil
	case "guard":
		return nil, s.guard(words)
	case "defer":
		var err error
		s.facts.DeferUpTo, err = time.ParseDuration(words[0])
		return nil, err
	case "more":
		s.more = true
		return nil, nil
	case "forget":
		s.facts = reference.Facts{At: noon, SentAt: noon}
		s.more = false
		return nil, nil
	case "send":
		return s.send(words)
	}
	return nil, fmt.Errorf("unknown statement %q", verb)
}

func (s *story) guard(words []string) (err error) {
	g := &s.facts.Guard
	for _, word := range words {
		name, value, _ := strings.Cut(word, "=")
		switch name {
		case "gap":
			g.Gap, err = time.ParseDuration(value)
		case "burst":
			g.Burst, err = strconv.Atoi(value)
		case "share":
			g.FailoverShare, err = strconv.Atoi(value)
		default:
			err = fmt.Errorf("unknown word %q", word)
		}
		if err != nil {
			return err
		}
	}
	return g.Validate()
}

func (s *story) line(words []string) error {
	if len(words) > 1 && strings.HasPrefix(words[1], "+") {
		number, err := recipients.Parse(words[1])
		if err != nil {
			return err
		}
		s.names[words[0]] = number
		words = slices.Delete(slices.Clone(words), 1, 2)
	}
	l := line.Line{Number: s.names[words[0]]}
	for _, word := range words[1:] {
		name, value, _ := strings.Cut(word, "=")
		var err error
		switch name {
		case "flagged":
			l.Status = line.Flagged
		case "ineligible":
			l.Ineligible = true
		case "at-risk":
			l.Reputation = line.AtRisk
		case "critical":
			l.Reputation = line.Critical
		case "services":
			var services []message.Service
			for text := range strings.SplitSeq(value, ",") {
				service, err := message.ParseService(text)
				if err != nil {
					return err
				}
				services = append(services, service)
			}
			l.Services = line.Services(services...)
		case "limit":
			l.Limits.NewChatsPerDay, err = strconv.Atoi(value)
		case "chats":
			l.NewChats, err = strconv.Atoi(value)
		case "full":
			l.NewChatsFullUntil, err = ago(value)
		case "paced":
			l.PacedAt, err = ago(value)
		case "failovers":
			l.Failovers, err = strconv.Atoi(value)
		case "shares-full":
			l.FailoversFullUntil, err = ago(value)
		case "messages-full":
			l.MessagesFullUntil, err = ago(value)
		default:
			err = fmt.Errorf("unknown word %q", word)
		}
		if err != nil {
			return err
		}
	}
	i := slices.IndexFunc(s.facts.Lines, func(o line.Line) bool { return o.Number == l.Number })
	if i >= 0 {
		s.facts.Lines[i] = l
		return nil
	}
	s.facts.Lines = append(s.facts.Lines, l)
	return nil
}

func (s *story) chat(words []string) error {
	id := uuid.UUID{15: byte(len(s.chats) + 1)}
	if known, ok := s.chats[words[0]]; ok {
		id = known
	}
	s.chats[words[0]] = id
	people, err := s.people(words[2])
	if err != nil {
		return err
	}
	set, err := recipients.NewSet(people...)
	if err != nil {
		return err
	}
	c := store.Chat{ID: id, Line: s.names[words[1]], CreatedAt: noon.Add(-24 * time.Hour), ActiveAt: noon.Add(-time.Hour)}
	for _, word := range words[3:] {
		name, value, _ := strings.Cut(word, "=")
		switch name {
		case "active":
			c.ActiveAt, err = ago(value)
		case "created":
			c.CreatedAt, err = ago(value)
		case "named":
			c.Named = true
		case "left":
			c.LineLeft = true
		case "service":
			c.Service, err = message.ParseService(value)
		default:
			err = fmt.Errorf("unknown word %q", word)
		}
		if err != nil {
			return err
		}
	}
	if c.CreatedAt.After(c.ActiveAt) {
		c.CreatedAt = c.ActiveAt
	}
	c.Roster = store.NewRoster(set, c.CreatedAt)
	s.facts.Chats = slices.DeleteFunc(s.facts.Chats, func(o store.Chat) bool { return o.ID == id })
	s.facts.Chats = append(s.facts.Chats, c)
	return nil
}

func (s *story) send(words []string) (*message.Request, error) {
	to, err := s.people(words[0])
	if err != nil {
		return nil, err
	}
	send := reference.Send{To: to}
	content := &message.Content{Parts: []message.Part{message.Text("Dinner at eight?")}}
	r := &message.Request{Message: content}
	for _, h := range to {
		r.To = append(r.To, h.String())
	}
	for _, word := range words[1:] {
		name, value, _ := strings.Cut(word, "=")
		switch name {
		case "exclude":
			if send.ExcludeFrom, err = s.people(value); err != nil {
				return nil, err
			}
			for _, h := range send.ExcludeFrom {
				r.ExcludeFrom = append(r.ExcludeFrom, h.String())
			}
		case "service":
			if send.Service, err = message.ParseService(value); err != nil {
				return nil, err
			}
			content.PreferredService = &value
		case "reply":
			send.Reply = true
			answered := uuid.UUID{0: 'r'}.String()
			content.ReplyTo = &message.ReplyTo{MessageID: &answered}
		case "link":
			send.Link = true
			content.Parts = []message.Part{message.Link("https://example.com/menu")}
		case "card":
			send.CardOrClip = true
			content.Parts = []message.Part{card()}
		case "clip":
			send.CardOrClip, send.Link = true, true
			content.Parts = []message.Part{message.AppClip("https://example.com/clip")}
		case "continuation":
			text := "It is me, from another number."
			if value == "link" {
				send.ContinuationLink = true
				text = "It is me: https://example.com"
			}
			send.Continuation = true
			r.ContinuationMessage = &message.Continuation{Text: &text}
		default:
			return nil, fmt.Errorf("unknown word %q", word)
		}
	}
	s.facts.Send = send
	return r, nil
}

// card is an app card, which only iMessage has.
func card() *message.AppCardPart {
	text := func(s string) *string { return &s }
	return &message.AppCardPart{
		App:    &message.App{Name: text("Menu"), BundleID: text("com.example.menu"), TeamID: text("ABCDE12345")},
		Layout: &message.Layout{Caption: text("Dinner")},
		URL:    text("https://example.com/menu"),
	}
}

// people returns the handles of names that are separated by commas. What is no
// name is a number.
func (s *story) people(names string) ([]recipients.Handle, error) {
	var list []recipients.Handle
	for name := range strings.SplitSeq(names, ",") {
		h, known := s.names[name]
		if !known {
			var err error
			if h, err = recipients.Parse(name); err != nil {
				return nil, fmt.Errorf("%q is neither a name nor a number", name)
			}
		}
		list = append(list, h)
	}
	return list, nil
}

func ago(text string) (time.Time, error) {
	d, err := time.ParseDuration(text)
	return noon.Add(d), err
}

// input is what Decide is asked.
func (s *story) input(r *message.Request) (routing.Input, error) {
	send, err := validate.Request(r, validate.Options{})
	return routing.Input{
		Send: send, Chats: s.facts.Chats, MoreChats: s.more, SkipNamedGroups: s.facts.SkipNamedGroups,
		Lines: view(s.facts), At: noon, DeferUpTo: s.facts.DeferUpTo,
		MessageID: uuid.UUID{0: 'm', 15: 1}, NewChatID: uuid.UUID{0: 'n', 15: 1},
	}, err
}

func view(f reference.Facts) fleet.View {
	policy := fleet.Policy{AllowCritical: f.AllowCritical}
	v, err := fleet.NewView(f.Lines, fleet.ViewOptions{Policy: policy, Guard: f.Guard, At: f.At})
	if err != nil {
		panic(err) // a story of lines that cannot be
	}
	return v
}

// readable puts the story's names in the place of ids and numbers.
func (s *story) readable(text string) string {
	pairs := []string{uuid.UUID{0: 'n', 15: 1}.String(), "new", uuid.UUID{0: 'm', 15: 1}.String(), "message"}
	for name, id := range s.chats {
		pairs = append(pairs, id.String(), name)
	}
	for name, h := range s.names {
		pairs = append(pairs, h.String(), name)
	}
	return strings.NewReplacer(pairs...).Replace(text)
}
