// Package httpapi serves the endpoint: POST /v3/messages as it is documented,
// with what belongs around it, as one http.Handler over a Router.
//
// [New] returns the handler. A program mounts it where it likes, behind
// whatever middleware it likes; [Options.Prefix] says below which path. The
// endpoints are
//
//	POST /v3/messages       decide and commit one send; 202
//	GET  /v3/phone_numbers  our lines
//	POST /v3/events         what is learned about a line
//	GET  /v3/chats/{id}     one chat
//	GET  /error/codes/…     what a code means, without a token
//	GET  /livez             the process answers
//	GET  /readyz            it can decide
//
// Every answer carries an X-Trace-ID. Every answer that is not a success is the
// error envelope of docs/rules.md §14, whose cases are all in docs/http.md. A
// 202 is sent after the commit of the decision, never before.
//
// # What this package does not do
//
// It decides nothing, keeps nothing, opens no listener, reads no token from
// anywhere and delivers nothing. What net/http answers by itself (a request
// that is not HTTP, headers that are too large) never reaches it.
package httpapi
