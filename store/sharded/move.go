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
// them, call [Store.Move] again: it continues.
const (
	// Copying copies everything of the tenant and compares it, and then copies
	// changes again and again. The tenant sends meanwhile.
	Copying Step = 1 + iota
	// Closing waits until every process has seen that the tenant is about to
	// leave. The tenant still sends, and leased deliveries can be settled; the
	// store claims no more of them.
	Closing
	// Fencing writes the fence into the shard that the tenant leaves. From then
	// on the store refuses calls about the tenant with ErrMoving; calls that
	// began before end normally.
	Fencing
	// Finishing copies and compares the last changes.
	Finishing
	// Switching writes the new shard of the tenant into the directory.
	Switching
	// Sweeping removes the tenant from the shard that it left.
	Sweeping
)

var stepNames = [...]string{Copying: "copying", Closing: "closing", Fencing: "fencing", Finishing: "finishing", Switching: "switching", Sweeping: "sweeping"}

// String returns copying, closing, fencing, finishing, switching or sweeping,
// or "Step(n)" for any other value.
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

	// Progress, if set, is called now and then by the goroutine that called Move,
	// about each [move.Step]. It must return soon.
	Progress func(move.Progress)
}

// Move moves a tenant to the shard of that name while the tenant sends. Move
// copies everything and compares it. Then the store refuses all calls about the
// tenant with ErrMoving, for about 1.2 seconds (a tenth of Options.Recheck and
// a fifth of Options.Patience) and for as long as it takes to copy the last
// changes. If the shard that the tenant leaves lists changes, as SQLite,
// PostgreSQL and etcd do, that time grows with how much the tenant sends, not
// with how much it has. Otherwise Move reads the whole tenant once more.
// Nothing is lost or made twice. If a process holds a delivery for longer than
// Options.Recheck and Options.Patience together, it may be handed over once
// more, with the same message id.
//
// While one caller moves a tenant, another one gets ErrMoveUnderWay. The lock
// of a process that was killed lasts for twice Options.Recheck and
// Options.Patience together: Move waits for that.
//
// After a move that failed or was stopped, call Move again with the same shard:
// it continues. Until then:
//
//   - a tenant that was not fenced is as it was, but if the process was killed
//     in Closing, none of the tenant's deliveries are claimed;
//   - the store refuses calls about a tenant that was fenced, also while the
//     next Move copies and compares it again.
//
// A move to the shard where the tenant lives only finishes an earlier move. An
// unknown shard, and a store without a directory, are an error wrapping
// store.ErrInvalid. If the two shards still differ at the end, the error is a
// *move.DifferentError. Any other error is that of a shard, of o.Step or of the
// context. Move is safe for concurrent use.
func (s *Store) Move(ctx context.Context, tenant, to string, o MoveOptions) (result move.Result, err error) {
	target := s.named(to)
	switch {
	case s.directory == nil:
		return result, fmt.Errorf("sharded: %w: there is no directory: tenants that are spread by their hash cannot move", store.ErrInvalid)
	case target == nil:
		return result, fmt.Errorf("sharded: %w: there is no shard %q: the shards are %s", store.ErrInvalid, to, s.names())
	}
	if o.Step == nil {
		o.Step = func(Step) error { return nil }
	}
	if o.Progress == nil {
		o.Progress = func(move.Progress) {}
	}
	// This fails for an invalid tenant, and writes the entry of a new one.
	if _, err := s.home(ctx, tenant); err != nil {
		return result, err
	}
	ctx, held, err := s.lock(ctx, tenant, o.Progress)
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
		return result, fmt.Errorf("sharded: %w: the tenant is moving to shard %s: finish that move first", store.ErrInvalid, h.leaving)
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
	return result, s.sweepAll(ctx, tenant, h, held, o.Progress)
}

// carrier is a move under way.
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
		return result, err // the fence may be written
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

// The passes over the changes before the fence end after maxPasses, after a
// pass of at most fewThings, or after one with no fewer than the pass before.
const (
	maxPasses = 20
	fewThings = 200
)

// prepare copies while the tenant sends, and then makes every process ask
// sooner where the tenant lives.
func (c *carrier) prepare(ctx context.Context) error {
	if err := c.o.Step(Copying); err != nil {
		return err
	}
	// A move that was killed may have left the note.
	if err := c.s.setClosing(ctx, c.from, c.tenant, false); err != nil {
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
		c.o.Progress(waited(closed, waits))
		if _, err := c.follow.Catch(ctx); err != nil {
			return err
		}
	}
	return nil
}

// giveUp restores a tenant that was not fenced, unless another process moves it
// now.
func (c *carrier) giveUp(ctx context.Context) error {
	if errors.Is(context.Cause(ctx), ErrMoveUnderWay) {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), c.s.o.Patience)
	defer cancel()
	return errors.Join(c.s.setClosing(ctx, c.from, c.tenant, false), c.follow.Stop(ctx))
}

func (s *Store) forgetHome(tenant string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.homes, tenant)
}
