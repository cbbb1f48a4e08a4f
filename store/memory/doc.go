// Package memory is the store that keeps everything in the memory of one
// process: for tests, for trying things out, and for a backend that can afford
// to forget when it stops.
//
// [New] returns a [Store], which has every power that package store knows. It
// gives up one promise of the contract, and only that one: a commit survives
// nothing. When the process ends, all is gone.
//
// # What this package does not do
//
// It writes no file, shares nothing between processes and starts no goroutine.
package memory
