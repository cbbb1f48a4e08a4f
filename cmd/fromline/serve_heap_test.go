package main

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

// TestTheEnvironmentDecidesHowToCollect says that nothing is set aside where the
// environment has a word on the collector.
func TestTheEnvironmentDecidesHowToCollect(t *testing.T) {
	for name, c := range map[string]struct {
		environment map[string]string
		bytes       int
	}{
		"nothing":        {nil, heapReserve},
		"a rate":         {map[string]string{"GOGC": "100"}, 0},
		"never":          {map[string]string{"GOGC": "off"}, 0},
		"a bound":        {map[string]string{"GOMEMLIMIT": "200MiB"}, 0},
		"something else": {map[string]string{"GOMAXPROCS": "2"}, heapReserve},
	} {
		t.Run(name, func(t *testing.T) {
			assert.Len(t, reserveHeap(func(key string) string { return c.environment[key] }), c.bytes)
		})
	}
}
