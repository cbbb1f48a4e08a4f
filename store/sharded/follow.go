package sharded

import (
	"context"
	"errors"
	"slices"
	"sort"
	"sync"

	"github.com/fromline/fromline/line"
	"github.com/fromline/fromline/recipients"
	"github.com/fromline/fromline/store"
)

// follower numbers the changes of all shards in the order in which this process
// saw them, and remembers the last change of each line. Numbers begin with the
// time in microseconds at which the process made the store. So the numbers of
// an earlier process come before all of them.
type follower struct {
	mu    sync.Mutex
	last  uint64
	seen  map[*shard]line.Change // the last change number of each shard that this process has read
	lines []lineChange           // in the order of their numbers
}

// lineChange is a line that changed.
type lineChange struct {
	tenant string
	number recipients.Handle
	at     line.Change
	thing  any // a line.Use or a line.State
}

// follow asks every shard for its changes, and returns those after a number of
// this process. It passes over a shard that fails: the calls of its tenants
// fail anyway, and follow returns its changes when the shard is back. Until
// then decide refuses commits there, which would rest on old states of lines.
func follow[T any](
	ctx context.Context, s *Store, f *follower, after line.Change, limit int,
	ask func(context.Context, store.Store, line.Change) ([]T, line.Change, error),
	of func(T) (tenant string, number recipients.Handle), numbered func(T, line.Change) T,
) (things []T, last line.Change, err error) {
	limit, err = store.PageSize(limit)
	if err := s.begin(ctx, err); err != nil {
		return nil, 0, err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.seen == nil {
		f.seen = make(map[*shard]line.Change)
	}
	changed := make(map[lineChange]int)
	var news []lineChange
	failures := 0
	for _, sh := range s.shards {
		at, unavailable := sh.get(ctx)
		for unavailable == nil {
			some, seen, failed := ask(ctx, at, f.seen[sh])
			if failed != nil {
				unavailable = sh.named(failed)
				break
			}
			for _, thing := range some {
				tenant, number := of(thing)
				is, unknown := s.isHome(ctx, sh, tenant)
				if errors.Is(unknown, store.ErrUnreadable) {
					// The entry of this tenant is damaged, so the calls about
					// it fail. Return its lines from every shard that has them,
					// and go on with other tenants.
					is, unknown = true, nil
				}
				if unknown != nil {
					unavailable = unknown
					break
				}
				key := lineChange{tenant: tenant, number: number}
				if !is {
					continue
				}
				if i, twice := changed[key]; twice {
					news[i].thing = thing
					continue
				}
				changed[key] = len(news)
				news = append(news, lineChange{tenant: tenant, number: number, thing: thing})
			}
			if unavailable != nil || len(some) == 0 {
				break
			}
			f.seen[sh] = seen
			if len(some) < store.MaxPage {
				break
			}
		}
		if f == &s.states {
			sh.behind.Store(unavailable != nil)
		}
		if unavailable != nil {
			failures++
			err = unavailable
		}
	}
	if failures == len(s.shards) {
		return nil, 0, err
	}
	if len(news) > 0 {
		f.lines = slices.DeleteFunc(f.lines, func(l lineChange) bool {
			_, again := changed[lineChange{tenant: l.tenant, number: l.number}]
			return again
		})
		for _, l := range news {
			f.last++
			l.at = line.Change(f.last)
			f.lines = append(f.lines, l)
		}
	}
	first := sort.Search(len(f.lines), func(i int) bool { return f.lines[i].at > after })
	last = after
	for _, l := range f.lines[first:min(first+limit, len(f.lines))] {
		things = append(things, numbered(l.thing.(T), l.at))
		last = l.at
	}
	return things, last, nil
}

// LineUse implements store.UseReader.
func (s *Store) LineUse(ctx context.Context, after line.Change, limit int) ([]line.Use, line.Change, error) {
	return follow(ctx, s, &s.uses, after, limit,
		func(ctx context.Context, at store.Store, after line.Change) ([]line.Use, line.Change, error) {
			return at.LineUse(ctx, after, store.MaxPage)
		},
		func(u line.Use) (string, recipients.Handle) { return u.Tenant, u.Number },
		func(u line.Use, at line.Change) line.Use { u.Change = at; return u })
}

// LineStates implements store.LineStates.
func (s *Store) LineStates(ctx context.Context, after line.Change, limit int) ([]line.State, line.Change, error) {
	return follow(ctx, s, &s.states, after, limit,
		func(ctx context.Context, at store.Store, after line.Change) ([]line.State, line.Change, error) {
			return at.LineStates(ctx, after, store.MaxPage)
		},
		func(l line.State) (string, recipients.Handle) { return l.Tenant, l.Number },
		func(l line.State, at line.Change) line.State { l.Change = at; return l })
}
