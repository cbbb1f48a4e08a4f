// Package delivery hands decided messages to the network: at least once, in
// order within each chat, always with the same message id.
//
// A decision is committed together with a delivery in the store's outbox. A
// [Dispatcher] leases deliveries from a store.Outbox, gives each to a [Sender],
// and removes it after the Sender has taken the message. If the Sender fails,
// the Dispatcher tries again later, and parks a delivery whose attempts are
// used up. The caller starts it with [Dispatcher.Run], and ends the context to
// stop it. Any number of dispatchers, in any number of processes, may work on
// one outbox.
//
// A program that commits with [Dispatcher.Commit] saves a round trip: the
// commit also leases the delivery, and the Dispatcher hands it over at once.
// The Dispatcher acknowledges many messages together.
//
// A backend implements [Sender], one method, over its network. The package has
// two senders: [FileSender] appends lines of JSON to a file, and [HTTPSender]
// posts the same object to a URL.
//
// # What is promised
//
//   - Nothing is lost: a delivery leaves the outbox only after the Sender has
//     taken the message. So after a crash at any moment a message may come
//     again, but is never missing. The receiver recognises a repetition by its
//     message id. After a kill, these messages come again when their leases
//     have run out: those that the process was handing over, and those that it
//     had not acknowledged yet ([Options].Gather).
//   - Two messages of one chat are never handed over at the same time, and the
//     later one only after the earlier one was taken or parked. This needs
//     senders that stop when their context ends: if a lease cannot be renewed,
//     the Dispatcher ends the context before the lease runs out.
//
// # What this package does not do
//
// It decides nothing, keeps nothing outside of the outbox, and knows no
// network. It starts goroutines only in Run and Drain, and leaves none behind
// when they return, with one exception: a FileSender that writes to a standard
// output that no process reads (see [FileSender]).
package delivery
