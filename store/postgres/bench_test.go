//go:build unix

package postgres_test

import (
	"bytes"
	"context"
	"embed"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/fromline/fromline/internal/needed"
	"github.com/fromline/fromline/internal/pgtest"
	"github.com/fromline/fromline/recipients"
	"github.com/fromline/fromline/store"
	"github.com/fromline/fromline/store/internal/packed"
	"github.com/fromline/fromline/store/postgres"
	"github.com/fromline/fromline/store/storetest"
)

func BenchmarkStore(b *testing.B) {
	server := pgtest.Start(b, pgtest.Options{Durable: true})
	storetest.Bench(b, func(tb testing.TB) storetest.Harness {
		db := database{server.Database(tb)}
		return storetest.Harness{Store: db.open(tb, postgres.Options{MaxConnections: 16})}
	})
}

//go:embed testdata/pgbench/*.sql
var scripts embed.FS

// BenchmarkAgainstPgbench compares sends through the store with pgbench, which
// runs the same two prepared statements with arguments of the same size. Each
// round makes some sends one way and then the other, so that both see the same
// machine. With fsync the disk takes a good part of a send; without it there is
// only processor work.
//
// Client and server share the cores, unless FROMLINE_SERVER_CPUS lists those of
// the server and the benchmark itself runs on others.
func BenchmarkAgainstPgbench(b *testing.B) {
	program := needed.Program(b, "pgbench", "postgresql-15")
	callers := []int{1, 16}
	if os.Getenv("FROMLINE_LONG") != "" {
		callers = append(callers, 64, 256)
	}
	for _, durable := range []bool{true, false} {
		server := pgtest.Start(b, pgtest.Options{Durable: durable, CPUs: os.Getenv("FROMLINE_SERVER_CPUS")})
		for _, kind := range []string{"reuse", "new"} {
			for _, callers := range callers {
				b.Run(fmt.Sprintf("%s/callers=%d/fsync=%t", kind, callers, durable), func(b *testing.B) {
					ours, theirs := populated(b, server), populated(b, server)
					script := theirs.script(b, kind)
					sends := max(800, 100*callers) // each way in a round: a session compiles its functions once
					var took, tookTheirs time.Duration
					for b.Loop() {
						took += ours.time(b, callers, sends, kind)
						tookTheirs += pgbench(b, program, theirs.db.dsn, script, callers, sends)
					}
					b.ReportMetric(0, "ns/op")
					b.ReportMetric(float64(took.Microseconds())/float64(sends*b.N), "store-µs/send")
					b.ReportMetric(float64(tookTheirs.Microseconds())/float64(sends*b.N), "pgbench-µs/send")
					b.ReportMetric(float64(tookTheirs)/float64(took), "speed")
				})
			}
		}
	}
}

// BenchmarkHotLine opens chats on one line and on a hundred, in turn. Commits
// on one line wait for each other, and the waiting ones share a sync.
func BenchmarkHotLine(b *testing.B) {
	sends := populated(b, pgtest.Start(b, pgtest.Options{Durable: true}))
	ways := []struct {
		name    string
		kind    string
		callers int
	}{
		{"one-line-1", "hot", 1}, {"one-line-4", "hot", 4}, {"one-line-16", "hot", 16},
		{"many-lines-1", "new", 1}, {"many-lines-4", "new", 4}, {"many-lines-16", "new", 16},
	}
	const each = 96
	took := make([]time.Duration, len(ways))
	for b.Loop() {
		for i, way := range ways {
			took[i] += sends.time(b, way.callers, each, way.kind)
		}
	}
	b.ReportMetric(0, "ns/op")
	for i, way := range ways {
		b.ReportMetric(float64(took[i].Microseconds())/float64(each*b.N), way.name+"-µs/chat")
	}
}

const (
	benchSets  = 5000
	benchLines = 100
)

var benchStart = time.Date(2026, time.March, 1, 12, 0, 0, 0, time.UTC)

// benchSends makes sends through a store.
type benchSends struct {
	db    database
	store *postgres.Store
	next  atomic.Uint64
}

// populated returns a store with some sets of one chat each.
func populated(b *testing.B, server *pgtest.Server) *benchSends {
	s := &benchSends{db: database{server.Database(b)}}
	s.store = s.db.open(b, postgres.Options{MaxConnections: 16})
	events := make([]store.Event, benchSets)
	for i := range events {
		events[i] = store.ChatSeen{ID: benchID(1, i), Line: benchLine(i), Participants: benchSet(i), CreatedAt: benchStart}
	}
	require.NoError(b, s.store.Apply(b.Context(), "acme", events))
	s.db.exec(b, "UPDATE fromline.chat_set SET revision = 1")
	// So that no first use of a line loses a race: pgbench does not repeat such
	// a statement.
	s.db.exec(b, `INSERT INTO fromline.line (tenant_id, number, hour, opened, used_at, dirty)
		SELECT 1, 13015550000 + i, 0, fromline.no_counts(), 0, true FROM generate_series(0, 99) AS i`)
	s.db.exec(b, "VACUUM ANALYZE")
	return s
}

// time makes sends from concurrent callers, and returns how long all of them
// took.
func (s *benchSends) time(b *testing.B, callers, sends int, kind string) time.Duration {
	start := time.Now()
	var all sync.WaitGroup
	for range callers {
		all.Go(func() {
			for range sends / callers {
				if err := s.send(kind, int(s.next.Add(1))); err != nil {
					b.Error(err)
					return
				}
			}
		})
	}
	all.Wait()
	return time.Since(start)
}

func (s *benchSends) send(kind string, n int) error {
	p := benchPlan(kind, n)
	snap, err := s.store.Lookup(context.Background(), store.Query{Tenant: p.Tenant, Set: p.Set.Key(), MessageID: p.MessageID})
	if err != nil {
		return err
	}
	p.Revision = snap.Revision
	return s.store.Commit(context.Background(), p)
}

// benchPlan returns the n-th send.
func benchPlan(kind string, n int) *store.Plan {
	i := n * 7919 % benchSets
	p := &store.Plan{
		Tenant: "acme", Set: benchSet(i),
		Record: store.Record{
			Reason: store.ReusedActiveChat, ChatID: benchID(1, i), Line: benchLine(i),
			At: benchStart.Add(time.Duration(n) * time.Millisecond),
		},
	}
	if kind != "reuse" {
		p.Set, p.Reason, p.ChatID, p.Line = benchSet(1_000_000+n), store.NewBestNumber, uuid.New(), benchLine(n)
	}
	if kind == "hot" {
		p.Line = benchLine(0)
	}
	p.Record = store.Record{
		MessageID: uuid.New(), ChatID: p.ChatID, Line: p.Line, Reason: p.Reason, At: p.At,
		Roster: store.NewRoster(p.Set, p.At), KeepUntil: p.At.Add(time.Hour),
	}
	return p
}

// script returns the path of a pgbench script that makes the same sends: a
// script of testdata/pgbench, with a record and a roster filled in. In it the
// keys of sets are hashes that the server makes of a number; script gives the
// sets with a chat such keys.
func (s *benchSends) script(b *testing.B, kind string) string {
	s.db.exec(b, `UPDATE fromline.chat_set SET key = sha256(convert_to((id - (SELECT min(id) FROM fromline.chat_set))::text, 'UTF8'))`)
	s.db.exec(b, `UPDATE fromline.chat AS c SET
		id = md5((c.set_id - (SELECT min(id) FROM fromline.chat_set))::text)::uuid,
		line = 13015550000 + (c.set_id - (SELECT min(id) FROM fromline.chat_set)) % 100`)
	s.db.exec(b, "VACUUM ANALYZE")
	text, err := scripts.ReadFile("testdata/pgbench/" + kind + ".sql")
	require.NoError(b, err)
	p := benchPlan(kind, 1)
	filled := strings.NewReplacer(
		"RECORD", fmt.Sprintf("%x", packed.Record(&p.Record)),
		"ROSTER", fmt.Sprintf("%x", packed.Roster(p.Roster)),
		"SETS", strconv.Itoa(benchSets), "LINES", strconv.Itoa(benchLines),
		"AT", strconv.FormatInt(p.At.UnixMicro(), 10), "HOUR", strconv.FormatInt(p.At.Unix()/3600, 10),
	).Replace(string(text))
	path := filepath.Join(b.TempDir(), kind+".sql")
	require.NoError(b, os.WriteFile(path, []byte(filled), 0o600))
	return path
}

var tps = regexp.MustCompile(`tps = ([0-9.]+) \(without initial connection time\)`)

// pgbench runs a script the given number of times, and returns how long that
// took without opening the connections.
func pgbench(b *testing.B, program, dsn, script string, clients, times int) time.Duration {
	cmd := exec.Command(program, "-n", "-M", "prepared", "-f", script, "-c", strconv.Itoa(clients), "-j", strconv.Itoa(min(clients, 2)),
		"-t", strconv.Itoa(times/clients), dsn)
	var errors bytes.Buffer
	cmd.Stderr = &errors
	out, err := cmd.Output()
	require.NoError(b, err, "%s", errors.String())
	found := tps.FindSubmatch(out)
	require.NotNil(b, found, "%s", out)
	perSecond, err := strconv.ParseFloat(string(found[1]), 64)
	require.NoError(b, err)
	return time.Duration(float64(times) / perSecond * float64(time.Second))
}

func benchID(kind byte, n int) (id uuid.UUID) {
	copy(id[1:], fmt.Sprintf("%015d", n))
	id[0] = kind
	return id
}

func benchSet(i int) recipients.Set {
	set, err := recipients.NewSet(benchPhone(12_025_000_000 + i))
	if err != nil {
		panic(err)
	}
	return set
}

func benchLine(i int) recipients.Handle { return benchPhone(13_015_550_000 + i%benchLines) }

func benchPhone(digits int) recipients.Handle {
	h, err := recipients.FromDigits(uint64(digits))
	if err != nil {
		panic(err)
	}
	return h
}
