package etcd

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"go.etcd.io/etcd/api/v3/mvccpb"
	clientv3 "go.etcd.io/etcd/client/v3"

	"github.com/fromline/fromline/line"
	"github.com/fromline/fromline/recipients"
	"github.com/fromline/fromline/store"
	"github.com/fromline/fromline/store/internal/aside"
	"github.com/fromline/fromline/store/internal/tally"
)

// use returns the use of a line.
func (t *tx) use(tenant string, number recipients.Handle) line.Use {
	u, err := readUse(tenant, number, t.get(t.s.keyOfLine(kindUse, tenant, number)))
	if err != nil && !aside.Newer(err) { // unreadable use counts as none
		_ = t.s.aside.Add(store.UnreadableLine, tenant, digits(number), err)
		return line.Use{Tenant: tenant, Number: number}
	}
	t.damage(store.UnreadableLine, tenant, digits(number), err)
	return u
}

// digits returns the name of a line that cannot be read.
func digits(number recipients.Handle) string { return strconv.FormatUint(number.Digits(), 10) }

func readUse(tenant string, number recipients.Handle, v value) (line.Use, error) {
	u := line.Use{Tenant: tenant, Number: number}
	if !v.there() {
		return u, nil
	}
	r := newReader(v.bytes)
	u.Hour, u.MessagesHour = r.int(), r.int()
	for i := range u.NewChats {
		u.NewChats[i], u.Failovers[i], u.Messages[i] = uint32(r.uint()), uint32(r.uint()), uint32(r.uint())
	}
	u.PacedAt = r.time()
	u.Change = change(v, r.uint())
	return u, r.end()
}

func (t *tx) saveUse(u *line.Use) {
	w := newWriter()
	w.int(u.Hour)
	w.int(u.MessagesHour)
	for i := range u.NewChats {
		w.uint(uint64(u.NewChats[i]))
		w.uint(uint64(u.Failovers[i]))
		w.uint(uint64(u.Messages[i]))
	}
	w.time(u.PacedAt)
	w.uint(t.place())
	t.put(t.s.keyOfLine(kindUse, u.Tenant, u.Number), w)
}

// placeBits is how many bits of a change number tell the lines of one
// transaction apart.
const placeBits = 16

// change returns the number of the change that wrote a value: the revision of
// the cluster, which follows the order of commits, and then the place among the
// lines of the transaction, which is in the value.
func change(v value, place uint64) line.Change {
	return line.Change(uint64(v.revision)<<placeBits | place)
}

// place returns a number that no other line of the transaction has.
func (t *tx) place() uint64 {
	for ; t.parent != nil; t = t.parent {
	}
	t.places++
	return t.places & (1<<placeBits - 1)
}

// Flush writes the counts of messages that wait in this process to the cluster.
// The store does so once a second and in Close. It is safe for concurrent use.
// The error is that of a write: if it wraps store.ErrNotWritten, the counts
// wait for the next Flush, else they are dropped.
func (s *Store) Flush(ctx context.Context) error {
	if err := s.begin(ctx, nil); err != nil {
		return err
	}
	return s.flush(ctx)
}

// flushed is the largest number of lines in one transaction of a flush.
const flushed = 50

func (s *Store) flush(ctx context.Context) error {
	return s.tally.Flush(func(counts []tally.Count) error {
		for first := 0; first < len(counts); first += flushed {
			some := counts[first:min(first+flushed, len(counts))]
			err := s.change(ctx, true, func(t *tx) error {
				for _, c := range some {
					part := t.sub()
					u := part.use(c.Tenant, c.Line)
					u.AddMessages(c.Hour, c.Messages)
					part.saveUse(&u)
					if part.damaged == nil { // else a process of the later release adds its own counts
						part.merge()
					}
				}
				return nil
			})
			if err != nil {
				if first > 0 { // some are added: drop all rather than count them twice
					return fmt.Errorf("etcd: some messages are not counted: %v", err)
				}
				return err
			}
		}
		return nil
	})
}

// changed returns the values of a kind of keys that changed after a change
// number, in order of change, at most limit. The read is linearizable, so it
// misses no commit. It remembers values that cannot be read, and calls bad with
// the error of each unless bad is nil.
func changed[T any](
	ctx context.Context, s *Store, kind string, after line.Change, limit int, bad func(*store.UnreadableError),
	read func(tenant string, number recipients.Handle, v value) (T, error), number func(*T) line.Change,
) (things []T, last line.Change, err error) {
	prefix := s.of(kind)
	for from := int64(after >> placeBits); ; {
		answer, err := s.get(ctx, prefix, clientv3.WithPrefix(), clientv3.WithMinModRev(from),
			clientv3.WithSort(clientv3.SortByModRevision, clientv3.SortAscend), clientv3.WithLimit(int64(limit+2*s.o.MaxTxnOps)))
		if err != nil {
			return nil, 0, err
		}
		kvs := answer.Kvs
		if answer.More { // the last transaction may continue on the next page
			from = kvs[len(kvs)-1].ModRevision
			kvs = slices.DeleteFunc(kvs, func(kv *mvccpb.KeyValue) bool { return kv.ModRevision == from })
		}
		for _, kv := range kvs {
			thing, err := readLine(s, string(kv.Key)[len(prefix):], value{kv.Value, kv.ModRevision}, read)
			switch {
			case err != nil && bad != nil:
				bad(err)
			case err != nil:
			case number(&thing) > after:
				things = append(things, thing)
			}
		}
		if !answer.More || len(things) >= limit {
			break
		}
	}
	slices.SortFunc(things, func(a, b T) int { return cmp.Compare(number(&a), number(&b)) })
	things = things[:min(limit, len(things))]
	if last = after; len(things) > 0 {
		last = number(&things[len(things)-1])
	}
	return things, last, nil
}

// readLine reads the value of a line. The key is its tenant, a zero byte, and
// the line.
func readLine[T any](s *Store, key string, v value, read func(tenant string, number recipients.Handle, v value) (T, error)) (thing T, bad *store.UnreadableError) {
	tenant, text, _ := strings.Cut(key, "\x00")
	var h recipients.Handle
	err := h.UnmarshalText([]byte(text))
	if err == nil {
		thing, err = read(tenant, h, v)
	}
	if err != nil {
		return thing, s.aside.Add(store.UnreadableLine, tenant, strings.TrimPrefix(text, "+"), err)
	}
	return thing, nil
}

// LineUse implements store.UseReader. It makes the servers read every line.
func (s *Store) LineUse(ctx context.Context, after line.Change, limit int) (uses []line.Use, last line.Change, err error) {
	limit, err = store.PageSize(limit)
	if err := s.begin(ctx, err); err != nil {
		return nil, 0, err
	}
	return s.usePage(ctx, after, limit, nil)
}

func (s *Store) usePage(ctx context.Context, after line.Change, limit int, bad func(*store.UnreadableError)) ([]line.Use, line.Change, error) {
	return changed(ctx, s, kindUse, after, limit, bad, readUse, func(u *line.Use) line.Change { return u.Change })
}

// LineStates implements store.LineStates.
func (s *Store) LineStates(ctx context.Context, after line.Change, limit int) (states []line.State, last line.Change, err error) {
	limit, err = store.PageSize(limit)
	if err := s.begin(ctx, err); err != nil {
		return nil, 0, err
	}
	return s.statePage(ctx, after, limit, nil)
}

func (s *Store) statePage(ctx context.Context, after line.Change, limit int, bad func(*store.UnreadableError)) ([]line.State, line.Change, error) {
	return changed(ctx, s, kindState, after, limit, bad, readState, func(s *line.State) line.Change { return s.Change })
}

func readState(tenant string, number recipients.Handle, v value) (line.State, error) {
	state := line.State{Tenant: tenant, Number: number}
	if !v.there() {
		return state, nil
	}
	r := newReader(v.bytes)
	state.Status, state.StatusAt = line.Status(r.byte()), r.time()
	state.Reputation, state.ReputationAt = line.Reputation(r.byte()), r.time()
	state.Ownership, state.OwnershipAt = line.Ownership(r.byte()), r.time()
	state.FlaggedAt, state.RecoveredAt = r.time(), r.time()
	state.Change = change(v, r.uint())
	return state, r.end()
}

func (t *tx) saveState(key string, state line.State) {
	w := newWriter()
	fact := func(v byte, at time.Time) {
		w.byte(v)
		w.time(at)
	}
	fact(byte(state.Status), state.StatusAt)
	fact(byte(state.Reputation), state.ReputationAt)
	fact(byte(state.Ownership), state.OwnershipAt)
	w.time(state.FlaggedAt)
	w.time(state.RecoveredAt)
	w.uint(t.place())
	t.put(key, w)
}

// ReportLine implements store.LineStates.
func (s *Store) ReportLine(ctx context.Context, said line.State) (applied bool, err error) {
	if err := s.begin(ctx, cmp.Or(store.CheckState(said), store.CheckAhead(s.o.Clock(), store.StateTime(&said)))); err != nil {
		return false, err
	}
	err = s.change(ctx, false, func(t *tx) error {
		_, _, applied = t.learn(said.Tenant, said.Number, func(kept line.State) line.State {
			kept, _ = kept.Merge(store.CutState(said))
			return kept
		})
		return nil
	})
	return applied && err == nil, err
}

// FlagLine implements store.LineStates.
func (s *Store) FlagLine(ctx context.Context, tenant string, number recipients.Handle, at time.Time) (kept line.State, applied bool, err error) {
	if err := s.begin(ctx, cmp.Or(store.CheckFlag(tenant, number, at), store.CheckAhead(s.o.Clock(), at))); err != nil {
		return line.State{}, false, err
	}
	err = s.change(ctx, false, func(t *tx) error {
		kept, _, applied = t.learn(tenant, number, func(kept line.State) line.State { return store.Flag(kept, at) })
		return nil
	})
	if err != nil {
		return line.State{}, false, err
	}
	kept.Change = 0
	return kept, applied, nil
}

// learn replaces the state of a line. changed reports whether any part of it
// changed, applied whether a value did.
func (t *tx) learn(tenant string, number recipients.Handle, state func(line.State) line.State) (now line.State, changed, applied bool) {
	key := t.s.keyOfLine(kindState, tenant, number)
	kept, err := readState(tenant, number, t.get(key))
	if err != nil && !aside.Newer(err) { // an unreadable state counts as none
		_ = t.s.aside.Add(store.UnreadableLine, tenant, digits(number), err)
		kept, err = line.State{Tenant: tenant, Number: number}, nil
	}
	t.damage(store.UnreadableLine, tenant, digits(number), err)
	now = state(kept)
	if changed = !now.SameFacts(kept); changed {
		t.saveState(key, now)
	}
	return now, changed, !now.SameValues(kept)
}
