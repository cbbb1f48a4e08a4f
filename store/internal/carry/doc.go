// Package carry is what the stores share to be copied: see store.Copier.
//
// # What this package does not do
//
// It moves nothing: package store/move does.
package carry
