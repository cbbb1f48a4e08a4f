package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/fromline/fromline/cmd/fromline/internal/simulate"
)

// littleSimulation is a comparison that takes no time.
func littleSimulation(args ...string) []string {
	return append([]string{"simulate", "-lines", "4", "-chats", "60", "-days", "3", "-seeds", "2", "-guard", "careful", "-model", "burst,exogenous"}, args...)
}

func runSimulation(t *testing.T, args ...string) (status int, stdout, stderr string) {
	var out, errs bytes.Buffer
	status = run(args, strings.NewReader(""), &out, &errs)
	return status, out.String(), errs.String()
}

// Every form of the output is the same to the byte each time, says that the
// models are invented, and is all there is.
// The page is one file: no script, and nothing that is fetched.
func TestSimulate(t *testing.T) {
	for _, form := range []string{"table", "json", "html"} {
		status, first, stderr := runSimulation(t, littleSimulation("-out", form)...)
		require.Equal(t, exitOK, status, stderr)
		for line := range strings.Lines(stderr) { // on a busy machine it takes longer than two seconds
			require.Regexp(t, `^simulating the first day, for |\d+ days/(s|min|h), `, line, "nothing but progress")
		}
		require.Contains(t, first, "no network publishes one")
		_, second, _ := runSimulation(t, littleSimulation("-out", form, "-jobs", "1")...)
		require.Equal(t, first, second, form)
		if form == "html" {
			require.Contains(t, first, "<svg")
			for _, fetched := range []string{"<script", "src=", "<link", "url(", "@import"} {
				require.NotContains(t, first, fetched)
			}
		}
	}
}

// The drawings and the tables of docs/pool.md are those of the committed
// results: a test holds every row, and writes the drawings anew with
// FROMLINE_GOLDEN set.
func TestResultsAreThoseOfThePage(t *testing.T) {
	page, err := os.ReadFile("../../docs/pool.md")
	require.NoError(t, err)
	for _, scene := range []string{"small", "mid"} {
		results := "../../bench/results/simulate/" + scene + ".json"
		status, drawn, stderr := runSimulation(t, "simulate", "-results", results, "-out", "svg")
		require.Equal(t, exitOK, status, stderr)
		file := "../../docs/pool-" + scene + ".svg"
		if os.Getenv("FROMLINE_GOLDEN") != "" {
			require.NoError(t, os.WriteFile(file, []byte(drawn), 0o644))
		}
		want, err := os.ReadFile(file)
		require.NoError(t, err)
		require.Equal(t, string(want), drawn)

		text, err := os.ReadFile(results)
		require.NoError(t, err)
		study, err := simulate.ReadStudies(text)
		require.NoError(t, err)
		for g, guard := range study.Models[0].Guards {
			row := "| " + guard.Guard.Name
			for i := range study.Models {
				row += " | " + study.Models[i].Guards[g].Cells()[0]
			}
			require.Contains(t, string(page), row+" |\n", scene)
		}
	}
	status, _, stderr := runSimulation(t, "simulate", "-results", "none.json")
	require.Equal(t, exitUsage, status)
	require.Contains(t, stderr, "-results")
}

// What -print-scene and -print-models write can be changed and given back.
func TestSimulationAsData(t *testing.T) {
	folder := t.TempDir()
	scene, models := filepath.Join(folder, "scene.json"), filepath.Join(folder, "models.json")
	status, _, stderr := runSimulation(t, littleSimulation("-print-scene", "-o", scene)...)
	require.Equal(t, exitOK, status, stderr)
	status, _, stderr = runSimulation(t, littleSimulation("-print-models", "-o", models)...)
	require.Equal(t, exitOK, status, stderr)
	_, want, _ := runSimulation(t, littleSimulation("-out", "json")...)
	status, got, stderr := runSimulation(t, "simulate", "-scene", scene, "-model", models, "-seeds", "2", "-guard", "careful", "-out", "json")
	require.Equal(t, exitOK, status, stderr)
	require.Equal(t, want, got)

	guard := filepath.Join(folder, "guard.json")
	require.NoError(t, os.WriteFile(guard, []byte(`{"gap": "5m", "burst": 3}`), 0o600))
	status, _, stderr = runSimulation(t, "simulate", "-scene", scene, "-model", "burst", "-seed", "3", "-guard", guard)
	require.Equal(t, exitOK, status, stderr)
}

// What cannot be used is told, all of it, and is exit status 2.
func TestSimulationsThatCannotBe(t *testing.T) {
	status, _, stderr := runSimulation(t, "simulate", "-guard", "carefull", "-model", "smoth", "-lines", "0", "-out", "pdf", "-young", "much")
	require.Equal(t, exitUsage, status)
	for _, word := range []string{"carefull", "did you mean smooth", "pdf", "young"} {
		require.Contains(t, stderr, word)
	}
	for _, args := range [][]string{{"-seeds", "0"}, {"-jobs", "0"}, {"-days", "0"}, {"-broadcast", "x"}, {"-joins", "x"}, {"-first", "x"}, {"-sends", "x"}, {"-begins", "x"}, {"-scene", "none.json"}, {"-fleet", "none.json"}, {"-model", "./none.json"}, {"-guard", "none.json"}, {"more"}} {
		status, _, stderr := runSimulation(t, append([]string{"simulate"}, args...)...)
		require.Equal(t, exitUsage, status, "%v: %s", args, stderr)
	}
}
