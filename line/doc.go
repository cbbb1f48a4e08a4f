// Package line holds the values that describe the lines we send from: the line
// itself, its health and its limits, what events reported about it, and how
// much it was used in the last 25 hours.
//
// A [Line] is one number at one moment. A State is what events reported about
// it, and a Use is what a store counted. All of them are plain values: a change
// to a copy changes nothing else, and many goroutines may read one value.
//
// # What this package does not do
//
// It keeps nothing, follows nothing and picks nothing: package fleet has the
// index over lines, and package store keeps their state and use.
package line
