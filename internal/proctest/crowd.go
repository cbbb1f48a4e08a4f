package proctest

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/fromline/fromline/store"
)

// The parts of a crowd.
const (
	crowdProcesses = 4
	crowdLines     = 5
)

// crowd is the size of a crowd.
type crowd struct {
	sets       int // of people
	goroutines int // in each process
	limit      int // of chats that each line may open; 0 means no limit
}

// newCrowd returns the size of a crowd. If it is limited, the lines may open
// chats for half of the sets only, and there are fewer sets: each of the others
// is refused to each goroutine on each line.
func newCrowd(limited bool) crowd {
	c := crowd{sets: 250, goroutines: 16}
	switch {
	case testing.Short() && limited:
		c = crowd{sets: 10, goroutines: 4}
	case testing.Short():
		c = crowd{sets: 40, goroutines: 4}
	case os.Getenv("FROMLINE_LONG") != "":
		c.sets = 1000
	case limited:
		c.sets = 50
	}
	if limited {
		c.limit = c.sets / (2 * crowdLines)
	}
	return c
}

// String returns the text for parseCrowd, which the parent passes to a child.
func (c crowd) String() string { return fmt.Sprintf("%d/%d/%d", c.sets, c.goroutines, c.limit) }

func parseCrowd(text string) (c crowd, err error) {
	_, err = fmt.Sscanf(text, "%d/%d/%d", &c.sets, &c.goroutines, &c.limit)
	return c, err
}

// Crowd makes 64 goroutines in four processes open chats with the same 250 sets
// of people at once. It checks that each set has exactly one chat, or, if
// limited, that the lines have opened exactly as many chats as they may. Then
// all processes claim the outbox, and Crowd checks that no two get the same
// delivery. There are 1,000 sets with FROMLINE_LONG=1, and fewer of everything
// in short mode.
func Crowd(t *testing.T, open Open, source string, limited bool) {
	c := newCrowd(limited)
	want := c.sets
	if limited {
		want = c.limit * crowdLines
	}
	path := filepath.Join(t.TempDir(), "journal")
	_, err := openJournal(path)
	require.NoError(t, err)
	children := make([]*process, crowdProcesses)
	for i := range children {
		children[i] = start(t, envWork+"=crowd", envSource+"="+source, envJournal+"="+path, envNumber+"="+strconv.Itoa(i),
			envAhead+"=0", envCrowd+"="+c.String())
	}
	for _, child := range children {
		require.NoError(t, child.cmd.Wait())
	}

	s, err := open(context.Background(), source, 0)
	require.NoError(t, err)
	defer func() { require.NoError(t, s.Close()) }()
	opened := 0
	for set := range c.sets {
		snap, err := s.Lookup(context.Background(), store.Query{Tenant: tenant, Set: peopleOf(set).Key()})
		require.NoError(t, err)
		require.LessOrEqual(t, len(snap.Chats), 1, "set %d", set)
		opened += len(snap.Chats)
	}
	require.Equal(t, want, opened)
	uses, _, err := s.LineUse(context.Background(), 0, 0)
	require.NoError(t, err)
	counted := 0
	for _, u := range uses {
		if limited {
			require.Equal(t, c.limit, u.Window(u.Hour))
		}
		counted += u.Window(u.Hour)
	}
	require.Equal(t, want, counted)
	h, err := readJournal(path)
	require.NoError(t, err)
	held := make(map[int]bool)
	for _, hand := range h.hands {
		require.False(t, held[hand.set], "two claimers hold the delivery to set %d", hand.set)
		held[hand.set] = true
	}
	require.Len(t, held, want)
}

// crowd opens chats and claims their deliveries.
func (c *child) crowd() error {
	size, err := parseCrowd(os.Getenv(envCrowd))
	if err != nil {
		return err
	}
	errs := make(chan error)
	for g := range size.goroutines {
		go func() {
			err := c.openAll(size, g)
			if err == nil {
				err = c.hold()
			}
			errs <- err
		}()
	}
	for range size.goroutines {
		err = errors.Join(err, <-errs)
	}
	return err
}

// openAll opens a chat with each set that has none, on any line that is not
// full. Half of the goroutines take the sets in the same order, so that they
// meet at a set; the others begin at different sets, so that they meet at a
// line.
func (c *child) openAll(size crowd, from int) error {
	first := 0
	if from%2 == 1 {
		first = (c.number*size.goroutines + from) * size.sets / (crowdProcesses * size.goroutines)
	}
	for i := range size.sets {
		set := (first + i) % size.sets
		for full := 0; full < crowdLines; {
			snap, err := c.store.Lookup(context.Background(), store.Query{Tenant: tenant, Set: peopleOf(set).Key()})
			if err != nil {
				return err
			}
			if len(snap.Chats) > 0 {
				break
			}
			p := planFor(send{set, 1}, peopleOf(set), "", uuid.New(), &snap)
			p.NewChatLimit = size.limit
			p.Line = lineOf((set + from + full) % crowdLines)
			var conflict *store.Conflict
			err = c.store.Commit(context.Background(), p)
			if err != nil && !errors.As(err, &conflict) {
				return fmt.Errorf("set %d: %w", set, err)
			}
			if err != nil && conflict.Kind == store.LineFull {
				full++
			}
		}
	}
	return nil
}

// hold claims everything that it can, and keeps it.
func (c *child) hold() error {
	for {
		claimed, err := c.store.Claim(context.Background(), time.Hour, 7)
		if err != nil || len(claimed) == 0 {
			return err
		}
		for _, one := range claimed {
			var of send
			if _, err := fmt.Sscan(string(one.Delivery.Content), &of.set, &of.n); err != nil {
				return err
			}
			if err := c.journal.write("hand", of, one.Delivery.MessageID); err != nil {
				return err
			}
		}
	}
}
