package imagecheck

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"code.dny.dev/ssrf"

	"github.com/fromline/fromline/fault"
	"github.com/fromline/fromline/validate"
)

// Checker fetches images to see whether they are there. It is safe for
// concurrent use and has nothing to close.
type Checker struct {
	options Options
	guard   *ssrf.Guardian
	client  *http.Client
	tenants tenants
	now     func() time.Time
}

var _ validate.ImageChecker = (*Checker)(nil)

// New returns a Checker.
func New(o Options) *Checker { return newChecker(o, public()) }

func newChecker(o Options, w world) *Checker {
	o = o.withDefaults()
	return &Checker{options: o, guard: w.guard, client: newClient(o, w), tenants: newTenants(o), now: w.now}
}

// CheckImage returns nil if there is a JPEG, PNG, HEIF or WebP image at url. If
// there is none, the error is a [*validate.ImageFault]. If ctx ends first, or
// the machine has no connection left, the error is another one: then nothing is
// known of the image. The verdict may be a remembered one, see [Options].
func (c *Checker) CheckImage(ctx context.Context, tenant, url string) error {
	t := c.tenants.get(tenant)
	defer c.tenants.put(t)
	if verdict, known := t.recall(url, c.now()); known {
		return verdict.err()
	}
	select {
	case t.places <- struct{}{}:
		defer func() { <-t.places }()
	case <-ctx.Done():
		return unchecked(ctx)
	}
	if verdict, known := t.recall(url, c.now()); known { // another check found out in the meantime
		return verdict.err()
	}
	verdict, err := c.fetch(ctx, url)
	if err != nil {
		return err
	}
	lasts := c.options.RememberGood
	if verdict.rule != "" {
		lasts = c.options.RememberBad
	}
	t.remember(url, verdict, c.now().Add(lasts))
	return verdict.err()
}

// unchecked says that nothing is known because the caller's context ended.
func unchecked(ctx context.Context) error {
	return fmt.Errorf("imagecheck: not checked: %w", context.Cause(ctx))
}

// verdict is what is known of an image: that it is fine, or why not.
type verdict struct {
	rule       fault.Rule // "" if it is fine
	max, found int64
}

func (v verdict) err() error {
	if v.rule == "" {
		return nil
	}
	return &validate.ImageFault{Rule: v.rule, Max: v.max, Found: v.found}
}
