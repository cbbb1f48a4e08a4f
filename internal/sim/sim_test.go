package sim

import (
	"flag"
	"os"
	"reflect"
	"testing"

	"github.com/stretchr/testify/require"
)

var (
	seed  = flag.Uint64("sim.seed", 1, "the seed of the first world")
	steps = flag.Int("sim.steps", 0, "how many steps to run; 0: a hundred thousand, or ten million with FROMLINE_LONG=1")
)

// TestSimulation runs worlds and checks the laws of docs/rules.md §16. Repeat
// the world of a seed that fails with -run TestSimulation -sim.seed N
// -sim.steps 1.
func TestSimulation(t *testing.T) {
	n := *steps
	if n == 0 {
		n = 100_000
		if testing.Short() {
			n = 10_000
		}
		if os.Getenv("FROMLINE_LONG") != "" {
			n = 10_000_000
		}
	}
	s := &Simulation{}
	stats, f := s.Run(*seed, n)
	t.Logf("%+v", stats)
	if f != nil {
		t.Fatal(s.Shrink(f))
	}
	require.GreaterOrEqual(t, stats.Steps, n)
	if n < 100_000 {
		return
	}
	for i, counted := 0, reflect.ValueOf(stats); i < counted.NumField(); i++ {
		require.NotZero(t, counted.Field(i).Int(), "%s: what did not happen was not tried", counted.Type().Field(i).Name)
	}
}
