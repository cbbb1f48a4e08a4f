// Package sharded makes one store of several, for more data or load than one
// engine can take. Each tenant lives with all its data in one of them, its
// shard. Nothing crosses tenants, so every promise about a tenant is that of
// its shard.
//
// # Where a tenant lives
//
// One shard holds the directory, which says where each tenant lives. The first
// call about a tenant writes its entry: a hash of the tenant's name picks one
// of the present shards. So you can add shards at any time. Without a directory
// the hash alone decides, and you must never change the list of shards.
//
// An entry is a record of the tenant [Tenant], which callers of this store
// cannot see. A record is written once and never replaced, so every engine that
// keeps the contract can hold a directory. A move of a tenant writes another
// entry.
//
// A process remembers where a tenant lives. Every two seconds (Options.Recheck)
// it asks the shard whether the tenant is about to leave. It reads the
// directory only when it first meets a tenant, and after a move. If the shard
// of the directory is down, new tenants and moves must wait, and so must the
// tenants that live in that shard.
//
// # Calls about all tenants
//
// Claim takes from the shards in turn. Purge, Backlog, Count, Export and
// Tenants read all shards. LineUse and LineStates number the changes in each
// process anew, from the time at which it opened the store: a caller that
// continues with the number of another process gets all lines once more.
//
// If a shard is down, the calls of its tenants fail. Claim, LineUse and
// LineStates pass over the shard, and [Store.Parts] reports it. Count, Tenants
// and others whose answer would be wrong without the shard fail. The store
// tries to open such a shard again, at most once a second.
//
// # How it differs from other stores
//
// An Import of several tenants is atomic in each shard, not over all of them:
// call it again after an error. Purge removes the oldest records of each shard
// first, not the oldest of all.
//
// # What this package does not do
//
// It spreads no tenant over two shards, and moves no tenant by itself: call
// [Store.Move].
package sharded
