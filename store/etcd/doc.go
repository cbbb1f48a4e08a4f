// Package etcd keeps chats, decisions and use in an etcd cluster, which
// survives the loss of a minority of its nodes. A store is opened by a name:
//
//	etcd://USER:PASSWORD@HOST:PORT,HOST,HOST/PREFIX?ca=FILE&cert=FILE&key=FILE
//
// Only hosts and a prefix are needed. Stores with different prefixes share a
// cluster and do not see each other. tls=true connects by TLS with the system's
// authorities, ca by those of a file, cert and key show a certificate.
//
// # How it works
//
// Every set of people is one key, which holds the chats of the set: a look-up
// is one linearizable round trip. A commit is one transaction on conditions
// about each key that it read; it rests on what this process saw last, and
// where that has changed, the answer of the same round trip says what there is
// now. Commits that open chats on one line, or go to one set, at the same time
// share a transaction. The deliveries of a chat are one key with their order
// and the lease. Change numbers are revisions of the cluster.
//
// A write whose answer is lost is sent again: its conditions make sure that it
// happens once, and its trace tells whether it did. Where neither can be told,
// the outcome is unknown, as the contract says.
//
// # What to know about the cluster
//
//   - Three nodes on three machines, or five. A majority has to be up. One node
//     alone works, and its disk is all there is.
//   - Nodes sync before they acknowledge. Open refuses nodes that do not, or
//     that cannot be seen to (see Options.Unsynced).
//   - All keys have to fit into --quota-backend-bytes, 2 GiB by default and 8
//     GiB at most as etcd suggests: some millions of chats. From 95 % of it
//     commits are refused with store.ErrFull; settling, purging and forgetting
//     go on.
//   - The store compacts the history every five minutes, the history of the
//     whole cluster, but for what one of its lists of changes needs that was named
//     in the last ten minutes. Free pages are given back by etcdctl defrag alone.
//   - A transaction has at most --max-txn-ops operations and a request at most
//     --max-request-bytes. Larger deliveries are refused with store.ErrInvalid.
//   - A cluster restored from a snapshot must be restored with --bump-revision
//     and --mark-compacted, so that revisions never run backwards.
//   - The clock of the store is that of the nodes, which tell it in their answers by
//     HTTP, in whole seconds (see Options.Clock): keep their clocks right. A proxy
//     that answers /version itself tells its own. Open refuses nodes that tell none
//     (--listen-client-http-urls hides them), unless Options.Unsynced accepts that.
//   - With users, grant the store readwrite on its prefix.
//
// # What differs from other stores
//
// Import keeps items some at a time, and Forget removes chats one after the
// other: where the cluster fails in between, the call ends with an error and is
// repeated. LineUse makes the servers look at all lines.
//
// # What this package does not do
//
// It starts, defragments and backs up no cluster, adds no nodes and lifts no
// alarm. It needs etcd 3.6 or later, whose nodes tell their quota.
package etcd
