// Package fromline decides from which phone line, and in which chat, a message
// to a set of people goes out. It records the decision, so that no retry, race
// or crash leads to a second one. It can also hand the message over to the
// network.
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
//   - One send gets one decision and one message, even after retries,
//     concurrent calls and killed processes: the same idempotency key gets the
//     same decision.
//   - A chat stays on its line while that line can continue. Only people whose
//     line cannot continue get a chat on another one.
//   - A new chat gets the best line. Equal lines share new chats evenly, and no
//     line exceeds its limit of new chats.
//   - A refusal or a failed commit changes nothing. Every decision can be
//     explained.
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
