// Package httpapi serves POST /v3/messages of the vendor's API, and the
// endpoints around it, as one http.Handler over a Router.
//
// [New] returns the handler. Mount it in your own server, behind your own
// middleware; [Options.Prefix] puts a path before all of its own:
//
//	POST /v3/messages                decide and commit one send; 202
//	POST /v3/chats                   a send from a line that the request names
//	POST /v3/chats/{id}/messages     a send into a chat
//	GET  /v3/messages/{id}           a message and its status
//	GET  /v3/chats, /v3/chats/{id}   chats
//	GET  /v3/phone_numbers           our lines
//	GET  /v3/available_number        the lines that could send now
//	GET  /v3/blocked_handles         who is blocked; POST and DELETE change it
//	POST /v3/events                  webhooks: state of lines, incoming messages
//	GET  /error/codes/…              what a code means, without a token
//	GET  /livez                      the process answers
//	GET  /readyz                     the process can decide
//
// Every answer carries an X-Trace-ID. Every answer that is not a success is the
// error envelope of docs/rules.md §14, whose cases are all in docs/http.md. A
// 202 is sent after the commit of the decision, never before.
//
// # What this package does not do
//
// It decides nothing, keeps nothing, delivers nothing, opens no listener and
// reads no token from a file. Requests that net/http refuses by itself (not
// HTTP, headers too large) never reach it.
package httpapi
