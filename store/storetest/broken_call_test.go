package storetest_test

import (
	"context"
	"slices"
	"sync"
	"time"

	"github.com/google/uuid"

	"github.com/fromline/fromline/line"
	"github.com/fromline/fromline/recipients"
	"github.com/fromline/fromline/store"
	"github.com/fromline/fromline/store/memory"
)

// deaf ignores contexts.
type deaf struct{ *memory.Store }

func (d deaf) Commit(ctx context.Context, p *store.Plan) error {
	return d.Store.Commit(context.WithoutCancel(ctx), p)
}

// rude fails with an error of its own when a context is done.
type rude struct{ *memory.Store }

func (d rude) Lookup(ctx context.Context, q store.Query) (store.Snapshot, error) {
	if ctx.Err() != nil {
		return store.Snapshot{}, store.ErrInvalid
	}
	return d.Store.Lookup(ctx, q)
}

// unclosed cannot be closed.
type unclosed struct{ *memory.Store }

func (unclosed) Close() error { return nil }

// twice fails when it is closed a second time.
type twice struct {
	*memory.Store
	closed *bool
}

func (t twice) Close() error {
	if *t.closed {
		return store.ErrClosed
	}
	*t.closed = true
	return t.Store.Close()
}

var callFaults = []fault{
	{"calls/with a context that is done", "commits whatever the context says", func(s *memory.Store) store.ChatStore { return deaf{s} }},
	{"calls/with a context that is done", "does not say that the context was done", func(s *memory.Store) store.ChatStore { return rude{s} }},
	{"calls/after Close", "goes on after Close", func(s *memory.Store) store.ChatStore { return unclosed{s} }},
	{"calls/after Close", "closes only once", func(s *memory.Store) store.ChatStore { return twice{s, new(bool)} }},
	{"calls/limits, leases and handles that make no sense", "takes a negative limit for none", func(s *memory.Store) store.ChatStore {
		return paging{s, func(limit int) int { return max(limit, 0) }}
	}},
	{"records/a full store refuses", "forgets the oldest record when it is full", func(s *memory.Store) store.ChatStore {
		return committing{s, func(s *memory.Store, ctx context.Context, p *store.Plan) error {
			err := s.Commit(ctx, p)
			if err == nil || kindOf(err) != 0 {
				return err
			}
			if _, err := s.Purge(ctx, time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC), 1); err != nil {
				return err
			}
			return s.Commit(ctx, p)
		}}
	}},
}

// paging is a store with other limits of pages.
type paging struct {
	*memory.Store
	limit func(int) int
}

func (p paging) ChatsOfLine(ctx context.Context, tenant string, line recipients.Handle, after uuid.UUID, limit int) ([]store.Chat, uuid.UUID, error) {
	return p.Store.ChatsOfLine(ctx, tenant, line, after, p.limit(limit))
}

// offset pages through the chats of a line by counting them.
type offset struct {
	*memory.Store
	read *int
}

func (o offset) ChatsOfLine(ctx context.Context, tenant string, line recipients.Handle, after uuid.UUID, limit int) ([]store.Chat, uuid.UUID, error) {
	if after == uuid.Nil {
		*o.read = 0
	}
	all, _, err := o.Store.ChatsOfLine(ctx, tenant, line, uuid.Nil, 0)
	page := all[min(*o.read, len(all)):]
	page = page[:min(limit, len(page))]
	*o.read += len(page)
	if err != nil || *o.read == len(all) {
		return page, uuid.Nil, err
	}
	return page, page[len(page)-1].ID, nil
}

// pages says after every full page that there is more.
type pages struct{ *memory.Store }

func (p pages) ChatsOfLine(ctx context.Context, tenant string, line recipients.Handle, after uuid.UUID, limit int) ([]store.Chat, uuid.UUID, error) {
	chats, next, err := p.Store.ChatsOfLine(ctx, tenant, line, after, limit)
	if len(chats) == limit {
		next = chats[limit-1].ID
	}
	return chats, next, err
}

// matching shows only chats that can match.
type matching struct{ *memory.Store }

func (m matching) Chat(ctx context.Context, tenant string, id uuid.UUID) (store.Chat, error) {
	c, err := m.Store.Chat(ctx, tenant, id)
	if c.LineLeft {
		return store.Chat{}, store.ErrUnknownChat
	}
	return c, err
}

// keyless finds no decision without a key.
type keyless struct{ *memory.Store }

func (k keyless) Decision(ctx context.Context, tenant string, id uuid.UUID) (store.Record, error) {
	r, err := k.Store.Decision(ctx, tenant, id)
	if err == nil && r.Key == "" {
		return store.Record{}, store.ErrNoRecord
	}
	return r, err
}

// parkedOnly shows no waiting delivery.
type parkedOnly struct{ *memory.Store }

func (p parkedOnly) Delivery(ctx context.Context, tenant string, id uuid.UUID) (store.CopiedDelivery, error) {
	d, err := p.Store.Delivery(ctx, tenant, id)
	if err == nil && !d.Parked {
		return store.CopiedDelivery{}, store.ErrNoRecord
	}
	return d, err
}

// timed numbers uses in the order of lines instead of changes.
type timed struct{ *memory.Store }

func (u timed) LineUse(ctx context.Context, after line.Change, limit int) ([]line.Use, line.Change, error) {
	uses, last, err := u.Store.LineUse(ctx, after, limit)
	slices.SortFunc(uses, func(a, b line.Use) int { return a.Number.Compare(b.Number) })
	return uses, last, err
}

// using is a store with another LineUse, or none.
type using struct {
	*memory.Store
	show func(u *line.Use) bool
}

func (s using) LineUse(ctx context.Context, after line.Change, limit int) (shown []line.Use, last line.Change, err error) {
	uses, last, err := s.Store.LineUse(ctx, after, limit)
	for _, u := range uses {
		if s.show(&u) {
			shown = append(shown, u)
		}
	}
	return shown, last, err
}

// reporting is a store with another ReportLine.
type reporting struct {
	*memory.Store
	report func(s *memory.Store, ctx context.Context, state line.State) (bool, error)
}

func (r reporting) ReportLine(ctx context.Context, state line.State) (bool, error) {
	return r.report(r.Store, ctx, state)
}

// flagging is a store with another FlagLine.
type flagging struct {
	*memory.Store
	flag func(ctx context.Context, tenant string, number recipients.Handle, at time.Time) (line.State, bool, error)
}

func (f flagging) FlagLine(ctx context.Context, tenant string, number recipients.Handle, at time.Time) (line.State, bool, error) {
	return f.flag(ctx, tenant, number, at)
}

// latest returns the latest of some times.
func latest(times ...time.Time) time.Time { return slices.MaxFunc(times, time.Time.Compare) }

// replacing is a store that replaces the state of a line by a report.
type replacing struct {
	*memory.Store
	mu   sync.Mutex
	said map[recipients.Handle]line.State
}

func (r *replacing) ReportLine(ctx context.Context, state line.State) (bool, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	applied, err := r.Store.ReportLine(ctx, state)
	if applied {
		r.said[state.Number] = state
	}
	return applied, err
}

func (r *replacing) LineStates(ctx context.Context, after line.Change, limit int) ([]line.State, line.Change, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	states, last, err := r.Store.LineStates(ctx, after, limit)
	for i := range states {
		said := r.said[states[i].Number]
		said.Tenant, said.Change = states[i].Tenant, states[i].Change
		states[i] = said
	}
	return states, last, err
}

// purging is a store with another Purge.
type purging struct {
	*memory.Store
	purge func(s *memory.Store, ctx context.Context, before time.Time, limit int) (int, error)
}

func (p purging) Purge(ctx context.Context, before time.Time, limit int) (int, error) {
	return p.purge(p.Store, ctx, before, limit)
}

// forgetting is a store with another Forget.
type forgetting struct {
	*memory.Store
	forget func(s *memory.Store, ctx context.Context, tenant string, h recipients.Handle) (int, error)
}

func (f forgetting) Forget(ctx context.Context, tenant string, h recipients.Handle) (int, error) {
	return f.forget(f.Store, ctx, tenant, h)
}

var powerFaults = []fault{
	{"chats/by id", "shows only chats that can match", func(s *memory.Store) store.ChatStore { return matching{s} }},
	{"chats/of a line, page by page", "promises more than there is", func(s *memory.Store) store.ChatStore { return pages{s} }},
	{"chats/at most a page", "returns as many chats as it has", func(s *memory.Store) store.ChatStore {
		return allAtOnce{s}
	}},
	{"chats/a walk while chats come and go", "walks by counting", func(s *memory.Store) store.ChatStore { return offset{s, new(int)} }},
	{"walks/tenants", "shows tenants whose chats were all forgotten", func(s *memory.Store) store.ChatStore {
		return walking{Store: s, leftover: "left"}
	}},
	{"walks/chats of a tenant", "leaves out chats that match nothing", func(s *memory.Store) store.ChatStore {
		return walking{Store: s, live: true}
	}},
	{"walks/chats by id", "returns a chat as often as it is asked for", func(s *memory.Store) store.ChatStore {
		return walking{Store: s, repeats: true}
	}},
	{"chats/of a person", "finds only chats of the person alone", func(s *memory.Store) store.ChatStore {
		return finding{s, func(c store.Chat, _ recipients.Handle) bool { return c.Roster.Len() == 1 }}
	}},
	{"chats/of a person", "finds no chat that the person has left", func(s *memory.Store) store.ChatStore {
		return finding{s, func(c store.Chat, who recipients.Handle) bool { return c.Roster.Set().Contains(who) }}
	}},
	{"chats/of a person", "finds no chat that our line has left", func(s *memory.Store) store.ChatStore {
		return finding{s, func(c store.Chat, _ recipients.Handle) bool { return !c.LineLeft }}
	}},
	{"deliveries/by message id", "shows only those that are parked", func(s *memory.Store) store.ChatStore { return parkedOnly{s} }},
	{"decisions/by message id", "finds no decision without a key", func(s *memory.Store) store.ChatStore { return keyless{s} }},
	{"usage/of all lines, by change", "gives uses in the order of lines", func(s *memory.Store) store.ChatStore { return timed{s} }},
	{"usage/messages come through", "leaves messages out of uses", func(s *memory.Store) store.ChatStore {
		return using{s, func(u *line.Use) bool {
			u.Messages = [25]uint32{}
			return true
		}}
	}},
	{"usage/messages come through", "does not tell of messages alone", func(s *memory.Store) store.ChatStore {
		told := make(map[recipients.Handle]int)
		return using{s, func(u *line.Use) bool {
			n := u.Window(u.Hour)
			news := n != told[u.Number]
			told[u.Number] = n
			return news
		}}
	}},
	{"states/of each fact the latest, then the worst", "says of every report that it changed something", func(s *memory.Store) store.ChatStore {
		return reporting{s, func(s *memory.Store, ctx context.Context, state line.State) (bool, error) {
			_, err := s.ReportLine(ctx, state)
			return true, err
		}}
	}},
	{"states/of each fact the latest, then the worst", "lets the second report of one time win", func(s *memory.Store) store.ChatStore {
		return reporting{s, func(s *memory.Store, ctx context.Context, state line.State) (bool, error) {
			if state.Status != 0 {
				state.StatusAt = state.StatusAt.Add(time.Microsecond)
			}
			return s.ReportLine(ctx, state)
		}}
	}},
	{"states/of each fact the latest, then the worst", "lets the first report of one time win", func(s *memory.Store) store.ChatStore {
		return reporting{s, func(s *memory.Store, ctx context.Context, state line.State) (bool, error) {
			states, _, _ := s.LineStates(ctx, 0, store.MaxPage)
			for _, kept := range states {
				if kept.Number == state.Number && kept.StatusAt.Equal(store.Micros(state.StatusAt)) && kept.Status != 0 {
					state.Status, state.StatusAt = kept.Status, kept.StatusAt
				}
			}
			return s.ReportLine(ctx, state)
		}}
	}},
	{"states/any order, number and grouping", "has one time for all facts", func(s *memory.Store) store.ChatStore {
		newest := make(map[recipients.Handle]time.Time)
		return reporting{s, func(s *memory.Store, ctx context.Context, state line.State) (bool, error) {
			at := latest(state.StatusAt, state.ReputationAt, state.OwnershipAt)
			if at.Before(newest[state.Number]) {
				return false, nil
			}
			newest[state.Number] = at
			return s.ReportLine(ctx, state)
		}}
	}},
	{"states/any order, number and grouping", "forgets what a newer state does not say", func(s *memory.Store) store.ChatStore {
		return &replacing{Store: s, said: make(map[recipients.Handle]line.State)}
	}},
	{"states/every order of four", "leaves out all that an older state says", func(s *memory.Store) store.ChatStore {
		newest := make(map[recipients.Handle]time.Time)
		return reporting{s, func(s *memory.Store, ctx context.Context, state line.State) (bool, error) {
			at := latest(state.StatusAt, state.ReputationAt, state.OwnershipAt)
			if at.Before(newest[state.Number]) {
				return false, nil
			}
			newest[state.Number] = at
			return s.ReportLine(ctx, state)
		}}
	}},
	{"states/nothing said is no state", "keeps a state that says nothing", func(s *memory.Store) store.ChatStore {
		return reporting{s, func(s *memory.Store, ctx context.Context, state line.State) (bool, error) {
			if state.Status == 0 && state.Reputation == 0 && state.Ownership == 0 {
				return true, nil
			}
			return s.ReportLine(ctx, state)
		}}
	}},
	{"states/of each fact the latest, then the worst", "takes what nobody said for the best", func(s *memory.Store) store.ChatStore {
		return reporting{s, func(s *memory.Store, ctx context.Context, state line.State) (bool, error) {
			at := latest(state.StatusAt, state.ReputationAt, state.OwnershipAt)
			if state.Status == 0 {
				state.Status, state.StatusAt = line.Active, at
			}
			if state.Reputation == 0 {
				state.Reputation, state.ReputationAt = line.Healthy, at
			}
			return s.ReportLine(ctx, state)
		}}
	}},
	{"states/what a delivery found is the latest", "believes the caller's clock", func(s *memory.Store) store.ChatStore {
		return flagging{s, func(ctx context.Context, tenant string, number recipients.Handle, at time.Time) (line.State, bool, error) {
			applied, err := s.ReportLine(ctx, line.State{Tenant: tenant, Number: number, Status: line.Flagged, StatusAt: at})
			return line.State{Tenant: tenant, Number: number, Status: line.Flagged, StatusAt: store.Micros(at)}, applied, err
		}}
	}},
	{"states/what a delivery found is the latest", "moves the time of a flag that is there", func(s *memory.Store) store.ChatStore {
		return flagging{s, func(ctx context.Context, tenant string, number recipients.Handle, at time.Time) (line.State, bool, error) {
			kept, applied, err := s.FlagLine(ctx, tenant, number, at)
			if err == nil && !applied {
				kept.StatusAt = store.Micros(at)
				_, err = s.ReportLine(ctx, kept)
			}
			return kept, applied, err
		}}
	}},
	{"states/of all lines, by change", "numbers reports that changed nothing", func(s *memory.Store) store.ChatStore {
		return reporting{s, func(s *memory.Store, ctx context.Context, state line.State) (bool, error) {
			applied, err := s.ReportLine(ctx, state)
			if !applied && err == nil {
				state.StatusAt = state.StatusAt.Add(24 * time.Hour)
				_, err = s.ReportLine(ctx, state)
			}
			return applied, err
		}}
	}},
	{"purge/what has expired, oldest first", "purges what expires at the time given", func(s *memory.Store) store.ChatStore {
		return purging{s, func(s *memory.Store, ctx context.Context, before time.Time, limit int) (int, error) {
			return s.Purge(ctx, before.Add(time.Microsecond), limit)
		}}
	}},
	{"purge/what has expired, oldest first", "purges more than the limit", func(s *memory.Store) store.ChatStore {
		return purging{s, func(s *memory.Store, ctx context.Context, before time.Time, limit int) (int, error) {
			return s.Purge(ctx, before, limit+1)
		}}
	}},
	{"purge/more than a page", "never purges more than a page", func(s *memory.Store) store.ChatStore {
		return purging{s, func(s *memory.Store, ctx context.Context, before time.Time, limit int) (int, error) {
			return s.Purge(ctx, before, min(limit, store.MaxPage))
		}}
	}},
	{"purge/frees the key and the message id, and nothing else", "forgets the records and keeps the keys", func(s *memory.Store) store.ChatStore {
		taken := make(map[string]bool)
		return committing{s, func(s *memory.Store, ctx context.Context, p *store.Plan) error {
			if p.Key != "" && taken[p.Key] {
				return &store.Conflict{Kind: store.KeyTaken}
			}
			err := s.Commit(ctx, p)
			if err == nil {
				taken[p.Key] = true
			}
			return err
		}}
	}},
	{"purge/leaves what is in the outbox", "enqueues a message twice", func(s *memory.Store) store.ChatStore {
		return committing{s, func(s *memory.Store, ctx context.Context, p *store.Plan) error {
			err := s.Commit(ctx, p)
			if err != nil && kindOf(err) == 0 && p.Content != nil {
				c := *p
				c.Content = nil
				return s.Commit(ctx, &c)
			}
			return err
		}}
	}},
	{"forget/every chat of a person", "forgets who took part, not who does", func(s *memory.Store) store.ChatStore {
		return forgetting{s, func(s *memory.Store, ctx context.Context, tenant string, h recipients.Handle) (int, error) {
			chats, _, err := s.ChatsOfLine(ctx, tenant, recipients.MustParse("+13015550004"), uuid.Nil, 0)
			n, forgetErr := s.Forget(ctx, tenant, h)
			for _, c := range chats { // add each again, as if it had never been reused
				err = s.Apply(ctx, tenant, []store.Event{store.ChatSeen{
					ID: c.ID, Line: c.Line, Participants: c.Roster.Set(), CreatedAt: c.CreatedAt,
				}})
			}
			if forgetErr != nil {
				return n, forgetErr
			}
			return n, err
		}}
	}},
	{"forget/every chat of a person", "keeps the records", func(s *memory.Store) store.ChatStore {
		kept := make(map[uuid.UUID]store.Record)
		c := committing{s, func(s *memory.Store, ctx context.Context, p *store.Plan) error {
			err := s.Commit(ctx, p)
			if err == nil {
				kept[p.MessageID] = p.Record
			}
			return err
		}}
		return sticky{c, kept}
	}},
	{"forget/an unknown person", "counts the use of nobody", func(s *memory.Store) store.ChatStore {
		return forgetting{s, func(s *memory.Store, ctx context.Context, tenant string, h recipients.Handle) (int, error) {
			n, err := s.Forget(ctx, tenant, h)
			return max(n, 1), err
		}}
	}},
}

// allAtOnce returns all chats of a line, with any limit.
type allAtOnce struct{ *memory.Store }

func (a allAtOnce) ChatsOfLine(ctx context.Context, tenant string, line recipients.Handle, after uuid.UUID, limit int) ([]store.Chat, uuid.UUID, error) {
	chats, next, err := a.Store.ChatsOfLine(ctx, tenant, line, after, 0)
	for err == nil && next != uuid.Nil {
		var more []store.Chat
		more, next, err = a.Store.ChatsOfLine(ctx, tenant, line, next, 0)
		chats = append(chats, more...)
	}
	return chats, next, err
}

// sticky returns records of removed chats.
type sticky struct {
	committing
	kept map[uuid.UUID]store.Record
}

func (s sticky) Lookup(ctx context.Context, q store.Query) (store.Snapshot, error) {
	snap, err := s.Store.Lookup(ctx, q)
	if r, ok := s.kept[q.MessageID]; ok && snap.Record == nil {
		snap.Record = &r
	}
	return snap, err
}
