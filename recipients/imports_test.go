package recipients_test

import (
	"os/exec"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// A host may link another major version of the number library, and the two
// cannot live in one binary: both register the same protobuf file and panic at
// start. Regular expressions would be what the tables are there to replace.
func TestImportGraph(t *testing.T) {
	list := func(pkg string) map[string]bool {
		out, err := exec.Command("go", "list", "-deps", pkg).CombinedOutput()
		require.NoError(t, err, string(out))
		graph := map[string]bool{}
		for line := range strings.Lines(string(out)) {
			graph[strings.TrimSpace(line)] = true
		}
		return graph
	}
	const module = "github.com/fromline/fromline/"
	for pkg := range list(module + "recipients") {
		require.NotContains(t, pkg, "protobuf")
		require.NotContains(t, pkg, "phonenumbers")
		require.NotEqual(t, "regexp", pkg)
		host, _, _ := strings.Cut(pkg, "/")
		require.True(t, !strings.Contains(host, ".") || pkg == module+"recipients" || // the standard library and this package
			strings.HasPrefix(pkg, "golang.org/x/text/") || strings.HasPrefix(pkg, "golang.org/x/net/idna"), pkg)
	}
	// That the question can be answered with yes: the package for national
	// formats links all three.
	national := list(module + "recipients/national")
	require.True(t, national["regexp"])
	require.True(t, national["github.com/nyaruka/phonenumbers/v2"])
	require.True(t, national["google.golang.org/protobuf/proto"])
}
