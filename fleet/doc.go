// Package fleet knows the lines we send from: their state, their use, and which
// of them is the best one to open a chat from.
//
// A [View] is the lines of one tenant at one moment. [View.Best] returns the
// best eligible line by the criteria of a [Policy], with the values of the
// criteria and the runner-up. [View.PassedOver] counts the other lines by
// cause. A view reads no clock and depends on no map order: the same view and
// query give the same pick in every process.
//
// A [Fleet] holds the lines of many tenants in an index, so that a pick looks
// at a few lines of a million. It returns views that later changes do not
// affect. [NewView] makes a view without a fleet, for tests and for decisions
// without a Router. A Fleet learns
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
// A pick from a Fleet looks at a few lines, takes microseconds even with a
// million lines, and allocates nothing. The same holds for a view, until lines
// change: then the next view copies the parts of the index that earlier views
// still use. A pick takes longer for many recipients, because it counts their
// places, and for many excluded numbers. A line takes about 300 bytes besides
// its texts, and 340 more after it was used. [NewView], and a pick from its
// view, take time proportional to the number of lines. docs/performance.md has
// the figures.
//
// # What it does not do
//
// The package keeps nothing on disk: the store that a fleet follows keeps
// states and use. It does not enforce limits: the commit in the store does that
// exactly, and a fleet only leaves out lines that it knows to be full. It knows
// no chats, does not decide whether a send reuses one, and sends nothing.
package fleet
