// Package model is the contract of package store in the plainest code: one
// lock, maps, and a search through everything for each call. The suite compares
// stores with it. Do not use it as a store.
//
// It follows the sentences of the contract, not the code of any store. For
// example, it compares a set before and after each change, and moves the
// revision if the contract says that the difference moves it.
//
// # What this package does not do
//
// It is not fast, has no bounds, and keeps nothing after Close.
package model
