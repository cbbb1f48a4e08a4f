package main

import (
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
)

// TestPolicy says that each command that picks lines takes the policy from a
// file, refuses one that cannot be used with exit status 2, and names the word.
func TestPolicy(t *testing.T) {
	fleet := fleetOf(t, lineOf("+12025550101", ""), lineOf("+442079460104", ""))
	commands := map[string][]string{
		"route":  {"route", "-fleet", fleet},
		"serve":  {"serve", "-fleet", fleet, "-addr", "127.0.0.1:0"},
		"doctor": {"doctor", "-fleet", fleet},
	}
	for name, c := range map[string]struct{ policy, says string }{
		"a name of nothing":   {`{"criteria":["reputation","county"]}`, "county"},
		"a name twice":        {`{"criteria":["use","country","use"]}`, "use"},
		"a member of nothing": {`{"requires":["country"]}`, "requires"},
		"no such requirement": {`{"require":["fewest"]}`, "fewest"},
		"a list":              {`["country"]`, "list"},
		"no JSON":             {`criteria: country`, "JSON"},
		"in UTF-16":           {"\xff\xfe{\x00}\x00", "UTF-16"},
	} {
		for command, args := range commands {
			t.Run(name+"/"+command, func(t *testing.T) {
				r := runWith("", append(args, "-policy", write(t, "policy.json", c.policy))...)
				assert.Equal(t, exitUsage, r.status)
				assert.Contains(t, r.stderr, c.says)
				assert.Contains(t, r.stderr, "-policy")
			})
		}
	}
	for command, args := range commands {
		r := runWith("", append(args, "-policy", filepath.Join(t.TempDir(), "nowhere"))...)
		assert.Equal(t, exitUsage, r.status, command)
	}
	const policy = "\ufeff" + `{"criteria":["reputation","country","use"],"require":["country"]}`
	assert.Contains(t, examine(t, "-fleet", fleet, "-policy", write(t, "policy.json", policy)).ok, "    it can be used")

	sends := sendTo("+442079460123", "hi") + "\n" + sendTo("+33142685300", "hi") + "\n"
	r := runWith(sends, "route", "-fleet", fleet, "-policy", write(t, "policy.json", policy), "-explain")
	assert.Equal(t, exitRefused, r.status)
	assert.Contains(t, r.stdout, "from +442079460104")
	assert.Contains(t, r.stderr, "line 2: 2015", "no line is French")
	assert.Equal(t, exitOK, runWith(sends, "route", "-fleet", fleet).status)
}
