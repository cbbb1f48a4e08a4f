// Package fromline decides, for one outbound message to a set of people, which
// of our phone lines and which chat it goes out on, and records that decision
// so that no retry, race or crash makes two. It can deliver the message too.
//
//	router, err := fromline.New(chats, lines, fromline.Options{Sender: network})
//	go router.Run(ctx)
//	d, err := router.Send(ctx, "acme", &message.Request{…})
//
// chats is a store (store/memory, store/sqlite or store/postgres). lines is a
// [LineHealth]: one method over your own table of lines, or a fleet.Fleet that
// you fill. network is a delivery.Sender: one method over your network.
//
// # What it promises
//
//   - One send is one decision and one message, whatever is retried, raced or
//     killed: the same idempotency key gives the same decision.
//   - A chat goes on from its line as long as that line can continue. Chats
//     move to another line only when theirs cannot.
//   - A new chat gets the best line, spread evenly, never above a line's limit.
//   - A refusal or a failed commit leaves no trace; every decision can say why.
//   - A decided message is handed over at least once, in order within its chat,
//     always under the same message id.
//
// # Where next
//
// Read [New], then [Options]. routing.Decide is the decision as a pure
// function, httpapi serves the endpoint over a Router, examples/embed is a
// whole program, examples/cookbook has a program for each thing to do, and
// docs/rules.md holds the rules.
package fromline
