// Command phonetable writes the tables by which the package recipients judges
// phone numbers. It reads the numbering plans of nyaruka/phonenumbers and needs
// no network; run it with go generate.
//
// For texts of at most fifteen digits there is a finite set of those that the
// library parses to themselves and calls possible, or valid. The command
// computes both sets exactly, as minimal automata, and writes their
// transitions:
//
//   - language.go has finite sets of digit strings and their algebra;
//   - pattern.go turns a regular expression of a plan into such a set;
//   - prefix.go computes how the library matches a plan's national prefix;
//   - plan.go states the rules, in terms of these;
//   - country.go divides the numbers of a calling code among its countries;
//   - table.go numbers the states and writes Go.
//
// If a plan needs a rule that is not here, the command stops with an
// explanation. It does not know the formats of numbers and short codes. Command
// placetable knows the places of area codes.
package main
