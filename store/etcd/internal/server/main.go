// Command server is the etcd server, as its authors wrote it, for tests: it is
// built from the module proxy where no binary is installed. It is a module of its
// own, so that nothing else has to know what it needs.
package main

import (
	"os"

	"go.etcd.io/etcd/server/v3/etcdmain"
)

func main() { etcdmain.Main(os.Args) }
