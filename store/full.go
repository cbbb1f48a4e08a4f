package store

import "io"

// Store is a store with every power of this package. The stores of this module
// implement it; package store/open returns one by its name. If your function
// needs less, let it ask for less.
type Store interface {
	ChatStore
	ChatReader
	ChatWalker
	ChatFinder
	DecisionReader
	DeliveryReader
	KnownReader
	UseReader
	LineStates
	Purger
	Clocked
	Forgetter
	TenantRemover
	Outbox
	Consents
	Inbox
	Copier
	Things
	io.Closer
}
