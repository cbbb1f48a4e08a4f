package corpus

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// CacheVariable names the directory that a fuzzer keeps what it found in, for
// the packages of this module: that is the value of
//
//	$(go env GOCACHE)/fuzz/github.com/fromline/fromline
//
// Where it is not set, nothing but testdata is read, so that a test asks the same
// on every machine.
const CacheVariable = "FROMLINE_FUZZCACHE"

// Found returns what is kept for a fuzz target, as text: the arguments of each
// entry. These are the entries in its testdata, and those in the directory that
// [CacheVariable] names. The package is named from the root of the module, which
// is where root leads.
func Found(root, pkg, target string) ([][]string, error) {
	dirs := []string{filepath.Join(root, pkg, "testdata", "fuzz", target)}
	if cache := os.Getenv(CacheVariable); cache != "" {
		dirs = append(dirs, filepath.Join(cache, pkg, target))
	}
	var all [][]string
	for _, dir := range dirs {
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
