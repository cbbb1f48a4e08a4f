// Package fleet knows the lines we send from: which there are, how they do, how
// much they were used, and which of them is the best one to open a chat from.
//
// A [View] is the lines of one tenant at one moment, and [View.Best] picks from
// it: the smallest eligible line by an ordered list of criteria, a [Policy],
// with the criteria's values, the runner-up, and on demand the counts of the
// lines that were passed over. It reads no clock and no map order decides: the
// same view and query give the same pick everywhere.
//
// A [Fleet] holds the lines of many tenants in an index, so that a pick looks
// at a few lines of a million, and hands out views that later changes do not
// touch. A view made by hand, with [NewView], is for decisions outside of a
// fleet and for tests. The parts of a Fleet are
//
//   - which lines there are: a table of the host's own, as a [LineHealth] in
//     [Options.Source]; or [Fleet.SetLines], [Fleet.PutLine],
//     [Fleet.RemoveLine], and [Fleet.Load] for the file of [ParseFile];
//   - how they do: [Fleet.ReportLine] for the events of [ParseEvent];
//   - how they are used: [Fleet.Reserve] counts a pick at once, and
//     [Fleet.Confirm] or [Fleet.Release] settles it;
//   - what other processes did: [Fleet.Follow] polls the store that they share.
//
// Lines and views are values. A Fleet and everything else here is safe for
// concurrent use.
//
// # What it costs
//
// A pick from a Fleet takes less than a microsecond up to ten thousand lines,
// and about two for 31 people, whose places are counted, or where a thousand
// numbers are excluded. At a million it waits for memory: one to four
// microseconds, and some ten where nothing of what it looks at is in the
// processor's caches. It allocates nothing. A view takes next to nothing while
// no line changes, and a fifth of a microsecond after a change. A change copies
// what views still show, in four to seven microseconds at a thousand lines and
// twelve to seventeen at a million. All this is measured
// (bench/results/fleet.txt). A line takes about 300 bytes beside its texts, and
// 340 more once it was used. Making a view with NewView, and picking from it,
// takes time proportional to its lines.
//
// # What it does not do
//
// It keeps nothing on disk: states and use survive a restart in the store that
// a fleet follows. It does not enforce limits, which the commit in the store
// does exactly: it leaves out lines that are known to have reached theirs. It
// does not know chats, does not decide whether one is reused, and sends
// nothing.
package fleet
