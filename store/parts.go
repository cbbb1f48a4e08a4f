package store

import "context"

// Composed is implemented by stores that consist of several engines, each of
// which can fail alone. It is safe for concurrent use.
type Composed interface {
	// Parts asks every engine whether it answers, and returns them ordered by
	// name.
	Parts(ctx context.Context) []Part
}

// Part is one of the engines of a Composed store.
type Part struct {
	Kind string // what it is, in one word, such as shard or node; "" if the name says it
	Name string
	Err  error // why it does not answer; nil if it does
}
