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

// laws are the invariants of docs/rules.md §16, each with the tests that prove
// it. A proof is the name of a test of this package, or of another package with
// its directory before it. Every rapid property has a fuzz target of the same
// name.
//
// TestDecision compares single decisions with internal/reference and states the
// laws one by one; TestTruthTable does so for every combination of small things;
// TestDecideStories are told for people. TestHistories lets time pass over a
// Router, a fleet and a store; TestSimulation lets processes die and calls get
// lost on the way, and TestBugsAreFound shows that it would be noticed.
var laws = []struct {
	says   string
	proofs []string
}{
	1: {"One send, one decision, one message.", []string{
		"TestDecision",  // 1_OneMessage: the message or the continuation, whole
		"TestHistories", // one delivery for each decision
		"internal/sim/TestSimulation",
		"TestUnknownOutcomeThatLanded", "TestUnknownOutcomeThatLandsLate", "TestNothingIsSaidWhileInDoubt",
	}},
	2: {"A decision does not depend on order, repetition or spelling variants of `to`.", []string{
		"TestDecision", "routing/TestDecideStories",
	}},
	3: {"Reuse iff a matching chat can continue.", []string{
		"TestDecision", "TestHistories", "routing/TestTruthTable", "routing/TestDecideStories", "internal/sim/TestSimulation",
	}},
	4: {"New iff nothing matches.", []string{
		"TestDecision", "TestHistories", "routing/TestTruthTable", "routing/TestDecideStories", "internal/sim/TestSimulation",
	}},
	5: {"Failover iff matches exist and none can continue; previous_chat_id set iff failover.", []string{
		"TestDecision", "TestHistories", "routing/TestTruthTable", "routing/TestDecideStories", "internal/sim/TestSimulation",
	}},
	6: {"Continuation used iff failover and given.", []string{
		"TestDecision", "TestHistories", "routing/TestTruthTable", "routing/TestDecideStories", "internal/sim/TestSimulation",
	}},
	7: {"A newly picked line can open, is not excluded, not a recipient, serves the service, within limits.", []string{
		"TestDecision", "TestHistories", "routing/TestTruthTable", "internal/sim/TestSimulation",
	}},
	8: {"exclude_from never turns a reuse into a new chat.", []string{
		"TestDecision", "routing/TestTruthTable", "routing/TestDecideStories",
	}},
	9: {"Same key → same decision.", []string{
		"TestHistories", "TestOneKeyOneDecision", "internal/sim/TestSimulation", "TestReplayHolds", "TestKeyWithAnotherRequest",
	}},
	10: {"N concurrent first contacts or failovers of one set → one new chat, N−1 reuses.", []string{
		"TestConcurrentSendsOpenOneChat", "internal/sim/TestSimulation",
	}},
	11: {"Nothing crosses tenants.", []string{"TestHistories", "internal/sim/TestSimulation"}},
	12: {"A refusal or failed commit leaves no trace.", []string{
		"TestDecision", "TestHistories", "internal/sim/TestSimulation", "TestNothingIsSaidWhileInDoubt",
	}},
	13: {"After a crash at any point, retrying with the key gives the recorded decision or makes exactly one.", []string{
		"internal/sim/TestSimulation", "internal/sim/TestBugsAreFound",
	}},
	14: {"Adding an ineligible line changes no line, chat or reason.", []string{"TestDecision", "routing/TestDecideStories"}},
	15: {"New-chat limits are never exceeded; at or over its message limit a line opens nothing.", []string{
		"TestDecision", "TestHistories", "TestConcurrentSendsStayWithinLimits", "internal/sim/TestSimulation",
		"TestFullLineLeadsToAnotherPick", "TestEveryLineFull",
	}},
	16: {"Decide is pure: same input, same bytes.", []string{"TestDecision", "routing/TestDecideStories", "routing/TestRecordAsJSON"}},
	17: {"A line flagged before a restart is flagged after it.", []string{"TestHistories", "internal/sim/TestSimulation"}},
	18: {"An accepted delivery is handed over at least once, in order within its chat, always with the same message id.", []string{
		"internal/sim/TestSimulation", "TestDelivery",
	}},
}

// TestEveryLawIsNamed proves that the table above says what the rules say, and
// names no test that is not there; and that TestDecision is named exactly for
// the laws that it states by their numbers.
func TestEveryLawIsNamed(t *testing.T) {
	rules, err := os.ReadFile("docs/rules.md")
	require.NoError(t, err)
	_, text, found := strings.Cut(string(rules), "\n## 16 ")
	require.True(t, found)
	_, text, _ = strings.Cut(text, "\n") // the headline
	text = strings.Join(strings.Fields(text), " ")
	for number := 1; number < len(laws); number++ {
		rest, found := strings.CutPrefix(text, strconv.Itoa(number)+" ")
		require.True(t, found, "law %d is not where it should be: %.60q", number, text)
		says, after, more := strings.Cut(rest, " "+strconv.Itoa(number+1)+" ")
		require.Equal(t, number+1 < len(laws), more, "the rules and the table differ in number")
		require.Equal(t, says, laws[number].says)
		text = strconv.Itoa(number+1) + " " + after
	}
	for number, law := range laws[1:] {
		for _, proof := range law.proofs {
			require.True(t, testExists(t, proof), "law %d names the test %s, which does not exist", number+1, proof)
		}
		stated := slices.ContainsFunc(decisionLaws, func(d decisionLaw) bool { return strings.HasPrefix(d.name, strconv.Itoa(number+1)+"_") })
		require.Equal(t, stated, slices.Contains(law.proofs, "TestDecision"), "law %d and the properties of TestDecision", number+1)
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
