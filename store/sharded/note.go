package sharded

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/google/uuid"

	"github.com/fromline/fromline/store"
	"github.com/fromline/fromline/store/move"
)

// The state of a move stands in notes of the tenant Tenant: a note can change,
// and an entry cannot.

// noteName names a note of some sort about a tenant.
func noteName(sort, tenant string) string {
	sum := sha256.Sum256([]byte(tenant))
	return sort + " " + hex.EncodeToString(sum[:])
}

// readNote reads a note of some sort about a tenant.
func readNote(ctx context.Context, sh *shard, sort, tenant string) (store.Note, error) {
	at, err := sh.get(ctx)
	if err != nil {
		return store.Note{}, err
	}
	n, err := at.Note(ctx, Tenant, noteName(sort, tenant))
	return n, sh.named(err)
}

// keepNote replaces a note, and says whether the old one was still there.
func keepNote(ctx context.Context, sh *shard, sort, tenant string, was store.Note, body string) (store.Note, bool, error) {
	at, err := sh.get(ctx)
	if err != nil {
		return store.Note{}, false, err
	}
	now := store.Note{Name: noteName(sort, tenant), Of: anyMessage, Body: []byte(body)}
	kept, err := at.KeepNote(ctx, Tenant, was, now)
	return now, kept, sh.named(err)
}

// noteOver is the body of a note that no longer holds.
const noteOver = "over"

// noteCloses is the sort of the note, in the shard of a tenant, that says that
// the tenant is about to leave. Its body is the number of the entry that the
// move will write.
const noteCloses = "closes"

// isClosing reports whether a tenant is about to leave its shard.
func (s *Store) isClosing(ctx context.Context, h home, tenant string) (bool, error) {
	n, err := readNote(ctx, h.shard, noteCloses, tenant)
	return string(n.Body) == strconv.Itoa(h.number+1), err
}

// setClosing writes whether a tenant is about to leave its shard.
func (s *Store) setClosing(ctx context.Context, h home, tenant string, closing bool) error {
	body := noteOver
	if closing {
		body = strconv.Itoa(h.number + 1)
	}
	for range 16 {
		was, err := readNote(ctx, h.shard, noteCloses, tenant)
		if err != nil || string(was.Body) == body || was.Name == "" && !closing {
			return err
		}
		if _, kept, err := keepNote(ctx, h.shard, noteCloses, tenant, was, body); err != nil || kept {
			return err
		}
	}
	return fmt.Errorf("sharded: %w: the note that the tenant is about to leave cannot be written", store.ErrNotWritten)
}

// ErrMoveUnderWay means that another process is moving the tenant, or that this
// process could not make sure that it alone does.
var ErrMoveUnderWay = fmt.Errorf("another process may be moving the tenant: %w", store.ErrNotWritten)

// noteLock is the sort of the note, in the shard of the directory, that locks
// the moves of a tenant. Its body is the holder and how often it renewed the
// lock.
const noteLock = "lock"

// lockLasts is how long a lock lasts that is not renewed, as a multiple of
// Options.Recheck and Options.Patience together.
const lockLasts = 2

// lock is the lock of the moves of a tenant, as its holder sees it.
type lock struct {
	s      *Store
	tenant string
	lasts  time.Duration
	cancel context.CancelCauseFunc
	ended  chan struct{}
	stop   chan struct{}

	mu     sync.Mutex
	holder string
	times  int // how often it was renewed
	note   store.Note
	last   time.Time // the last time at which this process surely held it
}

// next returns the body of the note for the next renewal.
func (l *lock) next() string {
	l.times++
	return l.holder + " " + strconv.Itoa(l.times)
}

// lock takes the lock of the moves of a tenant. If another process holds it,
// lock waits for l.lasts by the clock of this process, reports that, and takes
// it over if it was not renewed. The context that it returns ends when the lock
// is lost.
func (s *Store) lock(ctx context.Context, tenant string, tell func(move.Progress)) (context.Context, *lock, error) {
	l := &lock{s: s, tenant: tenant, holder: uuid.NewString(), lasts: lockLasts * (s.o.Recheck + s.o.Patience), ended: make(chan struct{}), stop: make(chan struct{})}
	was, err := readNote(ctx, s.directory, noteLock, tenant)
	if err != nil {
		return ctx, nil, err
	}
	if was.Name != "" && string(was.Body) != noteOver {
		for began := time.Now(); time.Since(began) < l.lasts; tell(waited(began, l.lasts)) {
			if err := s.wait(ctx, l.lasts/8); err != nil {
				return ctx, nil, err
			}
		}
	}
	l.last = time.Now()
	kept := false
	l.note, kept, err = keepNote(ctx, s.directory, noteLock, tenant, was, l.next())
	if err != nil {
		return ctx, nil, err
	}
	if !kept {
		return ctx, nil, fmt.Errorf("sharded: %w", ErrMoveUnderWay)
	}
	ctx, l.cancel = context.WithCancelCause(ctx)
	go l.keep(ctx)
	return ctx, l, nil
}

// keep renews the lock until it is released or lost.
func (l *lock) keep(ctx context.Context) {
	defer close(l.ended)
	every := time.NewTicker(l.lasts / 8)
	defer every.Stop()
	for {
		select {
		case <-l.stop:
			return
		case <-ctx.Done():
			return
		case <-every.C:
		}
		if err := l.hold(ctx); err != nil {
			l.mu.Lock()
			late := time.Since(l.last) > l.lasts/2
			l.mu.Unlock()
			if late {
				l.cancel(fmt.Errorf("sharded: the lock of the move could not be renewed: %w: %w", ErrMoveUnderWay, err))
			}
		}
	}
}

// hold renews the lock now, and returns an error if that failed. The lock is
// lost if another process has taken it.
func (l *lock) hold(ctx context.Context) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	ctx, cancel := context.WithTimeout(ctx, l.lasts/4)
	defer cancel()
	now := time.Now()
	next, kept, err := keepNote(ctx, l.s.directory, noteLock, l.tenant, l.note, l.next())
	if err == nil && kept {
		l.note, l.last = next, now
		return nil
	}
	there, unread := readNote(ctx, l.s.directory, noteLock, l.tenant)
	switch {
	case unread != nil:
		return unread
	case string(there.Body) == string(next.Body): // the answer was lost
		l.note, l.last = next, now
		return nil
	case strings.HasPrefix(string(there.Body), l.holder+" "): // an earlier renewal is there
		l.note = there
		return cmp.Or(err, fmt.Errorf("sharded: %w: the lock of the move was not renewed this time", store.ErrNotWritten))
	}
	err = fmt.Errorf("sharded: %w", ErrMoveUnderWay)
	l.cancel(err)
	return err
}

// release releases the lock.
func (l *lock) release() {
	close(l.stop)
	<-l.ended
	l.cancel(nil)
	ctx, cancel := context.WithTimeout(context.Background(), l.lasts/4)
	defer cancel()
	l.mu.Lock()
	defer l.mu.Unlock()
	_, _, _ = keepNote(ctx, l.s.directory, noteLock, l.tenant, l.note, noteOver) // if this fails, the lock runs out
}
