// Package packed writes rosters, records and deliveries into the bytes of one
// column, and reads them back. The stores that keep rows share it, so that a
// row means the same in each of them.
//
// What a store searches by is a column of its own and not packed: ids, keys,
// and until when a record is kept. Every packing begins with a byte that names
// its version; later versions read the earlier ones.
//
// # What this package does not do
//
// It does not compress, encrypt or check what a store.Plan's Check already did.
package packed
