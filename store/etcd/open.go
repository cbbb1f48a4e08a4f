package etcd

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	clientv3 "go.etcd.io/etcd/client/v3"
	"go.uber.org/zap"
	"google.golang.org/grpc"
	"google.golang.org/grpc/backoff"

	"github.com/fromline/fromline/store"
	"github.com/fromline/fromline/store/internal/aside"
	"github.com/fromline/fromline/store/internal/tally"
)

// Options says how a Store behaves. The zero value is sensible.
type Options struct {
	// TLS is how servers are connected to; nil means what the name says.
	TLS *tls.Config

	// Unsynced opens a cluster although its nodes do not sync what they
	// acknowledge (--unsafe-no-fsync), or cannot be seen to: a power failure
	// can then lose acknowledged commits, and a crash of the machine too.
	Unsynced bool

	// ReadOnly opens what is there already: every call that writes fails, and
	// nothing is compacted. An error wraps os.ErrNotExist where nothing is.
	ReadOnly bool

	// Timeout is how long a round trip may take, over all nodes that are tried;
	// 0 means 10 seconds. A write that takes longer ends with its outcome
	// unknown.
	Timeout time.Duration

	// MaxTxnOps is how many operations the servers take in a transaction
	// (--max-txn-ops), at most 65,535; 0 means 128, which is their default.
	MaxTxnOps int

	// MaxRequestBytes is how many bytes the servers take in a request
	// (--max-request-bytes); 0 means 1.5 MiB, which is their default. A
	// delivery whose content is larger is refused.
	MaxRequestBytes int

	// CompactEvery is how often the history of the cluster is compacted, up to
	// what was there one such time before; 0 means every 5 minutes. Negative
	// leaves it to the servers (--auto-compaction-retention).
	CompactEvery time.Duration

	// Cache is how many keys this process remembers, so that a commit needs no
	// read; 0 means 16,384.
	Cache int

	// Clock is the clock of the store (see store.Clocked). Nil means that of the
	// nodes: Open asks each of them what time it is, and so does the store every
	// minute; it goes by the one in the middle, and from there on by how long the
	// machine has been up, however its clock is set. Nodes tell whole seconds, so
	// processes agree by the second, and as well as their machines where those are
	// right. Where no node tells it Open fails; with Unsynced or ReadOnly the store
	// goes by the clock of its machine then, and Parts says so.
	Clock func() time.Time
}

func (o Options) withDefaults() Options {
	def := func(v *int, d int) {
		if *v <= 0 {
			*v = d
		}
	}
	def(&o.MaxTxnOps, 128)
	o.MaxTxnOps = min(o.MaxTxnOps, 1<<placeBits-1)
	def(&o.MaxRequestBytes, 1536*1024)
	def(&o.Cache, 1<<14)
	if o.Timeout <= 0 {
		o.Timeout = 10 * time.Second
	}
	if o.CompactEvery == 0 {
		o.CompactEvery = 5 * time.Minute
	}
	return o
}

// Store keeps chats, decisions and use in an etcd cluster. It is safe for
// concurrent use, and any number of processes can have stores on one cluster.
// Open one with Open.
type Store struct {
	o      Options
	prefix string
	group  int // how many commits go together at most
	client *clientv3.Client
	web    *http.Client
	where  target
	clock  *clock // nil: the caller gave one
	cache  *cache
	lanes  lanes
	tally  tally.Tally
	aside  aside.Rows
	seen   atomic.Int64 // the latest revision of the cluster that is known
	full   atomic.Pointer[string]
	closed atomic.Bool
	stop   chan struct{}
	runs   sync.WaitGroup
}

var (
	_ store.Store    = (*Store)(nil)
	_ store.Composed = (*Store)(nil)
	_ store.Damaged  = (*Store)(nil)
)

// Open opens the store of a name such as
//
//	etcd://one.internal,two.internal,three.internal:2379/fromline
//
// (see the comment of the package). It needs a cluster of etcd 3.6 or later
// that has a leader, and refuses one that acknowledges what it has not synced
// (see Options.Unsynced). Errors of the name wrap [store.ErrInvalid]; no error
// holds a password. The caller closes the store.
func Open(ctx context.Context, name string, o Options) (*Store, error) {
	return open(ctx, name, o, time.Now)
}

// open is Open for tests, where the clock of the machine is given.
func open(ctx context.Context, name string, o Options, wall func() time.Time, dial ...grpc.DialOption) (*Store, error) {
	where, err := parse(name)
	if err != nil {
		return nil, err
	}
	if where.unsynced {
		o.Unsynced = true
	}
	s := &Store{o: o.withDefaults(), where: where, prefix: where.prefix, stop: make(chan struct{})}
	s.cache = newCache(s.prefix, s.o.Cache)
	s.group = max(1, min(16, (s.o.MaxTxnOps-1)/opsOfCommit))
	s.lanes = lanes{s: s, waiting: make(map[string][]*job)}
	if s.o.Clock == nil {
		s.clock = newClock(wall())
		s.o.Clock = s.clock.Now
	}
	if s.o.TLS == nil {
		if s.o.TLS, err = where.tls(); err != nil {
			return nil, err
		}
	}
	s.web = &http.Client{Transport: &http.Transport{TLSClientConfig: s.o.TLS}}
	if s.client, err = where.connect(s.o.TLS, s.o.MaxRequestBytes, dial...); err != nil {
		return nil, err
	}
	if err := s.prepare(ctx); err != nil {
		return nil, errors.Join(err, s.disconnect())
	}
	if !s.o.ReadOnly {
		s.runs.Go(func() { tally.Run(s.stop, s.flush) })
		s.runs.Go(s.tend)
	}
	return s, nil
}

// opsOfCommit is how many operations a commit is at most, but for that on the
// line, which commits that go together share.
const opsOfCommit = 12

// Unreadable implements store.Damaged.
func (s *Store) Unreadable() (rows []store.Unreadable, total int) { return s.aside.Unreadable() }

// Close adds what was counted and not yet added, and ends the connections.
func (s *Store) Close() error {
	if s.closed.Swap(true) {
		return nil
	}
	close(s.stop)
	s.runs.Wait()
	ctx, cancel := context.WithTimeout(context.Background(), s.o.Timeout)
	defer cancel()
	if err := s.flush(ctx); err != nil {
		return errors.Join(fmt.Errorf("etcd: messages of the last second are not counted: %w", err), s.disconnect())
	}
	return s.disconnect()
}

func (s *Store) disconnect() error {
	s.web.CloseIdleConnections()
	return s.client.Close()
}

// reconnect says when a node that refused a connection is tried again. By default
// the client waits longer and longer, for two minutes in the end, so that a cluster
// that is back after an hour stays unused for minutes more.
var reconnect = grpc.ConnectParams{
	Backoff:           backoff.Config{BaseDelay: 50 * time.Millisecond, Multiplier: 1.6, Jitter: 0.2, MaxDelay: time.Second},
	MinConnectTimeout: 5 * time.Second,
}

// connect makes a client. It does not wait for a connection.
func (w target) connect(given *tls.Config, limit int, dial ...grpc.DialOption) (*clientv3.Client, error) {
	config := clientv3.Config{
		Endpoints: w.endpoints, Username: w.user, Password: w.password, Logger: zap.NewNop(),
		DialTimeout: 5 * time.Second, DialKeepAliveTime: 10 * time.Second, DialKeepAliveTimeout: 3 * time.Second,

		MaxCallSendMsgSize: limit + 1<<20, // the servers and the store judge sizes, not the client
		DialOptions:        append(dial, grpc.WithConnectParams(reconnect)),
	}
	var err error
	if config.TLS = given; given == nil {
		if config.TLS, err = w.tls(); err != nil {
			return nil, err
		}
	}
	client, err := clientv3.New(config)
	if err != nil {
		return nil, fmt.Errorf("etcd: %w: cannot connect: %w", store.ErrNotWritten, err)
	}
	return client, nil
}
