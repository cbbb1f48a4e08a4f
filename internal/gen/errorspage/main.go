// Command errorspage writes docs/errors.md and the pages that doc_url leads to
// (httpapi/pages). They list every wire code, rule and place that an answer can
// name. It reads the tables of the package validate, and the sources of the
// packages recipients and routing. Run it with go generate ./validate.
package main

import (
	"flag"
	"fmt"
	"os"
)

func main() {
	root := flag.String("root", ".", "the directory of the module")
	flag.Parse()
	if err := write(*root); err != nil {
		fmt.Fprintln(os.Stderr, "errorspage:", err)
		os.Exit(1)
	}
}

func write(root string) error {
	files, err := outputs(root)
	if err != nil {
		return err
	}
	if err := os.RemoveAll(pagesDir(root)); err != nil {
		return err
	}
	if err := os.MkdirAll(pagesDir(root), 0o755); err != nil {
		return err
	}
	for path, text := range files {
		if err := os.WriteFile(path, text, 0o644); err != nil {
			return err
		}
	}
	return nil
}
