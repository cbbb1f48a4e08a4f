package etcd

import (
	"context"
	"errors"
	"fmt"

	"go.etcd.io/etcd/api/v3/v3rpc/rpctypes"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/fromline/fromline/store"
)

// refused are the answers after which a write certainly did not happen: the
// servers gave them before they proposed it.
var refused = []error{
	rpctypes.ErrTooManyOps, rpctypes.ErrRequestTooLarge, rpctypes.ErrDuplicateKey,
	rpctypes.ErrTooManyRequests, rpctypes.ErrNoLeader, rpctypes.ErrNotCapable,
	rpctypes.ErrPermissionDenied, rpctypes.ErrUserEmpty, rpctypes.ErrAuthFailed, rpctypes.ErrInvalidAuthToken, rpctypes.ErrAuthOldRevision,
}

// mend says how to mend the cause of an answer.
var mend = []struct {
	answer, as error
	how        string
}{
	{rpctypes.ErrTooManyOps, store.ErrInvalid, "set MaxTxnOps to the servers' --max-txn-ops"},
	{rpctypes.ErrRequestTooLarge, store.ErrInvalid, "set MaxRequestBytes to the servers' --max-request-bytes"},
	{rpctypes.ErrNoSpace, store.ErrFull, "compact, defragment, and disarm the alarm, or give the servers a larger --quota-backend-bytes"},
	{rpctypes.ErrPermissionDenied, store.ErrNotWritten, "grant the user readwrite on the prefix"},
	{rpctypes.ErrUserEmpty, store.ErrNotWritten, "the cluster asks for a user and password"},
}

// writeError returns the error for an answer to a write.
func writeError(err error) error {
	err = rpctypes.Error(err)
	for _, m := range mend {
		if errors.Is(err, m.answer) {
			return fmt.Errorf("etcd: %w: %w: %s", m.as, err, m.how)
		}
	}
	for _, answer := range refused {
		if errors.Is(err, answer) {
			return fmt.Errorf("etcd: %w: %w", store.ErrNotWritten, err)
		}
	}
	if status.Code(err) == codes.ResourceExhausted {
		return fmt.Errorf("etcd: %w: %w", store.ErrInvalid, err)
	}
	return fmt.Errorf("etcd: %w", err)
}

// readError returns the error of a read. A failed read has written nothing,
// also if it is the first half of a change.
func readError(err error) error {
	return fmt.Errorf("etcd: %w: %w", store.ErrNotWritten, rpctypes.Error(err))
}

// begin returns the error of a call that must not begin.
func (s *Store) begin(ctx context.Context, invalid error) error {
	if invalid != nil {
		return invalid
	}
	if err := ctx.Err(); err != nil {
		return fmt.Errorf("etcd: %w: %w", store.ErrNotWritten, err)
	}
	if s.closed.Load() {
		return fmt.Errorf("etcd: %w", store.ErrClosed)
	}
	return nil
}
