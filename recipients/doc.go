// Package recipients says who a message is for: a [Handle] is one person, a
// [Set] is the people of one chat, and a [Key] is the identity of that set.
//
// Most callers need two functions. [Parse] turns one string into a handle, and
// [Canonicalize] turns the recipients of a request into a set. Both take phone
// numbers in E.164 form only, and email addresses, and refuse everything else
// with an [*Error] that says which rule was broken, where, and what was
// probably meant. A phone number is never rewritten, so that its key does not
// change when the world's numbering plans do; an email address is brought to one
// canonical spelling.
//
// All values are small, immutable and canonical on construction: two handles
// are the same person exactly when they are ==. The zero values are invalid and
// differ from every real value. Everything in this package is safe for
// concurrent use.
//
// # What may change, and what does not
//
// Which phone numbers are taken goes by the numbering plans of the world, as of
// [MetadataVersion], and moves with them from release to release. What a number
// that is taken means does not: it is its own canonical form, and so the [Key] of
// a set stays the same for ever. That is also why nothing that was stored is
// judged by those plans again: reading back asks for [Syntax] only.
//
// The canonical form of an email address goes by Unicode 15.0 under every Go
// release. Characters that are younger, or that a later Unicode treats in another
// way, are refused.
//
// Where a number belongs, [Handle.Country], [Handle.Province] and [Handle.Place],
// moves with the same release. These are facts for choosing a line, not for
// storing.
//
// # What it does not do
//
// It does not read national or human formats (see the package
// recipients/national), does not know whether a number is in service or a
// mailbox exists, does not decide whether two addresses belong to one mailbox
// (dots and +tags are kept), and does no input or output.
package recipients
