//go:build unix

package sqlite_test

import (
	"context"
	"path/filepath"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/fromline/fromline/recipients"
	"github.com/fromline/fromline/store"
	"github.com/fromline/fromline/store/internal/packed"
	"github.com/fromline/fromline/store/sqlite"
	"github.com/fromline/fromline/store/storetest"
)

func BenchmarkStore(b *testing.B) { storetest.Bench(b, harness(b)) }

// BenchmarkAgainstRaw compares sends through the store with the same prepared
// statements on one connection: a look-up, and then one durable transaction.
// That is the fastest that this driver can do for one caller. The store adds
// checks, packing, handing calls over and, with many callers, commits that
// share a sync. Each round makes some sends each way, in turn, so that all see
// the same machine. The speeds are relative to the raw statements, by the clock
// and by the processor time of the whole process, which other programs and the
// disk hardly change.
func BenchmarkAgainstRaw(b *testing.B) {
	for _, kind := range []string{"reuse", "new"} {
		b.Run(kind, func(b *testing.B) {
			s, one := populated(b)
			t, many := populated(b)
			_, bare := populated(b) // it stays open, so that the WAL keeps its size, as the others' does
			raw, err := sqlite.OpenRaw(b.Context(), bare.path)
			require.NoError(b, err)
			defer raw.Close()
			ways := []func() time.Duration{
				func() time.Duration {
					return bare.time(b, 1, 40, func(n uint64) error { return bare.raw(raw, kind, n) })
				},
				func() time.Duration {
					return one.time(b, 1, 40, func(n uint64) error { return one.throughStore(s, kind, n) })
				},
				func() time.Duration {
					return many.time(b, 16, 160, func(n uint64) error { return many.throughStore(t, kind, n) }) / 4
				},
			}
			var took, worked [3]time.Duration
			for round := 0; b.Loop(); round++ {
				for i := range ways { // in turn, because each leaves the disk to the next
					way := (round + i) % len(ways)
					before := processorTime(b)
					took[way] += ways[way]()
					worked[way] += processorTime(b) - before
				}
			}
			b.ReportMetric(0, "ns/op")
			for i, way := range []string{"raw", "store1", "store16"} {
				b.ReportMetric(float64(took[i].Microseconds())/float64(40*b.N), way+"-µs/send")
			}
			b.ReportMetric(float64(took[0])/float64(took[1]), "speed1")
			b.ReportMetric(float64(took[0])/float64(took[2]), "speed16")
			b.ReportMetric(float64(worked[0])/float64(worked[1]), "cpu-speed1")
			b.ReportMetric(float64(worked[0])/float64(worked[2])*4, "cpu-speed16")
		})
	}
}

// processorTime returns the processor time of this process.
func processorTime(b *testing.B) time.Duration {
	var u syscall.Rusage
	require.NoError(b, syscall.Getrusage(syscall.RUSAGE_SELF, &u))
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

const (
	benchSets  = 5000
	benchLines = 100
)

var benchStart = time.Date(2026, time.March, 1, 12, 0, 0, 0, time.UTC)

// benchSends makes the same sends both ways.
type benchSends struct {
	path  string
	sets  []recipients.Set
	chats []uuid.UUID
	next  atomic.Uint64
}

// populated returns a store with some sets of one chat each.
func populated(b *testing.B) (*sqlite.Store, *benchSends) {
	sends := &benchSends{path: filepath.Join(b.TempDir(), "fromline.db")}
	s := open(b, sends.path, sqlite.Options{})
	events := make([]store.Event, benchSets)
	for i := range events {
		sends.sets = append(sends.sets, benchSet(i))
		sends.chats = append(sends.chats, uuid.New())
		events[i] = store.ChatSeen{
			ID: sends.chats[i], Line: benchLine(i), Participants: sends.sets[i], CreatedAt: benchStart,
		}
	}
	require.NoError(b, s.Apply(b.Context(), "acme", events))
	return s, sends
}

// time makes sends from concurrent callers, and returns how long all of them
// took.
func (s *benchSends) time(b *testing.B, callers, sends int, send func(n uint64) error) time.Duration {
	start := time.Now()
	var all sync.WaitGroup
	for range callers {
		all.Go(func() {
			for range sends / callers {
				if err := send(s.next.Add(1)); err != nil {
					b.Error(err)
					return
				}
			}
		})
	}
	all.Wait()
	return time.Since(start)
}

func (s *benchSends) throughStore(st *sqlite.Store, kind string, n uint64) error {
	p := s.plan(kind, n)
	snap, err := st.Lookup(context.Background(), store.Query{Tenant: p.Tenant, Set: p.Set.Key(), MessageID: p.MessageID})
	if err != nil {
		return err
	}
	p.Revision = snap.Revision
	return st.Commit(context.Background(), p)
}

// plan returns the n-th send.
func (s *benchSends) plan(kind string, n uint64) *store.Plan {
	i := int(n * 7919 % benchSets)
	p := &store.Plan{
		Tenant: "acme", Set: s.sets[i],
		Record: store.Record{
			Reason: store.ReusedActiveChat, ChatID: s.chats[i], Line: benchLine(i),
			At: benchStart.Add(time.Duration(n) * time.Millisecond),
		},
	}
	if kind == "new" {
		p.Set, p.Reason, p.ChatID, p.Line = benchSet(1_000_000+int(n)), store.NewBestNumber, uuid.New(), benchLine(int(n))
	}
	p.Record = store.Record{
		MessageID: uuid.New(), ChatID: p.ChatID, Line: p.Line, Reason: p.Reason, At: p.At,
		Roster: store.NewRoster(p.Set, p.At), KeepUntil: p.At.Add(time.Hour),
	}
	return p
}

// raw makes a send with the statements only.
func (s *benchSends) raw(r *sqlite.Raw, kind string, n uint64) error {
	p := s.plan(kind, n)
	key := p.Set.Key().Bytes()
	id, message, line := p.ChatID[:], p.MessageID[:], int64(p.Line.Digits())
	at, body := p.At.UnixMicro(), packed.Record(&p.Record)
	var err error
	do := func(run func(context.Context, string, ...any) error, name string, args ...any) {
		if err == nil {
			err = run(context.Background(), name, args...)
		}
	}
	do(r.Read, "lookup", []byte(p.Tenant), key[:], false, store.MaxChats+1, nil, message)
	do(r.Write, "begin")
	do(r.Read, "basis", []byte(p.Tenant), key[:], message, nil)
	do(r.Read, "chat", 1, id)
	if kind == "new" {
		do(r.Read, "use", 1, line)
		do(r.Write, "advance", "revision")
		do(r.Write, "add set", 1, key[:], false)
		do(r.Write, "add chat", 1, id, int64(n), line, at, at, 0, false, packed.Roster(p.Roster))
		do(r.Write, "advance", "line_use")
		do(r.Write, "set use", 1, line, 1, make([]byte, 100), make([]byte, 100), 0, 1, make([]byte, 100))
	} else {
		do(r.Read, "most recent other", 1, id)
		do(r.Write, "set activity", 1, id, at)
	}
	do(r.Write, "add record", 1, message, id, nil, p.KeepUntil.UnixMicro(), body)
	do(r.Write, "commit")
	return err
}

func benchSet(i int) recipients.Set {
	set, err := recipients.NewSet(benchPhone(12_025_000_000 + uint64(i)))
	if err != nil {
		panic(err)
	}
	return set
}

func benchLine(i int) recipients.Handle { return benchPhone(13_015_550_000 + uint64(i%benchLines)) }

func benchPhone(digits uint64) recipients.Handle {
	h, err := recipients.FromDigits(digits)
	if err != nil {
		panic(err)
	}
	return h
}
