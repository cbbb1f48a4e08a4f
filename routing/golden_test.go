package routing_test

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/fromline/fromline"
	"github.com/fromline/fromline/fleet"
	"github.com/fromline/fromline/internal/reference"
	"github.com/fromline/fromline/line"
	"github.com/fromline/fromline/message"
	"github.com/fromline/fromline/recipients"
	"github.com/fromline/fromline/routing"
	"github.com/fromline/fromline/store"
	"github.com/fromline/fromline/store/memory"
	"github.com/fromline/fromline/validate"
)

var update = flag.Bool("update", false, "write the golden files anew")

// TestDecideStories routes the sends of every story in testdata/decide and
// compares what is decided with what stands there. Each send is also routed in
// ways that must not matter; where one does, the deviation is a line of the
// outcome, and so a difference to the golden file.
func TestDecideStories(t *testing.T) {
	files, err := filepath.Glob("testdata/decide/*.txt")
	require.NoError(t, err)
	require.NotEmpty(t, files)
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txt"), func(t *testing.T) {
			want, err := os.ReadFile(file)
			require.NoError(t, err)
			got := retell(t, string(want))
			if *update {
				require.NoError(t, os.WriteFile(file, []byte(got), 0o644))
				return
			}
			require.Equal(t, string(want), got)
		})
	}
}

// retell returns the story with the outcomes that its sends have.
func retell(t *testing.T, text string) string {
	s := newStory()
	var b strings.Builder
	skipping := false // an outcome of the text
	for n, line := range strings.Split(strings.TrimSuffix(text, "\n"), "\n") {
		if skipping {
			skipping = line != ""
			continue
		}
		b.WriteString(line + "\n")
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		r, err := s.tell(line)
		require.NoError(t, err, "line %d", n+1)
		if r != nil {
			fmt.Fprintf(&b, "----\n%s\n", s.outcome(t, r))
			skipping = true
		}
	}
	return strings.TrimRight(b.String(), "\n") + "\n"
}

// outcome is what is decided, why, and where a law does not hold.
func (s *story) outcome(t *testing.T, r *message.Request) string {
	in, err := s.input(r)
	require.NoError(t, err)
	var b strings.Builder
	d, err := routing.Decide(in)
	if err != nil {
		fmt.Fprintf(&b, "refused %d: %v\n", fromline.CodeOf(err), err)
	} else {
		b.WriteString(d.String() + "\n")
	}
	b.WriteString(routing.Explain(in).String())
	for _, deviation := range s.deviations(t, r, in) {
		fmt.Fprintf(&b, "DEVIATION: %s\n", deviation)
	}
	return s.readable(b.String())
}

// deviations tries what must not matter, and returns what did.
func (s *story) deviations(t *testing.T, r *message.Request, in routing.Input) []string {
	var found []string
	want := decided(in)
	expect := func(what string, other routing.Input) {
		if got := decided(other); got != want {
			found = append(found, what+" changes the decision to "+got)
		}
	}
	expect("asking again", in)

	answer := reference.Decide(s.facts)
	if got := summary(in); got != summaryOf(answer, in.NewChatID) {
		found = append(found, fmt.Sprintf("the reference decides %s, and not %s", summaryOf(answer, in.NewChatID), got))
	}

	if _, err := routing.Decide(in); err == nil {
		if read, explained, _ := readBack(t, in); body(t, read) != body(t, explained) {
			found = append(found, "the record keeps the trace "+body(t, read)+", and it is "+body(t, explained))
		}
	}

	found = append(found, s.replay(t, r, in)...)

	random := rand.New(rand.NewPCG(1, 2))
	for range 4 {
		other, turned := *s, *r
		other.facts.Chats, other.facts.Lines = slices.Clone(s.facts.Chats), slices.Clone(s.facts.Lines)
		turned.To, turned.ExcludeFrom = append(slices.Clone(r.To), r.To[0]), slices.Clone(r.ExcludeFrom)
		shuffle(random, turned.To)
		shuffle(random, turned.ExcludeFrom)
		shuffle(random, other.facts.Chats)
		shuffle(random, other.facts.Lines)
		for i, to := range turned.To {
			if strings.Contains(to, "@") {
				turned.To[i] = strings.ToUpper(to)
			}
		}
		turnedIn, err := other.input(&turned)
		require.NoError(t, err)
		expect("another order and spelling", turnedIn)
	}

	other := *s
	stranger := recipients.MustParse("+81312345678")
	set, err := recipients.NewSet(stranger)
	require.NoError(t, err)
	other.facts.Chats = append(slices.Clone(s.facts.Chats), store.Chat{
		ID: uuid.UUID{15: 200}, Line: recipients.MustParse("+81312345679"), Roster: store.NewRoster(set, noon), CreatedAt: noon, ActiveAt: noon,
	})
	withChat, err := other.input(r)
	require.NoError(t, err)
	expect("a chat of other people", withChat)

	for name, l := range map[string]line.Line{
		"a flagged line":         {Status: line.Flagged},
		"an ineligible line":     {Ineligible: true},
		"a line at its limit":    {Limits: line.Limits{NewChatsPerDay: 1}, NewChats: 1},
		"a line full for a day":  {NewChatsFullUntil: noon.AddDate(0, 0, 1)},
		"a line with no message": {MessagesFullUntil: noon.AddDate(0, 0, 1)},
	} {
		l.Number = recipients.MustParse("+12025550190")
		other := *s
		other.facts.Lines = append(slices.Clone(s.facts.Lines), l)
		withLine, err := other.input(r)
		require.NoError(t, err)
		expect(name, withLine)
	}
	return found
}

// replay routes the send twice under a key, through a store: the first time it
// is decided as Decide says, the second time as the first.
func (s *story) replay(t *testing.T, r *message.Request, in routing.Input) []string {
	chats := memory.New(memory.Options{})
	lines, err := fleet.New(fleet.Options{})
	require.NoError(t, err)
	router, err := fromline.New(chats, given{lines, in.Lines}, fromline.Options{
		SkipNamedGroups: s.facts.SkipNamedGroups, Deliver: s.facts.DeferUpTo > 0, DeferUpTo: s.facts.DeferUpTo,
	})
	require.NoError(t, err)
	for _, c := range s.facts.Chats {
		seen := store.ChatSeen{
			ID: c.ID, Line: c.Line, Participants: c.Roster.Set(), Named: c.Named, Service: c.Service,
			CreatedAt: c.CreatedAt, ActiveAt: c.ActiveAt,
		}
		events := []store.Event{seen}
		if c.LineLeft {
			events = append(events, store.LineLeft{Chat: c.ID})
		}
		require.NoError(t, chats.Apply(t.Context(), "acme", events))
	}
	keyed := *r
	key := "k"
	keyed.HeaderKey = &key
	send, err := validate.Request(&keyed, validate.Options{})
	require.NoError(t, err)
	route := func() (routing.Decision, error) {
		return router.Route(t.Context(), fromline.Outgoing{Tenant: "acme", Request: send, At: noon})
	}
	first, err := route()
	want, wantErr := routing.Decide(in)
	if err != nil || wantErr != nil {
		if fromline.CodeOf(err) != fromline.CodeOf(wantErr) {
			return []string{fmt.Sprintf("routing it ends in %v", err)}
		}
		return nil
	}
	want.MessageID, want.Service, want.MoreChats = first.MessageID, first.Service, first.MoreChats
	if want.OpensChat() {
		want.ChatID = first.ChatID
	}
	var found []string
	if !reflect.DeepEqual(want, first) {
		found = append(found, fmt.Sprintf("routing it decides %v", first))
	}
	again, err := route()
	if again.Replay = false; err != nil || !reflect.DeepEqual(first, again) || answerOf(t, first) != answerOf(t, again) {
		found = append(found, fmt.Sprintf("a replay of it is %v (%v)", again, err))
	}
	return found
}

// given is a fleet that always shows one view, and takes every pick.
type given struct {
	*fleet.Fleet
	view fleet.View
}

func (g given) View(context.Context, string, time.Time) (fleet.View, error) { return g.view, nil }

func (g given) Reserve(string, time.Time, fleet.Query, recipients.Handle) bool { return true }

func shuffle[T any](r *rand.Rand, list []T) {
	r.Shuffle(len(list), func(i, j int) { list[i], list[j] = list[j], list[i] })
}

// decided is the record of the decision, or the code of the refusal: what must
// be the same to the byte.
func decided(in routing.Input) string {
	d, err := routing.Decide(in)
	if err != nil {
		return fmt.Sprint(fromline.CodeOf(err))
	}
	body, err := json.Marshal(d)
	if err != nil {
		return err.Error()
	}
	return string(body)
}

const summaryFormat = "%s: %s on %s, before %s, continuation %v, reply dropped %v, link noted %v, at %s"

// summary and summaryOf are what the reference knows of a decision, in words.
func summary(in routing.Input) string {
	d, err := routing.Decide(in)
	if refusal, is := errors.AsType[*routing.Refusal](err); is {
		return fmt.Sprintf("%s: refused %d %+v", refusal.Trace.Branch, refusal.Code, refusal.PassedOver)
	}
	linkNoted := slices.ContainsFunc(d.Advisories, func(a validate.Advisory) bool { return a.Rule == routing.LinkOpensChat })
	return fmt.Sprintf(summaryFormat, d.Reason, d.ChatID, d.Line, d.PreviousChatID, d.ContinuationUsed, d.ReplyDropped, linkNoted, d.DeliverAt)
}

func summaryOf(a reference.Answer, opened uuid.UUID) string {
	if a.Refused != 0 {
		return fmt.Sprintf("%s: refused %d %+v", a.Branch, a.Refused, a.PassedOver)
	}
	chat := a.Reused
	if a.Branch != store.ReusedActiveChat {
		chat = opened
	}
	return fmt.Sprintf(summaryFormat, a.Branch, chat, a.Line, a.Previous, a.ContinuationUsed, a.ReplyDropped, a.LinkNoted, a.DeliverAt)
}

// answerOf is the answer of a decision.
func answerOf(t *testing.T, d routing.Decision) string {
	t.Helper()
	b, err := d.AppendResponse(nil)
	require.NoError(t, err)
	return string(b)
}
