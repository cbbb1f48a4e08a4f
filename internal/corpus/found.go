package corpus

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// CacheVariable names the environment variable with the directory in which a
// fuzzer keeps what it found for the packages of this module. Set it to
//
//	$(go env GOCACHE)/fuzz/github.com/fromline/fromline
//
// If it is not set, Found reads testdata only, so that a test asks the same on
// every machine.
const CacheVariable = "FROMLINE_FUZZCACHE"

// Found returns the entries of a fuzz target, each as its text arguments: those
// in its testdata, and those in the directory of [CacheVariable]. root is the
// path to the root of the module, and pkg the path of the package from there.
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

// arguments parses an entry: a line with the format, and then a line for each
// argument, as a conversion of a literal. It leaves out arguments that are no
// text.
func arguments(entry string) (args []string) {
	for line := range strings.Lines(entry) {
		_, literal, _ := strings.Cut(strings.TrimSpace(line), "(")
		if text, err := strconv.Unquote(strings.TrimSuffix(literal, ")")); err == nil {
			args = append(args, text)
		}
	}
	return args
}
