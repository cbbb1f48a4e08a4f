package metrics_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/go-json-experiment/json"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/stretchr/testify/require"

	"github.com/fromline/fromline/fleet"
	"github.com/fromline/fromline/internal/needed"
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

// The alerts name only metrics that exist, with labels that they have, and each
// has its place on the page for operators.
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

// The dashboard names only metrics that exist, with labels that they have,
// shows each of them but the buckets, and Prometheus could read each of its
// expressions.
func TestDashboardNamesWhatExists(t *testing.T) {
	var dashboard struct {
		Panels []struct {
			Title   string
			Targets []struct{ Expr, LegendFormat string }
		}
	}
	require.NoError(t, json.Unmarshal([]byte(page(t, "dashboard.json")), &dashboard, json.MatchCaseInsensitiveNames(true)))
	require.NotEmpty(t, dashboard.Panels)
	known := described(t)
	name := regexp.MustCompile(`fromline_[a-z_]+`)
	label := regexp.MustCompile(`by \((\w+)\)|\{\{(\w+)\}\}`)
	var rules strings.Builder
	rules.WriteString("groups:\n- name: dashboard\n  rules:\n")
	for i, panel := range dashboard.Panels {
		require.NotEmpty(t, panel.Targets, panel.Title)
		for j, target := range panel.Targets {
			used := name.FindString(target.Expr)
			labels, exists := known[strings.TrimSuffix(used, "_bucket")]
			require.True(t, exists, "%s: there is no metric %q", panel.Title, used)
			for _, l := range label.FindAllStringSubmatch(target.Expr+target.LegendFormat, -1) {
				if used := l[1] + l[2]; used != "le" {
					require.Contains(t, strings.Split(labels, ","), used, panel.Title)
				}
			}
			fmt.Fprintf(&rules, "  - record: panel:%d:%d\n    expr: %s\n", i, j, target.Expr)
		}
	}
	path := filepath.Join(t.TempDir(), "dashboard.yml")
	require.NoError(t, os.WriteFile(path, []byte(rules.String()), 0o600))
	promtool(t, "check", path)
}

// The page for operators has a row for every metric, with its labels.
func TestPageNamesEveryMetric(t *testing.T) {
	rows := regexp.MustCompile(`(?m)^\| (.*fromline_.*)$`).FindAllString(page(t, "operations.md"), -1)
	for name, labels := range described(t) {
		row := ""
		for _, r := range rows {
			if strings.Contains(r, "`"+name+"`") {
				row = r
			}
		}
		require.NotEmpty(t, row, name)
		for _, l := range strings.FieldsFunc(labels, func(r rune) bool { return r == ',' }) {
			require.Contains(t, row, "`"+l+"`", name)
		}
	}
}

// promtool reads the rules.
func TestPromtool(t *testing.T) { promtool(t, "check", filepath.Join("..", "docs", "alerts.yml")) }

// What testdata says of them fires, and nothing else does.
func TestAlertsFire(t *testing.T) { promtool(t, "test", filepath.Join("testdata", "alerts.yml")) }

func promtool(t *testing.T, does, rules string) {
	t.Helper()
	out, err := exec.Command(needed.Program(t, "promtool", "prometheus"), does, "rules", rules).CombinedOutput()
	require.NoError(t, err, "%s", out)
}
