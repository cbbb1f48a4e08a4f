package etcd

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"go.etcd.io/etcd/api/v3/v3rpc/rpctypes"
	clientv3 "go.etcd.io/etcd/client/v3"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/fromline/fromline/store"
)

// perTry is how long a node has to answer before the client asks the next one:
// a node that has stopped keeps its connections.
const perTry = 2 * time.Second

// ask sends a transaction that only reads. It is linearizable.
func (s *Store) ask(ctx context.Context, reads ...clientv3.Op) (answer *clientv3.TxnResponse, err error) {
	err = s.again(ctx, func(ctx context.Context) error {
		answer, err = s.client.Txn(ctx).Then(reads...).Commit()
		return err
	})
	if err != nil {
		return nil, readError(err)
	}
	s.saw(answer.Header.Revision)
	return answer, nil
}

// get reads a range of keys. It is linearizable.
func (s *Store) get(ctx context.Context, key string, o ...clientv3.OpOption) (answer *clientv3.GetResponse, err error) {
	err = s.again(ctx, func(ctx context.Context) error {
		answer, err = s.client.Get(ctx, key, o...)
		return err
	})
	if err != nil {
		return nil, readError(err)
	}
	s.saw(answer.Header.Revision)
	return answer, nil
}

// send sends a transaction that writes. If its answer is lost, send repeats it
// unchanged. If the first one was carried out, the conditions of the second
// fail, and mine compares the current values with the writes. So the outcome is
// unknown only if another change left the same values.
func (s *Store) send(
	ctx context.Context, conditions []clientv3.Cmp, writes, reads []clientv3.Op, mine func(*clientv3.TxnResponse) bool,
) (answer *clientv3.TxnResponse, done bool, err error) {
	if s.o.ReadOnly {
		return nil, false, fmt.Errorf("etcd: %w: the store was opened for reading", store.ErrNotWritten)
	}
	var lost error
	err = s.again(ctx, func(ctx context.Context) error {
		answer, err = s.client.Txn(ctx).If(conditions...).Then(writes...).Else(reads...).Commit()
		if err != nil && !isRefused(err) {
			lost = err
		}
		return err
	})
	switch {
	case err == nil && answer.Succeeded:
		done = true
	case err == nil && lost != nil:
		if done = mine(answer); !done {
			return nil, false, writeError(lost)
		}
	case err != nil && lost != nil:
		return nil, false, writeError(lost)
	case err != nil:
		return nil, false, writeError(err)
	}
	s.saw(answer.Header.Revision)
	return answer, done, nil
}

// again repeats a call that no node answered, within Options.Timeout.
func (s *Store) again(ctx context.Context, call func(context.Context) error) error {
	ctx, cancel := context.WithTimeout(ctx, s.o.Timeout)
	defer cancel()
	for try := 1; ; try++ {
		once, stop := context.WithTimeout(ctx, min(perTry, s.o.Timeout))
		err := call(once)
		stop()
		if err == nil || ctx.Err() != nil || s.closed.Load() || !isLost(err) {
			return err
		}
		if pause(ctx, 5*try) != nil {
			return err
		}
	}
}

// isLost reports whether a failed call may have been carried out, or failed
// because of the node that it was sent to.
func isLost(err error) bool {
	if errors.Is(err, context.DeadlineExceeded) || errors.Is(rpctypes.Error(err), rpctypes.ErrNoLeader) {
		return true
	}
	code := status.Code(err)
	var known rpctypes.EtcdError
	if errors.As(rpctypes.Error(err), &known) {
		code = known.Code()
	}
	return code == codes.Unavailable || code == codes.DeadlineExceeded || code == codes.Canceled || code == codes.Unknown
}

func isRefused(err error) bool {
	err = rpctypes.Error(err)
	return slices.ContainsFunc(append(refused, rpctypes.ErrNoSpace), func(answer error) bool { return errors.Is(err, answer) })
}

// saw remembers the latest revision of the cluster.
func (s *Store) saw(revision int64) {
	for {
		last := s.seen.Load()
		if revision <= last || s.seen.CompareAndSwap(last, revision) {
			return
		}
	}
}

// wrote reports whether a transaction left one of the current values: a record,
// a chat's place, a queue, the state of a line or a list, byte for byte, at a
// later revision.
func (s *Store) wrote(t *tx, now map[string]value) bool {
	for key, b := range t.writes {
		v, asked := now[key]
		switch key[len(s.prefix) : len(s.prefix)+1] {
		case kindMessage, kindPlace, kindQueue, kindState, kindList:
			if asked && v.revision > t.reads[key] && bytes.Equal(v.bytes, b) {
				return true
			}
		}
	}
	return false
}
