// Package recipients says who a message is for: a [Handle] is one person, a
// [Set] is the people of one chat, and a [Key] is the identity of that set.
//
// Most callers need two functions. [Parse] turns one string into a handle, and
// [Canonicalize] turns the recipients of a request into a set. Both take email
// addresses, and phone numbers in E.164 form only. They refuse everything else
// with an [*Error] that says which rule was broken, where, and what was
// probably meant. Phone numbers are never rewritten, so their keys do not
// change when numbering plans do. Email addresses are brought to one canonical
// spelling.
//
// All values are small, immutable and canonical on construction: two handles
// are the same person exactly when they are ==. The zero values are invalid and
// differ from every real value. Everything in this package is safe for
// concurrent use.
//
// # What may change, and what does not
//
// The numbering plans of the world, as of [MetadataVersion], decide which phone
// numbers are accepted, so that changes from release to release. An accepted
// number is its own canonical form, and so the [Key] of a set never changes.
// Stored handles are not judged by those plans again: reading them back asks
// for [Syntax] only.
//
// The canonical form of an email address follows Unicode 15.0 under every Go
// release. Characters that are younger are refused, and so are those that a
// later Unicode treats in another way.
//
// [Handle.Country], [Handle.Province] and [Handle.Place] also change with that
// release. They are for choosing a line, not for storing.
//
// # What it does not do
//
// It does not read national formats (the package recipients/national does) and
// does no input or output. It does not know whether a number is in service or a
// mailbox exists, nor whether two addresses belong to one mailbox: dots and
// +tags are kept.
package recipients
