// Command phonetable writes the tables by which the package recipients judges
// phone numbers. It reads the numbering plans that come with
// nyaruka/phonenumbers and needs no network; run it with go generate.
//
// The question "would that library parse this text to itself, and call it
// possible, or valid" has, for at most fifteen digits, a finite set of answers.
// The command computes that set exactly, as one minimal automaton for each
// strength, and writes its transitions down:
//
//   - language.go has finite sets of digit strings and their algebra;
//   - pattern.go turns a regular expression of a plan into such a set;
//   - prefix.go says how the library would match a plan's national prefix;
//   - plan.go states the rules, in terms of these;
//   - country.go divides the numbers of a calling code among its countries;
//   - table.go numbers the states and writes Go.
//
// A plan that asks for something that these rules do not cover stops the
// command with an explanation. It does not know the formats of numbers, short
// codes, or the places of area codes, which are placetable's.
package main
