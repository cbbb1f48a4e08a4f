// Package fleet knows the lines we send from: which there are, how they do, how
// much they were used, and which of them is the best one to open a chat from.
//
// A [View] is the lines of one tenant at one moment, and [View.Best] picks from
// it: the smallest eligible line by an ordered list of criteria, a [Policy],
// with the reasons. Hosts with a table of lines of their own make a view with
// [NewView] for each decision.
package fleet
