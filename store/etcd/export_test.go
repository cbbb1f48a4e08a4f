package etcd

import (
	"context"
	"time"

	"google.golang.org/grpc"
)

// OpenTold is Open with a connection that reports each call before it is sent,
// with the context of the call.
func OpenTold(ctx context.Context, name string, o Options, told func(ctx context.Context, request any)) (*Store, error) {
	return open(ctx, name, o, time.Now, grpc.WithChainUnaryInterceptor(
		func(ctx context.Context, method string, request, answer any, on *grpc.ClientConn, call grpc.UnaryInvoker, o ...grpc.CallOption) error {
			told(ctx, request)
			return call(ctx, method, request, answer, on, o...)
		}))
}

// OpenAt is Open on a machine with the given clock.
func OpenAt(ctx context.Context, name string, o Options, wall func() time.Time) (*Store, error) {
	return open(ctx, name, o, wall)
}

// Span is the time that a node told: see agreed.
type Span = span

// Told returns the answer of a node whose clock is ahead by something between
// two durations.
func Told(from, to time.Duration) Span { return span{from, to} }

// Agreed is agreed.
func Agreed(was time.Duration, told ...Span) time.Duration { return agreed(was, told...) }
