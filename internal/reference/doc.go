// Package reference decides slowly. It is docs/rules.md §9 to §11 written a
// second time, from the text of the rules and not from the code, in the
// plainest way: whole lists, full sorts, no index, no cache. Tests compare the
// real decision with it.
//
// [Decide] is one decision over plain facts. [World] is the same over time: it
// keeps chats, use and keys by §8 to §10, so that a test can run a history of
// sends and events twice, here and through a router and a store.
//
// # What this package does not do
//
// It shares data types with the code that it checks (a chat, a line, a handle),
// but none of its logic: it calls no view, store or router. It makes no ids and
// checks no content. Only tests use it.
package reference
