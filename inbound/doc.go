// Package inbound holds the events of a network about chats and people as
// values: a message came in, went out or was delivered, a chat was created, a
// group changed. [Parse] reads the vendor's webhooks; a program with another
// network makes an Event itself. Give events to Router.Receive of package
// fromline.
//
// Everything here is a plain value, and safe for concurrent use if no caller
// changes it meanwhile.
//
// # What this package does not do
//
// It applies no event, keeps nothing and checks no signature (see package
// httpapi).
package inbound
