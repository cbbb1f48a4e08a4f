package routing_test

import (
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/fromline/fromline/fault"
	"github.com/fromline/fromline/line"
	"github.com/fromline/fromline/message"
	"github.com/fromline/fromline/recipients"
	"github.com/fromline/fromline/routing"
	"github.com/fromline/fromline/store"
)

// TestSendsThatNameTheirLineOrChat is the table of what a send that names its
// line, or a chat of it, comes to, and of what it is refused for and where.
func TestSendsThatNameTheirLineOrChat(t *testing.T) {
	lines := []line.Line{{Number: dc}, {Number: boston}, {Number: dallas, Status: line.Flagged}}
	none := uuid.UUID{0: 'x'}
	first, second, elsewhere, left, named := uuid.UUID{1}, uuid.UUID{2}, uuid.UUID{3}, uuid.UUID{4}, uuid.UUID{5}
	link := func(r *message.Request) {
		r.Message.Parts = []message.Part{&message.LinkPart{Value: new("https://example.com")}}
	}
	reply := func(r *message.Request) {
		id := none.String()
		r.Message.ReplyTo = &message.ReplyTo{MessageID: &id}
	}
	pair, one := []recipients.Handle{ann, bob}, []recipients.Handle{ann}
	for name, row := range map[string]struct {
		from   recipients.Handle
		into   uuid.UUID
		to     []recipients.Handle
		change func(*message.Request)
		chat   uuid.UUID // none: a new one
		fault  fault.Fault
	}{
		"the latest chat of the line":     {dc, uuid.Nil, one, nil, second, fault.Fault{}},
		"a chat of the line":              {dc, first, one, nil, first, fault.Fault{}},
		"a chat of another line":          {dc, elsewhere, one, nil, none, fault.Fault{Rule: fault.RuleChatUnknown, Code: fault.CodeChatNotFound}},
		"a chat that there is not":        {dc, none, one, nil, none, fault.Fault{Rule: fault.RuleChatUnknown, Code: fault.CodeChatNotFound}},
		"a chat that the line left":       {dc, left, one, nil, none, fault.Fault{Rule: fault.RuleChatLeft, Code: fault.CodeChatLeft}},
		"a group with a name by its line": {dc, uuid.Nil, pair, nil, none, fault.Fault{}},
		"a group with a name itself":      {dc, named, pair, nil, named, fault.Fault{}},
		"a link into a chat":              {dc, uuid.Nil, one, link, second, fault.Fault{}},
		"a link that opens one":           {boston, uuid.Nil, pair, link, none, fault.Fault{Pointer: "/message/parts", Rule: fault.RuleFirstLink, Code: fault.CodeValue}},
		"a reply that opens one":          {boston, uuid.Nil, pair, reply, none, fault.Fault{Pointer: "/message/reply_to", Rule: fault.RuleFirstReply, Code: fault.CodeValue}},
		"a message that opens one":        {boston, uuid.Nil, pair, nil, none, fault.Fault{}},
		"a line that is not ours":         {bob, uuid.Nil, one, nil, none, fault.Fault{Pointer: "/from", Rule: fault.RuleForeignLine, Code: fault.CodeForeignLine}},
		"a line that is flagged":          {dallas, uuid.Nil, one, nil, none, fault.Fault{Pointer: "/from", Rule: fault.RuleLineBarred, Code: fault.CodeLineBarred}},
	} {
		t.Run(name, func(t *testing.T) {
			in := routing.Input{
				Send: request(t, row.change, row.to...), Lines: byHand(t, lines), At: noon,
				MessageID: uuid.UUID{0: 'm'}, NewChatID: none, From: row.from, Into: row.into,
			}
			for id, c := range map[uuid.UUID]store.Chat{
				first: {Line: dc, ActiveAt: noon.Add(-3 * time.Hour)}, second: {Line: dc, ActiveAt: noon.Add(-2 * time.Hour)},
				elsewhere: {Line: boston, ActiveAt: noon.Add(-time.Hour)}, left: {Line: dc, LineLeft: true, ActiveAt: noon}, named: {Line: dc, Named: true},
			} {
				c.ID, c.CreatedAt, c.Roster = id, noon.Add(-24*time.Hour), store.NewRoster(in.Send.Recipients(), noon)
				if (id == named) == (len(row.to) > 1) {
					in.Chats = append(in.Chats, c)
				}
			}
			d, err := routing.Decide(in)
			if row.fault != (fault.Fault{}) {
				var refusal *routing.Refusal
				require.ErrorAs(t, err, &refusal)
				assert.Equal(t, row.fault, refusal.Violation())
				return
			}
			require.NoError(t, err)
			assert.Equal(t, row.from, d.Line)
			assert.Equal(t, row.chat, d.ChatID)
			assert.Equal(t, row.chat == none, d.OpensChat())
			read, want, _ := readBack(t, in)
			assert.Equal(t, want, read)
		})
	}
}

// TestWhyNothingIsPicked is the table of what a refusal says and of which field
// is at fault: exclude_from where nothing else bars our lines, else none.
func TestWhyNothingIsPicked(t *testing.T) {
	full := line.Line{Number: dc, NewChats: 5, NewChatsFullUntil: noon.Add(time.Hour)}
	full.Limits.NewChatsPerDay = 5
	excluded := func(r *message.Request) { r.ExcludeFrom = []string{dc.String()} }
	for name, row := range map[string]struct {
		lines  []line.Line
		change func(*message.Request)
		why    string
		fault  fault.Fault
	}{
		"no lines": {nil, nil, "there are no lines", fault.Fault{Rule: fault.RuleNoLine, Code: fault.CodeNoLine, Value: "there are no lines"}},
		"flagged":  {[]line.Line{{Number: dc, Status: line.Flagged}}, nil, "1 flagged", fault.Fault{Rule: fault.RuleNoLine, Code: fault.CodeNoLine, Value: "1 flagged"}},
		"full": {[]line.Line{full}, nil, "1 at the new-chat limit; the next slot frees at 2026-03-01T13:00:00Z", fault.Fault{
			Rule: fault.RuleNoLine, Code: fault.CodeNoLine, Value: "1 at the new-chat limit; the next slot frees at 2026-03-01T13:00:00Z",
		}},
		"excluded": {[]line.Line{{Number: dc}}, excluded, "every line that could open a chat is excluded", fault.Fault{
			Pointer: "/exclude_from", Rule: fault.RuleEveryLineBarred, Code: fault.CodeValue,
		}},
	} {
		t.Run(name, func(t *testing.T) {
			in := routing.Input{Send: request(t, row.change, ann), Lines: byHand(t, row.lines), At: noon, MessageID: uuid.UUID{1}, NewChatID: uuid.UUID{2}}
			_, err := routing.Decide(in)
			var refusal *routing.Refusal
			require.ErrorAs(t, err, &refusal)
			assert.Equal(t, row.why, refusal.Why())
			assert.Equal(t, row.fault, refusal.Violation())
			assert.Equal(t, name == "full", !refusal.NextFree.IsZero())
		})
	}
}
