package open_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"path/filepath"
	"testing"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/stretchr/testify/assert"

	"github.com/fromline/fromline/store"
	"github.com/fromline/fromline/store/open"
)

// TestAway: it is worth waiting after the errors of a server that starts or
// cannot be reached, and not after those that only an operator can mend.
func TestAway(t *testing.T) {
	said := func(code string) error { return &pgconn.PgError{Code: code} }
	for _, away := range []error{
		&pgconn.ConnectError{}, &net.OpError{Op: "dial", Err: errors.New("refused")}, io.EOF, io.ErrUnexpectedEOF, context.DeadlineExceeded,
		said("57P03"), said("57P01"), said("08006"), said("53300"),
	} {
		assert.True(t, open.Away(fmt.Errorf("wrapped: %w", away)), "%v", away)
	}
	for _, stays := range []error{
		nil, store.ErrInvalid, store.ErrClosed, context.Canceled, errors.New("not a database"),
		said("28P01"), said("3D000"), said("42501"), said("53100"),
	} {
		assert.False(t, open.Away(stays), "%v", stays)
	}
	for name, away := range map[string]bool{
		"postgres://app@127.0.0.1:1/none?connect_timeout=1":       true,
		"sqlite:" + filepath.Join(t.TempDir(), "missing", "a.db"): false,
		"postgres:": false,
	} {
		_, err := open.Store(t.Context(), name, open.Options{})
		assert.Error(t, err)
		assert.Equal(t, away, open.Away(err), "%s: %v", name, err)
	}
}
