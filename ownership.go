package fromline

import (
	"context"
	"time"

	"github.com/fromline/fromline/line"
	"github.com/fromline/fromline/recipients"
	"github.com/fromline/fromline/store"
)

// Named tells the store which lines a tenant has in the host's configuration.
// Call it when the program starts, as fromline serve does with its fleet files.
// A number that the vendor has released stays out of use until the vendor
// assigns it again, or until the host has called Named once without the number
// and then with it again. So an old file does not bring back a released number.
// Named does nothing if the store keeps no states of lines.
//
// The error is an [*UnavailableError] if the store could not be read or
// written: call Named again. It is safe for concurrent use.
func (r *Router) Named(ctx context.Context, tenant string, lines []line.Line) error {
	if r.states == nil {
		return nil
	}
	if err := r.checkClock(ctx, r.opts.Clock()); err != nil {
		return err
	}
	named := make(map[recipients.Handle]bool, len(lines))
	for _, l := range lines {
		named[l.Number] = true
	}
	for after := line.Change(0); ; {
		page, last, err := r.states.LineStates(ctx, after, store.MaxPage)
		if err != nil {
			return unavailable(err)
		}
		for _, kept := range page {
			if kept.Tenant != tenant {
				continue
			}
			now := line.State{Tenant: tenant, Number: kept.Number, OwnershipAt: laterThan(kept.OwnershipAt, r.opts.Clock())}
			switch {
			case kept.Ownership == line.Released && !named[kept.Number]:
				now.Ownership = line.Dropped
			case kept.Ownership == line.Dropped && named[kept.Number]:
				now.Ownership = line.Assigned
			default:
				continue
			}
			if err := r.keepOwnership(ctx, now); err != nil {
				return err
			}
		}
		if len(page) < store.MaxPage {
			return nil
		}
		after = last
	}
}

// keepOwnership writes whose number a line is, and learns it.
func (r *Router) keepOwnership(ctx context.Context, now line.State) error {
	before := r.known(ctx, now.Tenant, now.Number)
	if _, err := r.states.ReportLine(ctx, now); err != nil {
		return notKept(err)
	}
	if applied, err := r.fleet.Learn(now); err == nil && applied {
		r.logChange(ctx, &now, before, r.known(ctx, now.Tenant, now.Number))
	}
	return nil
}

// laterThan returns now, or a microsecond after a time that is not before it.
func laterThan(kept, now time.Time) time.Time {
	if now = store.Micros(now); now.After(kept) {
		return now
	}
	return kept.Add(time.Microsecond)
}
