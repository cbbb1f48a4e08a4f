// Package sim runs many Routers in one virtual time and checks every law of
// docs/rules.md §16 that can break between two steps.
//
// A world has processes (each a Router over a fleet or a table of lines of its
// own, with a clock of its own), a store that all of them share, clients that send
// with and without idempotency keys and try again as they may, dispatchers that
// hand deliveries over, and lines that flap. It advances one step at a time: a call reaches the
// store, or its reply comes back, or is lost, or the call lands long after it
// was given up; a process dies between any two steps; a request is sent twice.
// Which step is next is drawn from a seed, so a world is repeated exactly from
// it, and a world that breaks a law is cut down to the few steps that matter
// ([Shrink]).
//
// Processes run as coroutines in one goroutine: nothing depends on the Go
// scheduler, on the time of day or on the order of a map.
//
// docs/simulation.md says what was found by it, and what deliberate bugs it
// finds.
//
// # What this package does not do
//
// It proves nothing about stores: it runs on the one in memory, which passes
// store/storetest. It only serves tests.
package sim
