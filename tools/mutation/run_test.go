package mutation

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// small is a package whose mutants are tried in seconds, and are killed.
const small = "store/internal/tally"

// TestMutationTool runs each command of docs/mutation.md with a small package
// in the place of its first one, with those below it where the page says so,
// and sees that all mutants are killed. The packages that the page names are
// there.
func TestMutationTool(t *testing.T) {
	page, err := os.ReadFile("../../docs/mutation.md")
	if err != nil {
		t.Fatal(err)
	}
	lines := regexp.MustCompile(`(?m)^tools/mutation/run ([^#\n]*)`).FindAllStringSubmatch(string(page), -1)
	if len(lines) == 0 {
		t.Fatal("the page shows no command")
	}
	for _, line := range lines {
		packages := strings.Fields(line[1])
		for _, name := range packages {
			if out, err := exec.Command("go", "-C", "../..", "list", "./"+name).CombinedOutput(); err != nil {
				t.Errorf("%s: %s", name, out)
			}
		}
		argument := small
		if strings.HasSuffix(packages[0], "/...") {
			argument += "/..."
		}
		results := t.TempDir()
		cmd := exec.Command("./run", argument)
		cmd.Env = append(os.Environ(), "MUTATION_OUT="+results)
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("%s: %v\n%s", argument, err, out)
		}
		name := strings.ReplaceAll(small, "/", "-")
		log, err := os.ReadFile(filepath.Join(results, name+".log"))
		if err != nil {
			t.Fatal(err)
		}
		if !regexp.MustCompile(`(?m)^Killed: [1-9]\d*, Lived: 0,`).Match(log) {
			t.Errorf("%s: not all mutants are killed:\n%s", argument, log)
		}
	}
}
