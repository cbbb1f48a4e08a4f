package storetest

import (
	"time"

	"github.com/stretchr/testify/require"

	"github.com/fromline/fromline/recipients"
	"github.com/fromline/fromline/store"
)

// setless and handleless name zero values.
var (
	setless    recipients.Set
	handleless recipients.Handle
)

var conflictClauses = []Clause{
	{
		Name: "conflict/the revision moved",
		IDs:  []string{"conflict.revision", "commit.atomic"},
		check: func(w *world) {
			set := people(1)
			first := w.opening(set, number(1), noon)
			second := w.loaded(w.opening(set, number(2), noon))
			w.commit(first)
			w.conflict(second, store.RevisionMoved)
			failover := w.failing(set, first.ChatID, number(2), noon)
			reuse := w.reusing(set, first.ChatID, noon)
			w.commit(w.failing(set, first.ChatID, number(3), noon))
			w.conflict(failover, store.RevisionMoved)
			w.conflict(reuse, store.RevisionMoved)
			w.conflict(second, store.RevisionMoved)
			second.Revision = w.revision(set)
			w.commit(second)
		},
	},
	{
		Name: "conflict/a revision that never was",
		IDs:  []string{"conflict.revision"},
		check: func(w *world) {
			p := w.opening(people(1), number(1), noon)
			p.Revision = 1 << 62
			w.conflict(p, store.RevisionMoved)
			p.Revision = 0
			w.commit(p)
			w.conflict(planOf(store.NewBestNumber, people(1), w.id(), number(1), noon, w.id()), store.RevisionMoved)
		},
	},
	{
		Name: "conflict/the key is taken",
		IDs:  []string{"conflict.key"},
		check: func(w *world) {
			first := w.withKey(w.opening(people(1), number(1), noon), "key")
			w.commit(first)

			sameKey := w.withKey(w.opening(people(2), number(1), noon), "key")
			w.conflict(sameKey, store.KeyTaken)
			sameMail := w.opening(people(2), number(1), noon)
			sameMail.MessageID = first.MessageID
			w.conflict(sameMail, store.KeyTaken)
			w.conflict(w.withKey(sameMail, "another key"), store.KeyTaken)
			reuse := w.withKey(w.reusing(people(1), first.ChatID, noon.Add(time.Hour)), "key")
			w.conflict(reuse, store.KeyTaken)

			w.commit(w.withKey(w.opening(people(2), number(1), noon), "Key"))
		},
	},
	{
		Name: "conflict/the same plan twice",
		IDs:  []string{"conflict.key"},
		check: func(w *world) {
			set := people(1)
			id := w.open(set, number(1), noon)
			p := w.withKey(w.reusing(set, id, noon.Add(time.Hour)), "key")
			w.commit(p)
			w.conflict(p, store.KeyTaken)
			p = w.reusing(set, id, noon.Add(2*time.Hour))
			w.commit(p)
			w.conflict(p, store.KeyTaken)
		},
	},
	{
		Name: "conflict/a plan without a key leaves no key",
		IDs:  []string{"record.keyless"},
		check: func(w *world) {
			w.open(people(1), number(1), noon)
			w.open(people(2), number(1), noon)
			require.Nil(w, w.lookup(store.Query{}).Record)
		},
	},
	{
		Name: "conflict/the line is full",
		IDs:  []string{"conflict.full"},
		check: func(w *world) {
			w.open(people(1), number(1), noon.Add(30*time.Minute))
			w.open(people(2), number(1), noon.Add(90*time.Minute))
			p := w.loaded(w.opening(people(3), number(1), noon.Add(3*time.Hour)))
			p.NewChatLimit = 2
			full := w.conflict(p, store.LineFull)
			require.Equal(w, number(1), full.Line)
			require.Equal(w, noon.Add(25*time.Hour), full.NextFree)
			p.NewChatLimit = 1
			require.Equal(w, noon.Add(26*time.Hour), w.conflict(p, store.LineFull).NextFree)
			p.NewChatLimit = 3
			w.commit(p)
		},
	},
}
