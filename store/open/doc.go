// Package open opens a store by its name, as in a flag or a setting:
//
//	memory:                       keeps everything in this process
//	sqlite:PATH                   a file; its folder must exist
//	postgres://USER@HOST/DB       a server, as a URL
//	postgres:host=HOST dbname=DB  a server, as keywords and values
//	sharded:FILE                  several of these, each with some tenants
//	etcd://HOST,HOST,HOST/PREFIX  a cluster, in a program built by store/etcd/build
//
// pool_max_conns=N in the name of a server is the largest number of connections
// that a process opens; the default is 16.
//
// The file of a sharded store says where the shards are, and which shard holds
// the directory of tenants (see package sharded). It may hold passwords:
//
//	{"directory": "one", "shards": {"one": "postgres://…", "two": "postgres://…"}}
//
// This package links the drivers of all stores. If your program uses one kind
// of store only, open that store with its own package.
//
// # What this package does not do
//
// It keeps no store open, tries nothing again, and shows no password: an error
// repeats only those parts of a name that cannot be a password.
package open
