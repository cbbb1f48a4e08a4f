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
// # What it does not do
//
// It does not read national or human formats (see the package
// recipients/national), does not know whether a number is in service or a
// mailbox exists, does not decide whether two addresses belong to one mailbox
// (dots and +tags are kept), and does no input or output.
package recipients
