package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"time"

	"github.com/fromline/fromline/store"
	"github.com/fromline/fromline/store/internal/aside"
	"github.com/fromline/fromline/store/internal/tally"
)

// Synchronous says when committed data is on the disk.
type Synchronous uint8

const (
	// Full syncs at every commit: committed data survives a power failure.
	Full Synchronous = 1 + iota

	// Normal syncs now and then. Committed data survives a killed process, but
	// a power failure or a crash of the system can undo the commits of the last
	// seconds. The store then does not know sends that it acknowledged, and a
	// repeated send may be decided and delivered again. The file itself stays
	// sound.
	Normal
)

// Options are the settings of a Store. The zero value is usable: each field
// names its default.
type Options struct {
	// Synchronous is Full or Normal; zero means Full.
	Synchronous Synchronous

	// BusyTimeout is how long a call waits for the writers of other processes
	// before it fails with ErrBusy; 0 means 5 seconds.
	BusyTimeout time.Duration

	// Readers is how many calls can read at once; 0 means twice the number of
	// CPUs, but at least 4.
	Readers int

	// ReadOnly opens an existing file as it is: it creates nothing, runs no
	// migration and changes nothing in the file. The error wraps fs.ErrNotExist
	// for a missing file and ErrOldSchema for one with an older schema. Methods
	// that write return ErrReadOnly. Other processes may use the file
	// meanwhile.
	ReadOnly bool

	// Migrating, if it is not nil, is told how far Open is where it brings the
	// schema up to date: before each migration. Nothing is told of a schema
	// that is up to date. Open calls it in its own goroutine.
	Migrating func(store.Migration)

	// Clock is the clock of the store (see store.Clocked). If it is nil, the
	// processes that have the file open share one clock: the first of them
	// begins it with the time of the machine, and it advances with the uptime
	// of the machine. Setting the clock of the machine does not change it. Only
	// Linux tells all processes the uptime of the machine; on other systems
	// each process begins a clock of its own. Nothing else in the store reads a
	// clock.
	Clock func() time.Time
}

// Store keeps chats, decisions and use in one file. It is safe for concurrent
// use, also by any number of processes on one machine. Make one with Open.
type Store struct {
	now    func() time.Time
	reader *sql.DB
	reads  statements
	writer *writer // nil: the store is read only
	file   presence

	traffic tally.Tally
	aside   aside.Rows

	stop   chan struct{} // closed to end the goroutines
	flushd chan struct{} // closed when the goroutine that flushes counts has ended
	once   sync.Once
}

// Open opens a file, and creates it if it does not exist; its directory must
// exist. SQLite keeps two more files beside it, with the endings -wal and -shm.
// Only the owner can read and write a file that Open creates, and so the two
// beside it; an existing file keeps its mode.
//
// The path is that of the file alone: Open refuses sqlite: or file: in front of
// it with an error wrapping [store.ErrInvalid]. The error wraps
// [ErrNewerSchema], [ErrNotOurs], [ErrCorrupt], [ErrReadOnly], [ErrDiskFull] or
// [ErrBusy] if that is the cause. Open is safe for concurrent use.
func Open(ctx context.Context, path string, o Options) (*Store, error) {
	if path == "" || strings.HasPrefix(path, ":memory:") {
		return nil, fmt.Errorf("sqlite: %w: %q names no file; for a store in memory use store/memory", store.ErrInvalid, path)
	}
	for _, scheme := range []string{"sqlite:", "file:"} {
		if strings.HasPrefix(path, scheme) {
			return nil, fmt.Errorf("sqlite: %w: give the path of the file alone, without %s in front; store/open takes names of stores", store.ErrInvalid, scheme)
		}
	}
	return open(ctx, path, o, time.Now)
}

// open is Open for tests, which give the clock of the machine.
func open(ctx context.Context, path string, o Options, wall func() time.Time) (*Store, error) {
	if o.BusyTimeout == 0 {
		o.BusyTimeout = 5 * time.Second
	}
	if o.Readers == 0 {
		o.Readers = max(4, 2*runtime.NumCPU())
	}
	dsn, err := dataSource(path, o)
	if err != nil {
		return nil, err
	}
	elsewhere := openElsewhere(path)
	s := &Store{now: o.Clock, stop: make(chan struct{}), flushd: make(chan struct{})}
	if o.ReadOnly {
		if err := s.openReadOnly(ctx, path, dsn, o, wall); err != nil {
			return nil, pathError(path, err)
		}
		return s, nil
	}
	createClosed(path)
	if s.writer, err = newWriter(ctx, dsn+"&_txlock=immediate", o, &s.file, s.stop); err != nil {
		return nil, pathError(path, err)
	}
	if s.now == nil {
		c, err := s.writer.shareClock(ctx, elsewhere, wall())
		if err != nil {
			return nil, errors.Join(err, s.writer.close())
		}
		s.now = c.Now
	}
	s.file.watch(path)
	if s.reader, s.reads, err = newReader(ctx, dsn+"&_query_only=true", o.Readers); err != nil {
		return nil, pathError(path, errors.Join(err, s.writer.close()))
	}
	go s.writer.run()
	go func() {
		defer close(s.flushd)
		tally.Run(s.stop, s.flush)
	}()
	return s, nil
}

// Close adds the waiting counts of messages, waits for the running commit, and
// closes the file. It returns an error if it could not add the counts; the
// store is closed nevertheless. Closing again does nothing.
func (s *Store) Close() (err error) {
	s.once.Do(func() {
		flushed := s.flush(context.Background())
		close(s.stop)
		if s.writer == nil {
			err = s.reader.Close()
			return
		}
		<-s.flushd
		<-s.writer.done
		s.writer.turn.Lock() // for ever: the connection is used no more
		err = errors.Join(flushed, s.reader.Close(), s.writer.close())
	})
	return err
}

// usable returns the error of a call that must not begin.
func (s *Store) usable(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return fmt.Errorf("sqlite: %w: %w", store.ErrNotWritten, err)
	}
	select {
	case <-s.stop:
		return fmt.Errorf("sqlite: %w", store.ErrClosed)
	default:
		return s.file.usable()
	}
}

// createClosed creates a file that only its owner can read, if there is none.
// If that fails, opening the file fails too, and pathError says why.
func createClosed(path string) {
	f, _ := os.OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600)
	_ = f.Close() // nothing was written, and f may be nil
}

// dataSource returns the name of a file for the driver, with the settings of
// every connection.
func dataSource(path string, o Options) (string, error) {
	abs, err := filepath.Abs(path)
	if err != nil {
		return "", fmt.Errorf("sqlite: %w: %w", store.ErrInvalid, err)
	}
	slashed := filepath.ToSlash(abs)
	if !strings.HasPrefix(slashed, "/") {
		slashed = "/" + slashed // a drive letter
	}
	sync := map[Synchronous]string{0: "FULL", Full: "FULL", Normal: "NORMAL"}[o.Synchronous]
	if sync == "" {
		return "", fmt.Errorf("sqlite: %w: unknown Synchronous %d", store.ErrInvalid, o.Synchronous)
	}
	q := url.Values{
		"_busy_timeout": {fmt.Sprint(max(1, o.BusyTimeout.Milliseconds()))},
		"_synchronous":  {sync},
		"_dqs":          {"false"},
		"_defensive":    {"true"},
		"_pragma":       {"temp_store(MEMORY)", "cache_size(-16384)", "secure_delete(1)"},
	}
	return (&url.URL{Scheme: "file", Path: slashed, RawQuery: q.Encode()}).String(), nil
}

// newReader opens the reading connections.
func newReader(ctx context.Context, dsn string, n int) (*sql.DB, statements, error) {
	db, err := sql.Open("sqlite", dsn)
	if err != nil {
		return nil, nil, explained(err)
	}
	db.SetMaxOpenConns(n)
	db.SetMaxIdleConns(n)
	names := []string{
		"lookup", "decision", "chat of tenant", "chats of line", "chats of tenant", "chats of a person", "chats by id", "tenants", "line use", "line states", "parked", "backlog",
		"count", "count" + ofTenant, "delivery", "known lines", "consents", "standing", "note of tenant",
	}
	for _, name := range copied {
		names = append(names, name, name+ofTenant, name+ofThing)
	}
	reads, err := prepare(ctx, db, names...)
	if err != nil {
		return nil, nil, errors.Join(err, db.Close())
	}
	return db, reads, nil
}

// Unreadable implements store.Damaged.
func (s *Store) Unreadable() (rows []store.Unreadable, total int) { return s.aside.Unreadable() }
