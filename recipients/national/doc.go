// Package national reads phone numbers as people of one country write them,
// such as (415) 555-2671 or 020 7183 8750, and brings them to E.164. It is the
// [recipients.NationalParser] for [recipients.Options].
//
// It is a package of its own because it links nyaruka/phonenumbers, and the two
// major versions of that library cannot live in one binary. A host that only
// takes E.164, or that links the other version, does not import it.
//
// What a national number means changes now and then with the numbering plan of
// its country, and so may the number that comes out of this package. The number
// itself never changes its key: it is judged by the strict rules like one that
// came in E.164.
//
// # What it does not do
//
// It does not find numbers in running text, drop extensions, guess the country,
// or read short codes, emergency numbers and carrier codes.
package national
