package postgres

import (
	"context"
	"fmt"
	"regexp"
	"sync"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/fromline/fromline/store"
	"github.com/fromline/fromline/store/internal/aside"
	"github.com/fromline/fromline/store/internal/tally"
)

// Options are the settings of a Store. The zero value is usable: each field
// names its default.
type Options struct {
	// Schema is the schema that holds the tables: up to 60 characters of a–z,
	// 0–9 and underscore, not beginning with a digit. Empty means fromline.
	Schema string

	// MaxConnections is the largest number of connections of this process. 0
	// means pool_max_conns of the connection string, or else 16. A server
	// accepts 100 connections in all unless its max_connections says otherwise.
	MaxConnections int

	// Pooler says that the store reaches the server through a pooler in
	// transaction mode, such as PgBouncer: the store then keeps no prepared
	// statement in a connection. The server parses each statement again.
	// default_query_exec_mode in the connection string overrides Pooler.
	Pooler bool

	// SchemaGiven forbids Open to change the schema: Open returns an error
	// wrapping ErrOldSchema if the schema is not up to date. Set it if the role
	// of the process may not create tables.
	SchemaGiven bool

	// Migrating, if it is not nil, is told how far Open is where it brings the
	// schema up to date: before each migration, and once a second while the
	// server says what it does, if a second connection is free. Nothing is told
	// of a schema that is up to date. It is not called twice at once, and not
	// after Open has returned.
	Migrating func(store.Migration)

	// ReadOnly implies SchemaGiven, and makes every transaction of this store
	// read-only: the server refuses all writes. If lines have changed since
	// another store last called LineUse, LineUse numbers them for that one
	// answer only.
	ReadOnly bool
}

// Store keeps chats, decisions and use in PostgreSQL. It is safe for concurrent
// use, also by any number of processes on one database. Make one with [Open] or
// [New].
type Store struct {
	pool   *pgxpool.Pool
	shared bool // the host made the pool and closes it
	sql    statements
	closed atomic.Bool
	calls  calls

	standby bool // whether the server waits for a standby

	lookups, commits lanes

	traffic  tally.Tally
	aside    aside.Rows
	stop     chan struct{} // closed to end the goroutine that flushes traffic
	stopped  chan struct{} // closed when it has ended
	stopOnce sync.Once
}

const (
	defaultSchema = "fromline"

	// defaultConnections suits a server on one machine: 16 connections did a
	// fifth more sends than 4 on a fast disk, and three times as many on a disk
	// whose sync takes 2 ms.
	defaultConnections = 16
)

var schemaName = regexp.MustCompile(`^[a-z_][a-z0-9_]{0,59}$`)

// Open connects to a server, and creates the schema or brings it up to date.
// The connection string is a URL or a list of keywords, as pgx reads it. The
// error wraps store.ErrInvalid for a connection string or a schema name that
// cannot be used, [ErrNewerSchema] if a later release changed the schema, and
// [ErrOldSchema] if the options forbid to bring it up to date. Open is safe for
// concurrent use.
func Open(ctx context.Context, dsn string, o Options) (*Store, error) {
	return open(ctx, dsn, o, func(*pgxpool.Config) {})
}

// open is Open for tests, which change the settings of the pool.
func open(ctx context.Context, dsn string, o Options, tune func(*pgxpool.Config)) (*Store, error) {
	if err := o.checkSchema(); err != nil {
		return nil, err
	}
	config, err := pgxpool.ParseConfig(dsn)
	if err != nil {
		return nil, fmt.Errorf("postgres: %w: %w", store.ErrInvalid, err)
	}
	switch {
	case o.MaxConnections > 0:
		config.MaxConns = int32(o.MaxConnections)
	case !saysConnections(dsn):
		config.MaxConns = defaultConnections
	}
	if o.Pooler && config.ConnConfig.DefaultQueryExecMode == pgx.QueryExecModeCacheStatement {
		config.ConnConfig.DefaultQueryExecMode = pgx.QueryExecModeCacheDescribe
	}
	if o.ReadOnly {
		o.SchemaGiven = true
		config.ConnConfig.RuntimeParams["default_transaction_read_only"] = "on"
	}
	tune(config)
	pool, err := pgxpool.NewWithConfig(ctx, config)
	if err != nil {
		return nil, fmt.Errorf("postgres: %w", err)
	}
	s, err := start(ctx, pool, o)
	if err != nil {
		pool.Close()
	}
	return s, err
}

// saysConnections reports whether a valid connection string sets the size of
// the pool.
func saysConnections(dsn string) bool {
	config, err := pgx.ParseConfig(dsn)
	if err != nil {
		return false
	}
	_, says := config.RuntimeParams["pool_max_conns"]
	return says
}

// New is [Open] over your own pool, which you may use elsewhere too. Close the
// pool yourself, after the store. Set only Schema, SchemaGiven and Migrating
// of the options: the others are settings of the pool, and New returns an error
// wrapping store.ErrInvalid for them, and for a nil pool. For a pooler in
// transaction mode give the pool QueryExecModeCacheDescribe, or a mode that
// prepares nothing. New is safe for concurrent use.
func New(ctx context.Context, pool *pgxpool.Pool, o Options) (*Store, error) {
	if pool == nil {
		return nil, fmt.Errorf("postgres: %w: the pool is nil: make one with pgxpool.New, or use Open", store.ErrInvalid)
	}
	if o.MaxConnections != 0 || o.Pooler || o.ReadOnly {
		return nil, fmt.Errorf("postgres: %w: MaxConnections, Pooler and ReadOnly are settings of the pool: set them where you make it", store.ErrInvalid)
	}
	if err := o.checkSchema(); err != nil {
		return nil, err
	}
	s, err := start(ctx, pool, o)
	if err == nil {
		s.shared = true
	}
	return s, err
}

// checkSchema fills in the default schema, and refuses a name that cannot be
// used.
func (o *Options) checkSchema() error {
	if o.Schema == "" {
		o.Schema = defaultSchema
	}
	if !schemaName.MatchString(o.Schema) {
		return fmt.Errorf("postgres: %w: schema %q: use up to 60 of a-z, 0-9 and _, not beginning with a digit", store.ErrInvalid, o.Schema)
	}
	return nil
}

// start returns a store that uses a pool.
func start(ctx context.Context, pool *pgxpool.Pool, o Options) (*Store, error) {
	err := bringUpToDate(ctx, pool, o)
	if err != nil {
		return nil, err
	}
	s := &Store{
		pool:    pool,
		sql:     statementsIn(o.Schema),
		stop:    make(chan struct{}),
		stopped: make(chan struct{}),
	}
	if o.ReadOnly {
		s.sql.lineUse = s.sql.lineUseRead
	} else if s.standby, err = hasStandby(ctx, pool); err != nil {
		return nil, err
	}
	connections := int(pool.Config().MaxConns)
	s.lookups = lanes{run: s.lookUpAll, free: max(1, connections/4)}
	s.commits = lanes{run: s.commitAll, free: connections}
	go func() {
		defer close(s.stopped)
		tally.Run(s.stop, s.flush)
	}()
	return s, nil
}

// Close waits for running calls, adds the waiting counts of messages, for at
// most 10 seconds, and closes the connections, but not a pool that [New] was
// given. It returns an error if it could not add the counts; the store is
// closed nevertheless. Closing again does nothing.
func (s *Store) Close() error {
	var err error
	s.stopOnce.Do(func() {
		s.closed.Store(true)
		close(s.stop)
		<-s.stopped
		<-s.calls.close()
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		err = s.flush(ctx)
		if !s.shared {
			s.pool.Close()
		}
	})
	return err
}

// usable returns the error of a call that must not begin.
func (s *Store) usable(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return fmt.Errorf("postgres: %w: %w", store.ErrNotWritten, err)
	}
	if s.closed.Load() {
		return fmt.Errorf("postgres: %w", store.ErrClosed)
	}
	return nil
}

func noConnection(err error) error {
	return fmt.Errorf("postgres: no connection: %w: %w", store.ErrNotWritten, err)
}

// Unreadable implements store.Damaged.
func (s *Store) Unreadable() (rows []store.Unreadable, total int) { return s.aside.Unreadable() }
