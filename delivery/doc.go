// Package delivery hands decided messages to the network: at least once, in
// order within each chat, always with the same message id.
//
// A decision is committed together with an entry in the store's outbox. A
// [Dispatcher] leases entries from a store.Outbox, gives each to a [Sender],
// and removes it when the Sender took it over; otherwise it tries again later,
// and parks what used up its attempts. The caller starts it with
// [Dispatcher.Run] and stops it by ending the context. Any number of
// dispatchers, in any number of processes, may work on one outbox.
//
// A program that commits with [Dispatcher.Commit] saves the claim: the commit
// leases the delivery, and the Dispatcher hands it over at once. It
// acknowledges many messages together.
//
// A backend implements the one method of [Sender] over its network. Two come
// with the package: [FileSender] appends lines of JSON to a file, [HTTPSender]
// posts the same object to a URL.
//
// # What is promised
//
//   - Nothing is lost: an entry leaves the outbox only after the Sender took it
//     over, so a crash at any moment repeats a message rather than dropping it.
//     The receiver recognises a repetition by its message id. A process that is killed
//     has those repeated that it was handing over and those not acknowledged yet,
//     as Options.Gather says, once their leases have run out.
//   - Two messages of one chat are never handed over at the same time, and the
//     later one not before the earlier one was taken over or parked. This holds
//     as long as senders stop when their context ends: a lease that cannot be
//     renewed ends the context before it runs out.
//
// # What this package does not do
//
// It decides nothing, keeps nothing but what the outbox keeps, and knows no
// network. It starts no goroutine outside of Run and Drain, and leaves none
// behind when they return, but for one case: what a FileSender writes to a
// standard output that no process reads (see [FileSender]).
package delivery
