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

// Options are the settings of a Store. The zero value is usable: each field
// names its default.
type Options struct {
	// TLS is the configuration of connections to servers; nil means the
	// settings of the name.
	TLS *tls.Config

	// Unsynced opens a cluster even if its nodes do not sync before they
	// acknowledge (--unsafe-no-fsync), or do not show whether they do. A power
	// failure or a crash of a machine can then lose acknowledged commits.
	Unsynced bool

	// ReadOnly opens an existing store: every call that writes fails, and the
	// store compacts nothing. The error of Open wraps os.ErrNotExist if there
	// is no store under the prefix.
	ReadOnly bool

	// Timeout is how long a round trip may take, over all nodes that the store
	// tries; 0 means 10 seconds. The outcome of a write that takes longer is
	// unknown.
	Timeout time.Duration

	// MaxTxnOps is the --max-txn-ops of the servers, the largest number of
	// operations in a transaction; at most 65,535. 0 means 128, their default.
	MaxTxnOps int

	// MaxRequestBytes is the --max-request-bytes of the servers, the largest
	// number of bytes in a request; 0 means 1.5 MiB, their default. The store
	// refuses a delivery with a larger content.
	MaxRequestBytes int

	// CompactEvery is how often the store compacts the history of the cluster,
	// each time up to the revision that it had one interval before; 0 means
	// every 5 minutes. A negative value leaves it to the servers
	// (--auto-compaction-retention).
	CompactEvery time.Duration

	// Cache is the number of keys that this process remembers, so that a commit
	// needs no read; 0 means 16,384.
	Cache int

	// Clock is the clock of the store (see store.Clocked). Nil means the clock
	// of the nodes. Open, and then the store once a minute, asks each node for
	// its time and takes the middle one; in between the clock advances with the
	// uptime of the machine, even if its clock is set. Nodes tell whole
	// seconds: processes agree to a second, and better if the clocks of their
	// machines are right. If no node tells its time, Open fails; with Unsynced
	// or ReadOnly the store then uses the clock of its machine, and Parts says
	// so.
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
// concurrent use, also by any number of processes on one cluster. Make one with
// Open.
type Store struct {
	o      Options
	prefix string
	group  int // the largest number of commits in one transaction
	client *clientv3.Client
	web    *http.Client
	where  target
	clock  *clock // nil: the caller gave one
	cache  *cache
	lanes  lanes
	tally  tally.Tally
	aside  aside.Rows
	seen   atomic.Int64 // the latest revision of the cluster that this process knows
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
// that has a leader, and refuses one that acknowledges unsynced writes (see
// Options.Unsynced). The error wraps [store.ErrInvalid] for a name that cannot
// be used; no error holds a password. Close the store when you no longer need
// it. Open is safe for concurrent use.
func Open(ctx context.Context, name string, o Options) (*Store, error) {
	return open(ctx, name, o, time.Now)
}

// open is Open for tests, which give the clock of the machine.
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

// opsOfCommit is the largest number of operations of a commit, without that on
// the line, which commits in one transaction share.
const opsOfCommit = 12

// Unreadable implements store.Damaged.
func (s *Store) Unreadable() (rows []store.Unreadable, total int) { return s.aside.Unreadable() }

// Close adds the waiting counts of messages, and closes the connections. It
// returns an error if it could not add the counts; the store is closed
// nevertheless. Closing again does nothing.
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

// reconnect says when the client tries a node again that refused a connection.
// The client's default waits longer each time, up to two minutes: after an
// outage of an hour the store would not use the cluster for minutes more.
var reconnect = grpc.ConnectParams{
	Backoff:           backoff.Config{BaseDelay: 50 * time.Millisecond, Multiplier: 1.6, Jitter: 0.2, MaxDelay: time.Second},
	MinConnectTimeout: 5 * time.Second,
}

// connect returns a client. It does not wait for a connection.
func (w target) connect(given *tls.Config, limit int, dial ...grpc.DialOption) (*clientv3.Client, error) {
	config := clientv3.Config{
		Endpoints: w.endpoints, Username: w.user, Password: w.password, Logger: zap.NewNop(),
		DialTimeout: 5 * time.Second, DialKeepAliveTime: 10 * time.Second, DialKeepAliveTimeout: 3 * time.Second,

		MaxCallSendMsgSize: limit + 1<<20, // the servers and the store limit sizes, not the client
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
