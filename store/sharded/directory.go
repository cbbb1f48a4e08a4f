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

// Tenant is the tenant that holds the directory, in its shard, and the fences
// of tenants that move, in the shards that they leave. The store refuses calls
// with it.
const Tenant = "\x01fromline directory"

// home is where a tenant lives.
type home struct {
	shard   *shard
	number  int       // of the entry; each move makes another one
	until   time.Time // when it has to be asked for again
	leaving string    // the shard that the tenant is moved to; empty: it is not
	closing bool      // it is about to leave: deliveries are settled, and no more are claimed
}

// The sorts of entries: the first note of their records. The second one is a
// shard.
const (
	entryLives  = "lives in"
	entryLeaves = "leaves for"
)

// forever is until when entries are kept: no purge removes them.
var forever = time.Date(9999, 12, 31, 0, 0, 0, 0, time.UTC)

// epoch is the time of all entries: they have none of their own.
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

// entrySet is the people that an entry is for, by name: a number that its key
// hashes to.
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

// writeEntry writes an entry, unless there is one, and returns what the entry
// says that there is then.
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

// at returns the shard of a tenant.
func (s *Store) at(ctx context.Context, tenant string) (*shard, error) {
	h, err := s.home(ctx, tenant)
	if err == nil && h.leaving != "" {
		return nil, fmt.Errorf("sharded: %w", ErrMoving)
	}
	return h.shard, err
}

// home returns where a tenant lives, as it is now or was at most so long ago as
// a move waits.
func (s *Store) home(ctx context.Context, tenant string) (home, error) {
	invalid := store.CheckTenant(tenant)
	if tenant == Tenant {
		invalid = fmt.Errorf("sharded: %w: the tenant is that of the directory", store.ErrInvalid)
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
		h.until = now // it is asked for each time
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

// How much sooner a process asks again, and ends a call, about a tenant that is
// about to leave its shard.
const (
	sooner    = 10 // asks again
	impatient = 5  // ends a call
)

// remembered is how many tenants a process remembers.
const remembered = 100_000

// find asks where a tenant lives: the shard where it did, whether it is about to
// leave and fenced there, and if so, or if nothing was known, the directory.
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

// isHome says whether what a shard holds of a tenant counts: the tenant lives
// there, and it is not that of the directory. It makes no entry.
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
