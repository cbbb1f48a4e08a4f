package store

import "context"

// Composed is implemented by stores that consist of several engines, each of which
// can be down alone. Its methods are safe for concurrent use.
type Composed interface {
	// Parts asks every engine whether it answers, and returns them ordered by
	// their names.
	Parts(ctx context.Context) []Part
}

// Part is one of the engines of a Composed store.
type Part struct {
	Name string
	Err  error // why it does not answer; nil where it does
}
