// Package castest holds a store on an engine with a single operation: replace
// the value of one key if it is still the one that was read. It shows that the
// contract of package store needs no more, and is the example of
// docs/engines.md. It is for tests: it keeps everything in memory and has none
// of the optional powers.
//
// The protocol has six rules. Each has a name here (see [rule]), so that a test
// can leave it out and show that the histories fail.
package castest
