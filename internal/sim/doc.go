// Package sim runs many Routers in one virtual time, and checks every law of
// docs/rules.md §16 that can break between two steps.
//
// A world has processes, each with a Router over a fleet or a table of lines of
// its own and with a clock of its own; a store that all of them share; clients
// that send with and without idempotency keys and ask again as they may;
// dispatchers that hand deliveries over; and lines whose state changes. It
// advances one step at a time. For example, a call reaches the store, or its
// reply comes back or is lost; a call arrives long after its caller gave it up;
// a process dies between two steps; a client sends a request twice. A seed
// decides which step is next, so the seed repeats a world exactly. If a world
// breaks a law, [Shrink] cuts it down to the few steps that matter.
//
// Processes run as coroutines in one goroutine: nothing depends on the Go
// scheduler, on the time of day or on the order of a map.
//
// docs/simulation.md lists what the simulation has found, and the deliberate
// bugs that it finds.
//
// # What this package does not do
//
// It proves nothing about stores: it runs on the one in memory, which passes
// store/storetest. Only tests use it.
package sim
