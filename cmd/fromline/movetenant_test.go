//go:build unix

package main

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/fromline/fromline/recipients"
	"github.com/fromline/fromline/store"
	"github.com/fromline/fromline/store/open"
)

// envMove has the test binary run move-tenant and nothing else.
const envMove = "FROMLINE_TEST_MOVE_TENANT"

func TestMoveTenantChild(t *testing.T) {
	file := os.Getenv(envMove)
	if file == "" {
		return // it is not the child of TestMoveTenantKilledAtEveryStep
	}
	os.Exit(moveTenant([]string{"-store", "sharded:" + file, "-tenant", "acme", "-to", os.Getenv(envMove + "_TO")}, nil, os.Stdout, os.Stderr))
}

// shardsOfFiles returns the path of a file that names two shards in files.
func shardsOfFiles(t *testing.T) string { return shardsOf(t, t.TempDir(), "1s") }

// shardsOf is shardsOfFiles in a folder, for a store that waits for a shard for
// that long.
func shardsOf(t *testing.T, dir, patience string) string {
	path := filepath.Join(dir, "shards"+patience+".json")
	text := fmt.Sprintf(`{"directory": "one", "recheck": "50ms", "patience": "%s", "shards": {"one": "sqlite:%s/one.db", "two": "sqlite:%s/two.db"}}`, patience, dir, dir)
	require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
	return path
}

// If a move is killed in any of its steps, the same command continues it, and
// nothing is lost. On a busy machine the command may lose the lock of the move:
// then it says that it has to be started again.
func TestMoveTenantKilledAtEveryStep(t *testing.T) {
	for _, step := range []string{"copying", "closing", "fencing", "finishing", "switching", "sweeping"} {
		t.Run(step, func(t *testing.T) {
			t.Parallel()
			file := shardsOfFiles(t)
			patient := shardsOf(t, filepath.Dir(file), "1m") // a commit may take long on a busy machine
			s, err := open.Sharded(t.Context(), "sharded:"+patient, open.Options{})
			require.NoError(t, err)
			var plans []*store.Plan
			for i := range 20 {
				p := opening(t, i)
				require.NoError(t, s.Commit(t.Context(), p))
				plans = append(plans, p)
			}
			require.NoError(t, s.Close())
			to := elsewhere(t, file)

			child := moving(t, file, to)
			out, err := child.StdoutPipe()
			require.NoError(t, err)
			require.NoError(t, child.Start())
			for lines := bufio.NewScanner(out); lines.Scan(); {
				if lines.Text() == step {
					require.NoError(t, child.Process.Kill())
				}
			}
			_ = child.Wait()
			again, err := moving(t, file, to).CombinedOutput()
			for tries := 0; err != nil && tries < 10 && strings.Contains(string(again), "start the same command again to go on"); tries++ {
				again, err = moving(t, file, to).CombinedOutput()
			}
			require.NoError(t, err, "%s", again)
			require.Contains(t, string(again), "the tenant lives on shard "+to)

			s, err = open.Sharded(t.Context(), "sharded:"+file, open.Options{})
			require.NoError(t, err)
			defer s.Close()
			for _, p := range plans {
				snap, err := s.Lookup(t.Context(), store.Query{Tenant: "acme", Set: p.Set.Key(), IdempotencyKey: p.Key})
				require.NoError(t, err)
				require.Len(t, snap.Chats, 1)
				require.NotNil(t, snap.Record)
				require.Equal(t, p.MessageID, snap.Record.MessageID)
			}
			claimed, err := s.Claim(t.Context(), time.Minute, 100)
			require.NoError(t, err)
			require.Len(t, claimed, len(plans))
		})
	}
}

// elsewhere returns the shard that the tenant does not live in.
func elsewhere(t *testing.T, file string) string {
	for _, name := range []string{"one", "two"} {
		s, err := open.Store(t.Context(), "sqlite:"+filepath.Join(filepath.Dir(file), name+".db"), open.Options{})
		require.NoError(t, err)
		chats, _, err := s.ChatsOfTenant(t.Context(), "acme", uuid.Nil, 1)
		require.NoError(t, err)
		require.NoError(t, s.Close())
		if len(chats) == 0 {
			return name
		}
	}
	t.Fatal("the tenant lives in both shards")
	return ""
}

func moving(t *testing.T, file, to string) *exec.Cmd {
	child := subprocess(t, os.Args[0], "-test.run=^TestMoveTenantChild$")
	child.Env = append(os.Environ(), envMove+"="+file, envMove+"_TO="+to)
	return child
}

// opening returns a plan that opens the first chat with a person.
func opening(t *testing.T, i int) *store.Plan {
	set, err := recipients.NewSet(recipients.MustParse(fmt.Sprintf("+1202555%04d", i)))
	require.NoError(t, err)
	at := time.Now()
	return &store.Plan{Tenant: "acme", Set: set, Content: []byte("{}"), Record: store.Record{
		Key: fmt.Sprint(i), MessageID: uuid.New(), ChatID: uuid.New(), Line: recipients.MustParse("+13025550161"), At: at, KeepUntil: at.Add(time.Hour),
		Reason: store.NewBestNumber, Roster: store.NewRoster(set, at),
	}}
}

func TestMoveTenantUsage(t *testing.T) {
	file := shardsOfFiles(t)
	for _, args := range [][]string{
		{}, {"-store", "sharded:" + file}, {"-store", "memory:", "-tenant", "acme", "-to", "one"},
		{"-store", "sharded:" + file, "-tenant", "acme", "-to", "three"},
		{"-store", "sharded:" + file + ".none", "-tenant", "acme", "-to", "one"},
	} {
		require.Equal(t, exitUsage, run(append([]string{"move-tenant"}, args...), nil, io.Discard, io.Discard), "%v", args)
	}
}

// A tenant of which there is nothing is refused, with the one that is meant; so
// is a shard that is not there, with those that are.
func TestMoveTenantMisspelt(t *testing.T) {
	file := shardsOfFiles(t)
	s, err := open.Sharded(t.Context(), "sharded:"+file, open.Options{})
	require.NoError(t, err)
	require.NoError(t, s.Commit(t.Context(), opening(t, 1)))
	require.NoError(t, s.Close())
	for says, c := range map[string][2]string{`"acme"`: {"amce", "two"}, `nothing of "xyzzy"`: {"xyzzy", "two"}, "one, two": {"acme", "tow"}} {
		r := runWith("", "move-tenant", "-store", "sharded:"+file, "-tenant", c[0], "-to", c[1])
		require.Equal(t, exitUsage, r.status, c)
		require.Contains(t, r.stderr, says)
		require.Empty(t, r.stdout)
	}
	s, err = open.Sharded(t.Context(), "sharded:"+file, open.Options{})
	require.NoError(t, err)
	defer s.Close()
	tenants, err := s.Tenants(t.Context(), "", 0)
	require.NoError(t, err)
	require.Equal(t, []string{"acme"}, tenants)
}
