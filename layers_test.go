package fromline_test

import (
	"encoding/json"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

const module = "github.com/fromline/fromline"

// floors lists, for each package, the packages of this module that its code
// (tests aside) may import. A package that is missing here may be imported by
// nobody and fails the test: a new room needs a place in the house.
var floors = map[string][]string{
	"recipients":          {},
	"recipients/national": {"recipients"},

	"decorations":           {},
	"decorations/graphemes": {"decorations"},
	"decorations/markdown":  {"decorations", "message"},

	"internal/chart": {}, // the library that draws

	// Imported by tests only.
	"internal/samples": {},
	"internal/v8":      {},

	"fault":               {},
	"message":             {"fault", "internal/appendjson", "internal/whole"},
	"internal/absent":     {},
	"internal/appendjson": {},
	"internal/rarely":     {},
	"internal/rfc3339":    {},
	"internal/whole":      {},
	"validate":            {"fault", "recipients", "decorations", "message", "internal/nearest"},
	"validate/imagecheck": {"fault", "validate"},

	"inbound": {"fault", "recipients", "message", "internal/rfc3339"},

	// line names services with the one enum that requests use.
	"line":  {"recipients", "message"},
	"fleet": {"fault", "recipients", "message", "line", "internal/absent", "internal/rfc3339", "internal/nearest", "internal/whole"},
	"store": {"recipients", "message", "line"},

	"store/storetest":                {"recipients", "message", "line", "store", "store/storetest/internal/model"},
	"store/storetest/internal/model": {"recipients", "message", "line", "store"},
	"store/memory":                   {"recipients", "message", "line", "store", "store/internal/packed", "store/internal/people", "store/internal/known", "store/internal/carry"},
	"store/sqlite":                   {"recipients", "message", "line", "store", "store/internal/packed", "store/internal/people", "store/internal/known", "store/internal/tally", "store/internal/carry", "store/internal/aside", "store/internal/uptime"},
	"store/postgres":                 {"recipients", "message", "line", "store", "store/internal/packed", "store/internal/people", "store/internal/known", "store/internal/tally", "store/internal/carry", "store/internal/aside"},

	// sharded is one store over several of any kind, and moves tenants among them.
	"store/sharded": {"recipients", "line", "store", "store/move"},

	// open names all of them, so that hosts which name one link no other.
	"store/open": {"store", "store/memory", "store/sqlite", "store/postgres", "store/sharded"},

	// move copies between any two of them, and names none.
	"store/move": {"line", "store", "store/internal/packed", "store/internal/carry"},

	"store/internal/known":    {"recipients", "store", "store/internal/packed", "store/internal/people"},
	"store/internal/oldstore": {"recipients", "message", "line", "store"}, // of tests only
	"store/internal/spoil":    {"recipients", "store", "store/storetest"}, // of tests only
	"store/internal/aside":    {"recipients", "line", "store", "store/internal/packed"},
	"store/internal/packed":   {"recipients", "message", "line", "store"},
	"store/internal/carry":    {"recipients", "line", "store", "store/internal/people"},
	"store/internal/people":   {"recipients", "store"},
	"store/internal/tally":    {"recipients", "line", "store"},
	"store/internal/uptime":   {},

	"routing": {"fault", "recipients", "decorations", "message", "validate", "line", "fleet", "store", "internal/appendjson"},

	"delivery": {"recipients", "message", "store", "internal/absent"},
	"":         {"fault", "recipients", "message", "inbound", "validate", "line", "fleet", "store", "routing", "delivery", "internal/absent", "internal/rarely"},
	"httpapi":  {"", "fault", "recipients", "message", "inbound", "validate", "line", "fleet", "store", "routing", "delivery", "internal/absent", "internal/nearest"},

	"metrics": {"", "fault", "fleet", "line", "store", "routing", "delivery"},

	"cmd/fromline": {"*"},

	"cmd/fromline/internal/simulate":      {"", "recipients", "message", "line", "fleet", "store", "store/memory", "routing", "internal/rfc3339"},
	"cmd/fromline/internal/simulate/page": {"cmd/fromline/internal/simulate", "internal/chart"}, // apart for the library that draws
	"cmd/fromline/internal/console":       {"recipients"},
	"examples/embed":                      {"", "delivery", "line", "message", "recipients", "store/sqlite"},
	"examples/cookbook":                   {}, // tests alone
	"examples/forget":                     {"recipients", "store/open"},
	"clients":                             {}, // tests alone
}

// TestImportsFlowDownwards proves from go list that nothing imports upwards.
// Packages below internal/ serve generators and tests and may import anything,
// but no shipped package may import them unless the table says so.
func TestImportsFlowDownwards(t *testing.T) {
	for _, p := range listed(t, "./...") {
		name, inside := ours(p.ImportPath)
		if !inside || strings.HasPrefix(name, "internal/") {
			continue
		}
		allowed, known := floors[name]
		if !known {
			t.Errorf("%s has no place in the table of floors", name)
			continue
		}
		if slices.Contains(allowed, "*") {
			continue
		}
		for _, imported := range p.Imports {
			if below, is := ours(imported); is && !slices.Contains(allowed, below) {
				t.Errorf("%q imports %q, which is not below it", name, below)
			}
		}
	}
}

// ours returns the path of a package of this module below its root, empty for
// the root itself.
func ours(path string) (name string, is bool) {
	name, is = strings.CutPrefix(path, module)
	return strings.TrimPrefix(name, "/"), is
}

// TestNobodyPaysForEtcd proves that the store on etcd is a module of its own:
// neither the module graph of this module nor any of its programs has a module
// of etcd, or of gRPC, without which it cannot be.
func TestNobodyPaysForEtcd(t *testing.T) {
	graph, err := exec.Command("go", "mod", "graph").CombinedOutput()
	require.NoError(t, err, "%s", graph)
	require.Contains(t, string(graph), "github.com/jackc/pgx", "the graph is there")
	for _, module := range []string{"go.etcd.io/", "google.golang.org/grpc", "fromline/store/etcd"} {
		require.NotContains(t, string(graph), module)
	}
	for _, p := range listed(t, "-deps", "./...") {
		require.NotContains(t, p.ImportPath, "go.etcd.io/")
	}
}

// TestTheRouterIsLight proves what a host links that imports only fromline: our
// own code, the standard library, and five small modules. A host with another
// version of a phone number library, or with no SQL driver, must be able to
// embed fromline.
func TestTheRouterIsLight(t *testing.T) {
	light := []string{
		"github.com/fromline/fromline",
		"golang.org/x/text/", "golang.org/x/net/",
		"github.com/go-json-experiment/json",
		"github.com/google/uuid",
		"github.com/tidwall/btree",
	}
	for _, p := range listed(t, "-deps", ".") {
		if p.Standard {
			continue
		}
		if !slices.ContainsFunc(light, func(prefix string) bool { return strings.HasPrefix(p.ImportPath, prefix) }) {
			t.Errorf("fromline links %s", p.ImportPath)
		}
	}
}

type listedPackage struct {
	ImportPath string
	Standard   bool
	Imports    []string
}

func listed(t *testing.T, args ...string) []listedPackage {
	t.Helper()
	cmd := exec.Command("go", append([]string{"list", "-json=ImportPath,Standard,Imports"}, args...)...)
	out, err := cmd.Output()
	require.NoError(t, err, "go list %v", args)
	var packages []listedPackage
	for d := json.NewDecoder(strings.NewReader(string(out))); d.More(); {
		var p listedPackage
		require.NoError(t, d.Decode(&p))
		packages = append(packages, p)
	}
	require.NotEmpty(t, packages)
	return packages
}
