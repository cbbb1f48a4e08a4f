//go:build unix

package postgres_test

import (
	"testing"
	"time"

	"github.com/fromline/fromline/internal/wrongclock"
	"github.com/fromline/fromline/store"
	"github.com/fromline/fromline/store/postgres"
)

// TestAWrongClockHarmsOnlyItsProcess: the clock of the server decides.
func TestAWrongClockHarmsOnlyItsProcess(t *testing.T) {
	wrongclock.Run(t, func(tb testing.TB) wrongclock.Open {
		db := newDatabase(tb)
		return func(tb testing.TB, _ func() time.Time) store.Store { return db.open(tb, postgres.Options{}) }
	})
}
