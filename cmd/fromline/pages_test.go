//go:build unix

package main

import (
	"fmt"
	"io/fs"
	"math/rand/v2"
	"net"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/go-json-experiment/json/jsontext"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/fromline/fromline/internal/pgtest"
)

// block is a piece of code of a page: its language, "" for one that is indented, and
// the file that it is, where a comment before it says so; output for what the command
// before it prints.
type block struct{ language, file, text string }

const output = "output"

// pages are the documents by their paths below the root of the repository.
func pages(t *testing.T) map[string][]block {
	t.Helper()
	root := filepath.Join("..", "..")
	all := map[string][]block{}
	for _, pattern := range []string{"*.md", "docs/*.md"} {
		paths, err := filepath.Glob(filepath.Join(root, pattern))
		require.NoError(t, err)
		for _, path := range paths {
			text, err := os.ReadFile(path)
			require.NoError(t, err)
			name, err := filepath.Rel(root, path)
			require.NoError(t, err)
			all[name] = blocks(string(text))
		}
	}
	require.NotEmpty(t, all)
	return all
}

var fileComment = regexp.MustCompile(`^<!-- (?:file: )?(\S+) -->$`)

// blocks returns the code of a page, in order.
func blocks(page string) (all []block) {
	var open *block
	fenced, file, before := false, "", ""
	for line := range strings.Lines(page) {
		text := strings.TrimSuffix(line, "\n")
		fence, isFence := strings.CutPrefix(text, "```")
		indented, isIndented := strings.CutPrefix(text, "    ")
		switch {
		case isFence && fenced:
			fenced, open, file = false, nil, ""
		case isFence:
			all = append(all, block{language: fence, file: file})
			fenced, open = true, &all[len(all)-1]
		case fenced:
			open.text += line
		case isIndented && (open != nil || before == ""):
			if open == nil {
				all = append(all, block{file: file})
				open = &all[len(all)-1]
			}
			open.text += indented + "\n"
		default:
			open = nil
			if m := fileComment.FindStringSubmatch(text); m != nil {
				file = m[1]
			} else if text != "" {
				file = ""
			}
		}
		before = text
	}
	return all
}

// commandsOf returns the lines of a shell that a block holds, nil where it holds
// something else. A line that ends in a backslash goes on in the next.
func commandsOf(b block) (commands []string) {
	if b.file != "" || b.language != "" && b.language != "sh" {
		return nil
	}
	for line := range strings.Lines(strings.ReplaceAll(b.text, "\\\n", "")) {
		line = strings.TrimRight(line, "\n")
		if b.language == "" && len(commands) == 0 && !isCommand.MatchString(line) {
			return nil
		}
		commands = append(commands, line)
	}
	return commands
}

var (
	isCommand = regexp.MustCompile(`^([A-Z_]+=\S* )*(fromline|curl|go|cd|mkdir|cat|echo|docker|systemctl|openssl|source|kill|\.ci/run|bench/run|[a-z/]+/build) `)
	ours      = regexp.MustCompile(`^(go run \./cmd/fromline|fromline) `)
	goTest    = regexp.MustCompile(`^(?:[A-Z_]+=\S+ )*(?:cd (\S+) && )?(?:[A-Z_]+=\S+ )*go test (.*)`)
	// What is not run: it builds, starts machines, or takes long.
	notHere = regexp.MustCompile(`^([A-Z_]+=\S* )*(go (get|run|install|test|build) |cd |docker |systemctl |openssl |source |\.ci/run|bench/run|store/etcd/build|deploy/build)`)
	// What takes long is parsed: -h behind its flags stops it.
	slow = regexp.MustCompile(`^fromline (simulate|move-tenant) |db\.internal`)
)

// prelude is what the commands of a page find: a server is started where they say
// so, and waited for.
const prelude = `set -euo pipefail
server=
halt() { [ -z "$server" ] || { kill "$server"; wait "$server" || true; server=; }; }
trap halt EXIT
fromline() {
  if [ "$1" != serve ]; then command fromline "$@"; return; fi
  halt
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

// TestPagesRun runs the commands of every page, in order, in a directory with the
// files that it shows and those of examples: each succeeds.
func TestPagesRun(t *testing.T) {
	self, err := filepath.Abs(os.Args[0])
	require.NoError(t, err)
	for page, all := range pages(t) {
		var script []string
		files := map[string]string{}
		for _, b := range all {
			switch {
			case b.file == output:
				want := fmt.Sprintf("want-%d", len(script))
				files[want] = b.text
				script[len(script)-1] += " >got; diff " + want + " got"
			case b.file != "":
				files[b.file] = b.text
			}
			for _, command := range commandsOf(b) {
				if notHere.MatchString(command) && !ours.MatchString(command) {
					continue
				}
				command = ours.ReplaceAllString(command, "fromline ")
				if slow.MatchString(command) {
					command += " -h"
				}
				script = append(script, command)
			}
		}
		if len(script) == 0 {
			continue
		}
		t.Run(strings.TrimSuffix(filepath.Base(page), ".md"), func(t *testing.T) {
			text := strings.Join(script, "\n")
			if strings.Contains(text, "postgres://…") {
				text = strings.ReplaceAll(text, "postgres://…", "'"+pgtest.Database(t)+"'")
			}
			addr, ops := freeAddress(t), freeAddress(t)
			text = strings.NewReplacer("127.0.0.1:8080", addr, "127.0.0.1:9090", ops, "-ops-addr :9090", "-ops-addr "+ops, "Bearer TOKEN", "Bearer "+pageToken).Replace(text)
			dir := pageFiles(t, files)
			require.NoError(t, os.Symlink(self, filepath.Join(dir, "bin", "fromline")))
			cmd := subprocess(t, "bash", "-c", prelude+text)
			cmd.Dir = dir
			cmd.Env = append(os.Environ(), asCommand+"=1", "PATH="+filepath.Join(dir, "bin")+":"+os.Getenv("PATH"), "FROMLINE_ADDR="+addr, "FROMLINE_STOP_WITHIN=500ms")
			out, err := cmd.CombinedOutput()
			require.NoError(t, err, "%s\n%s", text, out)
		})
	}
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

// TestPagesNameTests says that the packages and tests that a go test of a page names
// are there, and every test that a page names in a sentence or a table.
func TestPagesNameTests(t *testing.T) {
	root := filepath.Join("..", "..")
	named := regexp.MustCompile("`(?:\\S+/)?(Test\\w+)`")
	tests := testsBelow(t, root)
	for _, pattern := range []string{"*.md", "docs/*.md"} {
		paths, err := filepath.Glob(filepath.Join(root, pattern))
		require.NoError(t, err)
		for _, path := range paths {
			text, err := os.ReadFile(path)
			require.NoError(t, err)
			for _, m := range named.FindAllStringSubmatch(string(text), -1) {
				assert.Contains(t, tests, m[1], path)
			}
		}
	}
	for page, all := range pages(t) {
		for _, b := range all {
			for _, command := range commandsOf(b) {
				m := goTest.FindStringSubmatch(command)
				if m == nil {
					continue
				}
				words := strings.Fields(m[2])
				if i := slices.Index(words, "-run"); i >= 0 && !strings.Contains(words[i+1], "$") {
					pattern := regexp.MustCompile(strings.Trim(words[i+1], "'"))
					at := "."
					for j, w := range words {
						if j != i+1 && strings.HasPrefix(w, ".") {
							at = w
						}
					}
					assert.True(t, hasTest(t, filepath.Join(root, m[1], strings.TrimSuffix(at, "...")), pattern), "%s: %s", page, command)
				}
			}
		}
	}
}

func hasTest(t *testing.T, dir string, pattern *regexp.Regexp) bool {
	t.Helper()
	return slices.ContainsFunc(testsBelow(t, dir), pattern.MatchString)
}

// testsBelow are the names of all tests in a directory and those below it.
func testsBelow(t *testing.T, dir string) (names []string) {
	t.Helper()
	name := regexp.MustCompile(`(?m)^func (Test\w+)`)
	require.NoError(t, filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err == nil && d.IsDir() && (d.Name() == ".git" || d.Name() == "node_modules") {
			return filepath.SkipDir
		}
		if err != nil || !strings.HasSuffix(path, "_test.go") {
			return err
		}
		text, err := os.ReadFile(path)
		for _, m := range name.FindAllSubmatch(text, -1) {
			names = append(names, string(m[1]))
		}
		return err
	}))
	return names
}

// TestPagesShowPrograms says that Go code in a page is a piece of a file that is
// compiled, and that JSON in a page is JSON.
func TestPagesShowPrograms(t *testing.T) {
	var programs strings.Builder
	require.NoError(t, filepath.WalkDir(filepath.Join("..", ".."), func(path string, d fs.DirEntry, err error) error {
		if err == nil && d.IsDir() && (d.Name() == ".git" || d.Name() == "node_modules") {
			return filepath.SkipDir
		}
		if err != nil || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_gen.go") {
			return err
		}
		text, err := os.ReadFile(path)
		programs.WriteString(oneLine(string(text)) + "\n")
		return err
	}))
	compiled := programs.String()
	for page, all := range pages(t) {
		for _, b := range all {
			switch b.language {
			case "go":
				assert.True(t, strings.Contains(compiled, oneLine(b.text)), "%s: this program is in no file that is compiled:\n%s", page, b.text)
			case "json":
				if !strings.Contains(b.text, "…") {
					assert.True(t, jsontext.Value(b.text).IsValid(), "%s: this is no JSON:\n%s", page, b.text)
				}
			}
		}
	}
}

// oneLine is a text with a blank for all white space, so that indentation tells
// nothing.
func oneLine(text string) string { return strings.Join(strings.Fields(text), " ") }

// TestPagesAreWrapped says that no line of a page is longer than 100 characters, but
// for tables, code, links and what is generated.
func TestPagesAreWrapped(t *testing.T) {
	const width = 100
	paths, err := filepath.Glob(filepath.Join("..", "..", "docs", "*.md"))
	require.NoError(t, err)
	front, err := filepath.Glob(filepath.Join("..", "..", "*.md"))
	require.NoError(t, err)
	for _, path := range append(paths, front...) {
		text, err := os.ReadFile(path)
		require.NoError(t, err)
		if strings.HasPrefix(string(text), "<!-- Generated") {
			continue
		}
		fenced, number := false, 0
		for line := range strings.Lines(string(text)) {
			number++
			line = strings.TrimSuffix(line, "\n")
			if strings.HasPrefix(line, "```") {
				fenced = !fenced
			}
			if fenced || strings.HasPrefix(line, "|") || strings.HasPrefix(line, "    ") || strings.HasPrefix(line, "![") {
				continue
			}
			assert.LessOrEqual(t, len([]rune(line)), width, "%s:%d", filepath.Base(path), number)
		}
	}
}
