package etcd

import (
	"context"

	"google.golang.org/grpc"
)

// OpenTold is Open with a connection that tells of each call before it is sent, with
// the context that it was made with.
func OpenTold(ctx context.Context, name string, o Options, told func(ctx context.Context, request any)) (*Store, error) {
	return open(ctx, name, o, grpc.WithChainUnaryInterceptor(
		func(ctx context.Context, method string, request, answer any, on *grpc.ClientConn, call grpc.UnaryInvoker, o ...grpc.CallOption) error {
			told(ctx, request)
			return call(ctx, method, request, answer, on, o...)
		}))
}
