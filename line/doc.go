// Package line holds the values that describe the lines we send from: the line
// itself, its health and its limits, what was learned about it, and how much it
// was used in the last 25 hours.
//
// A [Line] is one number at one moment. A [State] is what events said about it,
// and a [Use] is what a store counted. All of them are plain values: changing a
// copy changes nothing else, and reading one from many goroutines is safe.
//
// # What this package does not do
//
// It keeps nothing, follows nothing and picks nothing: see package fleet for
// the index over lines, and package store for what is remembered of them.
package line
