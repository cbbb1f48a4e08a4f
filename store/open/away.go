package open

import (
	"context"
	"errors"
	"io"
	"net"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"

	"github.com/fromline/fromline/store"
)

// Away reports whether an error means that the engine does not answer now and
// may answer later: its server is starting, or cannot be reached. The error is
// one of [Store], or of the first calls of a store that it returned. Away is
// false for nil, and for a wrong name, password or schema. It is safe for
// concurrent use.
func Away(err error) bool {
	if err == nil || errors.Is(err, store.ErrInvalid) || errors.Is(err, store.ErrClosed) || errors.Is(err, context.Canceled) {
		return false
	}
	if said, is := errors.AsType[*pgconn.PgError](err); is {
		// Classes 08 and 57P are broken connections and servers that start or
		// stop; 53300 is too many connections.
		return strings.HasPrefix(said.Code, "08") || strings.HasPrefix(said.Code, "57P") || said.Code == "53300"
	}
	if _, is := errors.AsType[*pgconn.ConnectError](err); is {
		return true
	}
	_, network := errors.AsType[net.Error](err)
	return network || pgconn.SafeToRetry(err) ||
		errors.Is(err, context.DeadlineExceeded) || errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF)
}
