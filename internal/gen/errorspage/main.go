// Command errorspage writes docs/errors.md: every wire code, rule and place that an answer can name, from the tables of the package validate and the
// sources of the packages recipients and routing. Run it with go generate ./validate.
package main

import (
	"flag"
	"fmt"
	"os"
)

func main() {
	root := flag.String("root", ".", "the directory of the module")
	flag.Parse()
	page, err := render(*root)
	if err == nil {
		err = os.WriteFile(pagePath(*root), page, 0o644)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "errorspage:", err)
		os.Exit(1)
	}
}
