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
// This package links the drivers of all stores. A program that uses one kind of
// store only should open that one itself.
//
// # What this package does not do
//
// It keeps no store open, tries nothing again, and shows no password: an error
// repeats only those parts of a name that cannot be one.
package open
