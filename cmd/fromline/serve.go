package main

import (
	"fmt"
	"io"
	"log/slog"
)

const serveUsage = `usage: fromline serve -fleet FILE [flags]

Serves the HTTP API, POST /v3/messages and more, and hands over decided messages.
docs/http.md lists the endpoints.

Without -token there is one tenant, every request counts as its request, and -addr
must be an address that only this machine can reach.

SIGTERM or SIGINT stops the server: within -stop-within it finishes requests and
hands over the messages that are due. Three seconds after that it ends in any case.
Messages that were not handed over stay in the store.

On SIGHUP the server reads again the files with lines, policy, guard, tokens and
webhook secrets, and opens the file of -deliveries again. If it cannot use one of
them, or a fleet file has lost all its lines, or more than half of 10 lines or more,
it logs that and takes over nothing: a token that you took out stays valid.
-reload-drops allows the loss of more than half. It logs how many lines came, went
and changed, and which went.

Exit status: 0 if it was stopped, 1 if it failed while serving or the stop was
cut short, 2 if the arguments or files cannot be used.

`

// serve is the sub-command of that name.
func serve(args []string, _ io.Reader, stdout, stderr io.Writer) int {
	var f serveFlags
	if err := f.parse(args, stdout); err != nil {
		return unusable("serve", err, stderr)
	}
	ctx, stop := untilSignal()
	defer stop()
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
