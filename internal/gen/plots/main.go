// Command plots draws the pictures of docs/spread.md from the results of
// bench/run spread (bench/results/spread.txt). Run it with go generate
// ./internal/gen/plots.
package main

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
)

//go:generate go run . -root ../../..

func main() {
	root := flag.String("root", ".", "the directory of the module")
	flag.Parse()
	if err := write(*root); err != nil {
		fmt.Fprintln(os.Stderr, "plots:", err)
		os.Exit(1)
	}
}

func write(root string) error {
	files, err := outputs(root)
	if err != nil {
		return err
	}
	for path, text := range files {
		if err := os.WriteFile(path, text, 0o644); err != nil {
			return err
		}
	}
	return nil
}

// outputs returns the pictures, by file path.
func outputs(root string) (map[string][]byte, error) {
	text, err := os.ReadFile(filepath.Join(root, "bench", "results", "spread.txt"))
	if err != nil {
		return nil, err
	}
	day, err := tableOf(string(text), "day")
	if err != nil {
		return nil, err
	}
	herd, err := tableOf(string(text), "herd")
	if err != nil {
		return nil, err
	}
	files := map[string][]byte{}
	if files[filepath.Join(root, "docs", "spread-day.svg")], err = bars("4,500 first contacts on a busy day", "contacts", day,
		series{"abroad", "from another country", blue}, series{"over the limit", "over the line's limit", red}); err != nil {
		return nil, err
	}
	if files[filepath.Join(root, "docs", "spread-burst.svg")], err = bars("64 contacts at one moment, 200 lines", "contacts of the busiest line, on average", herd,
		series{"busiest line of a burst, on average", "", blue}); err != nil {
		return nil, err
	}
	return files, nil
}
