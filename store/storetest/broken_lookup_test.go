package storetest_test

import (
	"bytes"
	"context"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"
	"golang.org/x/text/unicode/norm"

	"github.com/fromline/fromline/store"
	"github.com/fromline/fromline/store/memory"
)

// looking is a store with another Lookup.
type looking struct {
	*memory.Store
	lookup func(s *memory.Store, ctx context.Context, q store.Query) (store.Snapshot, error)
}

func (l looking) Lookup(ctx context.Context, q store.Query) (store.Snapshot, error) {
	return l.lookup(l.Store, ctx, q)
}

// asking changes the query of every look-up.
func asking(change func(q *store.Query)) func(*memory.Store) store.ChatStore {
	return func(s *memory.Store) store.ChatStore {
		return looking{s, func(s *memory.Store, ctx context.Context, q store.Query) (store.Snapshot, error) {
			change(&q)
			return s.Lookup(ctx, q)
		}}
	}
}

// answering changes the answer of every look-up.
func answering(change func(q store.Query, snap *store.Snapshot)) func(*memory.Store) store.ChatStore {
	return func(s *memory.Store) store.ChatStore {
		return looking{s, func(s *memory.Store, ctx context.Context, q store.Query) (store.Snapshot, error) {
			snap, err := s.Lookup(ctx, q)
			change(q, &snap)
			return snap, err
		}}
	}
}

// chats changes every chat of an answer.
func chats(change func(c *store.Chat)) func(*memory.Store) store.ChatStore {
	return answering(func(_ store.Query, snap *store.Snapshot) {
		for i := range snap.Chats {
			change(&snap.Chats[i])
		}
	})
}

var lookupFaults = []fault{
	{"lookup/the most recently active first", "names a sound row unreadable", func(s *memory.Store) store.ChatStore { return doubting{s} }},
	{"lookup/an unknown set", "gives unknown sets a revision", answering(func(_ store.Query, snap *store.Snapshot) {
		snap.Revision++
	})},
	{"lookup/changes nothing", "counts look-ups in the revision", func(s *memory.Store) store.ChatStore {
		var n store.Revision
		return answering(func(_ store.Query, snap *store.Snapshot) {
			n++
			snap.Revision += n << 32
		})(s)
	}},
	{"lookup/exactly the set", "finds chats by the first recipient", func(s *memory.Store) store.ChatStore {
		return byFirst{s, make(map[string][]store.Chat)}
	}},
	{"lookup/the zero key is of no chat", "finds chats that everybody left under no key", func(s *memory.Store) store.ChatStore {
		return orphans{s, new([]uuid.UUID)}
	}},
	{"lookup/the whole chat", "forgets the service", chats(func(c *store.Chat) { c.Service = 0 })},
	{"lookup/the most recently active first", "breaks ties by id alone", answering(func(_ store.Query, snap *store.Snapshot) {
		slices.SortFunc(snap.Chats, func(a, b store.Chat) int {
			if c := b.ActiveAt.Compare(a.ActiveAt); c != 0 {
				return c
			}
			return bytes.Compare(a.ID[:], b.ID[:])
		})
	})},
	{"lookup/32 chats and more", "does not say that there are more", answering(func(_ store.Query, snap *store.Snapshot) {
		snap.More = false
	})},
	{"lookup/named groups are left out before the limit", "skips named groups after the limit",
		func(s *memory.Store) store.ChatStore {
			return looking{s, func(s *memory.Store, ctx context.Context, q store.Query) (store.Snapshot, error) {
				skip := q.SkipNamed
				q.SkipNamed = false
				snap, err := s.Lookup(ctx, q)
				snap.Chats = slices.DeleteFunc(snap.Chats, func(c store.Chat) bool { return skip && c.Named })
				return snap, err
			}}
		}},
	{"names/set and cleared", "skips named direct chats", answering(func(q store.Query, snap *store.Snapshot) {
		snap.Chats = slices.DeleteFunc(snap.Chats, func(c store.Chat) bool { return q.SkipNamed && c.Named })
	})},
	{"records/by key, by message id, or neither", "prefers the message id to the key", asking(func(q *store.Query) {
		if q.MessageID != uuid.Nil {
			q.IdempotencyKey = ""
		}
	})},
	{"records/come back whole", "forgets notes", answering(func(_ store.Query, snap *store.Snapshot) {
		if snap.Record != nil {
			snap.Record.Notes = nil
		}
	})},
	{"records/an expired one is returned until it is purged", "hides expired records", func(s *memory.Store) store.ChatStore {
		newest := new(time.Time)
		return hiding{committing{s, func(s *memory.Store, ctx context.Context, p *store.Plan) error {
			if p.At.After(*newest) {
				*newest = p.At
			}
			return s.Commit(ctx, p)
		}}, newest}
	}},
	{"tenants/nothing crosses them", "folds the case of tenants", func(s *memory.Store) store.ChatStore {
		return renaming{s, strings.ToLower}
	}},
	{"tenants/nothing crosses them", "normalises tenants", func(s *memory.Store) store.ChatStore {
		return renaming{s, norm.NFC.String}
	}},
	{"tenants/nothing crosses them", "trims tenants", func(s *memory.Store) store.ChatStore {
		return renaming{s, strings.TrimSpace}
	}},
	{"tenants/nothing crosses them", "cuts tenants at 1,000 bytes", func(s *memory.Store) store.ChatStore {
		return renaming{s, func(tenant string) string { return tenant[:min(len(tenant), 1000)] }}
	}},
	{"tenants/the empty one and others that cannot be", "takes the empty tenant for one", func(s *memory.Store) store.ChatStore {
		return renaming{s, func(tenant string) string {
			if tenant == "" {
				return "default"
			}
			return tenant
		}}
	}},
	{"texts/keys are compared byte by byte", "folds the case of keys", func(s *memory.Store) store.ChatStore {
		return rekeying{s, strings.ToLower}
	}},
	{"texts/keys are compared byte by byte", "cuts keys at 255 bytes", func(s *memory.Store) store.ChatStore {
		return rekeying{s, func(key string) string { return strings.ToValidUTF8(key[:min(len(key), 255)], "") }}
	}},
	{"texts/come back byte for byte", "normalises notes", planning(func(p *store.Plan) {
		p.Notes = slices.Clone(p.Notes)
		for i, note := range p.Notes {
			p.Notes[i] = norm.NFC.String(note)
		}
	})},
	{"texts/some are refused", "repairs keys", planning(func(p *store.Plan) {
		p.Key = strings.ReplaceAll(strings.ToValidUTF8(p.Key, "?"), "\x00", "?")
	})},
	{"times/UTC and cut to microseconds", "answers in another zone", chats(func(c *store.Chat) {
		c.ActiveAt = c.ActiveAt.In(time.FixedZone("", 3600))
	})},
	{"times/UTC and cut to microseconds", "keeps milliseconds", chats(func(c *store.Chat) {
		c.ActiveAt = c.ActiveAt.Truncate(time.Millisecond)
	})},
	{"times/from 1970 to 9999", "keeps times as nanoseconds since 1970", chats(func(c *store.Chat) {
		c.ActiveAt = time.Unix(0, c.ActiveAt.UnixNano()).UTC()
	})},
	{"values/handed out are the caller's own", "hands out one record to all", func(s *memory.Store) store.ChatStore {
		shared := make(map[string]*store.Record)
		return answering(func(q store.Query, snap *store.Snapshot) {
			if snap.Record == nil {
				return
			}
			if shared[q.IdempotencyKey] == nil {
				shared[q.IdempotencyKey] = snap.Record
			}
			snap.Record = shared[q.IdempotencyKey]
		})(s)
	}},
}

// orphans finds chats without people under the key of the empty set.
type orphans struct {
	*memory.Store
	known *[]uuid.UUID
}

func (o orphans) Apply(ctx context.Context, tenant string, events []store.Event) error {
	for _, e := range events {
		*o.known = append(*o.known, e.ChatID())
	}
	return o.Store.Apply(ctx, tenant, events)
}

func (o orphans) Lookup(ctx context.Context, q store.Query) (store.Snapshot, error) {
	snap, err := o.Store.Lookup(ctx, q)
	for _, id := range *o.known {
		if c, err := o.Store.Chat(ctx, q.Tenant, id); err == nil && c.Roster.Len() == 0 && !q.Set.IsValid() {
			snap.Chats = append(snap.Chats, c)
		}
	}
	return snap, err
}

// byFirst finds chats by their first participant.
type byFirst struct {
	*memory.Store
	chats map[string][]store.Chat
}

func (b byFirst) Commit(ctx context.Context, p *store.Plan) error {
	err := b.Store.Commit(ctx, p)
	if err == nil {
		snap, _ := b.Store.Lookup(ctx, store.Query{Tenant: p.Tenant, Set: p.Set.Key()})
		first := p.Set.At(0).String()
		b.chats[first] = append(b.chats[first], snap.Chats[0])
	}
	return err
}

func (b byFirst) Lookup(ctx context.Context, q store.Query) (store.Snapshot, error) {
	snap, err := b.Store.Lookup(ctx, q)
	if len(snap.Chats) > 0 {
		snap.Chats = slices.Clone(b.chats[snap.Chats[0].Roster.Set().At(0).String()])
	}
	return snap, err
}

// hiding hides records that expired before the newest time that it saw.
type hiding struct {
	committing
	now *time.Time
}

func (h hiding) Lookup(ctx context.Context, q store.Query) (store.Snapshot, error) {
	snap, err := h.Store.Lookup(ctx, q)
	if snap.Record != nil && snap.Record.KeepUntil.Before(*h.now) {
		snap.Record = nil
	}
	return snap, err
}

// renaming confuses different tenants.
type renaming struct {
	*memory.Store
	name func(string) string
}

func (r renaming) Lookup(ctx context.Context, q store.Query) (store.Snapshot, error) {
	q.Tenant = r.name(q.Tenant)
	return r.Store.Lookup(ctx, q)
}

func (r renaming) Commit(ctx context.Context, p *store.Plan) error {
	c := *p
	c.Tenant = r.name(p.Tenant)
	return r.Store.Commit(ctx, &c)
}

func (r renaming) Apply(ctx context.Context, tenant string, events []store.Event) error {
	return r.Store.Apply(ctx, r.name(tenant), events)
}

// rekeying confuses different keys.
type rekeying struct {
	*memory.Store
	name func(string) string
}

func (r rekeying) Lookup(ctx context.Context, q store.Query) (store.Snapshot, error) {
	q.IdempotencyKey = r.name(q.IdempotencyKey)
	return r.Store.Lookup(ctx, q)
}

func (r rekeying) Commit(ctx context.Context, p *store.Plan) error {
	c := *p
	c.Key = r.name(p.Key)
	return r.Store.Commit(ctx, &c)
}
