// Package national reads phone numbers as people of one country write them,
// such as (415) 555-2671 or 020 7183 8750, and brings them to E.164. It is the
// [recipients.NationalParser] for [recipients.Options].
//
// It is a separate package because it links nyaruka/phonenumbers, and the two
// major versions of that library cannot live in one binary. Do not import it if
// your program takes only E.164, or links the other version.
//
// The meaning of a national number changes now and then with the numbering plan
// of its country, and so may the number that this package returns. The returned
// number itself never changes its key: the strict rules judge it like one that
// came in E.164.
//
// # What it does not do
//
// It does not find numbers in running text, drop extensions, guess the country,
// or read short codes, emergency numbers and carrier codes.
package national
