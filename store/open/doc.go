// Package open opens a store by its name, as a flag or a setting gives it:
//
//	memory:                       keeps everything in this process
//	sqlite:PATH                   a file; its folder must exist
//	postgres://USER@HOST/DB       a server, as a URL
//	postgres:host=HOST dbname=DB  a server, as keywords and values
//	sharded:FILE                  several of these, each with some tenants
//	etcd://HOST,HOST,HOST/PREFIX  a cluster, in a program built by store/etcd/build
//
// pool_max_conns=N in the name of a server sets how many connections a process
// opens at most, which is 16 otherwise.
//
// The file of a sharded store says where the shards are, and which of them holds
// the directory of tenants (see package sharded). It may hold passwords:
//
//	{"directory": "one", "shards": {"one": "postgres://…", "two": "postgres://…"}}
//
// A program that uses one kind of store only opens that one itself, and then
// links no other: this package links the drivers of all of them.
//
// # What this package does not do
//
// It shows no password: an error repeats of a name only what cannot be one. It
// keeps no store and retries nothing.
package open
