package move

import (
	"context"
	"errors"
	"fmt"

	"github.com/fromline/fromline/line"
	"github.com/fromline/fromline/store"
)

// Store is a store that All can copy from or to.
type Store interface {
	store.ChatStore
	store.Copier
}

// Options are the settings of a copy. The zero value reports no progress.
type Options struct {
	// Progress, if set, receives a report after each page of items. The
	// goroutine that called All calls it, so it must return soon.
	Progress func(Progress)
}

// Progress says how far one step of a copy is.
type Progress struct {
	Step Step
	Done int // in items of this step; in milliseconds if it is Waiting

	// Total is the whole of the step, in the unit of Done and at least Done. A
	// copy counts the items at the beginning of the step.
	Total int
}

// Step is a step of a copy, or of a move.
type Step uint8

// The steps. All makes the first two. A Following makes the first three, and
// may repeat them. A move between shards also makes the last two.
const (
	Copying    Step = 1 + iota
	Comparing       // reading a store, to compare it with the copied items
	CatchingUp      // copying things that changed since they were copied
	Waiting         // until every process knows of the move
	Removing        // deleting the tenant from a shard that is not its home
)

var stepNames = [...]string{
	Copying: "copying", Comparing: "comparing", CatchingUp: "catching up", Waiting: "waiting for other processes", Removing: "removing",
}

// String returns the name of the step, such as "copying", or "Step(n)" for any
// other value.
func (s Step) String() string {
	if s == 0 || int(s) >= len(stepNames) {
		return fmt.Sprintf("Step(%d)", uint8(s))
	}
	return stepNames[s]
}

// Result says what a copy did.
type Result struct {
	Items   [Kinds]int // items that the first store holds, by Kind
	Changed int        // items that the other store lacked
	Samples int        // look-ups that both stores answered alike

	// Unreadable are the rows that the first store cannot read. The copy leaves
	// them out.
	Unreadable []store.Unreadable
}

// Total returns how many items there are of all kinds.
func (r Result) Total() (n int) {
	for _, items := range r.Items {
		n += items
	}
	return n
}

// ErrSame is the error of a copy from a store to itself.
var ErrSame = errors.New("the two stores are the same store")

// LeftOutError is the error of a copy that is complete except for the rows that
// the first store cannot read.
type LeftOutError struct{ Rows []store.Unreadable }

// Error says how many things were left out, and names the first.
func (e *LeftOutError) Error() string {
	if len(e.Rows) == 0 {
		return "things of the store cannot be read and are not copied"
	}
	if len(e.Rows) == 1 {
		return fmt.Sprintf("a thing of the store cannot be read and is not copied: %v", e.Rows[0])
	}
	return fmt.Sprintf("%d things of the store cannot be read and are not copied; the first: %v", len(e.Rows), e.Rows[0])
}

// Unwrap returns store.ErrUnreadable.
func (e *LeftOutError) Unwrap() error { return store.ErrUnreadable }

// pageSize is how many items a copy imports at once: few enough that a
// transaction takes some ten milliseconds.
const pageSize = 500

// All copies everything from one store to another and compares them. The error
// is one of these:
//
//   - ErrSame, if the two stores are the same store;
//   - a *DifferentError, if All copied everything that was missing, but an item
//     that the other store had already differs;
//   - a *LeftOutError, if the two stores hold the same except for rows that the
//     first cannot read;
//   - any other error of a store.
//
// The result says how far the copy came, also with an error. All is safe for
// concurrent use.
func All(ctx context.Context, from, to Store, o Options) (Result, error) {
	if from == to {
		return Result{}, ErrSame
	}
	c := &copying{from: from, to: to, progress: o.Progress, source: make(census), target: make(census)}
	if c.progress == nil {
		c.progress = func(Progress) {}
	}
	err := c.copy(ctx)
	if err == nil {
		err = c.compare(ctx)
	}
	if err == nil {
		err = c.ask(ctx)
	}
	for name, count := range c.source {
		c.result.Items[name.kind] += count.n
	}
	if err == nil && len(c.result.Unreadable) > 0 {
		err = &LeftOutError{c.result.Unreadable}
	}
	return c.result, err
}

// copying is one copy under way.
type copying struct {
	from, to       Store
	progress       func(Progress)
	source, target census
	samples        samples
	result         Result
}

func (c *copying) copy(ctx context.Context) error {
	total, err := c.from.Count(ctx, "")
	if err != nil {
		return err
	}
	done := 0
	page := make([]store.Item, 0, pageSize)
	flush := func() error {
		changed, err := c.to.Import(ctx, page)
		if err != nil {
			return err
		}
		c.result.Changed += changed
		done += len(page)
		page = page[:0]
		c.progress(Progress{Copying, done, max(done, total)})
		return nil
	}
	for item, err := range c.from.Export(ctx) {
		if bad, is := errors.AsType[*store.UnreadableError](err); is {
			c.result.Unreadable = append(c.result.Unreadable, bad.Row)
			continue
		}
		if err != nil {
			return err
		}
		c.samples.add(&item, c.source.add(&item))
		if page = append(page, item); len(page) == pageSize {
			if err := flush(); err != nil {
				return err
			}
		}
	}
	return flush()
}

// compare counts and compares the items that the other store holds of the
// tenants of the first.
func (c *copying) compare(ctx context.Context) error {
	total, err := c.to.Count(ctx, "")
	if err != nil {
		return err
	}
	done := 0
	for item, err := range c.to.Export(ctx) {
		if err != nil {
			return err
		}
		c.target.add(&item)
		if done++; done%pageSize == 0 {
			c.progress(Progress{Comparing, done, max(done, total)})
		}
	}
	c.progress(Progress{Comparing, done, done})
	return c.source.differences(c.target)
}

// withoutCounts returns an item without the counts of messages of a line. These
// may still change in the store that a tenant leaves, and no limit depends on
// them being exact.
func withoutCounts(item *store.Item) *store.Item {
	if item.Use == nil {
		return item
	}
	exact := *item
	exact.Use = new(*item.Use)
	exact.Use.MessagesHour, exact.Use.Messages = 0, [line.WindowHours]uint32{}
	return &exact
}

// ask asks both stores the same look-ups.
func (c *copying) ask(ctx context.Context) error {
	for _, s := range c.samples.kept {
		was, err := s.ask(ctx, c.from)
		if errors.Is(err, store.ErrUnreadable) {
			continue // it was reported, and the other store does not have it
		}
		if err != nil {
			return err
		}
		is, err := s.ask(ctx, c.to)
		if err != nil {
			return err
		}
		if was != is {
			return &DifferentError{Tenant: s.query.Tenant, Lookup: true}
		}
		c.result.Samples++
	}
	return nil
}
