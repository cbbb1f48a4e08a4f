//go:build unix

package etcd_test

import (
	"context"
	"fmt"
	"os"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/fromline/fromline/internal/proctest"
	"github.com/fromline/fromline/store/etcd"
	"github.com/fromline/fromline/store/etcd/internal/etcdtest"
)

// openVictim opens a store whose clock is ahead by a duration.
func openVictim(ctx context.Context, name string, ahead time.Duration) (proctest.Store, error) {
	return etcd.Open(ctx, name, etcd.Options{Clock: func() time.Time { return time.Now().Add(ahead) }, Timeout: etcdtest.Patience})
}

// accident harms nodes for a while, and mends them.
type accident struct {
	name string
	do   func(c *etcdtest.Cluster) error
}

var accidents = []accident{
	{"the leader is killed", func(c *etcdtest.Cluster) error { return killed(leader(c)) }},
	{"a follower is killed", func(c *etcdtest.Cluster) error { return killed(follower(c)) }},
	{"all are killed", func(c *etcdtest.Cluster) error { return killed(c.Nodes...) }},
	{"the leader stands still", func(c *etcdtest.Cluster) error { return leader(c).Freeze(2 * time.Second) }},
	{"two are killed", func(c *etcdtest.Cluster) error { return killed(leader(c), follower(c)) }},
	{"a follower stands still", func(c *etcdtest.Cluster) error { return follower(c).Freeze(2 * time.Second) }},
}

// leader returns the node that leads, and waits for one.
func leader(c *etcdtest.Cluster) *etcdtest.Node {
	for {
		c.Await()
		if n := c.Leader(context.Background()); n != nil {
			return n
		}
	}
}

func follower(c *etcdtest.Cluster) *etcdtest.Node {
	l := leader(c)
	return c.Nodes[slices.IndexFunc(c.Nodes, func(n *etcdtest.Node) bool { return n != l })]
}

// killed kills nodes at once, leaves them dead for a moment, and starts them
// again.
func killed(nodes ...*etcdtest.Node) error {
	for _, n := range nodes {
		if err := n.Kill(); err != nil {
			return err
		}
	}
	time.Sleep(200 * time.Millisecond)
	for _, n := range nodes {
		if err := n.Start(); err != nil {
			return err
		}
	}
	return nil
}

// Processes, the leader, a follower, two nodes or all of them are killed, or
// stand still for seconds. Everything acknowledged exists, once, and is handed
// over in order. With FROMLINE_LONG=1 there are a hundred accidents.
//
// The test waits at most etcdtest.Patience for a cluster without a leader.
// After that it fails, and logs the state of the nodes.
func TestKilledProcessesAndNodes(t *testing.T) {
	c := etcdtest.Start(t, 3)
	next, rounds, each := 0, 6, 1
	if testing.Short() {
		rounds = 2
	}
	if os.Getenv("FROMLINE_LONG") != "" {
		rounds, each = 100, 2 // in every other round
	}
	away := make(map[string][]time.Duration) // times until the cluster answered after an accident, by its name
	proctest.Kill(t, proctest.Config{
		Open: openVictim, Source: c.Name("kill"), Rounds: rounds,
		KillServer: func() error {
			for range each {
				a := accidents[next%len(accidents)]
				next++
				leader(c) // so that the roles of the nodes are known
				began := time.Now()
				if err := a.do(c); err != nil {
					return err
				}
				c.Await()
				away[a.name] = append(away[a.name], time.Since(began))
			}
			return nil
		},
	})
	for _, a := range accidents {
		took := away[a.name]
		slices.Sort(took)
		if len(took) > 0 {
			t.Logf("%s: %d times; from then until the cluster answered again: median %v, longest %v", a.name, len(took), took[len(took)/2], took[len(took)-1])
		}
	}
}

func TestCrowdOfProcesses(t *testing.T) {
	for name, limited := range map[string]bool{"one chat a set": false, "up to the limit": true} {
		t.Run(name, func(t *testing.T) {
			proctest.Crowd(t, openVictim, etcdtest.Shared(t).Name(fmt.Sprintf("crowd %d", prefixes.Add(1))), limited)
		})
	}
}

func TestNeighbours(t *testing.T) {
	proctest.Neighbours(t, openVictim, etcdtest.Shared(t).Name(fmt.Sprintf("neighbours %d", prefixes.Add(1))))
}

// A single node that does not sync is refused, unless the caller accepts it.
func TestUnsyncedIsRefused(t *testing.T) {
	c := etcdtest.Start(t, 1, "--unsafe-no-fsync")
	_, err := etcd.Open(t.Context(), c.Name("unsynced"), etcd.Options{Timeout: etcdtest.Patience})
	require.ErrorContains(t, err, "--unsafe-no-fsync")
	for _, open := range []func() (*etcd.Store, error){
		func() (*etcd.Store, error) {
			return etcd.Open(t.Context(), c.Name("unsynced"), etcd.Options{Unsynced: true, Timeout: etcdtest.Patience})
		},
		func() (*etcd.Store, error) {
			return etcd.Open(t.Context(), c.Name("unsynced")+"?unsynced=accept", etcd.Options{Timeout: etcdtest.Patience})
		},
	} {
		s, err := open()
		require.NoError(t, err)
		require.NoError(t, s.Close())
	}
}
