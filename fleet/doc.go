// Package fleet knows the lines we send from: their state, their use, and which
// of them is the best one to open a chat from.
//
// A [View] is the lines of one tenant at one moment. [View.Best] picks from it:
// the smallest eligible line by the criteria of a [Policy], with the values of
// the criteria and the runner-up; [View.PassedOver] counts the other lines by
// cause. A view reads no clock and depends on no map order: the same view and
// query give the same pick everywhere.
//
// A [Fleet] holds the lines of many tenants in an index, so that a pick looks
// at a few lines of a million. It hands out views that later changes do not
// touch. [NewView] makes a view without a fleet, for tests and for decisions
// without a Router. A Fleet takes in
//
//   - the lines: from your own table, as a [LineHealth] in [Options.Source]; or
//     by [Fleet.SetLines], [Fleet.PutLine], [Fleet.RemoveLine], and
//     [Fleet.Load] for a fleet file;
//   - their state: by [Fleet.ReportLine], for the events of [ParseEvent];
//   - their use: [Fleet.Reserve] counts a pick at once, and [Fleet.Confirm] or
//     [Fleet.Release] settles it;
//   - what other processes did: [Fleet.Follow] polls the store that the
//     processes share.
//
// Lines and views are values. A Fleet and everything else here is safe for
// concurrent use.
//
// # What it costs
//
// A pick from a Fleet looks at a few lines, takes microseconds also at a million
// lines, and allocates nothing. So does a view, until lines change: then the next
// one copies what earlier views still show. A pick takes longer for many people,
// whose places it counts, and for many excluded numbers. A line takes about 300
// bytes beside its texts, and 340 more once it was used. [NewView], and a pick
// from its view, take time proportional to the lines. BENCHMARKS.md has the
// figures.
//
// # What it does not do
//
// It keeps nothing on disk: the store that a fleet follows keeps states and
// use. It does not enforce limits: the commit in the store does that exactly,
// and a fleet only leaves out lines that it knows to be full. It knows no
// chats, does not decide whether a send reuses one, and sends nothing.
package fleet
