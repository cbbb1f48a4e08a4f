// Package castest holds a store for an engine that can do one thing only:
// replace the value of one key if it is still the one that was read. It shows
// that the contract of package store asks for no more, and is the example of
// docs/engines.md. It is for tests: it keeps everything in memory and has none of
// the optional powers.
//
// The protocol has six rules, and each one has a name here (see [rule]) so that
// a test can leave it out and show that the histories notice.
package castest
