//go:build unix

package main

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestSubjects(t *testing.T) {
	for name, want := range map[string]subject{
		"bare":             {kind: "bare"},
		"old-slow":         {kind: "slow", old: true},
		"old-hot-postgres": {kind: "postgres", old: true, hot: true},
		"full-sqlite":      {kind: "sqlite", full: true},
		"memory@20ms/16":   {kind: "memory", receiver: "20ms", concurrency: 16},
	} {
		s, err := parseSubject(name)
		require.NoError(t, err, name)
		want.name = name
		assert.Equal(t, want, s)
	}
	for _, name := range []string{"", "sqlite@a/path", "mysql", "old-", "full-memory", "memory/0", "memory/x", "hot-"} {
		_, err := parseSubject(name)
		assert.Error(t, err, name)
	}
}
