// Package etcd keeps chats, decisions and use in an etcd cluster, which
// survives the loss of a minority of its nodes. A store is opened by a name:
//
//	etcd://USER:PASSWORD@HOST:PORT,HOST,HOST/PREFIX?ca=FILE&cert=FILE&key=FILE
//
// Only hosts and a prefix are needed. Stores with different prefixes share a
// cluster and do not see each other. tls=true connects by TLS and trusts the
// authorities of the system; ca names a file with others; cert and key name the
// client's certificate.
//
// # How it works
//
// Every set of people is one key, which holds the chats of the set: a look-up
// is one linearizable round trip. A commit is one transaction with a condition
// on each key that it read. It rests on the values that this process saw last;
// if they have changed, the answer of the same round trip has the current ones.
// Commits that open chats on one line, or go to one set, share a transaction
// when they come together. One key holds the deliveries of a chat in their
// order, and the lease. Change numbers are revisions of the cluster.
//
// If the answer to a write is lost, the store sends the write again: its
// conditions make sure that it happens once, and the values that it left tell
// whether it did. If they cannot tell, the outcome is unknown, as the contract
// says.
//
// # Requirements of the cluster
//
//   - Run three nodes on three machines, or five. A majority must be up. A
//     single node works, and its disk then has the only copy.
//   - Nodes must sync before they acknowledge. Open refuses nodes that do not,
//     or that do not show it (see Options.Unsynced).
//   - All keys must fit into --quota-backend-bytes: 2 GiB by default, and 8 GiB
//     at most as etcd suggests. That is some millions of chats. From 95 % of it
//     the store refuses commits with store.ErrFull; it still settles, purges
//     and forgets.
//   - The store compacts the history of the whole cluster every five minutes.
//     It keeps the history that its lists of changes need, if a call has named
//     them in the last ten minutes. Only etcdctl defrag returns free pages.
//   - A transaction has at most --max-txn-ops operations and a request at most
//     --max-request-bytes. The store refuses larger deliveries with
//     store.ErrInvalid.
//   - If you restore a cluster from a snapshot, use --bump-revision and
//     --mark-compacted, so that revisions never run backwards.
//   - The clock of the store is that of the nodes, which tell it in their HTTP
//     answers, in whole seconds (see Options.Clock): keep their clocks right. A
//     proxy that answers /version itself tells its own time. Open refuses nodes
//     that tell none (--listen-client-http-urls hides it), unless
//     Options.Unsynced accepts that.
//   - If the cluster has users, grant the store readwrite on its prefix.
//
// # How it differs from other stores
//
// Import keeps a few items at a time, and Forget removes one chat after the
// other: if the cluster fails in between, they return an error, and you call
// them again. LineUse makes the servers read all lines.
//
// # What this package does not do
//
// It starts, defragments and backs up no cluster, adds no nodes and clears no
// alarm. It needs etcd 3.6 or later, whose nodes tell their quota.
package etcd
