// Package move copies everything from one store to another, of whatever kind, and
// shows that it is there.
//
// [All] may be stopped or killed at any point and begun again: what is there
// already stays, and only what is missing is added. At the end it counts what the
// other store holds, compares it thing by thing, and asks both stores the same
// look-ups. Let no program write to either store meanwhile: what changes in the
// first after it was read is missing in the other, and All then says so.
//
// # What this package does not do
//
// It opens no store and removes nothing from one: the first store stays as it
// was. What the other one already knew better, such as a chat of the same id, is
// left alone and told.
package move
