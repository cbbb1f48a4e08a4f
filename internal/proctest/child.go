package proctest

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/fromline/fromline/store"
)

// Store is a store under test.
type Store interface {
	store.ChatStore
	store.Outbox
	store.UseReader
	store.LineStates
	Close() error
}

// Open opens the store of a source, in any process. If the clock of the store
// can be given, it is ahead by so much.
type Open func(ctx context.Context, source string, ahead time.Duration) (Store, error)

// The environment variables of a child process.
const (
	envWork    = "FROMLINE_CHILD_WORK"
	envSource  = "FROMLINE_CHILD_SOURCE"
	envJournal = "FROMLINE_CHILD_JOURNAL"
	envNumber  = "FROMLINE_CHILD_NUMBER"
	envAhead   = "FROMLINE_CHILD_AHEAD"
	envCrowd   = "FROMLINE_CHILD_CROWD"
)

// tenant is the tenant of all sends.
const tenant = "acme"

// Child does the work of a child process and ends the process, if this process
// was started as one. Otherwise it returns at once.
func Child(open Open) {
	work := map[string]func(*child) error{"victim": (*child).suffer, "crowd": (*child).crowd}[os.Getenv(envWork)]
	if work == nil {
		return
	}
	c, err := newChild(open)
	if err == nil {
		err = errors.Join(work(c), c.store.Close())
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "child:", err)
		os.Exit(1)
	}
	os.Exit(0)
}

// child is the state of a child process.
type child struct {
	number  int
	store   Store
	journal journal
	before  *history // the journal as it was when the child started
	ticks   ticker
}

func newChild(open Open) (*child, error) {
	number, err := strconv.Atoi(os.Getenv(envNumber))
	if err != nil {
		return nil, err
	}
	ahead, err := time.ParseDuration(os.Getenv(envAhead))
	if err != nil {
		return nil, err
	}
	c := &child{number: number, ticks: ticker{out: os.Stdout}}
	if c.before, err = readJournal(os.Getenv(envJournal)); err != nil {
		return nil, err
	}
	if c.journal, err = openJournal(os.Getenv(envJournal)); err != nil {
		return nil, err
	}
	err = until(func() (err error) {
		c.store, err = open(context.Background(), os.Getenv(envSource), ahead)
		return err
	})
	return c, err
}

// until repeats a call that may fail while a server is down.
func until(do func() error) error {
	for {
		err := do()
		if err == nil || errors.Is(err, store.ErrInvalid) {
			return err
		}
		<-time.After(5 * time.Millisecond)
	}
}

// process is a child process, as its parent sees it.
type process struct {
	*testing.T
	cmd   *exec.Cmd
	ticks io.Reader
}

// start starts a child with additional environment variables.
func start(t *testing.T, settings ...string) *process {
	cmd := exec.Command(os.Args[0], "-test.run=^$")
	cmd.Env = append(os.Environ(), settings...)
	cmd.Stderr = os.Stderr
	ticks, err := cmd.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	p := &process{t, cmd, ticks}
	t.Cleanup(p.kill)
	return p
}

// await waits for n ticks.
func (p *process) await(n int) {
	_, err := io.ReadFull(p.ticks, make([]byte, n))
	require.NoError(p, err, "the child ended by itself")
}

func (p *process) kill() {
	if p.cmd.ProcessState == nil {
		_ = p.cmd.Process.Kill()
		_ = p.cmd.Wait()
	}
}
