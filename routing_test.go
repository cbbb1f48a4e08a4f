package fromline_test

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// laws are the laws of docs/rules.md §16 by their numbers, each with the tests
// that prove it. A proof is the name of a test of this package, or of another
// package with its directory before it. Every rapid property has a fuzz target
// of the same name.
//
// TestDecision compares single decisions with internal/reference and states the
// laws one by one; TestTruthTable does so for every combination of small
// things; TestDecideStories are told for people. TestHistories lets time pass
// over a Router, a fleet and a store; TestSimulation lets processes die and
// calls get lost on the way, and TestBugsAreFound shows that it would be
// noticed.
var laws = [][]string{
	1: {
		"TestDecision",  // 1_OneMessage: the message or the continuation, whole
		"TestHistories", // one delivery for each decision
		"internal/sim/TestSimulation",
		"TestUnknownOutcomeThatLanded", "TestUnknownOutcomeThatLandsLate", "TestNothingIsSaidWhileInDoubt",
	},
	2: {
		"TestDecision", "routing/TestDecideStories",
	},
	3: {
		"TestDecision", "TestHistories", "routing/TestTruthTable", "routing/TestDecideStories", "internal/sim/TestSimulation",
	},
	4: {
		"TestDecision", "TestHistories", "routing/TestTruthTable", "routing/TestDecideStories", "internal/sim/TestSimulation",
	},
	5: {
		"TestDecision", "TestHistories", "routing/TestTruthTable", "routing/TestDecideStories", "internal/sim/TestSimulation",
	},
	6: {
		"TestDecision", "TestHistories", "routing/TestTruthTable", "routing/TestDecideStories", "internal/sim/TestSimulation",
	},
	7: {
		"TestDecision", "TestHistories", "routing/TestTruthTable", "internal/sim/TestSimulation",
	},
	8: {
		"TestDecision", "routing/TestTruthTable", "routing/TestDecideStories",
	},
	9: {
		"TestHistories", "TestOneKeyOneDecision", "internal/sim/TestSimulation", "TestReplayHolds", "TestKeyWithAnotherRequest",
	},
	10: {
		"TestConcurrentSendsOpenOneChat", "internal/sim/TestSimulation",
	},
	11: {"TestHistories", "internal/sim/TestSimulation"},
	12: {
		"TestDecision", "TestHistories", "internal/sim/TestSimulation", "TestNothingIsSaidWhileInDoubt",
	},
	13: {
		"internal/sim/TestSimulation", "internal/sim/TestBugsAreFound",
	},
	14: {"TestDecision", "routing/TestDecideStories"},
	15: {
		"TestDecision", "TestHistories", "TestConcurrentSendsStayWithinLimits", "internal/sim/TestSimulation",
		"TestFullLineLeadsToAnotherPick", "TestEveryLineFull",
	},
	16: {"TestDecision", "routing/TestDecideStories", "routing/TestRecordAsJSON"},
	17: {"TestHistories", "internal/sim/TestSimulation", "line/TestMergeTakesTheLaterAndThenTheWorse"},
	18: {
		"internal/sim/TestSimulation", "TestDelivery",
	},
	19: {"TestAnyOrderEndsTheSame", "internal/sim/TestSimulation"},
	20: {"TestAWrongClockHarmsOnlyItsProcess", "TestDeferralsByAWrongClock", "internal/sim/TestSimulation"},
}

// TestEveryLawIsNamed proves that the table above and the rules have the same
// laws, and that it names no test that is not there; and that TestDecision is
// named exactly for the laws that it states by their numbers. The rules are
// read for the ids of the laws and not for their words.
func TestEveryLawIsNamed(t *testing.T) {
	rules, err := os.ReadFile("docs/rules.md")
	require.NoError(t, err)
	var written, proved []string
	for _, id := range regexp.MustCompile(`\n\d+\. `+"`"+`\[law\.(\d+)\]`).FindAllStringSubmatch(string(rules), -1) {
		written = append(written, id[1])
	}
	for number := 1; number < len(laws); number++ {
		proved = append(proved, strconv.Itoa(number))
	}
	require.Equal(t, proved, written, "the laws of docs/rules.md and those of this table")
	for number, proofs := range laws {
		if number == 0 {
			continue
		}
		require.NotEmpty(t, proofs, "law %d", number)
		for _, proof := range proofs {
			require.True(t, testExists(t, proof), "law %d names the test %s, which does not exist", number, proof)
		}
		stated := slices.ContainsFunc(decisionLaws, func(d decisionLaw) bool { return strings.HasPrefix(d.name, strconv.Itoa(number)+"_") })
		require.Equal(t, stated, slices.Contains(proofs, "TestDecision"), "law %d and the properties of TestDecision", number)
	}
}

func testExists(t *testing.T, proof string) bool {
	dir, name := filepath.Split(proof)
	files, err := filepath.Glob(filepath.Join(dir, "*.go"))
	require.NoError(t, err)
	declared := regexp.MustCompile(`(?m)^func ` + name + `\(t \*testing\.T\) {`)
	for _, file := range files {
		source, err := os.ReadFile(file)
		require.NoError(t, err)
		if declared.Match(source) {
			return true
		}
	}
	return false
}
