//go:build unix

package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/fromline/fromline/internal/pgtest"
	"github.com/fromline/fromline/line"
	"github.com/fromline/fromline/recipients"
	"github.com/fromline/fromline/store"
	"github.com/fromline/fromline/store/open"
)

// filled makes a store with so many chats of two tenants, some of them with a
// decision and a delivery, and returns how many items that is.
func filled(t *testing.T, name string, chats int) (items int) {
	t.Helper()
	s, err := open.Store(t.Context(), name, open.Options{})
	require.NoError(t, err)
	at := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	our := recipients.MustParse("+12052535597")
	for tenant, n := range map[string]int{"acme": chats / 2, "zenith": chats - chats/2} {
		var events []store.Event
		for i := range n {
			events = append(events, store.ChatSeen{ID: uuid.New(), Line: our, Participants: someone(t, i), CreatedAt: at})
		}
		require.NoError(t, s.Apply(t.Context(), tenant, events))
		for i := range n / 100 {
			set := someone(t, 1_000_000+i)
			require.NoError(t, s.Commit(t.Context(), &store.Plan{Tenant: tenant, Set: set, Content: []byte("hello"), Record: store.Record{
				Key: fmt.Sprint(i), MessageID: uuid.New(), Reason: store.NewBestNumber, ChatID: uuid.New(), Line: our, At: at,
				Roster: store.NewRoster(set, at), KeepUntil: at.Add(time.Hour),
			}}))
		}
		_, err := s.ReportLine(t.Context(), line.State{Tenant: tenant, Number: our, Status: line.Flagged, StatusAt: at})
		require.NoError(t, err)
	}
	require.NoError(t, s.Close())
	return count(t, name)
}

func someone(t *testing.T, i int) recipients.Set {
	h, err := recipients.FromDigits(uint64(14_150_000_000 + i))
	require.NoError(t, err)
	set, err := recipients.NewSet(h)
	require.NoError(t, err)
	return set
}

// count returns how many items a store holds, none if it is not there.
func count(t *testing.T, name string) int {
	t.Helper()
	s, err := open.Store(context.Background(), name, open.Options{ReadOnly: true})
	if err != nil {
		return 0
	}
	defer s.Close()
	n, err := s.Count(context.Background(), "")
	require.NoError(t, err)
	return n
}

// TestCopy says what copy tells of a first copy, of a second, and of a store
// that holds something else.
func TestCopy(t *testing.T) {
	dir := t.TempDir()
	from, to := "sqlite:"+filepath.Join(dir, "from.db"), "sqlite:"+filepath.Join(dir, "to.db")
	items := filled(t, from, 400)
	require.Equal(t, 2+2+404+4+4, items)
	for _, changes := range []int{items, 0} {
		r := runWith("", "copy", "-from", from, "-to", to)
		require.Equal(t, exitOK, r.status, r.stderr)
		require.Contains(t, r.stdout, fmt.Sprintf("2 line states, 2 line uses, 404 chats, 4 records, 4 deliveries, 0 consents, 0 notes; %d changes\n", changes))
		require.Contains(t, r.stdout, "both stores hold the same")
	}

	other := "sqlite:" + filepath.Join(dir, "other.db")
	filled(t, other, 100)
	r := runWith("", "copy", "-from", other, "-to", to)
	require.Equal(t, exitRefused, r.status)
	require.Contains(t, r.stderr, `tenant "acme": `)
	require.NotContains(t, r.stdout, "hold the same")
	require.NotContains(t, r.stderr, "go on")
}

// TestCopyIsRefused says which stores are not copied, in whatever words they
// are named, and that nothing is made then.
func TestCopyIsRefused(t *testing.T) {
	t.Chdir(t.TempDir())
	filled(t, "sqlite:from.db", 10)
	require.NoError(t, os.Symlink("from.db", "link.db"))
	dsn := pgtest.Database(t)
	filled(t, dsn, 10)
	for says, args := range map[string][]string{
		"-from and -to name":        {"-from", "sqlite:from.db", "-to", "sqlite:./from.db"},
		"-to name the same store":   {"-from", "sqlite:link.db", "-to", "sqlite:from.db"},
		"name another one with -to": {"-from", dsn, "-to", dsn},
		"the same store:":           {"-from", dsn, "-to", dsn + map[bool]string{true: "&", false: "?"}[strings.Contains(dsn, "?")] + "application_name=other"},
		"-from: memory: holds":      {"-from", "memory:", "-to", "sqlite:to.db"},
		"-to: memory: would forget": {"-from", "sqlite:from.db", "-to", "memory:"},
		"-from is missing":          {"-to", "sqlite:to.db"},
		"-to is missing":            {"-from", "sqlite:from.db"},
		"-from: sqlite:none.db":     {"-from", "sqlite:none.db", "-to", "sqlite:to.db"},
		"is not expected":           {"-from", "sqlite:from.db", "-to", "sqlite:to.db", "more"},
	} {
		r := runWith("", append([]string{"copy"}, args...)...)
		require.Equal(t, exitUsage, r.status, "%v: %s", args, r.stderr)
		require.Contains(t, r.stderr, says, args)
		require.NoFileExists(t, "to.db")
		require.NoFileExists(t, "none.db")
	}
}

// TestKilledCopy kills a copy where it is, again and again, until it was in the
// middle at least once; then the same command ends it, and a second changes
// nothing.
func TestKilledCopy(t *testing.T) {
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d (the kills fall where they fall)", seed)
	random := rand.New(rand.NewPCG(seed, 0))
	for kind, to := range map[string]func(t *testing.T) string{
		"sqlite":   func(t *testing.T) string { return "sqlite:" + filepath.Join(t.TempDir(), "to.db") },
		"postgres": func(t *testing.T) string { return pgtest.Database(t) },
	} {
		t.Run(kind, func(t *testing.T) {
			from, target := "sqlite:"+filepath.Join(t.TempDir(), "from.db"), to(t)
			items := filled(t, from, 20_000)
			args := []string{"copy", "-from", from, "-to", target}
			wait := 50 * time.Millisecond
			for middle := 0; middle < 2; {
				p := exec.Command(os.Args[0], args...)
				p.Env = append(os.Environ(), asCommand+"=1")
				require.NoError(t, p.Start())
				time.Sleep(wait/2 + time.Duration(random.Int64N(int64(wait))))
				require.NoError(t, p.Process.Kill())
				_ = p.Wait()
				switch n := count(t, target); {
				case n == 0:
					wait += wait / 2
				case n < items:
					middle++
				case middle > 0:
					middle = 2
				default: // it was never in the middle
					target = to(t)
					args[4], wait = target, wait/2
				}
			}
			before := count(t, target)
			r := runWith("", args...)
			require.Equal(t, exitOK, r.status, r.stderr)
			require.Contains(t, r.stdout, fmt.Sprintf("; %d changes\n", items-before))
			r = runWith("", args...)
			require.Equal(t, exitOK, r.status, r.stderr)
			require.Contains(t, r.stdout, "; 0 changes\n")
			require.Equal(t, items, count(t, target))
		})
	}
}
