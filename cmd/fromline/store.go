package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/fromline/fromline/internal/nearest"
	"github.com/fromline/fromline/store"
	"github.com/fromline/fromline/store/open"
)

// storeUsage describes the -store flag of every sub-command.
const storeUsage = "`store` that keeps chats and decisions: memory:, sqlite:PATH, postgres://… or sharded:FILE; @FILE or env:NAME where the name has a password; PostgreSQL gets 16 connections a process: pool_max_conns=N in the URL sets another number"

// openingStore is what a command does first: it connects, and brings the schema
// up to date where it may write.
const openingStore = "opening the store"

// opened opens a store in one of the two ways below, and tells where that takes
// long.
func opened(ctx context.Context, name string, p *progress, by openBy) (s store.Store, err error) {
	told := newSchemaProgress(openingStore)
	err = p.beside(told.text, func() (err error) {
		s, err = by(ctx, name, told.tell)
		return err
	})
	return s, err
}

// openBy is a way to open a store, which tells how far its schema is.
type openBy func(ctx context.Context, name string, tell func(store.Migration)) (store.Store, error)

// openStore opens the store that a -store flag names.
func openStore(ctx context.Context, name string, tell func(store.Migration)) (store.Store, error) {
	s, err := open.Store(ctx, name, open.Options{Migrating: tell})
	if err != nil {
		return nil, fmt.Errorf("-store: %w", bySchema(err))
	}
	return s, nil
}

// plainly returns an error of a store about its arguments without the words
// that are for callers in Go: where nothing was asked to be written, they
// mislead.
func plainly(err error) error {
	if !errors.Is(err, store.ErrInvalid) {
		return err
	}
	return errors.New(strings.ReplaceAll(err.Error(), store.ErrInvalid.Error()+": ", ""))
}

// emptyAtStart is why a command that only reads needs a store that is kept.
const emptyAtStart = "is empty when a program starts"

// needDurable refuses a store that a flag names and that ends with the process,
// and says why.
func needDurable(flag, name, why string) error {
	durable, err := open.Durable(name)
	if err == nil && !durable {
		err = fmt.Errorf("memory: %s: type sqlite:PATH or postgres://…", why)
	}
	if err != nil {
		return fmt.Errorf("%s: %w", flag, err)
	}
	return nil
}

// checkTenant checks what a -tenant flag says, where it says something.
func checkTenant(tenant string) error {
	if tenant == "" {
		return nil
	}
	if err := store.CheckTenant(tenant); err != nil {
		return fmt.Errorf("-tenant: %w", plainly(err))
	}
	return nil
}

// errTenant is the mistake of a command line that does not say whose it is
// about.
var errTenant = errors.New("-tenant is missing")

// tenantOf returns the tenant that a command is about: the one given, or the
// only one that has chats in the store.
func tenantOf(ctx context.Context, chats store.ChatWalker, given string) (string, error) {
	if given != "" {
		return given, nil
	}
	tenants, err := chats.Tenants(ctx, "", 2)
	if err != nil {
		return "", fmt.Errorf("-store: %w", err)
	}
	if len(tenants) > 1 {
		return "", fmt.Errorf("%w: the store has chats of several tenants, such as %q and %q: type -tenant TENANT, one of them", errTenant, tenants[0], tenants[1])
	}
	return cmp.Or(strings.Join(tenants, ""), defaultTenant), nil
}

// strangeTenant says that the store has no chats of a tenant, and whose it has:
// a tenant that is misspelt has nothing, and that looks as if all were well. It
// is "" for a tenant with chats, where the store has none at all, or does not
// answer.
func strangeTenant(ctx context.Context, chats store.ChatWalker, tenant string) string {
	var all []string
	err := eachTenant(ctx, chats, func(t string) error {
		all = append(all, t)
		return nil
	})
	if err != nil || len(all) == 0 || slices.Contains(all, tenant) {
		return ""
	}
	if meant := nearest.Name(tenant, all); meant != "" {
		return fmt.Sprintf("the store has no chats of a tenant %q: did you mean %q?", tenant, meant)
	}
	return fmt.Sprintf("the store has no chats of a tenant %q; the first that it has is %q", tenant, all[0])
}

// insufficientPrivilege is what PostgreSQL calls a right that a role lacks.
const insufficientPrivilege = "42501"

// bySchema adds to the error of a store whose schema is of another release, or
// whose role lacks a right, what to do.
func bySchema(err error) error {
	var server interface{ SQLState() string }
	switch {
	case errors.As(err, &server) && server.SQLState() == insufficientPrivilege:
		return fmt.Errorf("%w: docs/stores.md says which rights the role of PostgreSQL needs", err)
	case open.NoSchema(err):
		return fmt.Errorf("%w: fromline migrate creates it, and so does serve when it starts; if you expected chats in this store, check its name", err)
	case open.OldSchema(err):
		return fmt.Errorf("%w: fromline migrate brings it up to date, and so does serve when it starts; make a backup before", err)
	case open.NewerSchema(err):
		return fmt.Errorf("%w: use the later release, or restore a backup from before its start", err)
	}
	return err
}

// lookAtStore opens a store that is there already, as it is, and only to be
// read.
func lookAtStore(ctx context.Context, name string, _ func(store.Migration)) (store.Store, error) {
	s, err := open.Store(ctx, name, open.Options{ReadOnly: true})
	if err != nil {
		return nil, fmt.Errorf("-store: %w", bySchema(err))
	}
	return s, nil
}

// partsDown returns the parts of a store that do not answer, ordered by name.
func partsDown(ctx context.Context, s store.ChatStore) []store.Part {
	composed, is := s.(store.Composed)
	if !is {
		return nil
	}
	return slices.DeleteFunc(composed.Parts(ctx), func(p store.Part) bool { return p.Err == nil })
}

// unreadable returns in words what a store could not read and set aside, and
// how many rows that are.
func unreadable(s store.ChatStore) (words []string, total int) {
	damaged, is := s.(store.Damaged)
	if !is {
		return nil, 0
	}
	rows, total := damaged.Unreadable()
	for _, u := range rows {
		words = append(words, u.String())
	}
	return words, total
}
