// Package etcdtest starts clusters of etcd for tests. Each node is a process of
// its own.
//
// # What this package does not do
//
// It knows nothing of stores.
package etcdtest

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	clientv3 "go.etcd.io/etcd/client/v3"
	"go.uber.org/zap"
	"google.golang.org/grpc"
	"google.golang.org/grpc/backoff"

	"github.com/fromline/fromline/internal/needed"
)

// binary is the path of the server: FROMLINE_ETCD, or a build of the module
// internal/server, which stays in the user's cache directory.
var binary = sync.OnceValues(func() (string, error) {
	if path := os.Getenv("FROMLINE_ETCD"); path != "" {
		return path, nil
	}
	_, here, _, _ := runtime.Caller(0)
	cache, err := os.UserCacheDir()
	if err != nil {
		return "", err
	}
	path := filepath.Join(cache, "fromline", "etcd-3.7.3")
	if _, err := os.Stat(path); err == nil {
		return path, nil
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return "", err
	}
	made := fmt.Sprintf("%s.%d", path, os.Getpid())
	build := exec.Command("go", "build", "-o", made, ".")
	build.Dir = filepath.Join(filepath.Dir(here), "..", "server")
	if out, err := build.CombinedOutput(); err != nil {
		return "", fmt.Errorf("%w: %s", err, out)
	}
	return path, os.Rename(made, path)
})

// Cluster is a cluster of nodes.
type Cluster struct {
	Nodes []*Node
	tb    testing.TB
}

// Node is a node of a cluster. It has a process unless it is killed. It is safe
// for concurrent use.
type Node struct {
	Client string // host and port
	flags  []string
	log    *os.File

	mu   sync.Mutex
	cmd  *exec.Cmd     // nil while it is killed
	done chan struct{} // closed when the process has ended
}

// Start starts a cluster and waits until it answers. The cluster is killed when
// the test ends. If no server can be had, Start skips the test, or fails it if
// CI is set.
func Start(tb testing.TB, nodes int, flags ...string) *Cluster {
	tb.Helper()
	c, stop := start(tb, nodes, flags...)
	tb.Cleanup(func() {
		if tb.Failed() {
			tb.Log(c.describe())
		}
		stop()
	})
	return c
}

// StartSecure starts a node with a certificate. It asks clients for one that
// the same certificate signed. It does not wait until the node answers.
func StartSecure(tb testing.TB, cert, key string) *Cluster {
	tb.Helper()
	c, stop := launch(tb, 1, "https://", "--cert-file", cert, "--key-file", key, "--client-cert-auth", "--trusted-ca-file", cert)
	tb.Cleanup(stop)
	return c
}

func start(tb testing.TB, nodes int, flags ...string) (c *Cluster, stop func()) {
	tb.Helper()
	c, stop = launch(tb, nodes, "http://", flags...)
	c.Await()
	return c, stop
}

func launch(tb testing.TB, nodes int, scheme string, flags ...string) (c *Cluster, stop func()) {
	tb.Helper()
	path, err := binary()
	if err != nil {
		needed.Missing(tb, "no etcd server can be built, set FROMLINE_ETCD to the path of one: %v", err)
	}
	dir, err := os.MkdirTemp("", "fromline-etcd-")
	require.NoError(tb, err)
	c = &Cluster{tb: tb}
	var peers []string
	ports := freePorts(tb, 2*nodes)
	for i := range nodes {
		peers = append(peers, fmt.Sprintf("n%d=http://127.0.0.1:%d", i, ports[i]))
	}
	for i := range nodes {
		n := &Node{Client: fmt.Sprintf("127.0.0.1:%d", ports[nodes+i])}
		n.log, err = os.Create(filepath.Join(dir, fmt.Sprintf("n%d.log", i)))
		require.NoError(tb, err)
		n.flags = append([]string{
			path, "--name", fmt.Sprintf("n%d", i), "--data-dir", filepath.Join(dir, fmt.Sprintf("n%d", i)),
			"--listen-peer-urls", fmt.Sprintf("http://127.0.0.1:%d", ports[i]), "--initial-advertise-peer-urls", fmt.Sprintf("http://127.0.0.1:%d", ports[i]),
			"--listen-client-urls", scheme + n.Client, "--advertise-client-urls", scheme + n.Client,
			"--initial-cluster", strings.Join(peers, ","), "--log-level", "error", "--logger", "zap",
		}, flags...)
		c.Nodes = append(c.Nodes, n)
		require.NoError(tb, n.Start())
	}
	stop = func() {
		for _, n := range c.Nodes {
			_ = n.Kill()
			_ = n.log.Close()
		}
		_ = os.RemoveAll(dir)
	}
	return c, stop
}

// Addr returns an address for a server that a test starts, as free as those of
// nodes.
func Addr(tb testing.TB) string { return fmt.Sprintf("127.0.0.1:%d", freePorts(tb, 1)[0]) }

// freePorts returns ports that no process listens on, below those that systems
// give to connections. So no connection of another process takes the port of a
// node that is dead, and the node can start again.
func freePorts(tb testing.TB, n int) (ports []int) {
	for tries := 0; len(ports) < n; tries++ {
		require.Less(tb, tries, 1000, "no port is free")
		port := 12_000 + rand.IntN(20_000)
		l, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", port))
		if err != nil {
			continue
		}
		defer l.Close()
		ports = append(ports, port)
	}
	return ports
}

// Start starts the process of a node. If the process ends by itself, it is
// started again, as a supervisor would.
func (n *Node) Start() error {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.launch()
}

func (n *Node) launch() error {
	cmd := exec.Command(n.flags[0], n.flags[1:]...)
	cmd.Stdout, cmd.Stderr = n.log, n.log
	if err := cmd.Start(); err != nil {
		return err
	}
	done := make(chan struct{})
	n.cmd, n.done = cmd, done
	go func() {
		_ = cmd.Wait()
		close(done)
		time.Sleep(100 * time.Millisecond)
		n.mu.Lock()
		defer n.mu.Unlock()
		if n.cmd == cmd {
			_ = n.launch()
		}
	}()
	return nil
}

// Kill ends the process at once, as a power failure does, and waits for its
// end.
func (n *Node) Kill() error {
	n.mu.Lock()
	cmd, done := n.cmd, n.done
	n.cmd = nil
	n.mu.Unlock()
	if cmd == nil {
		return nil
	}
	err := cmd.Process.Kill()
	<-done
	if errors.Is(err, os.ErrProcessDone) {
		err = nil
	}
	return err
}

// process returns the process of a node, nil while the node is killed.
func (n *Node) process() *os.Process {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.cmd == nil {
		return nil
	}
	return n.cmd.Process
}

// Freeze stops the process for a time and leaves its connections open.
func (n *Node) Freeze(d time.Duration) error {
	process := n.process()
	if process == nil {
		return os.ErrProcessDone
	}
	if err := process.Signal(syscall.SIGSTOP); err != nil {
		return err
	}
	time.Sleep(d)
	return process.Signal(syscall.SIGCONT)
}

// Runs reports whether the process of a node was started and not killed.
func (n *Node) Runs() bool { return n.process() != nil }

// Hosts returns the addresses for clients, separated by commas.
func (c *Cluster) Hosts() string {
	var hosts []string
	for _, n := range c.Nodes {
		hosts = append(hosts, n.Client)
	}
	return strings.Join(hosts, ",")
}

// Name returns the name of a store on the cluster.
func (c *Cluster) Name(prefix string) string { return "etcd://" + c.Hosts() + "/" + prefix }

// connect returns a client that tries dead nodes again at least ten times a
// second.
func connect(hosts ...string) (*clientv3.Client, error) {
	again := grpc.ConnectParams{
		Backoff:           backoff.Config{BaseDelay: 20 * time.Millisecond, Multiplier: 1.5, MaxDelay: 100 * time.Millisecond},
		MinConnectTimeout: 10 * time.Second,
	}
	return clientv3.New(clientv3.Config{Endpoints: hosts, Logger: zap.NewNop(), DialOptions: []grpc.DialOption{grpc.WithConnectParams(again)}})
}

// Connect returns a client of the cluster. It is closed when the test ends.
func (c *Cluster) Connect(tb testing.TB) *clientv3.Client {
	client, err := connect(strings.Split(c.Hosts(), ",")...)
	require.NoError(tb, err)
	tb.Cleanup(func() { _ = client.Close() })
	return client
}

// Await waits until the cluster answers, and fails the test after Patience.
func (c *Cluster) Await() {
	client, err := connect(strings.Split(c.Hosts(), ",")...)
	require.NoError(c.tb, err)
	defer client.Close()
	ctx, cancel := context.WithTimeout(context.Background(), Patience)
	defer cancel()
	for {
		once, stop := context.WithTimeout(ctx, 5*time.Second)
		_, err := client.Get(once, "anything")
		stop()
		if err == nil {
			return
		}
		if ctx.Err() != nil {
			c.tb.Fatalf("the cluster does not answer: %v", err)
		}
		time.Sleep(20 * time.Millisecond)
	}
}

// Patience is how long a test waits for a cluster that must elect a leader: on
// a loaded machine elections fail and are repeated for minutes.
const Patience = 5 * time.Minute

// describe returns the state of each node and the end of its log.
func (c *Cluster) describe() string {
	var b strings.Builder
	for i, n := range c.Nodes {
		log, _ := os.ReadFile(n.log.Name())
		fmt.Fprintf(&b, "\nnode %d at %s, process runs: %v, asked: %s, log:\n%s", i, n.Client, n.Runs(), n.ask(), log[max(0, len(log)-4000):])
	}
	return b.String()
}

// ask asks one node which node is the leader.
func (n *Node) ask() string {
	client, err := connect(n.Client)
	if err != nil {
		return err.Error()
	}
	defer client.Close()
	ctx, stop := context.WithTimeout(context.Background(), 2*time.Second)
	defer stop()
	status, err := client.Status(ctx, n.Client)
	if err != nil {
		return err.Error()
	}
	return fmt.Sprintf("it is %x, the leader is %x in term %d, index %d", status.Header.MemberId, status.Leader, status.RaftTerm, status.RaftIndex)
}

// Leader returns the node that leads, nil if no node says that it does.
func (c *Cluster) Leader(ctx context.Context) *Node {
	for _, n := range c.Nodes {
		if !n.Runs() {
			continue
		}
		client, err := connect(n.Client)
		if err != nil {
			continue
		}
		once, stop := context.WithTimeout(ctx, 2*time.Second)
		status, err := client.Status(once, n.Client)
		stop()
		_ = client.Close()
		if err == nil && status.Leader == status.Header.MemberId {
			return n
		}
	}
	return nil
}

// Main runs the tests of a package and then stops the shared cluster.
func Main(m *testing.M) {
	code := m.Run()
	shared.Lock()
	if shared.stop != nil {
		shared.stop()
	}
	shared.Unlock()
	os.Exit(code)
}

var shared struct {
	sync.Mutex
	cluster *Cluster
	stop    func()
}

// Shared returns a cluster of three nodes that the tests of a package share. No
// test may stop one of its nodes.
func Shared(tb testing.TB) *Cluster {
	tb.Helper()
	shared.Lock()
	defer shared.Unlock()
	if shared.cluster == nil {
		shared.cluster, shared.stop = start(tb, 3)
	}
	return shared.cluster
}

// Memory returns the memory of the process of a node in bytes, without pages of
// its files; 0 if the system does not tell it. The node must be running.
func (n *Node) Memory() (bytes int64) {
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", n.process().Pid))
	if err != nil {
		return 0
	}
	for line := range strings.Lines(string(status)) {
		if rest, is := strings.CutPrefix(line, "RssAnon:"); is {
			_, _ = fmt.Sscanf(strings.TrimSpace(rest), "%d kB", &bytes)
		}
	}
	return bytes << 10
}
