//go:build unix

package main

import (
	"fmt"
	"math/rand/v2"
	"net"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/fromline/fromline/internal/needed"
	"github.com/fromline/fromline/internal/pgtest"
)

// prelude is what the commands of a page find: a server is started where they
// say so, and waited for.
const prelude = `set -euo pipefail
server=
halt() { [ -z "$server" ] || { kill "$server"; wait "$server" || true; server=; }; }
trap halt EXIT
fromline() {
  if [ "$1" != serve ]; then command fromline "$@"; return; fi
  halt
  : >log # the one of the server before says that it listens
  command fromline "$@" >served 2>log & server=$!
  until grep -q '"msg":"listening"' log; do
    kill -0 $server 2>/dev/null || { cat log; exit 1; }
    sleep 0.05
  done
}
curl() {
  [ -n "$server" ] || fromline serve -fleet acme=acme.json -token acme=@acme.token
  command curl -sS --fail-with-body "$@"
}
`

// TestPagesRun runs the commands of every page, in order, in a directory with
// the files that it shows and those of examples: each succeeds, and prints what
// the page shows. here says what it puts in the place of addresses, databases
// and sizes.
func TestPagesRun(t *testing.T) {
	self, err := filepath.Abs(os.Args[0])
	require.NoError(t, err)
	for page, all := range pages(t) {
		var script []string
		files, outputs := map[string]string{}, map[string]string{}
		for _, b := range all {
			switch {
			case b.output:
				require.NotEmpty(t, script, "%s: this is the output of no command:\n%s", page, b.text)
				got := fmt.Sprintf("output-%d", len(script))
				script[len(script)-1] += " >" + got
				outputs[got] = b.text
			case b.file != "":
				files[b.file] = b.text
			}
			for _, command := range commandsOf(page, b) {
				if testOf(command) == "TestPagesRun" {
					script = append(script, command)
				}
			}
		}
		text := strings.Join(script, "\n")
		for file := range files {
			require.Contains(t, text, file, "%s: no command reads this file", page)
		}
		if text == "" {
			continue
		}
		t.Run(strings.TrimSuffix(filepath.Base(page), ".md"), func(t *testing.T) {
			t.Parallel()
			if strings.Contains(text, "\njq ") {
				needed.Program(t, "jq", "jq")
			}
			addr := freeAddress(t)
			text, files := here(t, addr, text, files)
			dir := pageFiles(t, files)
			require.NoError(t, os.Symlink(self, filepath.Join(dir, "bin", "fromline")))
			cmd := subprocess(t, "bash", "-c", prelude+text)
			cmd.Dir = dir
			cmd.Env = append(os.Environ(), asCommand+"=1", "PATH="+filepath.Join(dir, "bin")+":"+os.Getenv("PATH"), "FROMLINE_ADDR="+addr, "FROMLINE_STOP_WITHIN=500ms")
			out, err := cmd.CombinedOutput()
			require.NoError(t, err, "%s\n%s", text, out)
			for name, want := range outputs {
				got, err := os.ReadFile(filepath.Join(dir, name))
				require.NoError(t, err)
				if !asShown(want).MatchString(string(got)) {
					require.Equal(t, want, string(got))
				}
			}
		})
	}
}

var (
	ours      = regexp.MustCompile(`(?m)^go run \./cmd/fromline `)
	simulated = regexp.MustCompile(`(?m)^fromline simulate .*`)
	lineCount = regexp.MustCompile(`-lines \d+`)
	joinDay   = regexp.MustCompile(`@day\d+`)
	moves     = regexp.MustCompile(`(?m)^fromline move-tenant -store (\S+) -tenant (\S+) `)
	listed    = regexp.MustCompile(`(?ms)^jq .*? page\.json$`)
	// A database that a page does not name, and the host of those that it names.
	anyDatabase = regexp.MustCompile(`'?postgres://…'?`)
	thatHost    = regexp.MustCompile(`postgres://db\.internal/\w+`)
)

// here returns commands and files of a page as they run in a test: with
// addresses and databases of its own; with four lines and three days for a
// simulation; with a chat for a tenant that moves, and short waits; and with
// the import of what jq makes of a list of chats, here of our own server.
func here(t *testing.T, addr, text string, files map[string]string) (string, map[string]string) {
	t.Helper()
	text = ours.ReplaceAllString(text, "fromline ")
	text = simulated.ReplaceAllStringFunc(text, func(command string) string {
		command = lineCount.ReplaceAllString(joinDay.ReplaceAllString(command, "@day2"), "-lines 4")
		return command + " -chats 40 -days 3 -seeds 1 -model burst"
	})
	text = moves.ReplaceAllString(text, "fromline import -store $1 -tenant $2 tenant.jsonl\n$0")
	text = listed.ReplaceAllStringFunc(text, func(command string) string {
		curl := "curl http://127.0.0.1:8080/v3/%s -H 'Authorization: Bearer TOKEN'%s\n"
		return fmt.Sprintf(curl, "messages", " -H 'Content-Type: application/json' -d @send.json") + fmt.Sprintf(curl, "chats", " >page.json") +
			command + " | fromline import -store sqlite:listed.db -fleet fleet.json - 2>&1 | grep '^1 loaded, '"
	})
	text = anyDatabase.ReplaceAllStringFunc(text, func(string) string { return "'" + pgtest.Database(t) + "'" })
	if thatHost.MatchString(text) {
		text = thatHost.ReplaceAllLiteralString(text, "'"+pgtest.Database(t)+"'")
	}
	text = strings.NewReplacer("127.0.0.1:8080", addr, "127.0.0.1:9090", freeAddress(t), "-ops-addr :9090", "-ops-addr "+freeAddress(t), "Bearer TOKEN", "Bearer "+pageToken).Replace(text)
	own := map[string]string{}
	for name, file := range files {
		file = anyDatabase.ReplaceAllStringFunc(file, func(string) string { return pgtest.Database(t) })
		own[name] = strings.Replace(file, `{"directory":`, `{"recheck": "50ms", "patience": "1s", "directory":`, 1)
	}
	return text, own
}

// asShown is the pattern of an output as a page shows it: … stands for
// anything, also for the rest of an id, and a page that leaves something out
// may break lines.
func asShown(page string) *regexp.Regexp {
	if !strings.Contains(page, "…") {
		return regexp.MustCompile(`^` + regexp.QuoteMeta(page) + `$`)
	}
	page = regexp.MustCompile(`[0-9a-f-]*…`).ReplaceAllString(oneLine(page), "…")
	pattern := strings.NewReplacer("…", ".*", " ", `\s*`).Replace(regexp.QuoteMeta(page))
	return regexp.MustCompile(`(?s)^` + pattern + `\s*$`)
}

const pageToken = "0123456789abcdef"

// pageFiles makes the directory that a page's commands run in.
func pageFiles(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	require.NoError(t, os.CopyFS(filepath.Join(dir, "examples"), os.DirFS(filepath.Join("..", "..", "examples"))))
	fleet, err := os.ReadFile(filepath.Join(dir, "examples", "fleet.json"))
	require.NoError(t, err)
	require.NoError(t, os.Mkdir(filepath.Join(dir, "bin"), 0o700))
	for name, text := range map[string]string{
		"fleet.json": string(fleet), "acme.json": string(fleet), "acme.token": pageToken, "ops-token": pageToken,
		"mine.json":    blockOf(t, "commands.md", `"failover_share": `).text,
		"tenant.jsonl": blockOf(t, "migrate.md", `"created_at"`).text,
		"send.json":    blockOf(t, "migrate.md", `{"to": `).text,
	} {
		if _, shown := files[name]; !shown {
			require.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600))
		}
	}
	for name, text := range files {
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600))
	}
	return dir
}

// freeAddress is a loopback address that nothing listens on. Its port is below
// those that systems give to connections, so that none takes it meanwhile.
func freeAddress(t *testing.T) string {
	t.Helper()
	for range 100 {
		l, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", 10_000+rand.N(20_000)))
		if err == nil {
			defer l.Close()
			return l.Addr().String()
		}
	}
	t.Fatal("no port between 10000 and 30000 is free")
	return ""
}
