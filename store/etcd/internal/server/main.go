// Command server is the etcd server of its authors, for tests: they build it
// from the module proxy if no binary is installed. It is a module of its own,
// so that no other module has its requirements.
package main

import (
	"os"

	"go.etcd.io/etcd/server/v3/etcdmain"
)

func main() { etcdmain.Main(os.Args) }
