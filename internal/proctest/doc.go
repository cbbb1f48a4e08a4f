// Package proctest puts stores to the test with many processes: [Kill] kills
// them at random, [Crowd] has them all do the same at once, and [Neighbours]
// checks what one sees of the other.
//
// A test binary starts itself: TestMain calls [Child] first, which does the work
// of a child process where the binary was started as one.
//
// # What this package does not do
//
// It cannot take the power away: what the operating system took over survives
// its kills, synced to the disk or not.
package proctest
