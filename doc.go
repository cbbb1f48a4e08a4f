// Package fromline is the root of a module that decides, for one outbound
// message to a set of people, which of our phone lines and which chat it goes
// out on, and records that decision so that no retry, race or crash makes two.
//
// There is no code at the root. A backend that embeds fromline meets four
// packages: fleet (our lines and their health), a store (store/memory,
// store/sqlite or store/postgres), validate (a request becomes a checked send)
// and routing (the decision and the Router that makes it durable). Start with
// the example of this package, then read routing.Decide.
//
// The rules are in docs/rules.md; the laws they amount to are the properties
// in routing_test.go beside this file.
package fromline
