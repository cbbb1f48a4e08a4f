package etcd

import (
	"context"
	"time"

	"google.golang.org/grpc"
)

// OpenTold is Open with a connection that tells of each call before it is sent, with
// the context that it was made with.
func OpenTold(ctx context.Context, name string, o Options, told func(ctx context.Context, request any)) (*Store, error) {
	return open(ctx, name, o, time.Now, grpc.WithChainUnaryInterceptor(
		func(ctx context.Context, method string, request, answer any, on *grpc.ClientConn, call grpc.UnaryInvoker, o ...grpc.CallOption) error {
			told(ctx, request)
			return call(ctx, method, request, answer, on, o...)
		}))
}

// OpenAt is Open on a machine whose clock is that.
func OpenAt(ctx context.Context, name string, o Options, wall func() time.Time) (*Store, error) {
	return open(ctx, name, o, wall)
}

// Span is what a node told of the time: see agreed.
type Span = span

// Told returns what a node told whose clock is so far ahead, of between two times.
func Told(from, to time.Duration) Span { return span{from, to} }

// Agreed is agreed.
func Agreed(was time.Duration, told ...Span) time.Duration { return agreed(was, told...) }
