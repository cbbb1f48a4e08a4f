package sharded

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/fromline/fromline/store"
	"github.com/fromline/fromline/store/move"
)

// Step is a step of a move.
type Step uint8

// The steps of a move, in their order. If a move stops before or within any of
// them, call [Store.Move] again: it goes on.
const (
	// Copying copies everything of the tenant and compares it, while it sends, and
	// then again and again what changed meanwhile.
	Copying Step = 1 + iota
	// Closing waits until every process has seen that the tenant is about to
	// leave. Sends are still answered, and leased deliveries can be settled; no
	// more are claimed.
	Closing
	// Fencing writes the fence into the shard that the tenant leaves. From then
	// on all its calls are refused with ErrMoving; those on their way end as
	// they would.
	Fencing
	// Finishing copies and compares the last changes.
	Finishing
	// Switching writes the new shard of the tenant into the directory.
	Switching
	// Sweeping removes the tenant from the shard that it left.
	Sweeping
)

var stepNames = [...]string{Copying: "copying", Closing: "closing", Fencing: "fencing", Finishing: "finishing", Switching: "switching", Sweeping: "sweeping"}

// String returns copying, closing, fencing, finishing, switching or sweeping, or
// "Step(n)" for any other value.
func (s Step) String() string {
	if s == 0 || int(s) >= len(stepNames) {
		return fmt.Sprintf("Step(%d)", uint8(s))
	}
	return stepNames[s]
}

// MoveOptions are the settings of a move. The zero value reports nothing.
type MoveOptions struct {
	// Step, if set, is called before each step; its error ends the move.
	Step func(Step) error

	// Progress, if set, is called now and then while things are copied. Their
	// total is not known before they are read.
	Progress func(move.Progress)
}

// Move moves a tenant to the shard of that name, while it sends. What there is of
// the tenant is copied and compared before; then everything of the tenant is
// refused with ErrMoving, for some 1.2 seconds and for as long as it takes to copy
// what changed since the last look. That grows with how much is sent, and not with
// how much there is of the tenant: where the shard that it leaves lists changes, as
// SQLite, PostgreSQL and etcd do; from another one the tenant is read as a whole
// once more. Nothing is lost or made twice. A delivery that a process has in hand for
// longer than Options.Recheck and Options.Patience is handed over once more, with
// the same message id.
//
// While one caller moves a tenant, another one gets ErrMoveUnderWay. A process that
// was killed holds its lock for at most Options.Recheck and Options.Patience: Move
// waits for that.
//
// After a move that failed or was stopped, call Move again with the same shard:
// it goes on. Until then a tenant that was not fenced yet is as it was; but if
// the process was killed in Closing, none of its deliveries are claimed. A
// tenant that was fenced is refused until then, and also while it is copied and
// compared again. A move to the shard where the tenant lives only finishes an
// earlier move. Unknown shards, and a store without a directory, are an error
// wrapping store.ErrInvalid; a *move.DifferentError says that the two shards do
// not come to hold the same.
func (s *Store) Move(ctx context.Context, tenant, to string, o MoveOptions) (result move.Result, err error) {
	target := s.named(to)
	switch {
	case s.directory == nil:
		return result, fmt.Errorf("sharded: %w: tenants are spread by their hash: without a directory none can move", store.ErrInvalid)
	case target == nil:
		return result, fmt.Errorf("sharded: %w: there is no shard %q: the shards are %s", store.ErrInvalid, to, s.names())
	}
	if o.Step == nil {
		o.Step = func(Step) error { return nil }
	}
	if _, err := s.home(ctx, tenant); err != nil { // of a tenant that cannot be, or that has no entry yet
		return result, err
	}
	ctx, held, err := s.lock(ctx, tenant)
	if err != nil {
		return result, err
	}
	defer held.release()
	s.forgetHome(tenant)
	h, err := s.home(ctx, tenant)
	if err != nil {
		return result, err
	}
	switch {
	case h.leaving != "" && h.leaving != to:
		return result, fmt.Errorf("sharded: %w: the tenant is on its way to shard %s: go on with that move first", store.ErrInvalid, h.leaving)
	case h.shard != target:
		c := &carrier{s: s, tenant: tenant, from: h, target: target, lock: held, o: o}
		if result, err = c.carry(ctx); err != nil {
			if cause := context.Cause(ctx); cause != nil && !errors.Is(err, cause) {
				err = errors.Join(err, cause)
			}
			return result, err
		}
		h = home{shard: target, number: h.number + 1}
	}
	if err := o.Step(Sweeping); err != nil {
		return result, err
	}
	return result, s.sweepAll(ctx, tenant, h, held)
}

// carrier is a move on its way.
type carrier struct {
	s      *Store
	tenant string
	from   home
	target *shard
	lock   *lock
	o      MoveOptions
	follow *move.Following
}

// carry copies, closes, fences, finishes and switches.
func (c *carrier) carry(ctx context.Context) (result move.Result, err error) {
	from, err := c.from.shard.get(ctx)
	if err != nil {
		return result, err
	}
	into, err := c.target.get(ctx)
	if err != nil {
		return result, err
	}
	c.follow = move.Follow(from, into, c.tenant, c.o.Progress)
	fenced := c.from.leaving != ""
	if !fenced {
		if err := c.prepare(ctx); err != nil {
			return result, errors.Join(err, c.giveUp(ctx))
		}
	}
	if err := c.o.Step(Fencing); err != nil {
		return result, errors.Join(err, c.giveUp(ctx))
	}
	said, err := writeEntry(ctx, c.from.shard, entryLeaves, c.tenant, c.from.number+1, c.target.Name)
	if err != nil {
		return result, err // whether it is fenced is not known
	}
	if said != c.target.Name {
		return result, fmt.Errorf("sharded: %w: another move has begun, to shard %s", store.ErrNotWritten, said)
	}
	if err := c.s.wait(ctx, c.s.o.Recheck/sooner+c.s.o.Patience/impatient); err != nil {
		return result, err
	}
	if err := c.o.Step(Finishing); err != nil {
		return result, err
	}
	if fenced {
		if err := c.follow.Copy(ctx); err != nil {
			return result, err
		}
	}
	if result, err = c.follow.Finish(ctx); err != nil {
		return result, err
	}
	if err := c.o.Step(Switching); err != nil {
		return result, err
	}
	if err := c.lock.hold(ctx); err != nil {
		return result, err
	}
	_, err = writeEntry(ctx, c.s.directory, entryLives, c.tenant, c.from.number+1, c.target.Name)
	c.s.forgetHome(c.tenant)
	return result, err
}

// What ends the passes over what changed before the tenant is fenced: there are so
// many, or one has so few things, or not fewer than the one before.
const (
	maxPasses = 20
	fewThings = 200
)

// prepare copies while the tenant sends, and has every process look more often
// where it lives.
func (c *carrier) prepare(ctx context.Context) error {
	if err := c.o.Step(Copying); err != nil {
		return err
	}
	if err := c.s.setClosing(ctx, c.from, c.tenant, false); err != nil { // which a move that was killed left
		return err
	}
	if err := c.follow.Copy(ctx); err != nil {
		return err
	}
	for pass, last := 0, 0; pass < maxPasses; pass++ {
		n, err := c.follow.Catch(ctx)
		if err != nil {
			return err
		}
		if n <= fewThings || pass > 0 && n >= last {
			break
		}
		last = n
	}
	if err := c.o.Step(Closing); err != nil {
		return err
	}
	if err := c.s.setClosing(ctx, c.from, c.tenant, true); err != nil {
		return err
	}
	for closed, waits := time.Now(), c.s.o.Recheck+c.s.o.Patience; time.Since(closed) < waits; {
		if err := c.s.wait(ctx, min(waits/4, waits-time.Since(closed))); err != nil {
			return err
		}
		if _, err := c.follow.Catch(ctx); err != nil {
			return err
		}
	}
	return nil
}

// giveUp leaves a tenant that was not fenced as it was, unless another process
// moves it now.
func (c *carrier) giveUp(ctx context.Context) error {
	if errors.Is(context.Cause(ctx), ErrMoveUnderWay) {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), c.s.o.Patience)
	defer cancel()
	return errors.Join(c.s.setClosing(ctx, c.from, c.tenant, false), c.follow.Stop(ctx))
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
func (s *Store) sweepAll(ctx context.Context, tenant string, h home, held *lock) error {
	for _, sh := range s.shards {
		if sh == h.shard {
			continue
		}
		if err := held.hold(ctx); err != nil {
			return err
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
