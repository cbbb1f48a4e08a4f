package etcd

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math"
	"strings"
	"time"

	"github.com/google/uuid"
	clientv3 "go.etcd.io/etcd/client/v3"

	"github.com/fromline/fromline/recipients"
	"github.com/fromline/fromline/store"
)

// list is a list of changes: a moment in the history of the cluster. The store
// writes no changes to it. The servers return the changes since that moment,
// and no store compacts that part of the history (see oldest).
type list struct {
	id    uuid.UUID
	since moment    // the list has the changes after it
	named time.Time // the last time at which a call named it
}

// moment is a revision, and a number of changes of that revision that come
// before it.
type moment int64

// momentBits is the number of bits for the changes of a revision: enough for
// all operations of a transaction.
const momentBits = 20

func momentOf(revision int64, changes int) moment {
	return moment(revision<<momentBits | int64(changes))
}

func (m moment) revision() int64 { return int64(m) >> momentBits }

func (s *Store) keyOfList(tenant string) string { return s.ofTenant(kindList, tenant) }

func (l *list) bytes() []byte {
	w := newWriter()
	w.id(l.id)
	w.int(int64(l.since))
	w.int(micros(l.named))
	return w
}

func readList(b []byte) (l list, err error) {
	r := newReader(b)
	l.id, l.since, l.named = r.id(), moment(r.int()), fromMicros(r.int())
	return l, r.end()
}

// ListChanges implements store.ChangeLister.
func (s *Store) ListChanges(ctx context.Context, tenant string, id uuid.UUID) error {
	if err := s.begin(ctx, store.CheckTenant(tenant)); err != nil {
		return err
	}
	key := s.keyOfList(tenant)
	now, err := s.get(ctx, key, clientv3.WithCountOnly())
	if err != nil {
		return err
	}
	return s.change(ctx, false, func(t *tx) error {
		if id == uuid.Nil {
			t.clear(key)
			return nil
		}
		l := list{id: id, since: momentOf(now.Header.Revision+1, 0), named: s.o.Clock()}
		t.get(key)
		t.put(key, l.bytes())
		return nil
	})
}

// useList marks a list as used, drops the changes up to a moment, and returns
// the list. The write gives its key a revision later than every commit before
// the call.
func (s *Store) useList(ctx context.Context, tenant string, id uuid.UUID, drop moment) (l list, err error) {
	if err := s.begin(ctx, store.CheckTenant(tenant)); err != nil {
		return l, err
	}
	key := s.keyOfList(tenant)
	err = s.change(ctx, false, func(t *tx) error {
		v := t.get(key)
		if !v.there() {
			return fmt.Errorf("etcd: %w", store.ErrNoList)
		}
		if l, err = readList(v.bytes); err != nil || l.id != id {
			return fmt.Errorf("etcd: %w", cmp.Or(err, store.ErrNoList))
		}
		l.since, l.named = max(l.since, drop), s.o.Clock()
		t.put(key, l.bytes())
		return nil
	})
	return l, err
}

// Changes implements store.ChangeLister.
func (s *Store) Changes(ctx context.Context, tenant string, id uuid.UUID, limit int) ([]store.Change, error) {
	limit, err := store.PageSize(limit)
	if err != nil {
		return nil, err
	}
	l, err := s.useList(ctx, tenant, id, 0)
	if err != nil {
		return nil, err
	}
	now, err := s.get(ctx, s.keyOfList(tenant))
	if err != nil {
		return nil, err
	}
	if len(now.Kvs) == 0 {
		return nil, fmt.Errorf("etcd: %w", store.ErrNoList)
	}
	numbers, err := s.changedSince(ctx, tenant, l.since, now.Kvs[0].ModRevision, limit)
	if err == nil && len(numbers) == 0 { // nothing needs the history before now
		_, err = s.useList(ctx, tenant, id, momentOf(now.Kvs[0].ModRevision, 0))
	}
	if err != nil {
		return nil, err
	}
	changes := make([]store.Change, 0, len(numbers))
	for thing, number := range numbers {
		changes = append(changes, store.Change{Number: number, Thing: thing})
	}
	return changes, nil
}

// DropChanges implements store.ChangeLister.
func (s *Store) DropChanges(ctx context.Context, tenant string, id uuid.UUID, changes []store.Change) error {
	var last moment
	for _, c := range changes {
		last = max(last, moment(c.Number))
	}
	_, err := s.useList(ctx, tenant, id, last)
	return err
}

// changedSince returns the things that changed between a moment and a revision,
// at most limit, each with the moment of its last change. It asks again if
// nodes do not answer, within Options.Timeout.
func (s *Store) changedSince(ctx context.Context, tenant string, since moment, to int64, limit int) (numbers map[store.Thing]int64, err error) {
	ctx, cancel := context.WithTimeout(clientv3.WithRequireLeader(ctx), s.o.Timeout)
	defer cancel()
	for try := 1; ; try++ {
		numbers = make(map[store.Thing]int64)
		at := momentOf(since.revision(), 0)
		err = s.history(ctx, since.revision(), to, func(e *clientv3.Event) (more bool) {
			if e.Kv.ModRevision > at.revision() {
				at = momentOf(e.Kv.ModRevision, 0)
			}
			for _, thing := range s.changed(tenant, e) {
				if at++; at <= since {
					continue
				}
				if _, is := numbers[thing]; !is && len(numbers) == limit {
					return false
				}
				numbers[thing] = int64(at)
			}
			return true
		})
		switch {
		case err == nil:
			return numbers, nil
		case errors.Is(err, store.ErrNoList):
			return nil, fmt.Errorf("etcd: %w", err)
		case !isLost(err), pause(ctx, 5*try) != nil:
			return nil, readError(err)
		}
	}
}

// changed returns the things of a tenant that a change of a key concerns.
func (s *Store) changed(tenant string, e *clientv3.Event) (things []store.Thing) {
	kind, rest := string(e.Kv.Key)[len(s.prefix):][:1], string(e.Kv.Key)[len(s.prefix)+1:]
	name, is := strings.CutPrefix(rest, tenant+"\x00")
	if !is {
		return nil
	}
	one := func(kind store.ThingKind) []store.Thing { return []store.Thing{{Kind: kind, ID: name}} }
	switch kind {
	case kindPlace:
		return one(store.ThingChat)
	// A chat that left the set has another place, or none: that key changed
	// too.
	case kindSet:
		m, _ := readSet(tenant, recipients.Key{}, value{e.Kv.Value, e.Kv.ModRevision})
		for _, c := range m.chats {
			things = append(things, store.Thing{Kind: store.ThingChat, ID: string(c.ID[:])})
		}
	case kindMessage:
		return one(store.ThingRecord)
	case kindQueue:
		return one(store.ThingDeliveries)
	case kindConsent:
		return one(store.ThingConsent)
	case kindNote:
		return one(store.ThingNote)
	}
	return things
}

// history calls a function for each change of the store from one revision to
// another, until it returns false. to is the revision of a change.
func (s *Store) history(ctx context.Context, from, to int64, each func(*clientv3.Event) (more bool)) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	late := time.AfterFunc(perTry, func() { cancel(context.DeadlineExceeded) }) // the node has stopped answering
	defer late.Stop()
	for answer := range s.client.Watch(ctx, s.prefix, clientv3.WithRange(end(s.prefix)), clientv3.WithRev(from), clientv3.WithFragment()) {
		if answer.CompactRevision != 0 {
			return fmt.Errorf("%w: the history is compacted up to revision %d, and is needed from %d on: "+
				"begin again, and let --auto-compaction-retention be longer than a copy takes", store.ErrNoList, answer.CompactRevision, from)
		}
		if err := answer.Err(); err != nil {
			return err
		}
		late.Reset(perTry)
		for _, e := range answer.Events {
			if !each(e) || e.Kv.ModRevision >= to {
				return nil
			}
		}
	}
	return cmp.Or(context.Cause(ctx), context.Canceled)
}

// endOldLists ends the lists that no call has named for store.ListLife.
func (s *Store) endOldLists(ctx context.Context) error {
	return s.lists(ctx, func(key string, l *list) error {
		if !l.isOld(s.o.Clock()) {
			return nil
		}
		return s.change(ctx, false, func(t *tx) error {
			if l, err := readList(t.get(key).bytes); err == nil && l.isOld(s.o.Clock()) {
				t.del(key)
			}
			return nil
		})
	})
}

func (l *list) isOld(now time.Time) bool { return now.Sub(l.named) > store.ListLife }

// keepsFor is how long after its last use a list keeps the history from being
// compacted: its reader may have died, and the history takes room.
const keepsFor = 10 * time.Minute

// oldest returns the first revision of the history that a list needs, and the
// largest number if no list needs one.
func (s *Store) oldest(ctx context.Context) (revision int64, err error) {
	revision = math.MaxInt64
	err = s.lists(ctx, func(_ string, l *list) error {
		if s.o.Clock().Sub(l.named) <= keepsFor {
			revision = min(revision, l.since.revision())
		}
		return nil
	})
	return revision, err
}

// lists calls a function for each list and its key.
func (s *Store) lists(ctx context.Context, each func(key string, l *list) error) error {
	return s.walk(ctx, s.of(kindList), func(key string, b []byte, _ int64) error {
		l, err := readList(b)
		if err != nil {
			return nil // the next call that uses it returns the error
		}
		return each(key, &l)
	})
}
