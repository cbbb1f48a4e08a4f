package fromline_test

import (
	"encoding/json"
	"errors"
	"slices"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/fromline/fromline/fault"
	"github.com/fromline/fromline/internal/reference"
	"github.com/fromline/fromline/line"
	"github.com/fromline/fromline/message"
	"github.com/fromline/fromline/routing"
	"github.com/fromline/fromline/store"
	"github.com/fromline/fromline/validate"
)

// decisionLaw is a law under a name; the number before it is that of
// docs/rules.md §16.
type decisionLaw struct {
	name  string
	holds func(*rapid.T, instance)
}

// decisionLaws are the laws of docs/rules.md §16 that can be stated about one
// decision, tried on generated instances.
var decisionLaws = []decisionLaw{
	{"TheReferenceDecidesTheSame", theReferenceDecidesTheSame},
	{"1_OneMessage", oneMessage},
	{"2_SpellingDoesNotMatter", spellingDoesNotMatter},
	{"3_ReuseIffAMatchingChatCanContinue", reuseIffAMatchingChatCanContinue},
	{"4_NewIffNothingMatches", newIffNothingMatches},
	{"5_FailoverIffNoneCanContinue", failoverIffNoneCanContinue},
	{"6_ContinuationIffFailoverAndGiven", continuationIffFailoverAndGiven},
	{"7_APickedLineMayOpen", aPickedLineMayOpen},
	{"8_ExcludingEndsNoChat", excludingEndsNoChat},
	{"12_ARefusalDecidesNothing", aRefusalDecidesNothing},
	{"14_IneligibleLinesChangeNothing", ineligibleLinesChangeNothing},
	{"15_AFullLineOpensNothing", aFullLineOpensNothing},
	{"16_SameInputSameBytes", sameInputSameBytes},
	{"16_OrderDoesNotMatter", orderDoesNotMatter},
	{"TheTraceTellsTheDecision", theTraceTellsTheDecision},
	{"TheRecordKeepsTheTrace", theRecordKeepsTheTrace},
}

func TestDecision(t *testing.T) {
	for _, law := range decisionLaws {
		t.Run(law.name, rapid.MakeCheck(func(t *rapid.T) { law.holds(t, anyInstance(t)) }))
	}
}

func FuzzDecision(f *testing.F) {
	f.Add([]byte{})
	f.Add([]byte("some bytes to draw a first instance of the world from, more of them"))
	f.Fuzz(rapid.MakeFuzz(func(t *rapid.T) {
		i := anyInstance(t)
		for _, law := range decisionLaws {
			law.holds(t, i)
		}
	}))
}

// decide returns the decision, or the refusal.
func (i instance) decide(t *rapid.T) (routing.Decision, *routing.Refusal) {
	d, err := routing.Decide(i.input)
	if err == nil {
		return d, nil
	}
	refusal, is := errors.AsType[*routing.Refusal](err)
	require.True(t, is, "%v", err)
	return routing.Decision{}, refusal
}

// branch returns the branch that was taken, also if it ended in a refusal.
func (i instance) branch(t *rapid.T) store.Reason {
	d, refusal := i.decide(t)
	if refusal != nil {
		return refusal.Trace.Branch
	}
	return d.Reason
}

func theReferenceDecidesTheSame(t *rapid.T, i instance) {
	want := reference.Decide(i.facts)
	d, refusal := i.decide(t)
	compare(t, want, d, refusal, i.input.NewChatID)
	if want.Branch == store.ReusedActiveChat {
		return
	}
	trace := routing.Explain(i.input)
	require.Equal(t, want.PassedOver, trace.PassedOver, i.story())
	if want.Refused != 0 {
		return
	}
	require.Equal(t, want.Scores, trace.Picked.Values)
	require.Equal(t, want.RunnerUp.IsValid(), trace.RunnerUp != nil)
	if trace.RunnerUp != nil {
		require.Equal(t, want.RunnerUp, trace.RunnerUp.Line)
		require.Equal(t, want.RunnerUpScores, trace.RunnerUp.Values)
	}
}

// compare fails unless the decision is what the reference answers.
func compare(t require.TestingT, want reference.Answer, d routing.Decision, refusal *routing.Refusal, opened uuid.UUID) {
	got := reference.Answer{
		Branch: d.Reason, Line: d.Line, Previous: d.PreviousChatID, More: d.MoreChats,
		ContinuationUsed: d.ContinuationUsed, ReplyDropped: d.ReplyDropped, LinkNoted: advises(d, routing.LinkOpensChat),
		Scores: want.Scores, RunnerUp: want.RunnerUp, RunnerUpScores: want.RunnerUpScores, PassedOver: want.PassedOver, // in the trace
	}
	switch {
	case refusal != nil:
		got.Branch, got.Refused, got.PassedOver = refusal.Trace.Branch, int(refusal.Code), refusal.PassedOver
	case d.Reason == store.ReusedActiveChat:
		got.Reused = d.ChatID
	default:
		require.Equal(t, opened, d.ChatID)
	}
	require.Equal(t, want, got)
}

func advises(d routing.Decision, rule fault.Rule) bool {
	return slices.ContainsFunc(d.Advisories, func(a validate.Advisory) bool { return a.Rule == rule })
}

func oneMessage(t *rapid.T, i instance) {
	d, refusal := i.decide(t)
	if refusal != nil {
		require.Nil(t, d.Message)
		return
	}
	want := *i.input.Send.Message()
	if d.ContinuationUsed {
		want = message.Content{Parts: []message.Part{&message.TextPart{Value: i.request.ContinuationMessage.Text}}, PreferredService: want.PreferredService}
	} else if d.OpensChat() {
		want.ReplyTo = nil
	}
	require.Equal(t, want, *d.Message)
	require.Equal(t, i.input.MessageID, d.MessageID)
}

func spellingDoesNotMatter(t *rapid.T, i instance) {
	again := of(t, i.facts, respelled(t, i.request))
	require.Equal(t, i.input.Send.Fingerprint(), again.input.Send.Fingerprint())
	d, refusal := i.decide(t)
	e, refusalAgain := again.decide(t)
	require.Equal(t, refusal, refusalAgain)
	require.Equal(t, d, e)
}

func reuseIffAMatchingChatCanContinue(t *rapid.T, i instance) {
	can := slices.ContainsFunc(i.facts.Matching(), func(c store.Chat) bool { return i.facts.Continues(c.Line) })
	require.Equal(t, can, i.branch(t) == store.ReusedActiveChat, i.story())
}

func newIffNothingMatches(t *rapid.T, i instance) {
	require.Equal(t, len(i.facts.Matching()) == 0, i.branch(t) == store.NewBestNumber, i.story())
}

func failoverIffNoneCanContinue(t *rapid.T, i instance) {
	matching := i.facts.Matching()
	can := slices.ContainsFunc(matching, func(c store.Chat) bool { return i.facts.Continues(c.Line) })
	require.Equal(t, len(matching) > 0 && !can, i.branch(t) == store.FailoverFlagged, i.story())
	d, _ := i.decide(t)
	require.Equal(t, d.Reason == store.FailoverFlagged, d.PreviousChatID != uuid.Nil)
	if d.PreviousChatID != uuid.Nil {
		require.Equal(t, matching[0].ID, d.PreviousChatID)
	}
}

func continuationIffFailoverAndGiven(t *rapid.T, i instance) {
	d, _ := i.decide(t)
	require.Equal(t, d.Reason == store.FailoverFlagged && i.request.ContinuationMessage != nil, d.ContinuationUsed)
}

func aPickedLineMayOpen(t *rapid.T, i instance) {
	d, refusal := i.decide(t)
	if refusal == nil && !d.OpensChat() {
		return
	}
	may := slices.DeleteFunc(slices.Clone(i.facts.Lines), func(l line.Line) bool { return !i.facts.MayOpen(l) })
	require.Equal(t, len(may) == 0, refusal != nil, i.story())
	require.True(t, refusal != nil || slices.ContainsFunc(may, func(l line.Line) bool { return l.Number == d.Line }), i.story())
}

func excludingEndsNoChat(t *rapid.T, i instance) {
	f, r := i.facts, *i.request
	f.Send.ExcludeFrom, r.ExcludeFrom = numbers, texts(numbers)
	require.Equal(t, i.branch(t), of(t, f, &r).branch(t))
}

func aRefusalDecidesNothing(t *rapid.T, i instance) {
	d, err := routing.Decide(i.input)
	if err != nil {
		require.Equal(t, routing.Decision{}, d)
	}
}

func ineligibleLinesChangeNothing(t *rapid.T, i instance) {
	before, refusal := i.decide(t)
	i.facts.Lines = slices.Clone(i.facts.Lines)
	for _, number := range numbers {
		ours := slices.ContainsFunc(i.facts.Lines, func(l line.Line) bool { return l.Number == number })
		hasChat := slices.ContainsFunc(i.facts.Chats, func(c store.Chat) bool { return c.Line == number })
		l := anyLine(t, number)
		if continues := l.Status != line.Flagged && !l.Ineligible; !ours && !i.facts.MayOpen(l) && !(hasChat && continues) {
			i.facts.Lines = append(i.facts.Lines, l)
		}
	}
	after, refusalAfter := of(t, i.facts, i.request).decide(t)
	// A recipient may have become a line of ours, of which the send is advised.
	others := func(d *routing.Decision) (list []validate.Advisory) {
		for _, a := range d.Advisories {
			if a.Rule != routing.ToOwnLine {
				list = append(list, a)
			}
		}
		return list
	}
	before.Advisories, after.Advisories = others(&before), others(&after)
	require.Equal(t, before, after)
	require.Equal(t, refusal == nil, refusalAfter == nil)
}

func aFullLineOpensNothing(t *rapid.T, i instance) {
	d, refusal := i.decide(t)
	if refusal != nil || !d.OpensChat() {
		return
	}
	l := i.facts.Lines[slices.IndexFunc(i.facts.Lines, func(l line.Line) bool { return l.Number == d.Line })]
	require.True(t, l.Limits.NewChatsPerDay == 0 || l.NewChats < l.Limits.NewChatsPerDay, i.story())
	require.False(t, l.NewChatsFullUntil.After(noon) || l.MessagesFullUntil.After(noon), i.story())
}

func sameInputSameBytes(t *rapid.T, i instance) {
	chats := slices.Clone(i.input.Chats)
	d, refusal := i.decide(t)
	e, refusalAgain := i.decide(t)
	require.Equal(t, d, e)
	require.Equal(t, refusal, refusalAgain)
	if refusal == nil {
		require.Equal(t, asJSON(t, d), asJSON(t, e))
	}
	require.Equal(t, asJSON(t, routing.Explain(i.input)), asJSON(t, routing.Explain(i.input)))
	require.Equal(t, chats, i.input.Chats, "the input was changed")
}

func asJSON(t require.TestingT, v any) string {
	body, err := json.Marshal(v)
	require.NoError(t, err)
	return string(body)
}

func orderDoesNotMatter(t *rapid.T, i instance) {
	shuffled := i.facts
	shuffled.Chats = rapid.Permutation(i.facts.Chats).Draw(t, "chats shuffled")
	shuffled.Lines = rapid.Permutation(i.facts.Lines).Draw(t, "lines shuffled")
	d, refusal := i.decide(t)
	e, refusalAgain := of(t, shuffled, i.request).decide(t)
	require.Equal(t, d, e)
	require.Equal(t, refusal, refusalAgain)
}

func theTraceTellsTheDecision(t *rapid.T, i instance) {
	trace := routing.Explain(i.input)
	require.Equal(t, i.branch(t), trace.Branch)
	require.Len(t, trace.Chats, len(i.facts.Chats))
	d, refusal := i.decide(t)
	if refusal != nil {
		require.Equal(t, trace, refusal.Trace)
		return
	}
	for _, c := range trace.Chats {
		require.Equal(t, !d.OpensChat() && c.ChatID == d.ChatID, c.Chosen)
		require.Equal(t, c.ChatID == d.PreviousChatID, c.Previous)
	}
	require.Equal(t, d.OpensChat(), trace.Picked != nil)
	if trace.Picked != nil {
		require.Equal(t, d.Line, trace.Picked.Line)
	}
}
