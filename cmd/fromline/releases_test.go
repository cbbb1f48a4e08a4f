//go:build unix

package main

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/fromline/fromline/internal/pgtest"
)

// TestReleasesSideBySide runs a server of the release before and one of this
// tree on one store, for some seconds, or for two minutes with FROMLINE_LONG=1
// (or as long as FROMLINE_SIDE_BY_SIDE says), while clients send, lines are
// flagged, and one or the other is killed and started again. Then nothing that
// was acknowledged is lost, doubled or out of order.
//
// The release before is the highest tag v* of an earlier commit, or the commit
// that FROMLINE_RELEASE_BEFORE names. As long as there is none, the other
// server is built from this tree too: that tries the test, and shows nothing
// about releases, which the log says.
//
// A server of the release before that runs goes on when this one brings the
// store up to date. One that starts after that may refuse to, because it does
// not know the store's version: then it was the last one, and one of this tree
// takes its place.
func TestReleasesSideBySide(t *testing.T) {
	lasts := 4 * time.Second
	switch given := os.Getenv("FROMLINE_SIDE_BY_SIDE"); {
	case given != "":
		var err error
		lasts, err = time.ParseDuration(given)
		require.NoError(t, err)
	case os.Getenv("FROMLINE_LONG") != "":
		lasts = 2 * time.Minute
	case testing.Short():
		lasts = time.Second
	}
	t.Parallel()
	name, binary := releaseBefore(t)
	for _, store := range []string{"sqlite", "postgres"} {
		t.Run(store, func(t *testing.T) {
			t.Parallel()
			dsn := "sqlite:" + filepath.Join(t.TempDir(), "chats.db")
			if store == "postgres" {
				dsn = pgtest.Database(t)
			}
			sideBySide(t, dsn, name, binary, lasts)
		})
	}
}

// released finds the versions of the changelog that are not waiting for their
// tag.
var released = regexp.MustCompile(`(?m)^## (v\d+\.\d+\.\d+)\s*(?:\(\d.*)?$`)

// releaseBefore builds the command of the release before this tree, and returns
// what it was built from.
func releaseBefore(t *testing.T) (name, binary string) {
	t.Helper()
	root, err := filepath.Abs("../..")
	require.NoError(t, err)
	name, source := os.Getenv("FROMLINE_RELEASE_BEFORE"), t.TempDir()
	if name == "" {
		name = tagBefore(root)
	}
	if name == "" {
		changes, err := os.ReadFile(filepath.Join(root, "CHANGELOG.md"))
		require.NoError(t, err)
		if versions := released.FindAllStringSubmatch(string(changes), -1); len(versions) > 1 {
			missing := fmt.Sprintf("there were releases (%s), and this clone has no tag of one: git fetch --tags --depth 1 origin", versions[1][1])
			if os.Getenv("CI") != "" {
				t.Fatal(missing)
			}
			t.Log("LOOK: " + missing)
		}
		t.Log("LOOK: NO RELEASE BEFORE THIS TREE IS KNOWN. Both servers are built from this tree: this run shows that the test works, " +
			"and nothing about two releases.")
		name, source = "this tree", root
	} else {
		archive := filepath.Join(source, "release.tar")
		runTool(t, root, "git", "archive", "--format=tar", "-o", archive, name)
		runTool(t, source, "tar", "-xf", archive)
		t.Logf("the release before is %s", name)
	}
	binary = filepath.Join(t.TempDir(), "fromline")
	runTool(t, source, "go", "build", "-buildvcs=false", "-o", binary, "./cmd/fromline")
	return name, binary
}

// tagBefore returns the highest tag of a release that neither is the commit
// that is checked out nor comes after it, empty if there is none, or no
// repository.
func tagBefore(root string) string {
	cmd := exec.Command("git", "-c", "versionsort.suffix=-", "tag", "--list", "v*", "--no-contains", "HEAD", "--sort=-version:refname")
	cmd.Dir = root
	text, err := cmd.Output()
	if tags := strings.Fields(string(text)); err == nil && len(tags) > 0 {
		return tags[0]
	}
	return ""
}

// Of the tags of a repository the release before is the highest that does not
// have the commit that is checked out: a later one is none, nor is a candidate
// beside its release, nor the tag of another module.
func TestWhichReleaseWasBefore(t *testing.T) {
	root := t.TempDir()
	git := func(args ...string) {
		runTool(t, root, "git", append([]string{"-c", "user.name=test", "-c", "user.email=test@example.com"}, args...)...)
	}
	commit := func() { git("commit", "-q", "--allow-empty", "-m", "a commit") }
	git("init", "-q")
	commit()
	require.Empty(t, tagBefore(root))
	git("tag", "v0.9.0")
	require.Empty(t, tagBefore(root), "it is the one that is checked out")
	commit()
	git("tag", "v0.10.0-rc.1")
	require.Equal(t, "v0.9.0", tagBefore(root))
	git("tag", "v0.10.0")
	git("tag", "store/etcd/v1.0.0")
	commit()
	require.Equal(t, "v0.10.0", tagBefore(root))
	commit()
	git("tag", "-a", "-m", "annotated", "v0.11.0")
	require.Equal(t, "v0.10.0", tagBefore(root))
	git("checkout", "-q", "HEAD~1")
	require.Equal(t, "v0.10.0", tagBefore(root))
	require.Empty(t, tagBefore(t.TempDir()), "no repository")
}

func runTool(t *testing.T, dir, name string, args ...string) {
	t.Helper()
	cmd := subprocess(t, name, args...)
	cmd.Dir = dir
	text, err := cmd.CombinedOutput()
	require.NoError(t, err, "%s %s: %s", name, strings.Join(args, " "), text)
}

// rests waits until a server says that nothing waits, and shows what does when
// the time of the test is nearly over.
func rests(t *testing.T, pair [2]*process, p *process) {
	t.Helper()
	over := nearlyOver(t)
	for {
		numbers := get(t, p.ops+"/metrics")
		if strings.Contains(numbers, "\nfromline_outbox_waiting 0\n") {
			return
		}
		if over.Err() != nil {
			for _, one := range pair {
				log := one.logged()
				t.Logf("a log ends: %s", log[max(0, len(log)-6000):])
			}
			t.Fatalf("something waits still: %s", strings.Join(outboxes.FindAllString(numbers, -1), ""))
		}
		time.Sleep(5 * time.Millisecond)
	}
}

var outboxes = regexp.MustCompile(`(?m)^fromline_(?:outbox|deliveries|lines|parked|line_states|store).*\n`)

// sideBySide runs both releases. The one before makes the store, and is there
// when this one opens it.
func sideBySide(t *testing.T, dsn, name, binary string, lasts time.Duration) {
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d (the kills fall where they fall)", seed)
	random := rand.New(rand.NewPCG(seed, 0))
	n := newNetwork(t)
	var lines []string
	for i, number := range ownLines {
		lines = append(lines, fmt.Sprintf(`{"id":"%d","phone_number":"%s"}`, i, number))
	}
	fleet := write(t, "fleet.json", `{"phone_numbers":[`+strings.Join(lines, ",")+`]}`)
	args := []string{"-fleet", fleet, "-store", dsn, "-deliver-url", n.URL, "-ops-addr", "127.0.0.1:0", "-addr", "127.0.0.1:0"}
	before := func(cmd *exec.Cmd) {
		cmd.Path, cmd.Args[0] = binary, binary
		cmd.Env = slices.DeleteFunc(cmd.Env, func(e string) bool { return strings.HasPrefix(e, asCommand+"=") })
	}
	var kills [2]int
	var beside int64 // acknowledged while the one before ran for the first time
	pair := [2]*process{startWith(t, before, args...)}
	load := &clientLoad{stop: make(chan struct{}), patient: true}
	load.url.Store(&pair[0].url)
	refused := false
	again := func(old bool) *process {
		for {
			change := func(*exec.Cmd) {}
			if old && !refused {
				change = before
			}
			p, listens := tryStart(t, change, args...)
			switch said := p.logged(); {
			case listens:
				return p
			case old && !refused && strings.Contains(said, "newer schema"):
				refused = true
				t.Logf("%s does not start any more on a store of this tree", name)
			default: // the file is busy for longer than a start waits: what looks after servers starts it again
				require.Contains(t, said, "nothing was written")
			}
		}
	}
	for c := range 6 {
		load.wg.Go(func() { load.send(c) })
	}
	eventually(t, func() bool { return load.acked.Load() >= 20 })
	pair[1] = again(false) // which brings the store up to date, under load
	flaps := rand.New(rand.NewPCG(seed, 1))
	load.wg.Go(func() { n.flap(load, flaps) })
	over, told := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(told)
		n.tell(load, over)
	}()
	// In the first half the one before is spared: it may not start again.
	half := time.Now().Add(lasts / 2)
	for until := half.Add(lasts / 2); time.Now().Before(until) || kills[0] == 0 || kills[1] == 0; {
		load.url.Store(&pair[random.IntN(2)].url)
		acked := load.acked.Load()
		enough := acked + 20 + int64(random.IntN(60))
		eventually(t, func() bool { return load.acked.Load() >= enough })
		victim := 1
		if time.Now().After(half) {
			victim = random.IntN(2)
		}
		load.url.Store(&pair[1-victim].url)
		_ = pair[victim].kill()
		if kills[victim]++; kills[0] == 0 {
			beside = load.acked.Load()
		}
		pair[victim] = again(victim == 0)
	}
	close(load.stop)
	load.wg.Wait()
	require.Empty(t, load.wrong)
	for _, p := range pair {
		rests(t, pair, p)
		assert.Contains(t, get(t, p.ops+"/metrics"), "\nfromline_store_unreadable_rows 0\n", "neither wrote what the other cannot read")
	}
	assert.Equal(t, `{"parked":[]}`, get(t, pair[1].ops+"/parked"))
	close(over)
	<-told
	for _, p := range pair {
		assert.Equal(t, exitOK, p.stop(t), p.logged())
	}
	var ledger chaosLedger
	n.count(t, &ledger, load)
	ledger.KilledServers = kills[0] + kills[1]
	text, err := json.Marshal(ledger)
	require.NoError(t, err)
	t.Logf("%s beside this tree, killed %d and %d times, %d sends before its first kill: %s", name, kills[0], kills[1], beside, text)
	assert.Positive(t, ledger.Acknowledged)
	assert.Zero(t, ledger.Lost, "lost")
	assert.Zero(t, ledger.Doubled, "doubled")
	assert.Zero(t, ledger.OutOfOrder, "out of order")
}
