// Package move copies everything from one store to another of any kind, and
// then compares the two.
//
// You may stop or kill [All] at any point and call it again: it keeps the items
// that the other store has, and adds those that are missing. At the end it
// counts and compares all items of both stores, and asks both the same
// look-ups. Let no program write to either store meanwhile: All would report
// the difference. [Following] copies one tenant while programs write to it.
//
// # What this package does not do
//
// It opens no store, and never changes the store that it copies from. [All]
// does not overwrite an item that the other store has, such as a chat of the
// same id: it reports the difference.
package move
