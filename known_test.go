package fromline_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/fromline/fromline"
	"github.com/fromline/fromline/fleet"
	"github.com/fromline/fromline/line"
	"github.com/fromline/fromline/message"
	"github.com/fromline/fromline/recipients"
	"github.com/fromline/fromline/routing"
	"github.com/fromline/fromline/store"
	"github.com/fromline/fromline/store/memory"
)

// knownFirst is a policy that prefers lines that people know to all else.
var knownFirst = fleet.Options{Policy: fleet.Policy{Criteria: append([]fleet.Criterion{fleet.ByKnown()}, fleet.DefaultCriteria()...)}}

// aliases is an AliasResolver of a table, or of an error.
type aliases struct {
	of     map[recipients.Handle][]recipients.Handle
	err    error
	rounds func([][]recipients.Handle) [][]recipients.Handle // what becomes of the answer
	asked  int
}

func (a *aliases) Aliases(ctx context.Context, _ string, to recipients.Set) ([][]recipients.Handle, error) {
	a.asked++
	if a.err == errLate {
		<-ctx.Done()
		return nil, ctx.Err()
	}
	answer := make([][]recipients.Handle, to.Len())
	for i, h := range to.All() {
		answer[i] = a.of[h]
	}
	if a.rounds != nil {
		answer = a.rounds(answer)
	}
	return answer, a.err
}

var errLate = errors.New("not before the context ends")

// A new group goes out from the line that most of its members know; a line that
// may not open the chat is passed over, and a chat that exists is reused
// whatever is known.
func TestKnownLinesArePreferred(t *testing.T) {
	lines := []line.Line{{Number: boston}, {Number: dallas}, {Number: dc}}
	for _, want := range []recipients.Handle{boston, dallas, dc} {
		r := newRig(t, fromline.Options{Fleet: knownFirst}, lines...)
		r.seen(1, want, time.Hour, ann)
		r.seen(2, want, 2*time.Hour, bob, stranger)
		other := boston
		if want == boston {
			other = dallas
		}
		r.seen(3, other, time.Minute, ann)
		d, err := r.Route(t.Context(), fromline.Outgoing{Tenant: "acme", Request: request(t, nil, ann, bob), Explain: true})
		require.NoError(t, err)
		require.Equal(t, want, d.Line)
		require.Equal(t, []string{"known", "reputation"}, d.Trace.Criteria[:2])
		require.Zero(t, d.Trace.Picked.Values[0])
		require.Equal(t, other, d.Trace.RunnerUp.Line)
		require.Equal(t, 1, d.Trace.RunnerUp.Values[0])

		excluding := request(t, func(r *message.Request) { r.ExcludeFrom = []string{want.String()} }, ann, bob, people[3])
		preview, err := r.Preview(t.Context(), fromline.Outgoing{Tenant: "acme", Request: excluding})
		require.NoError(t, err)
		require.Equal(t, other, preview.Line)
		sent, err := r.send(excluding)
		require.NoError(t, err)
		require.Equal(t, other, sent.Line)

		again, err := r.send(request(t, nil, bob, ann))
		require.NoError(t, err)
		require.Equal(t, store.ReusedActiveChat, again.Reason)
	}
}

// The store is asked about known lines once for each send that picks a line,
// and never without the option, for a reuse, for a replay, or where the line is
// named.
func TestOneMoreRoundTripForOpeningsAlone(t *testing.T) {
	lines := []line.Line{{Number: boston}, {Number: dallas}}
	plain := newRig(t, fromline.Options{}, lines...)
	r := newRig(t, fromline.Options{Fleet: knownFirst}, lines...)
	step := func(want []string, act func(r *rig) error) {
		t.Helper()
		require.NoError(t, act(r))
		require.Equal(t, want, r.chatCalls())
		require.NoError(t, act(plain))
		require.NotContains(t, plain.chatCalls(), "known")
	}
	keyed := request(t, withKey("k"), ann)
	send := func(to ...recipients.Handle) func(*rig) error {
		return func(r *rig) error {
			_, err := r.send(request(t, nil, to...))
			return err
		}
	}
	step([]string{"lookup", "known", "commit"}, func(r *rig) error { _, err := r.send(keyed); return err })
	step([]string{"lookup"}, func(r *rig) error { _, err := r.send(keyed); return err })
	step([]string{"lookup", "commit"}, send(ann))
	step([]string{"lookup", "known", "commit"}, send(ann, bob))
	step([]string{"lookup", "commit"}, func(r *rig) error {
		_, err := r.Route(t.Context(), fromline.Outgoing{Tenant: "acme", Request: request(t, nil, bob), From: dallas})
		return err
	})

	first := true
	r.chats.aroundCommit = func(_ *store.Plan, commit func() error) error {
		if first {
			first = false
			return &store.Conflict{Kind: store.RevisionMoved}
		}
		return commit()
	}
	step([]string{"lookup", "known", "commit", "lookup", "commit"}, send(people[3]))

	r.setStatus(boston, line.Flagged)
	r.setStatus(dallas, line.Flagged)
	_, err := r.send(request(t, nil, ann, people[3]))
	require.ErrorAs(t, err, new(*routing.Refusal))
	require.Equal(t, []string{"lookup"}, r.chatCalls(), "a refusal stays one")
}

// chatCalls returns the calls of the store since the last time.
func (r *rig) chatCalls() (calls []string) {
	for _, note := range r.notes.take() {
		if note == "lookup" || note == "known" || note == "commit" {
			calls = append(calls, note)
		}
	}
	return calls
}

// Where the store cannot tell which lines people know, the send is unavailable
// and left no trace.
func TestKnownLinesThatCannotBeTold(t *testing.T) {
	r := newRig(t, fromline.Options{Fleet: knownFirst}, line.Line{Number: boston})
	r.chats.beforeKnown = func([][]recipients.Handle) error { return errors.New("away") }
	_, err := r.send(request(t, nil, ann))
	require.True(t, r.unavailable(err).Retry)
	require.Equal(t, []string{"lookup", "known"}, r.chatCalls())
	_, err = r.Preview(t.Context(), fromline.Outgoing{Tenant: "acme", Request: request(t, nil, ann)})
	r.unavailable(err)
}

// Further handles make a line known, and nobody further takes part in anything.
func TestAliasesMakeALineKnown(t *testing.T) {
	mail := people[4]
	lines := []line.Line{{Number: boston}, {Number: dallas}}
	for _, known := range []recipients.Handle{boston, dallas} {
		resolver := &aliases{of: map[recipients.Handle][]recipients.Handle{ann: {mail, bob}}}
		r := newRig(t, fromline.Options{Fleet: knownFirst, Aliases: resolver}, lines...)
		r.seen(1, known, time.Hour, mail)
		d, err := r.send(request(t, nil, ann))
		require.NoError(t, err)
		require.Equal(t, []any{known, store.NewBestNumber}, []any{d.Line, d.Reason})
		require.Equal(t, request(t, nil, ann).Recipients(), d.Roster.Set())
		require.Empty(t, d.Advisories)
		_, err = r.send(request(t, nil, ann))
		require.NoError(t, err)
		require.Equal(t, 1, resolver.asked)
	}
}

// A resolver that fails, is late or answers what is no answer names nobody, and
// the decision says so, in a replay too.
func TestAliasesThatAreUnknown(t *testing.T) {
	cut := func(n int) func([][]recipients.Handle) [][]recipients.Handle {
		return func(answer [][]recipients.Handle) [][]recipients.Handle { return answer[:n] }
	}
	for name, resolver := range map[string]*aliases{
		"fails":    {err: errors.New("away")},
		"late":     {err: errLate},
		"short":    {rounds: cut(1)},
		"nothing":  {rounds: cut(0)},
		"an empty": {of: map[recipients.Handle][]recipients.Handle{ann: {{}}}},
	} {
		r := newRig(t, fromline.Options{Fleet: knownFirst, Aliases: resolver}, line.Line{Number: boston}, line.Line{Number: dallas})
		if resolver.of == nil {
			resolver.of = map[recipients.Handle][]recipients.Handle{ann: {people[4]}}
		}
		var asked [][]recipients.Handle
		r.chats.beforeKnown = func(handles [][]recipients.Handle) error { asked = handles; return nil }
		for range 2 {
			d, err := r.send(request(t, withKey(name), ann, bob))
			require.NoError(t, err, name)
			require.Len(t, d.Advisories, 1, name)
			require.Equal(t, routing.AliasesUnknown, d.Advisories[0].Rule, name)
			require.Equal(t, "/to", d.Advisories[0].Pointer, name)
		}
		require.Equal(t, [][]recipients.Handle{{ann}, {bob}}, asked, name)
		require.Equal(t, 1, resolver.asked, name)
	}
}

// Of many further handles so many count as the store takes.
func TestManyAliases(t *testing.T) {
	var many []recipients.Handle
	for i := range 100 {
		h, err := recipients.FromDigits(12025550000 + uint64(i))
		require.NoError(t, err)
		many = append(many, h)
	}
	r := newRig(t, fromline.Options{Fleet: knownFirst, Aliases: &aliases{of: map[recipients.Handle][]recipients.Handle{bob: many}}}, line.Line{Number: boston})
	r.chats.beforeKnown = func(handles [][]recipients.Handle) error {
		require.Len(t, handles[0], store.MaxHandles)
		return nil
	}
	_, err := r.send(request(t, nil, bob))
	require.NoError(t, err)
}

// Whatever a resolver answers, the same sends are reuses, of the same chats,
// with the same people, keys and messages; a line that is picked without it
// could be picked.
func TestAliasesChangeNothingButThePick(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var routers [2]*fromline.Router
		resolver := &aliases{of: map[recipients.Handle][]recipients.Handle{}}
		for _, h := range people {
			resolver.of[h] = someOf(t, people, 0, 4, "aliases")
		}
		if chance(t, 10, "fails") {
			resolver.err = errors.New("away")
		}
		for i := range routers {
			o := fromline.Options{Clock: func() time.Time { return noon }, NewID: (&counted{}).NewID}
			if i == 1 {
				o.Aliases = resolver
			}
			lines, err := fleet.New(knownFirst)
			require.NoError(t, err)
			for _, n := range numbers[:4] {
				require.NoError(t, lines.PutLine("acme", line.Line{Number: n}))
			}
			routers[i], err = fromline.New(memory.New(memory.Options{}), lines, o)
			require.NoError(t, err)
		}
		for range rapid.IntRange(1, 12).Draw(t, "sends") {
			r := &message.Request{Message: &message.Content{Parts: []message.Part{message.Text("Hello")}}}
			for _, h := range someOf(t, people[:6], 1, 3, "to") {
				r.To = append(r.To, h.String())
			}
			if key := rapid.SampledFrom([]string{"", "a", "b"}).Draw(t, "key"); key != "" {
				r.HeaderKey = &key
			}
			var said [2]routing.Decision
			var errs [2]error
			for i, router := range routers {
				said[i], errs[i] = router.Send(t.Context(), "acme", r)
			}
			require.Equal(t, fromline.CodeOf(errs[0]), fromline.CodeOf(errs[1]))
			if errs[0] != nil {
				continue
			}
			for i := range said {
				require.True(t, said[i].Replay || said[i].OpensChat() || len(said[i].Advisories) == 0)
				said[i].Line, said[i].Advisories = recipients.Handle{}, nil
			}
			require.Equal(t, said[0], said[1])
		}
	})
}

// What cannot work together is refused when a Router is made.
func TestKnownLinesNeedAStoreAndAPolicy(t *testing.T) {
	lines, err := fleet.New(knownFirst)
	require.NoError(t, err)
	bare := struct{ store.ChatStore }{memory.New(memory.Options{})}
	_, err = fromline.New(bare, lines, fromline.Options{})
	require.Error(t, err)
	plain, err := fleet.New(fleet.Options{})
	require.NoError(t, err)
	_, err = fromline.New(bare, plain, fromline.Options{})
	require.NoError(t, err)
	_, err = fromline.New(memory.New(memory.Options{}), plain, fromline.Options{Aliases: &aliases{}})
	require.Error(t, err)
}

// A chat that a line on its ramp opens says so, in a replay too.
func TestYoungLinesAreSaid(t *testing.T) {
	guarded := fleet.Options{Guard: line.Careful()}
	for started, want := range map[time.Duration]bool{time.Hour: true, 13 * 24 * time.Hour: true, 14 * 24 * time.Hour: false} {
		r := newRig(t, fromline.Options{Fleet: guarded}, line.Line{Number: boston, StartedAt: noon.Add(-started)})
		says := func(d routing.Decision) bool {
			for _, a := range d.Advisories {
				if a.Rule == routing.LineYoung {
					require.Empty(t, a.Pointer)
					return true
				}
			}
			return false
		}
		for range 2 {
			d, err := r.send(request(t, withKey("k"), ann))
			require.NoError(t, err)
			require.Equal(t, want, says(d), started)
		}
		d, err := r.send(request(t, nil, ann))
		require.NoError(t, err)
		require.False(t, says(d), "a reuse is no opening")
	}
}
