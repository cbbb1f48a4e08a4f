package corpus

import (
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
)

// Found returns what is kept for a fuzz target, as text: the arguments of each entry. These are the entries in its testdata, and those that the fuzzer found
// worth keeping on this machine, of which there are none where it never ran. The package is named from the root of the module, which is where root leads.
func Found(root, pkg, target string) ([][]string, error) {
	cache, err := exec.Command("go", "env", "GOCACHE").Output()
	if err != nil {
		return nil, err
	}
	var all [][]string
	for _, dir := range []string{
		filepath.Join(root, pkg, "testdata", "fuzz", target),
		filepath.Join(strings.TrimSpace(string(cache)), "fuzz", "github.com/fromline/fromline", pkg, target),
	} {
		paths, err := filepath.Glob(filepath.Join(dir, "*"))
		if err != nil {
			return nil, err
		}
		for _, path := range paths {
			text, err := os.ReadFile(path)
			if err != nil {
				return nil, err
			}
			all = append(all, arguments(string(text)))
		}
	}
	return all, nil
}

// arguments reads an entry: a line that names the format, and then one for each argument, as a conversion of a literal. Those that are no text are left out.
func arguments(entry string) (args []string) {
	for line := range strings.Lines(entry) {
		_, literal, _ := strings.Cut(strings.TrimSpace(line), "(")
		if text, err := strconv.Unquote(strings.TrimSuffix(literal, ")")); err == nil {
			args = append(args, text)
		}
	}
	return args
}
