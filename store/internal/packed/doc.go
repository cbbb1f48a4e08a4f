// Package packed packs rosters, records and deliveries into the bytes of one
// column, and times into a number, and reads them back. All stores that keep
// rows use it, so that a row means the same in each of them.
//
// Fields that a store searches by have columns of their own: ids, keys, and
// KeepUntil. Every packing in bytes begins with a byte that names its version;
// later versions read the earlier ones. All functions are safe for concurrent
// use.
//
// # What this package does not do
//
// It does not compress or encrypt, and does not repeat the checks of
// store.Plan.Check.
package packed
