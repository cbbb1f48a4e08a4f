package storetest_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/fromline/fromline/store/memory"
	"github.com/fromline/fromline/store/storetest"
)

// The test of a store is one line, and a function that opens it.
func ExampleRun() {
	open := func(testing.TB) storetest.Harness {
		return storetest.Harness{
			Store: memory.New(memory.Options{}),
			// The store lists the powers that it does not have, so that no test
			// is skipped by accident.
			Without: []storetest.Power{storetest.Durability, storetest.Clock, storetest.Bound, storetest.Damage, storetest.ChangeLister},
		}
	}
	_ = func(t *testing.T) { storetest.Run(t, open) }
}

// The clauses are a list of what the contract asks for.
func ExampleClauses() {
	for _, c := range storetest.Clauses() {
		if strings.HasPrefix(c.Name, "failover/") {
			fmt.Println(c.Name)
		}
	}
	// Output:
	// failover/notes the successor
	// failover/a reuse clears the note
}
