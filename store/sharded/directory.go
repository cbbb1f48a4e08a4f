package sharded

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"

	"github.com/fromline/fromline/recipients"
	"github.com/fromline/fromline/store"
)

// Tenant is the tenant of the directory. Its records in the shard of the
// directory are the entries; in other shards they are the fences of tenants
// that move away. The store refuses calls with it.
const Tenant = "\x01fromline directory"

// home is the shard of a tenant, and the state of its move.
type home struct {
	shard   *shard
	number  int       // number of the entry: each move makes the next one
	until   time.Time // the process asks again then
	leaving string    // the shard that the tenant moves to; empty if the tenant is not fenced
	closing bool      // about to leave: deliveries are settled, and no more are claimed
}

// The sorts of entries. The sort is the first note of an entry's record, and
// the name of a shard the second.
const (
	entryLives  = "lives in"
	entryLeaves = "leaves for"
)

// forever is the KeepUntil of entries: no purge removes them.
var forever = time.Date(9999, 12, 31, 0, 0, 0, 0, time.UTC)

// epoch is the time of all entries, whose own time does not matter.
var epoch = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)

var (
	entryLine  = recipients.MustParse("+12025550100")
	anyMessage = uuid.NewSHA1(uuid.Nil, []byte("fromline directory"))
)

// entryKey is the key of the n-th entry of some sort about a tenant.
func entryKey(sort, tenant string, number int) string {
	sum := sha256.Sum256([]byte(tenant))
	return fmt.Sprintf("%s %s %d", sort, hex.EncodeToString(sum[:]), number)
}

// entrySet returns the recipients of an entry: one number, to which its key
// hashes.
func entrySet(key string) (recipients.Set, error) {
	sum := sha256.Sum256([]byte(key))
	h, err := recipients.FromDigits(100_000_000_000_000 + binary.BigEndian.Uint64(sum[:])%800_000_000_000_000)
	if err != nil {
		return recipients.Set{}, err
	}
	return recipients.NewSet(h)
}

// readEntry returns the shard that an entry names, empty if there is no such
// entry.
func readEntry(ctx context.Context, sh *shard, sort, tenant string, number int) (name string, err error) {
	at, err := sh.get(ctx)
	if err != nil {
		return "", err
	}
	snap, err := at.Lookup(ctx, store.Query{Tenant: Tenant, IdempotencyKey: entryKey(sort, tenant, number)})
	if err != nil {
		return "", sh.named(err)
	}
	if snap.Record == nil || len(snap.Record.Notes) < 2 {
		return "", nil
	}
	return snap.Record.Notes[1], nil
}

// writeEntry writes an entry, unless there is one, and returns the shard that
// the entry names afterwards.
func writeEntry(ctx context.Context, sh *shard, sort, tenant string, number int, name string) (string, error) {
	key := entryKey(sort, tenant, number)
	set, err := entrySet(key)
	if err != nil {
		return "", err
	}
	for range 16 {
		at, err := sh.get(ctx)
		if err != nil {
			return "", err
		}
		snap, err := at.Lookup(ctx, store.Query{Tenant: Tenant, Set: set.Key(), IdempotencyKey: key})
		if err != nil {
			return "", sh.named(err)
		}
		if snap.Record != nil && len(snap.Record.Notes) >= 2 {
			return snap.Record.Notes[1], nil
		}
		err = at.Commit(ctx, &store.Plan{Tenant: Tenant, Set: set, Revision: snap.Revision, Record: store.Record{
			Key: key, MessageID: uuid.New(), ChatID: uuid.New(), Line: entryLine, At: epoch, KeepUntil: forever,
			Reason: store.NewBestNumber, Roster: store.NewRoster(set, epoch), Notes: []string{sort, name, tenant},
		}})
		if conflict := (*store.Conflict)(nil); err == nil || errors.As(err, &conflict) {
			continue // and read what there is now
		}
		return "", sh.named(err)
	}
	return "", fmt.Errorf("sharded: %w: an entry of the directory cannot be written", store.ErrNotWritten)
}

// ErrMoving means that the tenant is being moved to another shard, and cannot
// be read or written for some seconds: try again.
var ErrMoving = fmt.Errorf("the tenant is being moved to another shard: %w", store.ErrNotWritten)

// at returns the shard of a tenant, and ErrMoving while a move has fenced the
// tenant.
func (s *Store) at(ctx context.Context, tenant string) (*shard, error) {
	h, err := s.home(ctx, tenant)
	if err == nil && h.leaving != "" {
		return nil, fmt.Errorf("sharded: %w", ErrMoving)
	}
	return h.shard, err
}

// home returns where a tenant lives. The answer may be as old as
// Options.Recheck, which every move waits for.
func (s *Store) home(ctx context.Context, tenant string) (home, error) {
	invalid := store.CheckTenant(tenant)
	if tenant == Tenant {
		invalid = fmt.Errorf("sharded: %w: this name is reserved for the directory", store.ErrInvalid)
	}
	if err := s.begin(ctx, invalid); err != nil {
		return home{}, err
	}
	if s.directory == nil {
		return home{shard: s.hashed(tenant)}, nil
	}
	s.mu.Lock()
	known, is := s.homes[tenant]
	s.mu.Unlock()
	now := s.o.Clock()
	if is && now.Before(known.until) {
		return known, nil
	}
	h, err := s.find(ctx, tenant, known)
	if err != nil {
		return home{}, err
	}
	switch {
	case h.leaving != "":
		h.until = now // ask each time
	case h.closing:
		h.until = now.Add(s.o.Recheck / sooner)
	default:
		h.until = now.Add(s.o.Recheck)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.homes) >= remembered {
		clear(s.homes)
	}
	s.homes[tenant] = h
	return h, nil
}

// While a tenant is about to leave its shard, each process divides Recheck and
// Patience by these: it asks the directory more often, and ends its calls
// sooner.
const (
	sooner    = 10 // for Options.Recheck
	impatient = 5  // for Options.Patience
)

// remembered is the largest number of tenants that a process remembers.
const remembered = 100_000

// find returns where a tenant lives. It asks the shard where the tenant last
// lived whether the tenant is about to leave and is fenced. It asks the
// directory if the tenant is fenced, or was never met.
func (s *Store) find(ctx context.Context, tenant string, h home) (home, error) {
	for {
		if h.shard == nil {
			write := writeEntry
			if s.o.ReadOnly {
				write = func(ctx context.Context, sh *shard, sort, tenant string, number int, otherwise string) (string, error) {
					name, err := readEntry(ctx, sh, sort, tenant, number)
					return cmp.Or(name, otherwise), err
				}
			}
			name, err := write(ctx, s.directory, entryLives, tenant, 0, s.hashed(tenant).Name)
			if err != nil {
				return h, err
			}
			if h, err = s.lives(tenant, name, 0); err != nil {
				return h, err
			}
		}
		h.leaving = ""
		var err error
		if h.closing, err = s.isClosing(ctx, h, tenant); err != nil || !h.closing {
			return h, err
		}
		to, err := readEntry(ctx, h.shard, entryLeaves, tenant, h.number+1)
		if err != nil || to == "" {
			return h, err
		}
		name, err := readEntry(ctx, s.directory, entryLives, tenant, h.number+1)
		if err != nil {
			return h, err
		}
		if name == "" {
			h.leaving = to
			return h, nil
		}
		if h, err = s.lives(tenant, name, h.number+1); err != nil {
			return h, err
		}
	}
}

func (s *Store) lives(tenant, name string, number int) (home, error) {
	sh := s.named(name)
	if sh == nil {
		return home{}, fmt.Errorf("sharded: %w: a tenant lives in shard %q, which is not in the list", store.ErrNotWritten, name)
	}
	return home{shard: sh, number: number}, nil
}

// isHome reports whether a tenant lives in a shard, so that its items there
// count. It is false for the tenant of the directory. It writes an entry for a
// tenant that has none.
func (s *Store) isHome(ctx context.Context, sh *shard, tenant string) (bool, error) {
	if tenant == Tenant {
		return false, nil
	}
	if s.directory == nil {
		return s.hashed(tenant) == sh, nil
	}
	h, err := s.home(ctx, tenant)
	return h.shard == sh, err
}
