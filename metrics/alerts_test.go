package metrics_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/stretchr/testify/require"

	"github.com/fromline/fromline/fleet"
	"github.com/fromline/fromline/metrics"
	"github.com/fromline/fromline/store/memory"
)

func page(t *testing.T, name string) string {
	text, err := os.ReadFile(filepath.Join("..", "docs", name))
	require.NoError(t, err)
	return string(text)
}

// described are the metrics that there are, by name, with their labels.
func described(t *testing.T) map[string]string {
	lines, err := fleet.New(fleet.Options{})
	require.NoError(t, err)
	all := map[string]string{}
	desc := regexp.MustCompile(`fqName: "([a-z_]+)".*variableLabels: \{([a-z_,]*)\}`)
	for _, c := range []prometheus.Collector{metrics.New(), metrics.NewGauges(lines, memory.New(memory.Options{}), "acme")} {
		to := make(chan *prometheus.Desc, 100)
		c.Describe(to)
		close(to)
		for d := range to {
			found := desc.FindStringSubmatch(d.String())
			require.Len(t, found, 3, d.String())
			all[found[1]] = found[2]
		}
	}
	require.NotEmpty(t, all)
	return all
}

// The alerts name only metrics that exist, with labels that they have, and each has
// its place on the page for operators.
func TestAlertsNameWhatExists(t *testing.T) {
	rules, known := page(t, "alerts.yml"), described(t)
	used := regexp.MustCompile(`(fromline_[a-z_]+)(?:\{([^}]*)\})?`).FindAllStringSubmatch(rules, -1)
	require.NotEmpty(t, used)
	label := regexp.MustCompile(`([a-z_]+)=`)
	for _, u := range used {
		labels, exists := known[strings.TrimSuffix(u[1], "_bucket")]
		require.True(t, exists, "there is no metric %s", u[1])
		for _, l := range label.FindAllStringSubmatch(u[2], -1) {
			require.Contains(t, strings.Split(labels, ","), l[1], u[0])
		}
	}
	operations := page(t, "operations.md")
	alerts := regexp.MustCompile(`(?m)- alert: (\w+)$`).FindAllStringSubmatch(rules, -1)
	require.NotEmpty(t, alerts)
	for _, a := range alerts {
		require.Contains(t, operations, "\n### "+a[1]+"\n", "what to do about it")
		require.Contains(t, rules, "docs/operations.md#"+strings.ToLower(a[1])+"\n")
	}
	require.Len(t, regexp.MustCompile(`(?m)^### Fromline`).FindAllString(operations, -1), len(alerts))
}

// promtool reads the rules.
func TestPromtool(t *testing.T) {
	program, err := exec.LookPath("promtool")
	if err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatal("promtool is needed: apt-get install prometheus")
		}
		t.Skip("SKIPPED, NOT PASSED: there is no promtool: apt-get install prometheus")
	}
	out, err := exec.Command(program, "check", "rules", filepath.Join("..", "docs", "alerts.yml")).CombinedOutput()
	require.NoError(t, err, "%s", out)
}
