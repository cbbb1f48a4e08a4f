// Package inbound holds what a network tells of chats and people, as values:
// messages that came in or went out, chats that came to be, groups that changed.
// Parse reads the webhooks of the vendor. It applies nothing: Router.Receive of
// package fromline does.
package inbound
