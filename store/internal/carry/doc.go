// Package carry is the code that stores share to export and import items: see
// store.Copier.
//
// # What this package does not do
//
// It copies nothing from one store to another: package store/move does.
package carry
