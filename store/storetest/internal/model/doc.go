// Package model is the contract of package store as plainly as it can be
// written: one lock, maps, and a look at everything for every question. The
// suite compares stores with it; it is no store for work.
//
// It is written from the sentences of the contract, not from any store: a
// revision, for one, moves when what it is said to stand for has changed, which
// is found by looking before and after.
//
// # What this package does not do
//
// It is not fast, it bounds nothing, and it forgets everything when it goes.
package model
