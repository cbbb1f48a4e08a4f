// Package proctest tests stores with many processes: [Kill] kills them at
// random, [Crowd] makes all of them do the same at once, and [Neighbours]
// checks that one sees what another writes.
//
// A test binary starts itself: TestMain calls [Child] first, which does the
// work of a child process if the binary was started as one.
//
// # What this package does not do
//
// It cannot cut the power: data that the operating system has taken survives
// its kills, synced to the disk or not.
package proctest
