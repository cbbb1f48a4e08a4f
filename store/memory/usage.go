package memory

import (
	"context"

	"github.com/tidwall/btree"

	"github.com/fromline/fromline/line"
	"github.com/fromline/fromline/store"
)

// LineUse implements store.UsageReader. It locks the whole store for a moment,
// so that no number below the last one returned can still be on its way.
func (s *Store) LineUse(ctx context.Context, after line.Change, limit int) ([]line.Use, line.Change, error) {
	limit, err := store.PageSize(limit)
	if err != nil {
		return nil, 0, err
	}
	if err := s.begin(ctx); err != nil {
		return nil, 0, err
	}
	s.lock(everyPlace)
	defer s.unlock(everyPlace)

	var heads []btree.IterG[*account]
	for i := range s.shards {
		at := &s.shards[i]
		for _, l := range at.changed {
			l.stale = false
			s.renumber(at, l)
		}
		at.changed = nil
		if newest, ok := at.changes.Max(); !ok || newest.use.Change <= after {
			continue
		}
		head := at.changes.Iter()
		head.Seek(&account{use: line.Use{Change: after + 1}})
		heads = append(heads, head)
	}
	var uses []line.Use
	for len(heads) > 0 && len(uses) < limit {
		first := 0
		for i := range heads {
			if changedBefore(heads[i].Item(), heads[first].Item()) {
				first = i
			}
		}
		uses = append(uses, heads[first].Item().use)
		after = heads[first].Item().use.Change
		if !heads[first].Next() {
			heads[first] = heads[len(heads)-1]
			heads = heads[:len(heads)-1]
		}
	}
	return uses, after, nil
}
