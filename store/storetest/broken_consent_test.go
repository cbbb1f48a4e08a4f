package storetest_test

import (
	"context"

	"github.com/fromline/fromline/recipients"
	"github.com/fromline/fromline/store"
	"github.com/fromline/fromline/store/memory"
)

// consenting is a store with another ChangeConsent.
type consenting struct {
	*memory.Store
	change func(s *memory.Store, ctx context.Context, tenant string, person recipients.Handle, w store.ConsentChange) (store.Consent, bool, error)
}

func (c consenting) ChangeConsent(
	ctx context.Context, tenant string, person recipients.Handle, w store.ConsentChange,
) (store.Consent, bool, error) {
	return c.change(c.Store, ctx, tenant, person, w)
}

// listing is a store with another Consents.
type listing struct{ *memory.Store }

func (l listing) Consents(ctx context.Context, tenant string, _ recipients.Key, _ int) ([]store.Consent, recipients.Key, error) {
	return l.Store.Consents(ctx, tenant, recipients.Key{}, 0)
}

// stubborn does not forget consents.
type stubborn struct{ *memory.Store }

func (s stubborn) Forget(context.Context, string, recipients.Handle) (int, error) { return 0, nil }

// unheard does not copy consents.
type unheard struct{ *memory.Store }

func (u unheard) Import(ctx context.Context, items []store.Item) (int, error) {
	var rest []store.Item
	for _, item := range items {
		if item.Consent == nil {
			rest = append(rest, item)
		}
	}
	return u.Store.Import(ctx, rest)
}

var consentFaults = []fault{
	{"consent/a word changes what is kept", "keeps the latest block", func(s *memory.Store) store.ChatStore {
		return consenting{s, func(s *memory.Store, ctx context.Context, tenant string, person recipients.Handle, w store.ConsentChange) (store.Consent, bool, error) {
			if w.Blocked != nil && *w.Blocked {
				off := w
				off.Blocked, off.Reason = new(bool), ""
				_, _, _ = s.ChangeConsent(ctx, tenant, person, off)
			}
			return s.ChangeConsent(ctx, tenant, person, w)
		}}
	}},
	{"consent/the latest word counts, whenever it is heard", "believes the last word it hears", func(s *memory.Store) store.ChatStore {
		return consenting{s, func(s *memory.Store, ctx context.Context, tenant string, person recipients.Handle, w store.ConsentChange) (store.Consent, bool, error) {
			if w.OptedOut != nil {
				_, _ = s.Forget(ctx, tenant, person)
			}
			return s.ChangeConsent(ctx, tenant, person, w)
		}}
	}},
	{"consent/pages", "knows no pages", func(s *memory.Store) store.ChatStore { return listing{s} }},
	{"consent/is seen by a look-up", "asks about nobody", func(s *memory.Store) store.ChatStore {
		return looking{s, func(s *memory.Store, ctx context.Context, q store.Query) (store.Snapshot, error) {
			q.Recipients = recipients.Set{}
			return s.Lookup(ctx, q)
		}}
	}},
	{"consent/what is left of a person who is forgotten", "forgets nothing", func(s *memory.Store) store.ChatStore { return stubborn{s} }},
	{"consent/is copied", "does not take consents", func(s *memory.Store) store.ChatStore { return unheard{s} }},
}
