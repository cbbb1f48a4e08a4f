package storetest_test

import (
	"context"

	"github.com/fromline/fromline/recipients"
	"github.com/fromline/fromline/store"
	"github.com/fromline/fromline/store/memory"
)

// skewed is a store whose revisions move as its fault says: a revision is that
// of the store below, or the one before if the fault hides a move.
type skewed struct {
	*memory.Store
	extra  map[recipients.Key]store.Revision                    // too many moves
	hidden map[recipients.Key]map[store.Revision]store.Revision // hidden moves: new to old
	moves  func(p *store.Plan) bool
	hides  func(e store.Event, p *store.Plan) bool
}

func skew(moves func(p *store.Plan) bool, hides func(e store.Event, p *store.Plan) bool) func(*memory.Store) store.ChatStore {
	return func(s *memory.Store) store.ChatStore {
		return &skewed{
			s, make(map[recipients.Key]store.Revision), make(map[recipients.Key]map[store.Revision]store.Revision), moves, hides,
		}
	}
}

func (s *skewed) Lookup(ctx context.Context, q store.Query) (store.Snapshot, error) {
	snap, err := s.Store.Lookup(ctx, q)
	snap.Revision = s.show(q.Set, snap.Revision)
	return snap, err
}

func (s *skewed) show(key recipients.Key, r store.Revision) store.Revision {
	for {
		old, hidden := s.hidden[key][r]
		switch {
		case hidden:
			r = old
		case r == 0:
			return 0
		default:
			return r + (s.extra[key]+1)<<32
		}
	}
}

func (s *skewed) real(tenant string, key recipients.Key) store.Revision {
	snap, _ := s.Store.Lookup(context.Background(), store.Query{Tenant: tenant, Set: key})
	return snap.Revision
}

func (s *skewed) hide(key recipients.Key, before, after store.Revision) {
	if before == after {
		return
	}
	if s.hidden[key] == nil {
		s.hidden[key] = make(map[store.Revision]store.Revision)
	}
	s.hidden[key][after] = before
}

func (s *skewed) Commit(ctx context.Context, p *store.Plan) error {
	key, c := p.Set.Key(), *p
	before := s.real(p.Tenant, key)
	if c.Revision = before; s.show(key, before) != p.Revision {
		c.Revision = 1 << 63
	}
	err := s.Store.Commit(ctx, &c)
	if err == nil && s.moves != nil && s.moves(p) {
		s.extra[key]++
	}
	if err == nil && s.hides != nil && s.hides(nil, p) {
		s.hide(key, before, s.real(p.Tenant, key))
	}
	return err
}

func (s *skewed) Apply(ctx context.Context, tenant string, events []store.Event) error {
	for _, e := range events {
		var key recipients.Key
		if c, err := s.Store.Chat(ctx, tenant, e.ChatID()); err == nil {
			key = c.Roster.Set().Key()
		}
		before := s.real(tenant, key)
		if err := s.Store.Apply(ctx, tenant, []store.Event{e}); err != nil {
			return err
		}
		if s.hides != nil && s.hides(e, nil) {
			s.hide(key, before, s.real(tenant, key))
		}
	}
	return nil
}

func onEvent[E store.Event](e store.Event, _ *store.Plan) bool {
	_, is := e.(E)
	return is
}

func onReason(r store.Reason) func(store.Event, *store.Plan) bool {
	return func(_ store.Event, p *store.Plan) bool { return p != nil && p.Reason == r }
}

const moving = "revision/moves when it should, and only then"

var revisionFaults = []fault{
	{"revision/moves for the set that a chat joins", "does not know sets that chats only join", func(s *memory.Store) store.ChatStore {
		return answering(func(_ store.Query, snap *store.Snapshot) {
			for _, c := range snap.Chats {
				for i := range c.Roster.Len() {
					if c.Roster.Set().Contains(recipients.MustParse("+12025550002")) && i == 0 {
						snap.Revision = 0
					}
				}
			}
		})(s)
	}},
	{"revision/moves where chats were active at one time", "overlooks that activity parted chats of one time", skew(nil, onEvent[store.Activity])},
	{"revision/concurrent reuses do not conflict", "lets one of two concurrent reuses fail",
		skew(func(p *store.Plan) bool { return p.Reason == store.ReusedActiveChat }, nil)},
	{moving, "moves the revision with every touch", skew(func(p *store.Plan) bool { return p.Reason == store.ReusedActiveChat }, nil)},
	{moving, "does not move the revision for names", skew(nil, onEvent[store.Renamed])},
	{moving, "does not move the revision for activity", skew(nil, onEvent[store.Activity])},
	{moving, "does not move the revision for lines that leave", skew(nil, onEvent[store.LineLeft])},
	{moving, "does not move the revision for chats seen again", skew(nil, onEvent[store.ChatSeen])},
	{moving, "does not move the revision for people removed", skew(nil, onEvent[store.ParticipantRemoved])},
	{moving, "does not move the revision for people added", skew(nil, onEvent[store.ParticipantAdded])},
	{moving, "does not move the revision for reuses", skew(nil, onReason(store.ReusedActiveChat))},
	{moving, "does not move the revision for failovers", skew(nil, onReason(store.FailoverFlagged))},
	{moving, "does not move the revision for chats opened", skew(nil, onReason(store.NewBestNumber))},
	{"revision/stays when a chat goes that did not match", "moves all revisions when somebody is forgotten", func(s *memory.Store) store.ChatStore {
		return unsettling{skew(nil, nil)(s).(*skewed)}
	}},
	{"revision/never comes back", "counts revisions from the beginning after forgetting", func(s *memory.Store) store.ChatStore {
		return &restarting{Store: s, base: make(map[recipients.Key]store.Revision)}
	}},
}

// unsettling moves the revision of a set of the first person when any person is
// forgotten.
type unsettling struct{ *skewed }

func (u unsettling) Forget(ctx context.Context, tenant string, h recipients.Handle) (int, error) {
	first, err := recipients.NewSet(recipients.MustParse("+12025550001"))
	if err != nil {
		return 0, err
	}
	u.extra[first.Key()]++
	return u.skewed.Store.Forget(ctx, tenant, h)
}

// restarting counts the revisions of each set from 1, and again from 1 after
// any person was forgotten.
type restarting struct {
	*memory.Store
	base map[recipients.Key]store.Revision
}

func (r *restarting) Lookup(ctx context.Context, q store.Query) (store.Snapshot, error) {
	snap, err := r.Store.Lookup(ctx, q)
	if snap.Revision != 0 {
		if r.base[q.Set] == 0 {
			r.base[q.Set] = snap.Revision - 1
		}
		snap.Revision -= r.base[q.Set]
	}
	return snap, err
}

func (r *restarting) Commit(ctx context.Context, p *store.Plan) error {
	c := *p
	if c.Revision != 0 {
		c.Revision += r.base[p.Set.Key()]
	}
	return r.Store.Commit(ctx, &c)
}

func (r *restarting) Forget(ctx context.Context, tenant string, h recipients.Handle) (int, error) {
	clear(r.base)
	return r.Store.Forget(ctx, tenant, h)
}
