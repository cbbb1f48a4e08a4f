package spread

import (
	"flag"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

var update = flag.Bool("update", false, "write the tables into docs/spread.md")

const page = "../../docs/spread.md"

// TestPageIsTrue repeats the measurements of the page. With -update it writes
// the page instead.
func TestPageIsTrue(t *testing.T) {
	text, err := os.ReadFile(page)
	require.NoError(t, err)
	got := string(text)
	for name, table := range Tables() {
		t.Logf("%s\n%s", name, table)
		begin, end := "<!-- table "+name+" -->\n", "<!-- end -->"
		_, after, found := strings.Cut(got, begin)
		require.True(t, found, name)
		old, _, found := strings.Cut(after, end)
		require.True(t, found, name)
		if *update {
			got = strings.Replace(got, begin+old, begin+table, 1)
			continue
		}
		require.Equal(t, old, table, "run (cd bench && go test ./spread -update)")
	}
	if *update {
		require.NoError(t, os.WriteFile(page, []byte(got), 0o644))
	}
}

// TestOursKeepsItsPromises checks in other worlds what the page promises of
// ours.
func TestOursKeepsItsPromises(t *testing.T) {
	for seed := range uint64(10) {
		lines, people := Fleet(seed), Contacts(2000, seed)
		d := MeasureDay(NewWay(Ours, lines, seed), lines, people)
		require.Equal(t, len(people), d.Opened, seed)
		require.Zero(t, d.Breaches, seed)
		require.Zero(t, d.AtRisk, seed)

		require.Zero(t, MeasureDay(NewWay(OursCountryFirst, lines, seed), lines, people).Abroad, seed)
		required := NewWay(OursRequired, lines, seed)
		for i, to := range people {
			if number, ok := required.Pick(to, Start.Add(time.Duration(i)*time.Second)); ok {
				require.Equal(t, to.Country(), number.Country(), seed)
			}
		}

		equal := EqualLines(50)
		h := MeasureHerd(NewWay(Ours, equal, seed), equal, people, 64)
		require.LessOrEqual(t, h.Worst, 64/50+2, seed) // the least possible, and one more for a line that was behind
		require.LessOrEqual(t, h.Uneven, 1, seed)
	}
}
