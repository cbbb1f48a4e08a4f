package fromline_test

import (
	"context"
	"errors"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/fromline/fromline"
	"github.com/fromline/fromline/fault"
	"github.com/fromline/fromline/fleet"
	"github.com/fromline/fromline/line"
	"github.com/fromline/fromline/message"
	"github.com/fromline/fromline/recipients"
	"github.com/fromline/fromline/routing"
	"github.com/fromline/fromline/store"
	"github.com/fromline/fromline/store/memory"
)

// A send that names its line is decided as if there were no other line and no
// chat on another one; what it may not do then is refused with its own code.
func TestANamedLineIsTheOnlyOne(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		i := anyInstance(t)
		from := rapid.SampledFrom(numbers).Draw(t, "from")
		named := i.input
		named.From = from
		got, err := routing.Decide(named)
		code := codeOf(t, err)

		alone := i.facts
		alone.SkipNamedGroups = true
		alone.Chats, alone.Lines = nil, nil
		for _, c := range i.facts.Chats {
			if c.Line == from {
				alone.Chats = append(alone.Chats, c)
			}
		}
		var ours *line.Line
		for _, l := range i.facts.Lines {
			if l.Number == from {
				ours = &l
				alone.Lines = append(alone.Lines, l)
			}
		}
		switch {
		case ours == nil:
			require.Equal(t, fault.CodeForeignLine, code)
			return
		case !ours.CanContinue():
			require.Equal(t, fault.CodeLineBarred, code)
			return
		}
		want, wantErr := routing.Decide(of(t, alone, i.request).input)
		opens := wantErr != nil || want.OpensChat()
		switch {
		case opens && (i.input.Send.HasLink() || i.input.Send.HasReply()):
			require.Equal(t, fault.CodeValue, code)
			require.ErrorAs(t, err, new(*routing.Refusal))
		case wantErr != nil:
			require.Equal(t, codeOf(t, wantErr), code)
		default:
			require.NoError(t, err)
			want.Advisories, got.Advisories = nil, nil // of people who are our lines, which are more
			want.MoreChats, got.MoreChats = false, false
			require.Equal(t, want, got)
			require.Equal(t, from, got.Line)
			require.NotEqual(t, store.FailoverFlagged, got.Reason)
		}
	})
}

// A send that names its chat goes there or nowhere, also into a group with a
// name.
func TestANamedChatIsTheOnlyOne(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		i := anyInstance(t)
		if len(i.input.Chats) == 0 {
			return
		}
		c := rapid.SampledFrom(i.input.Chats).Draw(t, "chat")
		in := i.input
		in.From, in.Into = c.Line, c.ID
		d, err := routing.Decide(in)
		ref := in.Lines.Find(c.Line)
		switch {
		case !ref.IsValid():
			require.Equal(t, fault.CodeForeignLine, codeOf(t, err))
		case !ref.CanContinue():
			require.Equal(t, fault.CodeLineBarred, codeOf(t, err))
		case c.LineLeft:
			require.Equal(t, fault.CodeChatLeft, codeOf(t, err))
		case c.Roster.Set().Key() != in.Send.Recipients().Key():
			require.Equal(t, fault.CodeChatNotFound, codeOf(t, err))
		default:
			require.NoError(t, err)
			require.Equal(t, []any{c.ID, c.Line, store.ReusedActiveChat}, []any{d.ChatID, d.Line, d.Reason})
		}
	})
}

func codeOf(t require.TestingT, err error) fault.Code {
	if err == nil {
		return 0
	}
	refusal, is := errors.AsType[*routing.Refusal](err)
	require.True(t, is, "%v", err)
	require.Equal(t, refusal.Code, refusal.Violation().Code)
	return refusal.Code
}

// A line or a chat that is named is part of the send: the same key with another
// one is another request; with the same one it is a replay. Limits hold.
func TestNamedSendsKeepKeysAndLimits(t *testing.T) {
	ctx := context.Background()
	f, err := fleet.New(fleet.Options{})
	require.NoError(t, err)
	one, two := recipients.MustParse("+12025550161"), recipients.MustParse("+12025550162")
	limited := line.Limits{NewChatsPerDay: 1}
	require.NoError(t, f.SetLines("acme", []line.Line{{Number: one, Limits: limited}, {Number: two, Limits: limited}}))
	chats := memory.New(memory.Options{})
	defer chats.Close()
	r, err := fromline.New(chats, f, fromline.Options{})
	require.NoError(t, err)
	send := func(to, key string, from recipients.Handle) (routing.Decision, error) {
		request := &message.Request{To: []string{to}, Message: &message.Content{Parts: []message.Part{message.Text("hello")}}}
		if key != "" {
			request.HeaderKey = &key
		}
		checked, err := r.Check(request)
		require.NoError(t, err)
		return r.Route(ctx, fromline.Outgoing{Tenant: "acme", Request: checked, From: from})
	}
	const ann, bob = "+14155550144", "+16175550162"
	first, err := send(ann, "k", one)
	require.NoError(t, err)
	require.Equal(t, []any{one, store.NewBestNumber}, []any{first.Line, first.Reason})
	again, err := send(ann, "k", one)
	require.NoError(t, err)
	require.True(t, again.Replay)
	require.Equal(t, []any{first.MessageID, first.ChatID}, []any{again.MessageID, again.ChatID})
	for _, from := range []recipients.Handle{two, {}} {
		_, err = send(ann, "k", from)
		require.Equal(t, fault.CodeValue, fromline.CodeOf(err))
	}
	second, err := send(ann, "", one)
	require.NoError(t, err)
	require.Equal(t, first.ChatID, second.ChatID)
	_, err = send(bob, "", one)
	require.Equal(t, fault.CodeNoLine, fromline.CodeOf(err), "the line has opened its chat")
	other, err := send(ann, "", two)
	require.NoError(t, err)
	require.NotEqual(t, first.ChatID, other.ChatID)

	text := &message.Request{Message: &message.Content{Parts: []message.Part{message.Text("and again")}}}
	into, err := r.SendInto(ctx, "acme", first.ChatID, text)
	require.NoError(t, err)
	require.Equal(t, []any{first.ChatID, one}, []any{into.ChatID, into.Line})
	_, err = r.SendInto(ctx, "acme", uuid.New(), text)
	require.ErrorIs(t, err, store.ErrUnknownChat)
	require.Equal(t, fault.CodeChatNotFound, fromline.CodeOf(err))
	require.NoError(t, chats.Apply(ctx, "acme", []store.Event{store.LineLeft{Chat: first.ChatID}}))
	_, err = r.SendInto(ctx, "acme", first.ChatID, text)
	require.Equal(t, fault.CodeChatLeft, fromline.CodeOf(err))
	_, err = r.SendInto(ctx, "globex", other.ChatID, text)
	require.ErrorIs(t, err, store.ErrUnknownChat)
}
