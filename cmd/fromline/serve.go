package main

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"os/signal"
	"syscall"
)

const serveUsage = `usage: fromline serve -fleet FILE [flags]

Serves the endpoint, POST /v3/messages, with what belongs around it, and hands
decided messages over. docs/http.md tells what is served.

Without tokens there is one tenant. All requests are let in as it, and -addr has
to be an address that only this machine can reach. SIGTERM or SIGINT stops it:
requests are finished and what is due is delivered, all within 10 s or what
-stop-within says. Three seconds later it ends whatever happens. What was not
delivered stays in the store.

SIGHUP makes it read again the files with lines, policy, guard, tokens and webhook
secrets, and open the file of -deliveries anew. Where one of them cannot be used it
says so and goes on as before.

Exit status: 0 if it was stopped, 1 if it failed while serving or the stop was
cut short, 2 if the arguments or files cannot be used.

`

// serve is the sub-command of that name.
func serve(args []string, _ io.Reader, stdout, stderr io.Writer) int {
	var f serveFlags
	if err := f.parse(args, stdout); err != nil {
		return unusable("serve", err, stderr)
	}
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, syscall.SIGINT)
	defer stop()
	context.AfterFunc(ctx, stop) // a second signal ends the process at once
	logger := slog.New(slog.NewJSONHandler(stderr, &slog.HandlerOptions{Level: f.level}))
	s, err := newServer(ctx, f, stdout, logger)
	if err != nil {
		fmt.Fprintln(stderr, "fromline serve:", err)
		return exitUsage
	}
	if err := s.run(ctx); err != nil {
		say(func() { fmt.Fprintln(stderr, "fromline serve:", err) })
		return exitRefused
	}
	return exitOK
}
