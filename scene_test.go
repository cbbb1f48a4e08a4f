package fromline_test

import (
	"context"
	"log/slog"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/fromline/fromline"
	"github.com/fromline/fromline/fleet"
	"github.com/fromline/fromline/line"
	"github.com/fromline/fromline/recipients"
	"github.com/fromline/fromline/store"
	"github.com/fromline/fromline/store/memory"
)

// logged is a slog.Handler that keeps what it gets.
type logged struct {
	least slog.Level

	mu   sync.Mutex
	list []string // of each record the level, and behind it the words
}

func (l *logged) Enabled(_ context.Context, level slog.Level) bool { return level >= l.least }
func (l *logged) WithAttrs([]slog.Attr) slog.Handler               { return l }
func (l *logged) WithGroup(string) slog.Handler                    { return l }

func (l *logged) Handle(_ context.Context, r slog.Record) error {
	words := r.Message
	r.Attrs(func(a slog.Attr) bool { words += " " + a.Key + "=" + a.Value.Resolve().String(); return true })
	l.mu.Lock()
	defer l.mu.Unlock()
	l.list = append(l.list, r.Level.String()+" "+words)
	return nil
}

// levels returns the levels of the records, in order.
func (l *logged) levels() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	var all []string
	for _, record := range l.list {
		level, _, _ := strings.Cut(record, " ")
		all = append(all, level)
	}
	return strings.Join(all, " ")
}

// troubled is a store of which some calls end as they are told to.
type troubled struct {
	*memory.Store
	purge  func(ctx context.Context) (int, error)
	note   error
	flag   error
	states error
	chats  func() ([]store.Chat, uuid.UUID, error)
	rows   func() []store.Unreadable
	asked  int // for rows

	uncounted atomic.Bool // Backlog fails
}

func (s *troubled) Purge(ctx context.Context, now time.Time, limit int) (int, error) {
	if s.purge != nil {
		return s.purge(ctx)
	}
	return s.Store.Purge(ctx, now, limit)
}

func (s *troubled) Note(ctx context.Context, tenant, name string) (store.Note, error) {
	if s.note != nil {
		return store.Note{}, s.note
	}
	return s.Store.Note(ctx, tenant, name)
}

func (s *troubled) FlagLine(ctx context.Context, tenant string, number recipients.Handle, at time.Time) (line.State, bool, error) {
	if s.flag != nil {
		return line.State{}, false, s.flag
	}
	return s.Store.FlagLine(ctx, tenant, number, at)
}

func (s *troubled) LineStates(ctx context.Context, after line.Change, limit int) ([]line.State, line.Change, error) {
	if s.states != nil {
		return nil, 0, s.states
	}
	return s.Store.LineStates(ctx, after, limit)
}

func (s *troubled) Backlog(ctx context.Context) (store.Backlog, error) {
	if s.uncounted.Load() {
		return store.Backlog{}, errLost
	}
	return s.Store.Backlog(ctx)
}

func (s *troubled) ChatsOfLine(ctx context.Context, tenant string, number recipients.Handle, after uuid.UUID, limit int) ([]store.Chat, uuid.UUID, error) {
	if s.chats != nil {
		return s.chats()
	}
	return s.Store.ChatsOfLine(ctx, tenant, number, after, limit)
}

func (s *troubled) Unreadable() ([]store.Unreadable, int) {
	s.asked++
	if s.rows == nil {
		return nil, 0
	}
	return s.rows(), len(s.rows())
}

// scene is a Router in a bubble of its own, and all around it.
type scene struct {
	*fromline.Router
	t     *testing.T
	chats *troubled
	table *table
	ahead time.Duration // of its clock
}

// set makes the Router of a scene; deliveries are not logged.
func (s *scene) set(o fromline.Options) {
	if o.Clock == nil {
		o.Clock = func() time.Time { return time.Now().Add(s.ahead) }
	}
	if o.Delivery.Logger == nil {
		o.Delivery.Logger = slog.New(slog.DiscardHandler)
	}
	r, err := fromline.New(s.chats, lineTable{s.table}, o)
	require.NoError(s.t, err)
	s.Router = r
}

// run runs the Router for a while.
func (s *scene) run(while time.Duration) {
	ctx, stop := context.WithTimeout(s.t.Context(), while)
	defer stop()
	require.NoError(s.t, s.Run(ctx))
	synctest.Wait()
}

func (s *scene) send(to ...recipients.Handle) error {
	_, err := s.Route(s.t.Context(), fromline.Outgoing{Tenant: "acme", Request: request(s.t, nil, to...)})
	return err
}

func (s *scene) reports(e fleet.Event) {
	if e.Type == "" {
		e.Type = fleet.StatusUpdated
	}
	if e.Number == (recipients.Handle{}) {
		e.Number = dc
	}
	e.Tenant, e.ChangedAt = "acme", time.Now()
	_, err := s.Acknowledge(s.t.Context(), e)
	require.NoError(s.t, err)
	time.Sleep(time.Second)
}

// flagMany has so many lines, all of which the store knows to be flagged, and
// one more.
func (s *scene) flagMany(n int) {
	s.table.lines = []line.Line{{Number: dc}}
	for _, number := range benchNumbers(s.t, n) {
		s.table.lines = append(s.table.lines, line.Line{Number: number})
		_, _, err := s.chats.FlagLine(s.t.Context(), "acme", number, time.Now())
		require.NoError(s.t, err)
	}
}
