package main

import (
	"context"
	"os/signal"
	"syscall"
)

// untilSignal returns a context that SIGTERM or SIGINT ends; a second signal
// ends the process at once. Call stop at the end of the command.
func untilSignal() (ctx context.Context, stop context.CancelFunc) {
	ctx, stop = signal.NotifyContext(context.Background(), syscall.SIGTERM, syscall.SIGINT)
	context.AfterFunc(ctx, stop)
	return ctx, stop
}
