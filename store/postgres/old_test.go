//go:build unix

package postgres_test

import (
	"os"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/fromline/fromline/store/internal/oldstore"
	"github.com/fromline/fromline/store/postgres"
)

// The schema of an older release is brought up to date, with all its data.
func TestSchemaOfAnOlderRelease(t *testing.T) {
	db := newDatabase(t)
	fixture, err := os.ReadFile("testdata/version14.sql")
	require.NoError(t, err)
	db.exec(t, string(fixture))
	_, err = postgres.Open(t.Context(), db.dsn, postgres.Options{SchemaGiven: true})
	require.ErrorIs(t, err, postgres.ErrOldSchema)
	require.NoError(t, db.open(t, postgres.Options{}).Close())
	oldstore.Check(t, db.open(t, postgres.Options{}))
}
