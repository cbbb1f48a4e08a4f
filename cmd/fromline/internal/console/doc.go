// Package console is the page for those who run fromline serve: our lines and
// how they are used, what waits and why, parked messages with what can be done
// about them, recent decisions explained, what would happen to a send, and what
// the doctor finds.
//
// It is rendered by the server and works without scripts: it has none. Every
// answer forbids them and everything that does not come from this server, so no
// request leaves the machine of the reader for another one. Handles of people
// are masked until the reader asks for those of one message.
//
// # Who may see it
//
// Without a token only requests by a loopback address that name a loopback host
// are answered: a page of another origin cannot reach it under a name of its
// own. With a token the reader gives that once, and has a session until the
// server ends. What changes something is a POST with the token of the session's
// form, of the same origin, by a cookie that no other site can send.
package console
