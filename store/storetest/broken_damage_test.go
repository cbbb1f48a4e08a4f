package storetest_test

import (
	"context"
	"encoding/hex"
	"errors"
	"iter"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/fromline/fromline/line"
	"github.com/fromline/fromline/recipients"
	"github.com/fromline/fromline/store"
	"github.com/fromline/fromline/store/internal/aside"
	"github.com/fromline/fromline/store/internal/packed"
	"github.com/fromline/fromline/store/memory"
	"github.com/fromline/fromline/store/storetest"
)

// worn is a store in memory that treats marked rows as unreadable. It breaks
// one rule about them, or none.
type worn struct {
	*memory.Store
	breaks string

	mu  sync.Mutex
	bad map[[3]string]storetest.Spoiled // by kind, tenant and id

	rows aside.Rows
}

var (
	errWorn  = packed.ErrDamaged
	errNewer = errors.Join(packed.ErrDamaged, packed.ErrNewer)
	errWhole = errors.New("a row of the answer is damaged")
)

// of returns the error of a row, nil if it can be read.
func (s *worn) of(kind, tenant, id string) error {
	s.mu.Lock()
	how := s.bad[[3]string{kind, tenant, id}]
	s.mu.Unlock()
	switch how {
	case 0:
		return nil
	case storetest.Newer:
		return s.rows.Add(kind, tenant, id, errNewer)
	}
	return s.rows.Add(kind, tenant, id, errWorn)
}

func (s *worn) spoil(kind, tenant, id string, how storetest.Spoiled) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.bad[[3]string{kind, tenant, id}] = how
}

func (s *worn) Unreadable() ([]store.Unreadable, int) {
	if s.breaks == "tells nothing of unreadable rows" {
		return nil, 0
	}
	return s.rows.Unreadable()
}

func (s *worn) Lookup(ctx context.Context, q store.Query) (store.Snapshot, error) {
	snap, err := s.Store.Lookup(ctx, q)
	if err != nil {
		return snap, err
	}
	if r := snap.Record; r != nil {
		if err := s.of(store.UnreadableRecord, q.Tenant, r.MessageID.String()); err != nil {
			if s.breaks != "takes an unreadable record for none" {
				return store.Snapshot{}, err
			}
			snap.Record = nil
		}
	}
	all := snap.Chats
	snap.Chats = nil
	for _, c := range all {
		switch err := s.of(store.UnreadableChat, q.Tenant, c.ID.String()); {
		case err == nil:
			snap.Chats = append(snap.Chats, c)
		case aside.Newer(err) && s.breaks != "takes a newer chat for none":
			return store.Snapshot{}, err
		}
	}
	return snap, nil
}

// readable returns the chats that can be read.
func (s *worn) readable(tenant string, chats []store.Chat, err error) ([]store.Chat, error) {
	all := len(chats)
	chats = slices.DeleteFunc(chats, func(c store.Chat) bool { return s.of(store.UnreadableChat, tenant, c.ID.String()) != nil })
	if len(chats) < all && s.breaks == "fails pages of chats with an unreadable one" {
		return nil, errWhole
	}
	return chats, err
}

func (s *worn) ChatsOfTenant(ctx context.Context, tenant string, after uuid.UUID, limit int) ([]store.Chat, uuid.UUID, error) {
	chats, next, err := s.Store.ChatsOfTenant(ctx, tenant, after, limit)
	chats, err = s.readable(tenant, chats, err)
	return chats, next, err
}

func (s *worn) ChatsOfLine(ctx context.Context, tenant string, line recipients.Handle, after uuid.UUID, limit int) ([]store.Chat, uuid.UUID, error) {
	chats, next, err := s.Store.ChatsOfLine(ctx, tenant, line, after, limit)
	chats, err = s.readable(tenant, chats, err)
	return chats, next, err
}

func (s *worn) ChatsOfPerson(ctx context.Context, tenant string, who recipients.Handle, after uuid.UUID, limit int) ([]store.Chat, uuid.UUID, error) {
	chats, next, err := s.Store.ChatsOfPerson(ctx, tenant, who, after, limit)
	chats, err = s.readable(tenant, chats, err)
	return chats, next, err
}

func (s *worn) ChatsByID(ctx context.Context, tenant string, ids []uuid.UUID) ([]store.Chat, error) {
	chats, err := s.Store.ChatsByID(ctx, tenant, ids)
	return s.readable(tenant, chats, err)
}

func (s *worn) KnownLines(ctx context.Context, tenant string, handles [][]recipients.Handle) ([]store.KnownLine, error) {
	known, err := s.Store.KnownLines(ctx, tenant, handles)
	return slices.DeleteFunc(known, func(k store.KnownLine) bool {
		chats, _, _ := s.Store.ChatsOfLine(ctx, tenant, k.Line, uuid.Nil, 0)
		return !slices.ContainsFunc(chats, func(c store.Chat) bool { return s.of(store.UnreadableChat, tenant, c.ID.String()) == nil })
	}), err
}

func (s *worn) Consents(ctx context.Context, tenant string, after recipients.Key, limit int) ([]store.Consent, recipients.Key, error) {
	all, next, err := s.Store.Consents(ctx, tenant, after, limit)
	return slices.DeleteFunc(all, func(c store.Consent) bool {
		name := c.Name.Bytes()
		return s.of(store.UnreadableConsent, tenant, hex.EncodeToString(name[:])) != nil
	}), next, err
}

func (s *worn) Chat(ctx context.Context, tenant string, id uuid.UUID) (store.Chat, error) {
	if err := s.of(store.UnreadableChat, tenant, id.String()); err != nil {
		return store.Chat{}, err
	}
	return s.Store.Chat(ctx, tenant, id)
}

func (s *worn) Decision(ctx context.Context, tenant string, id uuid.UUID) (store.Record, error) {
	if err := s.of(store.UnreadableRecord, tenant, id.String()); err != nil {
		return store.Record{}, err
	}
	return s.Store.Decision(ctx, tenant, id)
}

func (s *worn) Delivery(ctx context.Context, tenant string, id uuid.UUID) (store.CopiedDelivery, error) {
	if err := s.of(store.UnreadableDelivery, tenant, id.String()); err != nil {
		if s.breaks == "shows an unreadable delivery as none" {
			return store.CopiedDelivery{}, store.ErrNoRecord
		}
		return store.CopiedDelivery{}, err
	}
	return s.Store.Delivery(ctx, tenant, id)
}

// pageOf reads a page about lines.
func pageOf[T any](
	ctx context.Context, s *worn, after line.Change, limit int, read func(context.Context, line.Change, int) ([]T, line.Change, error),
	of func(T) (tenant string, number recipients.Handle),
) ([]T, line.Change, error) {
	var all []T
	for last := after; ; {
		page, now, err := read(ctx, last, limit-len(all))
		if err != nil {
			return nil, after, err
		}
		for _, l := range page {
			if tenant, number := of(l); s.of(store.UnreadableLine, tenant, number.String()) == nil {
				all = append(all, l)
			} else if s.breaks == "stops following at an unreadable line" {
				return nil, after, errWhole
			}
		}
		if last = now; len(page) == 0 || len(all) >= limit {
			return all, last, nil
		}
	}
}

func (s *worn) LineStates(ctx context.Context, after line.Change, limit int) ([]line.State, line.Change, error) {
	return pageOf(ctx, s, after, limit, s.Store.LineStates, func(l line.State) (string, recipients.Handle) { return l.Tenant, l.Number })
}

func (s *worn) LineUse(ctx context.Context, after line.Change, limit int) ([]line.Use, line.Change, error) {
	return pageOf(ctx, s, after, limit, s.Store.LineUse, func(l line.Use) (string, recipients.Handle) { return l.Tenant, l.Number })
}

func (s *worn) Claim(ctx context.Context, lease time.Duration, limit int, except ...string) (kept []store.Claimed, err error) {
	if limit, err = store.PageSize(limit); err != nil {
		return nil, err
	}
	for {
		room := limit - len(kept)
		if s.breaks == "claims more after it met an unreadable delivery" {
			room = limit
		}
		claimed, err := s.Store.Claim(ctx, lease, room, except...)
		if err != nil {
			return kept, err
		}
		for _, c := range claimed {
			bad := s.of(store.UnreadableDelivery, c.Lease.Tenant, c.Lease.MessageID.String())
			switch {
			case bad == nil:
				kept = append(kept, c)
				continue
			case s.breaks == "fails claims that meet an unreadable delivery":
				return nil, errWhole
			case aside.Newer(bad) && s.breaks != "parks what is newer":
				err = s.Nack(ctx, c.Lease, c.Attempts-1, store.UnreadableWait)
			default:
				err = s.Park(ctx, c.Lease, c.Attempts-1, store.ParkedUnreadable)
			}
			if err != nil {
				return kept, err
			}
		}
		if len(claimed) == 0 || len(kept) >= limit {
			return kept, nil
		}
	}
}

func (s *worn) Parked(ctx context.Context, tenant string, after uuid.UUID, limit int) ([]store.ParkedDelivery, uuid.UUID, error) {
	all, next, err := s.Store.Parked(ctx, tenant, after, limit)
	for i := range all {
		if d := &all[i].Delivery; s.of(store.UnreadableDelivery, tenant, d.MessageID.String()) != nil {
			*d = store.Delivery{MessageID: d.MessageID, ChatID: d.ChatID}
		}
	}
	return all, next, err
}

func (s *worn) Export(ctx context.Context) iter.Seq2[store.Item, error] {
	return s.told(s.Store.Export(ctx))
}

func (s *worn) ExportTenant(ctx context.Context, tenant string) iter.Seq2[store.Item, error] {
	return s.told(s.Store.ExportTenant(ctx, tenant))
}

// told yields the errors of rows in their places.
func (s *worn) told(all iter.Seq2[store.Item, error]) iter.Seq2[store.Item, error] {
	return func(yield func(store.Item, error) bool) {
		for item, err := range all {
			if bad := s.ofItem(&item); bad != nil {
				if s.breaks == "leaves out of a copy what it cannot read" {
					continue
				}
				item, err = store.Item{Tenant: item.Tenant}, bad
			}
			if !yield(item, err) {
				return
			}
		}
	}
}

func (s *worn) ofItem(item *store.Item) error {
	switch {
	case item.Chat != nil:
		return s.of(store.UnreadableChat, item.Tenant, item.Chat.ID.String())
	case item.Record != nil:
		return s.of(store.UnreadableRecord, item.Tenant, item.Record.MessageID.String())
	case item.Delivery != nil:
		return s.of(store.UnreadableDelivery, item.Tenant, item.Delivery.MessageID.String())
	case item.State != nil:
		return s.of(store.UnreadableLine, item.Tenant, item.State.Number.String())
	case item.Use != nil:
		return s.of(store.UnreadableLine, item.Tenant, item.Use.Number.String())
	case item.Consent != nil:
		name := item.Consent.Name.Bytes()
		return s.of(store.UnreadableConsent, item.Tenant, hex.EncodeToString(name[:]))
	}
	return nil
}

func (s *worn) Purge(ctx context.Context, before time.Time, limit int) (int, error) {
	if len(s.bad) > 0 && s.breaks == "purges nothing while a record is unreadable" {
		return 0, errWhole
	}
	return s.Store.Purge(ctx, before, limit)
}

func (s *worn) Forget(ctx context.Context, tenant string, h recipients.Handle) (int, error) {
	if len(s.bad) > 0 && s.breaks == "forgets nobody while a chat is unreadable" {
		return 0, store.ErrUnreadable
	}
	return s.Store.Forget(ctx, tenant, h)
}

// doubting names a row unreadable that nothing damaged.
type doubting struct{ *memory.Store }

func (d doubting) Unreadable() ([]store.Unreadable, int) {
	return []store.Unreadable{{Kind: store.UnreadableChat, Tenant: "acme", ID: "1"}}, 1
}

// damageFaults are stores that break one rule about unreadable rows.
var damageFaults = []struct{ clause, breaks string }{
	{"damage/deliveries are parked", "fails claims that meet an unreadable delivery"},
	{"damage/deliveries among others neither fill a claim nor widen it", "claims more after it met an unreadable delivery"},
	{"damage/newer deliveries wait", "parks what is newer"},
	{"damage/look-ups of chats", "takes a newer chat for none"},
	{"damage/look-ups of records", "takes an unreadable record for none"},
	{"damage/lines", "stops following at an unreadable line"},
	{"damage/pages", "fails pages of chats with an unreadable one"},
	{"damage/one thing", "shows an unreadable delivery as none"},
	{"damage/copies", "leaves out of a copy what it cannot read"},
	{"damage/purges", "purges nothing while a record is unreadable"},
	{"damage/forgetting", "forgets nobody while a chat is unreadable"},
	{"damage/rows that are told", "tells nothing of unreadable rows"},
}

func wornOut(breaks string) storetest.Open {
	return func(tb testing.TB) storetest.Harness {
		s := &worn{breaks: breaks, bad: make(map[[3]string]storetest.Spoiled)}
		h := opening(func(m *memory.Store) store.ChatStore { s.Store = m; return s })(tb)
		h.Spoil, h.Without = s.spoil, []storetest.Power{storetest.Durability}
		return h
	}
}

// TestDamageBites: the suite catches each store that breaks a rule about
// unreadable rows, and passes the one that breaks none.
func TestDamageBites(t *testing.T) {
	clauses := make(map[string]storetest.Clause)
	for _, c := range storetest.Clauses() {
		clauses[c.Name] = c
	}
	for _, f := range damageFaults {
		t.Run(f.clause, func(t *testing.T) {
			c, known := clauses[f.clause]
			require.True(t, known)
			c.Check(t, wornOut(""))
			require.True(t, fails(t, func(tb testing.TB) { c.Check(tb, wornOut(f.breaks)) }), "a store that %s passes", f.breaks)
		})
	}
}
