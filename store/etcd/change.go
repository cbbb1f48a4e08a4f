package etcd

import (
	"context"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	clientv3 "go.etcd.io/etcd/client/v3"

	"github.com/fromline/fromline/store"
)

// maxTries is how often a change begins again because other writers were
// faster.
const maxTries = 100

// change runs a change of the store. do reads and writes; all its writes happen
// at once, if everything that it read is still current. Otherwise change runs
// do again on the current values, which the same round trip returns. change
// returns an error of do only if all that do read was read at one moment.
//
// If guess is set, the first run of do takes unknown keys from the cache, or
// for absent, without reading them: a wrong guess costs a round trip, and a
// right one saves it.
func (s *Store) change(ctx context.Context, guess bool, do func(*tx) error) error {
	known, fresh := map[string]value(nil), false
	for try := range maxTries {
		if try > 2 {
			if err := pause(ctx, try); err != nil {
				return fmt.Errorf("etcd: %w: %w", store.ErrNotWritten, err)
			}
		}
		guessed := guess && known == nil
		t := s.newTx(func(key string) (value, bool) {
			if guessed {
				return s.cache.get(key), true
			}
			v, is := known[key]
			return v, is
		})
		err := do(t)
		ops, bytes := t.size()
		switch {
		case len(t.missing) > 0, !fresh && (err != nil || t.damaged != nil || ops == 0):
			if known, err = s.read(ctx, t.asked()); err != nil {
				return err
			}
			fresh = true
			continue
		case t.damaged != nil:
			return t.damaged
		case err != nil:
			return err
		case ops == 0:
			return nil
		case ops > s.o.MaxTxnOps || len(t.reads) > s.o.MaxTxnOps:
			return fmt.Errorf("etcd: %w: it takes %d operations, and a transaction has at most %d: give the servers a larger --max-txn-ops and the store the same MaxTxnOps",
				store.ErrInvalid, max(ops, len(t.reads)), s.o.MaxTxnOps)
		case bytes > s.o.MaxRequestBytes:
			return fmt.Errorf("etcd: %w: it takes %d bytes, and a request has at most %d: give the servers a larger --max-request-bytes and the store the same MaxRequestBytes",
				store.ErrInvalid, bytes, s.o.MaxRequestBytes)
		}
		done, now, err := s.try(ctx, t)
		if err != nil || done {
			return err
		}
		known, fresh = now, true
	}
	return fmt.Errorf("etcd: %w: other writers were faster %d times", store.ErrNotWritten, maxTries)
}

// try sends a transaction. If a value that it rests on has changed, try returns
// the current values.
func (s *Store) try(ctx context.Context, t *tx) (done bool, now map[string]value, err error) {
	for keys := range slices.Chunk(distinct(t.before), s.o.MaxTxnOps) {
		var puts []clientv3.Op
		for _, key := range keys {
			puts = append(puts, clientv3.OpPut(key, ""))
		}
		always := func(*clientv3.TxnResponse) bool { return true }
		if _, _, err := s.send(ctx, nil, puts, nil, always); err != nil {
			return false, nil, fmt.Errorf("%w: %w", store.ErrNotWritten, err)
		}
	}
	keys := t.asked()
	conditions := make([]clientv3.Cmp, len(keys))
	reads := make([]clientv3.Op, len(keys))
	for i, key := range keys {
		conditions[i] = clientv3.Compare(clientv3.ModRevision(key), "=", t.reads[key])
		reads[i] = clientv3.OpGet(key)
	}
	var writes []clientv3.Op
	for key, b := range t.writes {
		writes = append(writes, clientv3.OpPut(key, string(b)))
	}
	for key := range t.deletes {
		writes = append(writes, clientv3.OpDelete(key))
	}
	answer, done, err := s.send(ctx, conditions, writes, reads, func(answer *clientv3.TxnResponse) bool {
		return s.wrote(t, s.values(keys, answer))
	})
	if err != nil {
		return false, nil, err
	}
	if !done {
		return false, s.values(keys, answer), nil
	}
	if answer.Succeeded {
		for key, b := range t.writes {
			s.cache.put(key, value{b, answer.Header.Revision})
		}
	}
	for key := range t.deletes {
		s.cache.drop(key)
	}
	for keys := range slices.Chunk(distinct(t.after), s.o.MaxTxnOps) {
		var dels []clientv3.Op
		for _, key := range keys {
			dels = append(dels, clientv3.OpDelete(key))
		}
		_, _ = s.client.Txn(ctx).Then(dels...).Commit() // an entry that stays finds nothing, and readers skip it
	}
	return true, nil, nil
}

// read returns the values of keys, all at one moment.
func (s *Store) read(ctx context.Context, keys []string) (map[string]value, error) {
	return s.readAt(ctx, keys, 0)
}

// readAt returns the values of keys at a revision of the cluster, or now if
// that is 0.
func (s *Store) readAt(ctx context.Context, keys []string, revision int64) (map[string]value, error) {
	all := make(map[string]value, len(keys))
	for chunk := range slices.Chunk(keys, s.o.MaxTxnOps) {
		reads := make([]clientv3.Op, len(chunk))
		for i, key := range chunk {
			reads[i] = clientv3.OpGet(key, clientv3.WithRev(revision))
		}
		answer, err := s.ask(ctx, reads...)
		if err != nil {
			return nil, err
		}
		maps.Copy(all, s.values(chunk, answer))
		if revision == 0 && len(keys) > len(chunk) {
			revision = answer.Header.Revision
		}
	}
	return all, nil
}

// values returns the values in an answer.
func (s *Store) values(keys []string, answer *clientv3.TxnResponse) map[string]value {
	now := make(map[string]value, len(keys))
	for i, key := range keys {
		var v value
		if kvs := answer.Responses[i].GetResponseRange().Kvs; len(kvs) > 0 {
			v = value{kvs[0].Value, kvs[0].ModRevision}
		}
		now[key] = v
		s.cache.put(key, v)
	}
	return now
}

// pause waits before the next try, for longer each time.
func pause(ctx context.Context, try int) error {
	wait := time.Duration(rand.Int64N(int64(min(try, 20)) * int64(time.Millisecond)))
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(wait):
		return nil
	}
}

func distinct(keys []string) []string {
	keys = slices.Clone(keys)
	slices.SortFunc(keys, strings.Compare)
	return slices.Compact(keys)
}
