// Package inbound holds what a network tells of chats and people, as values:
// messages that came in or went out, chats that came to be, groups that changed.
// It reads no wire form and applies nothing: fromline.Router.Receive does.
package inbound
