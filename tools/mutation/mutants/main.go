// Mutants builds the tests of one package once, with all mutants of the package
// in the binary, and tells which of them a mutated file is.
//
//	mutants build CLONE DIRECTORY PLAN   writes PLAN/all.test and PLAN/numbers
//	mutants which CLONE DIRECTORY PLAN   prints the number of the mutant in the working directory
//
// The environment variable MUTANT picks one when the binary runs; without it
// the binary does what the package does. A mutant that the binary cannot carry
// (a constant, what does not compile) has no number, and which exits with 1;
// with 3 for one that is not in the sample of MUTATION_SAMPLE and
// MUTATION_SEED.
package main

import (
	"errors"
	"fmt"
	"os"
)

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "mutants:", err)
		if errors.Is(err, errLeftOut) {
			os.Exit(3)
		}
		os.Exit(1)
	}
}

func run(args []string) error {
	if len(args) != 4 {
		return fmt.Errorf("expected build or which, a clone, a directory and a plan; got %d arguments", len(args))
	}
	clone, directory, plan := args[1], args[2], args[3]
	switch args[0] {
	case "build":
		return buildAll(clone, directory, plan)
	case "which":
		return which(clone, directory, plan)
	}
	return fmt.Errorf("expected build or which, got %q", args[0])
}
