// Package httpapi serves POST /v3/messages of the vendor's API, and the
// endpoints around it, as one http.Handler over a Router.
//
// [New] returns the handler. Mount it in your own server, behind your own
// middleware. [Options.Prefix] is put before all of its paths:
//
//	POST /v3/messages                decide and commit one send; 202
//	POST /v3/chats                   a send from a line that the request names
//	POST /v3/chats/{id}/messages     a send into a chat
//	GET  /v3/messages/{id}           a message and its status
//	GET  /v3/chats, /v3/chats/{id}   chats
//	POST /v3/chats/{id}/typing       and DELETE, …/read, …/share_contact_card:
//	                                 answered with 204, without effect
//	GET  /v3/phone_numbers           our lines; /v3/phonenumbers is the same
//	GET  /v3/available_number        the lines that could send now
//	GET  /v3/blocked_handles         who is blocked; POST and DELETE change it
//	POST /v3/events                  webhooks: state of lines, incoming messages
//	GET  /error/codes/…, /guides/…   pages about codes, lines and chats, without a token
//	GET  /livez                      the process answers
//	GET  /readyz                     the process can decide
//
// Every answer has an X-Trace-ID. Every answer that is not a success is the
// error envelope of docs/rules.md §14; docs/http.md lists all cases. The
// handler sends a 202 after the commit of the decision, never before.
//
// # What this package does not do
//
// It decides nothing, keeps nothing, delivers nothing, opens no listener and
// reads no token from a file. Requests that net/http itself refuses (not HTTP,
// headers too large) never reach it.
package httpapi
