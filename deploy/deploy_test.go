// Package deploy holds what runs the command: an image, a composition with
// PostgreSQL and a unit of systemd. It is a module of its own, so that no
// program has the modules in its graph that read these files.
package deploy

import (
	"bytes"
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/compose-spec/compose-go/v2/cli"
	"github.com/moby/buildkit/frontend/dockerfile/instructions"
	"github.com/moby/buildkit/frontend/dockerfile/linter"
	"github.com/moby/buildkit/frontend/dockerfile/parser"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestImage reads the Dockerfile as BuildKit does, with its rules as errors:
// what is built last is one file on nothing, run by a user of a number that is
// not root's.
func TestImage(t *testing.T) {
	text, err := os.ReadFile("Dockerfile")
	require.NoError(t, err)
	read, err := parser.Parse(bytes.NewReader(text))
	require.NoError(t, err)
	assert.Empty(t, read.Warnings)
	var broken []string
	rules := linter.New(&linter.Config{ExperimentalAll: true, Warn: func(rule, _, _, message string, _ []parser.Range) {
		broken = append(broken, rule+": "+message)
	}})
	stages, _, err := instructions.Parse(read.AST, rules)
	require.NoError(t, err)
	assert.Empty(t, broken)

	last := stages[len(stages)-1]
	assert.Equal(t, "scratch", last.BaseName)
	user := ""
	for _, c := range last.Commands {
		switch c := c.(type) {
		case *instructions.UserCommand:
			user = c.User
		case *instructions.RunCommand:
			t.Error("there is no shell that could run anything")
		case *instructions.EntrypointCommand:
			assert.False(t, c.PrependShell)
		}
	}
	assert.Regexp(t, "^[1-9][0-9]*:[1-9][0-9]*$", user)
}

// TestComposition reads the composition as Compose does: everything that it
// names is there, images have versions, and the server may write nothing and
// become nothing.
func TestComposition(t *testing.T) {
	options, err := cli.NewProjectOptions([]string{"compose.yaml"})
	require.NoError(t, err)
	project, err := options.LoadProject(context.Background())
	require.NoError(t, err)
	database, err := project.GetService("postgres")
	require.NoError(t, err)
	assert.Regexp(t, ":[0-9]+", database.Image)
	server, err := project.GetService("fromline")
	require.NoError(t, err)
	assert.FileExists(t, filepath.Join(server.Build.Context, server.Build.Dockerfile))
	assert.True(t, server.ReadOnly)
	assert.Equal(t, []string{"ALL"}, server.CapDrop)
	assert.Equal(t, []string{"no-new-privileges:true"}, server.SecurityOpt)
	for _, v := range server.Volumes {
		assert.FileExists(t, v.Source)
		assert.True(t, v.ReadOnly)
	}
	for _, p := range server.Ports {
		assert.Equal(t, "127.0.0.1", p.HostIP)
	}
	for _, s := range server.Secrets {
		assert.Contains(t, project.Secrets, s.Source)
	}
	help := command(t, build(t, "fromline"), "help", "serve")
	for name := range server.Environment {
		setting := strings.ToLower(strings.ReplaceAll(strings.TrimPrefix(name, "FROMLINE_"), "_", "-"))
		assert.Contains(t, help, "\n  -"+setting+" ")
	}
}

// TestUnit has systemd verify the unit, and judge what the service may do.
func TestUnit(t *testing.T) {
	analyze, err := exec.LookPath("systemd-analyze")
	if err != nil && os.Getenv("CI") == "" {
		t.Skip("SKIPPED, NOT PASSED: the unit is not verified: apt-get install systemd")
	}
	require.NoError(t, err)
	text, err := os.ReadFile("fromline.service")
	require.NoError(t, err)
	program := build(t, "fromline")
	unit := filepath.Join(t.TempDir(), "fromline.service")
	require.NoError(t, os.WriteFile(unit, bytes.ReplaceAll(text, []byte("/usr/local/bin/fromline"), []byte(program)), 0o600))
	out, err := exec.Command(analyze, "verify", "--man=no", unit).CombinedOutput()
	require.NoError(t, err, "%s", out)
	assert.NotContains(t, string(out), "fromline.service:")
	install(t)
	const most = 20 // of a hundred; 0 is a service that may do nothing
	out, err = exec.Command(analyze, "security", "--offline=true", "--threshold="+"20", unit).CombinedOutput()
	require.NoError(t, err, "it is exposed to more than %d: %s", most, out)
}

// install installs the unit as the page says, below a root of its own; the unit
// itself says no other way.
func install(t *testing.T) {
	t.Helper()
	page, err := os.ReadFile(filepath.Join("..", "docs", "deploy.md"))
	require.NoError(t, err)
	root := t.TempDir()
	require.NoError(t, os.MkdirAll(filepath.Join(root, "etc", "systemd", "system"), 0o700))
	commands := regexp.MustCompile(`(?m)^    (?:install|systemctl enable) .*$`).FindAllString(string(page), -1)
	require.Len(t, commands, 2)
	script := strings.NewReplacer(" /etc/", " "+root+"/etc/", "systemctl ", "systemctl --root="+root+" ", " --now", "").Replace(strings.Join(commands, "\n"))
	cmd := exec.Command("sh", "-euc", script)
	cmd.Dir = ".." // the page says deploy/fromline.service
	out, err := cmd.CombinedOutput()
	require.NoError(t, err, "%s\n%s", script, out)
	assert.Equal(t, "enabled\n", command(t, "systemctl", "--root="+root, "is-enabled", "fromline"))
	installed, err := os.ReadFile(filepath.Join(root, "etc", "systemd", "system", "fromline.service"))
	require.NoError(t, err)
	assert.NotContains(t, string(installed), "systemctl ")
}

// TestBuildsAreReproducible builds the command in two directories: the files
// are the same to the byte, link nothing that is loaded, and know their
// version.
func TestBuildsAreReproducible(t *testing.T) {
	one := build(t, "one")
	other := filepath.Join(t.TempDir(), "elsewhere")
	require.NoError(t, os.CopyFS(other, os.DirFS("..")))
	cmd := exec.Command(filepath.Join(other, "deploy", "build"), filepath.Join(other, "fromline"))
	cmd.Env = append(os.Environ(), "BUILDVCS=false")
	out, err := cmd.CombinedOutput()
	require.NoError(t, err, "%s", out)
	a, err := os.ReadFile(one)
	require.NoError(t, err)
	b, err := os.ReadFile(filepath.Join(other, "fromline"))
	require.NoError(t, err)
	assert.True(t, bytes.Equal(a, b), "two builds differ")
	assert.Regexp(t, `^fromline \S+, go1\.`, command(t, one, "version"))
	libraries, _ := exec.Command("ldd", one).CombinedOutput()
	assert.Contains(t, string(libraries), "not a dynamic executable")
}

// build builds the command as the image does, without the version control that
// a copy of the source lacks.
func build(t *testing.T, name string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	cmd := exec.Command("./build", path)
	cmd.Env = append(os.Environ(), "BUILDVCS=false")
	out, err := cmd.CombinedOutput()
	require.NoError(t, err, "%s", out)
	return path
}

func command(t *testing.T, name string, args ...string) string {
	t.Helper()
	out, err := exec.Command(name, args...).CombinedOutput()
	require.NoError(t, err, "%s", out)
	return string(out)
}
