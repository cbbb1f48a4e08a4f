package routing_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/fromline/fromline/internal/reference"
	"github.com/fromline/fromline/line"
	"github.com/fromline/fromline/message"
	"github.com/fromline/fromline/recipients"
	"github.com/fromline/fromline/routing"
	"github.com/fromline/fromline/store"
	"github.com/fromline/fromline/validate"
)

// A chat can be in each of these states; its line is its own.
var chatStates = []string{"continues", "excluded", "flagged", "ineligible", "gone", "left", "named", "other people"}

// The line that a chat could be opened on can be in each of these; there is no
// other besides those of the chats, which are at their limit.
var pickStates = []string{
	"open", "none", "flagged", "ineligible", "critical", "full", "full until", "over messages",
	"wrong service", "excluded", "recipient", "two open",
}

// TestTruthTable decides every combination of the small things that a decision
// rests on, and compares it with the reference: up to three chats, each in any
// state, in any order of activity, with people or a group, named groups skipped
// or not; the line to pick in any state; with and without a continuation, a
// reply, links and a preferred service.
func TestTruthTable(t *testing.T) {
	rows, wrong := 0, 0
	most := 3
	if testing.Short() {
		most = 2
	}
	for chats := range sequences(len(chatStates), most) {
		for pick := range pickStates {
			for options := range 1 << 4 {
				row := tableRow{chats: chats, pick: pick, options: options}
				rows++
				if got, want := row.decide(t); got != want && wrong < 10 {
					wrong++
					t.Errorf("%s\n got %s\nwant %s", row, got, want)
				}
			}
		}
	}
	t.Logf("%d rows", rows)
}

// sequences yields every sequence of up to n of the first m numbers.
func sequences(m, n int) func(func([]int) bool) {
	return func(yield func([]int) bool) {
		var grow func(prefix []int) bool
		grow = func(prefix []int) bool {
			if !yield(prefix) {
				return false
			}
			for i := 0; i < m && len(prefix) < n; i++ {
				if !grow(append(prefix[:len(prefix):len(prefix)], i)) {
					return false
				}
			}
			return true
		}
		grow(nil)
	}
}

// tableRow is one row of the table.
type tableRow struct {
	chats   []int // their states, the most recently active first
	pick    int
	options int // bits: group, skip named groups, continuation with link, reply and link and service
}

func (r tableRow) has(bit int) bool { return r.options&(1<<bit) != 0 }

func (r tableRow) String() string {
	text := fmt.Sprintf("pick %s; group %v, skip named %v, continuation %v, reply and link and service %v; chats",
		pickStates[r.pick], r.has(0), r.has(1), r.has(2), r.has(3))
	for _, state := range r.chats {
		text += " " + chatStates[state]
	}
	return text
}

var (
	tablePeople = []recipients.Handle{recipients.MustParse("+12025550143"), recipients.MustParse("ann@example.com")}
	otherPeople = recipients.MustParse("+12025550144")
	tableLines  = []recipients.Handle{
		recipients.MustParse("+12025550161"), recipients.MustParse("+12025550162"), recipients.MustParse("+12025550163"),
		recipients.MustParse("+14155550164"), recipients.MustParse("+14155550165"),
	}
)

// decide returns what is decided and what has to be.
func (r tableRow) decide(t *testing.T) (got, want string) {
	f := reference.Facts{At: noon, SkipNamedGroups: r.has(1)}
	f.Send.To = tablePeople[:1]
	if r.has(0) {
		f.Send.To = tablePeople
	}
	if pickStates[r.pick] == "recipient" {
		f.Send.To = append(f.Send.To[:len(f.Send.To):len(f.Send.To)], tableLines[3])
	}
	for i, state := range r.chats {
		r.addChat(&f, i, chatStates[state])
	}
	r.addPick(&f)

	text := "Dinner at eight?"
	content := &message.Content{}
	request := &message.Request{Message: content}
	if r.has(2) {
		f.Send.Continuation, f.Send.ContinuationLink = true, true
		again := "It is me: https://example.com"
		request.ContinuationMessage = &message.Continuation{Text: &again}
	}
	if r.has(3) {
		f.Send.Reply, f.Send.Link, f.Send.Service = true, true, message.IMessage
		text = "see https://example.com/menu"
		answered, service := uuid.UUID{0: 'r'}.String(), "iMessage"
		content.ReplyTo, content.PreferredService = &message.ReplyTo{MessageID: &answered}, &service
	}
	content.Parts = []message.Part{message.Text(text)}
	for _, h := range f.Send.To {
		request.To = append(request.To, h.String())
	}
	for _, h := range f.Send.ExcludeFrom {
		request.ExcludeFrom = append(request.ExcludeFrom, h.String())
	}
	send, err := validate.Request(request, validate.Options{})
	if err != nil {
		t.Fatal(err)
	}
	in := routing.Input{
		Send: send, Chats: f.Chats, SkipNamedGroups: f.SkipNamedGroups, Lines: view(f), At: noon,
		MessageID: uuid.UUID{0: 'm'}, NewChatID: uuid.UUID{0: 'n'},
	}
	return summary(in), summaryOf(reference.Decide(f), in.NewChatID)
}

func (r tableRow) addChat(f *reference.Facts, i int, state string) {
	people := f.Send.To
	if state == "other people" {
		people = []recipients.Handle{otherPeople}
	}
	set, err := recipients.NewSet(people...)
	if err != nil {
		panic(err)
	}
	c := store.Chat{ID: uuid.UUID{15: byte(i + 1)}, Line: tableLines[i], Roster: store.NewRoster(set, noon.Add(-24*time.Hour))}
	c.CreatedAt, c.ActiveAt = c.Roster.Since(), noon.Add(-time.Duration(i+1)*time.Hour)
	c.LineLeft, c.Named = state == "left", state == "named"
	// In the order of the slice the most recently active is last.
	f.Chats = append([]store.Chat{c}, f.Chats...)
	l := line.Line{Number: c.Line, Limits: line.Limits{NewChatsPerDay: 1}, NewChats: 1}
	switch state {
	case "excluded":
		f.Send.ExcludeFrom = append(f.Send.ExcludeFrom, c.Line)
	case "flagged":
		l.Status = line.Flagged
	case "ineligible":
		l.Ineligible = true
	case "gone":
		return
	}
	f.Lines = append(f.Lines, l)
}

func (r tableRow) addPick(f *reference.Facts) {
	l := line.Line{Number: tableLines[3]}
	switch pickStates[r.pick] {
	case "none":
		return
	case "flagged":
		l.Status = line.Flagged
	case "ineligible":
		l.Ineligible = true
	case "critical":
		l.Reputation = line.Critical
	case "full":
		l.Limits.NewChatsPerDay, l.NewChats = 2, 2
	case "full until":
		l.NewChatsFullUntil = noon.Add(2 * time.Hour)
	case "over messages":
		l.MessagesFullUntil = noon.Add(time.Hour)
	case "wrong service":
		l.Services = line.Services(message.SMS) // matters where one is preferred
	case "excluded":
		f.Send.ExcludeFrom = append(f.Send.ExcludeFrom, l.Number)
	case "two open":
		f.Lines = append(f.Lines, line.Line{Number: tableLines[4], Reputation: line.AtRisk})
	}
	f.Lines = append(f.Lines, l)
}
