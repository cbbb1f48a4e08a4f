// Package recipients says who a message is for: a [Handle] is one person, a
// [Set] is the people of one chat, and a [Key] is the identity of that set.
//
// Most callers need two functions. [Parse] turns one string into a handle, and
// [Canonicalize] turns the recipients of a request into a set. Both take email
// addresses, and phone numbers in E.164 form only. They refuse everything else
// with an [*Error] that says which rule was broken, where, and what was
// probably meant. Neither rewrites a phone number, so keys do not change when
// numbering plans do. Both give an email address its canonical spelling.
//
// All values are small, immutable and canonical: two handles are the same
// person exactly if they are ==. The zero values are invalid and differ from
// every real value. Everything in this package is safe for concurrent use.
//
// # What may change, and what does not
//
// The numbering plans of the world, as of [MetadataVersion], decide which phone
// numbers Parse accepts, so this changes from release to release. An accepted
// number is its own canonical form, so the [Key] of a set never changes. When a
// stored handle is read back, these plans have no effect: it needs only
// [Syntax].
//
// The canonical form of an email address follows Unicode 15.0 under every Go
// release. Parse refuses newer characters, and those that a later Unicode
// version treats in another way.
//
// [Handle.Country], [Handle.Province] and [Handle.Place] also change with
// MetadataVersion. They are for the choice of a line: do not store them.
//
// # What it does not do
//
// It does not read national formats (package recipients/national does), and
// does no I/O. It does not know whether a number is in service or a mailbox
// exists. It does not know whether two addresses belong to one mailbox: dots
// and +tags stay.
package recipients
