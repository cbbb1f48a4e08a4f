package sim

import (
	"context"
	"errors"

	"github.com/google/uuid"

	"github.com/fromline/fromline/fleet"
	"github.com/fromline/fromline/recipients"
	"github.com/fromline/fromline/store"
)

// knower is store.KnownReader, with another name for embedding.
type knower interface{ store.KnownReader }

// knowing is the policy of worlds that prefer lines that people know.
func knowing() fleet.Policy {
	return fleet.Policy{Criteria: []fleet.Criterion{
		fleet.ByReputation(), fleet.ByCountry(), fleet.ByKnown(), fleet.ByUse(), fleet.ByArea(), fleet.ByProvince(), fleet.ByFewest(),
	}}
}

// KnownLines implements store.KnownReader. It is a call like a look-up.
func (r remote) KnownLines(_ context.Context, tenant string, handles [][]recipients.Handle) ([]store.KnownLine, error) {
	req := &request{tenant: tenant, known: handles}
	r.call(req)
	if req.broken != nil {
		return nil, req.broken
	}
	req.task.told.strangers = req.strangers
	return req.lines, req.err
}

// further returns other handles of the same person.
func further(h recipients.Handle) []recipients.Handle {
	switch h {
	case ann:
		return []recipients.Handle{bob}
	case bob:
		return nil
	}
	return []recipients.Handle{ann}
}

// Aliases implements fromline.AliasResolver. It fails sometimes.
func (w *world) Aliases(_ context.Context, _ string, to recipients.Set) ([][]recipients.Handle, error) {
	if w.current.told.noAliases = w.faults > 0 && w.draw.once(4); w.current.told.noAliases {
		return nil, errors.New("the aliases are away")
	}
	var all [][]recipients.Handle
	for _, h := range to.All() {
		all = append(all, further(h))
	}
	return all, nil
}

// strangers counts, in all chats, how many people of a send do not know each
// line that one of them knows.
func (w *world) strangers(t *task) map[recipients.Handle]int {
	chats, _, err := w.engine.ChatsOfTenant(context.Background(), t.send.tenant.name, uuid.Nil, 0)
	if err != nil {
		panic(err)
	}
	knows := func(h, line recipients.Handle) bool {
		for _, c := range chats {
			if c.Line == line && !c.LineLeft && c.Roster.Set().Contains(h) {
				return true
			}
		}
		return false
	}
	strangers := map[recipients.Handle]int{}
	for _, l := range t.send.tenant.lines {
		for _, h := range t.send.facts.To {
			known := knows(h, l.Number)
			for _, other := range further(h) {
				known = known || !t.told.noAliases && knows(other, l.Number)
			}
			strangers[l.Number] += countOf(!known)
		}
	}
	return strangers
}
