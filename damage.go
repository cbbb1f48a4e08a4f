package fromline

import (
	"context"
	"log/slog"
	"time"

	"github.com/fromline/fromline/store"
)

// lookEvery is how often Run looks whether the store has set rows aside.
const lookEvery = time.Second

// tellDamage logs each row that the store could not read, once.
func (r *Router) tellDamage(ctx context.Context, rows store.Damaged) error {
	type row struct{ kind, tenant, id string }
	told := map[row]bool{}
	every := time.NewTicker(lookEvery)
	defer every.Stop()
	for {
		found, total := rows.Unreadable()
		for _, u := range found {
			if at := (row{u.Kind, u.Tenant, u.ID}); !told[at] {
				told[at] = true
				r.opts.Logger.Error("a row of the store cannot be read and is set aside", slog.String("kind", u.Kind), slog.String("tenant", u.Tenant),
					slog.String("id", u.ID), slog.Bool("newer", u.Newer), slog.String("error", u.Err.Error()), slog.Int("rows", total))
			}
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-every.C:
		}
	}
}
