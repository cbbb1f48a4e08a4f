// Package sharded makes one store of several, for more data or load than one
// engine can take. Each tenant lives with all its data in one of them, its
// shard. Nothing crosses tenants, so every promise about a tenant is that of
// its shard.
//
// # Where a tenant lives
//
// One shard holds the directory, which says where each tenant lives. The first
// call about a tenant writes its entry: a hash of its name picks one of the
// shards that there are then. So you can add shards at any time. Without a
// directory the hash alone decides, and you must never change the list of
// shards.
//
// An entry is kept as a record of a tenant of its own, [Tenant], which callers
// of this store do not see. A record is written once and never replaced, so
// every engine that keeps the contract can hold a directory. A move of a tenant
// writes another entry.
//
// A process remembers where a tenant lives. Every two seconds (Options.Recheck)
// it asks the shard whether the tenant is about to leave it. It reads the
// directory only when it first meets a tenant, and after a move. If the shard
// of the directory is down, that stops, and so do the tenants that live there.
//
// # What concerns all tenants
//
// Claims take from the shards in turn. Purge, Backlog, Count, Export and the
// pages of tenants read all shards. LineUse and LineStates number the changes
// in each process anew, from the time at which it opened the store: a caller
// that goes on with the number of another process gets all lines once more.
//
// A shard that is down fails the calls of its tenants. Claim, LineUse and
// LineStates go on without it, and [Store.Parts] says so; the calls that would
// be wrong without it, such as Count and Tenants, fail. A shard that cannot be
// opened at first is tried again, at most once a second.
//
// # What differs from other stores
//
// An Import of several tenants keeps all items of a shard or none of them:
// after an error of another shard, call it again. Purge removes the oldest
// records of each shard first.
//
// # What this package does not do
//
// It spreads no tenant over two shards, and moves no tenant by itself: call
// [Store.Move].
package sharded
