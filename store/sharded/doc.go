// Package sharded makes one store of several, so that a deployment can hold
// more than one engine does. Each tenant lives in one of them, its shard, with
// all that is theirs: nothing crosses tenants, so every promise about a tenant
// is that of its shard.
//
// # Where a tenant lives
//
// One shard holds the directory: which tenant lives where. A tenant that no call
// asked for before gets an entry, on the shard that its name hashes to among
// those there are then. So shards can be added at any time. Without a directory
// the hash alone decides: the list of shards then never changes.
//
// An entry is kept as a decision of a tenant of its own, [Tenant], which no
// caller of this store sees: it is written once and never replaced, so every
// engine that keeps the contract can hold a directory. A move writes another
// one.
//
// A process remembers where a tenant lives. While it does, it asks the shard
// every two seconds (Options.Recheck) whether the tenant has been fenced there.
// So the directory is asked when a process first meets a tenant, and when one
// moves; the loss of its shard stops that, and the tenants that live there.
//
// # What concerns all tenants
//
// Claims take from the shards in turn. Purge, Backlog, Count, Export and the
// pages of tenants go through all shards. LineUse and LineStates give each
// change a number of this process, from the time at which it was opened: a
// follower that goes on with the number of another process is told all lines
// once more.
//
// A shard that is down fails the calls of its tenants. Claim, LineUse and
// LineStates go on without it, and [Store.Parts] says so; the calls that would
// be wrong without it, such as Count and Tenants, fail. A shard that cannot be
// opened at first is tried again, at most once a second.
//
// # What differs from other stores
//
// An Import of several tenants keeps all items of one shard or none: where
// another shard fails, the call is repeated. Purge removes the oldest records
// of each shard first.
//
// # What this package does not do
//
// It spreads no tenant over two shards, and moves none by itself: [Store.Move]
// does when it is asked.
package sharded
