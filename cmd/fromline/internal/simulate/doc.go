// Package simulate plays what happens to a fleet of lines for weeks, in a
// moment: the real Router, Fleet and store in memory, in virtual time, against
// an invented network that flags lines. It compares guards, to choose one
// before production.
//
// A [Scene] says what there is: lines, chats, and what the chats do. A [Model]
// says what the network punishes. No network publishes that: the models are
// guesses, and only differences that all of them agree on say something. One
// scene, model, guard and seed make one [Run]; a [Study] is all runs of a
// comparison, and [Study.Verdicts] is what they agree on.
//
// Every line, chat and day has luck of its own, drawn from the seed, so that
// two guards meet the same luck, and a seed plays the same world again.
//
// Chats on lines that can continue are not sent into message by message, as a
// reuse changes nothing that a guard or a network counts here. When a line is
// flagged, each of its chats draws when it is wanted next.
package simulate
