package sharded

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"time"

	"github.com/fromline/fromline/store"
	"github.com/fromline/fromline/store/move"
)

// Step is what a move of a tenant is about to do.
type Step uint8

// The steps of a move, in their order. A move that is stopped before or within
// any of them is gone on with by calling Move again.
const (
	// Fencing writes into the shard that the tenant leaves that it does. From
	// then on its sends are refused with ErrMoving.
	Fencing Step = 1 + iota
	// Waiting lets every process see that, and what is on its way come to its
	// end. Deliveries in hand can be settled meanwhile.
	Waiting
	// Copying copies everything of the tenant, and compares it.
	Copying
	// Switching writes into the directory where the tenant lives now.
	Switching
	// Sweeping removes the tenant from the shard that it left.
	Sweeping
)

// String returns fencing, waiting, copying, switching or sweeping, or "Step(n)"
// for any other value.
func (s Step) String() string {
	switch s {
	case Fencing:
		return "fencing"
	case Waiting:
		return "waiting"
	case Copying:
		return "copying"
	case Switching:
		return "switching"
	case Sweeping:
		return "sweeping"
	}
	return fmt.Sprintf("Step(%d)", uint8(s))
}

// MoveOptions says how a move is made. The zero value is sensible.
type MoveOptions struct {
	// Step is called before each step; its error ends the move. Nil means no
	// call.
	Step func(Step) error

	// Progress is called now and then while things are copied; nil tells
	// nothing. How many there are is not known before they are read.
	Progress func(move.Progress)
}

// entryCopies is the sort of the entry, beside the fence, after which nothing
// of the tenant is settled any more in the shard that it leaves.
const entryCopies = "is copied to"

// Move moves a tenant to the shard of that name, while it sends. Sends and
// everything else of the tenant are refused with ErrMoving from the fence to
// the switch: for some nine seconds, and for as long as it takes to copy what is
// the tenant's and to compare it, however much the shards hold of others. Nothing is lost or made twice. A
// delivery that a process has in hand for longer than the wait is handed over
// once more, with the same message id.
//
// One caller moves a tenant at a time: that a move has ended is to be known before
// the next one of that tenant begins, since the last step of the first removes the
// tenant from shards that the second could be copying to.
//
// A move that failed or was stopped is gone on with by calling Move again with
// the same shard; until then the tenant stays fenced. Moving a tenant to where
// it lives does nothing but finish what an earlier move left. Unknown shards,
// and a store without a directory, are an error wrapping store.ErrInvalid; a
// *move.DifferentError says that the other shard holds something else of the
// tenant already.
func (s *Store) Move(ctx context.Context, tenant, to string, o MoveOptions) (result move.Result, err error) {
	target := s.named(to)
	switch {
	case s.directory == nil:
		return result, fmt.Errorf("sharded: %w: tenants are spread by their hash: without a directory none can move", store.ErrInvalid)
	case target == nil:
		return result, fmt.Errorf("sharded: %w: there is no shard %q", store.ErrInvalid, to)
	}
	if o.Step == nil {
		o.Step = func(Step) error { return nil }
	}
	s.forgetHome(tenant)
	h, err := s.home(ctx, tenant)
	if err != nil {
		return result, err
	}
	switch {
	case h.leaving != "" && h.leaving != to:
		return result, fmt.Errorf("sharded: %w: the tenant is on its way to shard %s: go on with that move first", store.ErrInvalid, h.leaving)
	case h.shard == target:
		return result, s.sweepAll(ctx, tenant, h, o)
	}
	if result, err = s.carry(ctx, tenant, h, target, o); err != nil {
		return result, err
	}
	return result, s.sweepAll(ctx, tenant, home{shard: target, number: h.number + 1}, o)
}

// carry fences, waits, copies and switches.
func (s *Store) carry(ctx context.Context, tenant string, h home, target *shard, o MoveOptions) (result move.Result, err error) {
	if err := o.Step(Fencing); err != nil {
		return result, err
	}
	said, err := writeEntry(ctx, h.shard, entryLeaves, tenant, h.number+1, target.Name)
	if err != nil {
		return result, err
	}
	if said != target.Name {
		return result, fmt.Errorf("sharded: %w: another move has begun, to shard %s", store.ErrNotWritten, said)
	}
	if err := o.Step(Waiting); err != nil {
		return result, err
	}
	if err := s.wait(ctx, s.o.Recheck+s.o.Patience); err != nil {
		return result, err
	}
	if _, err := writeEntry(ctx, h.shard, entryCopies, tenant, h.number+1, target.Name); err != nil {
		return result, err
	}
	if err := s.wait(ctx, s.o.Recheck); err != nil { // no call to settle takes longer
		return result, err
	}
	if err := o.Step(Copying); err != nil {
		return result, err
	}
	from, err := h.shard.get(ctx)
	if err != nil {
		return result, err
	}
	into, err := target.get(ctx)
	if err != nil {
		return result, err
	}
	result, err = move.All(ctx, &ofTenant{from, tenant}, &ofTenant{into, tenant}, move.Options{Progress: o.Progress, Counting: true})
	if err != nil {
		return result, err
	}
	if err := o.Step(Switching); err != nil {
		return result, err
	}
	_, err = writeEntry(ctx, s.directory, entryLives, tenant, h.number+1, target.Name)
	s.forgetHome(tenant)
	return result, err
}

func (s *Store) wait(ctx context.Context, d time.Duration) error {
	select {
	case <-ctx.Done():
		return fmt.Errorf("sharded: %w: %w", store.ErrNotWritten, ctx.Err())
	case <-time.After(d):
		return nil
	}
}

func (s *Store) forgetHome(tenant string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.homes, tenant)
}

// sweepAll removes the tenant from every other shard, so that it can come back.
func (s *Store) sweepAll(ctx context.Context, tenant string, h home, o MoveOptions) error {
	if err := o.Step(Sweeping); err != nil {
		return err
	}
	for _, sh := range s.shards {
		if sh == h.shard {
			continue
		}
		at, err := sh.get(ctx)
		if err == nil {
			err = sh.named(at.RemoveTenant(ctx, tenant))
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// ofTenant is a store of which only one tenant is seen.
type ofTenant struct {
	store.Store
	tenant string
}

// Export yields what is the tenant's.
func (t *ofTenant) Export(ctx context.Context) iter.Seq2[store.Item, error] {
	return t.ExportTenant(ctx, t.tenant)
}

// Count is not known without looking at the tenants that do not move.
func (t *ofTenant) Count(context.Context) (int, error) { return 0, nil }

// settling calls something of the shard of a tenant that settles a delivery,
// also while the tenant is about to leave.
func (s *Store) settling(ctx context.Context, tenant string, call func(context.Context, store.Store) error) error {
	err := s.do(ctx, tenant, call)
	if !errors.Is(err, ErrMoving) {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, s.o.Recheck)
	defer cancel()
	h, err := s.home(ctx, tenant)
	if err != nil {
		return err
	}
	if h.leaving != "" {
		copied, err := readEntry(ctx, h.shard, entryCopies, tenant, h.number+1)
		if err != nil {
			return err
		}
		if copied != "" {
			return fmt.Errorf("sharded: %w", ErrMoving)
		}
	}
	at, err := h.shard.get(ctx)
	if err != nil {
		return err
	}
	return h.shard.named(call(ctx, at))
}
