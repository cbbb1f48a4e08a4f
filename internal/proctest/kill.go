package proctest

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/fromline/fromline/store"
)

// Config says which store to test, and what to kill.
type Config struct {
	Open   Open
	Source string // of the store, given to Open

	Rounds   int // 0 means 3, but 2 in short mode, and 50 with FROMLINE_LONG=1
	Children int // processes at a time; 0 means 2

	// KillServer kills the server of the store and starts it again. It is nil
	// if there is none.
	KillServer func() error

	// Advance moves the clock of a store that keeps its own, so that the leases
	// of killed children run out. It is nil if Open does that.
	Advance func(ahead time.Duration)
}

// Kill starts children that send and deliver, kills them and the server at
// random with SIGKILL, and checks the promises of the store: every acknowledged
// decision exists, none was made twice, every set has one chat, every chat was
// counted once, and every delivery was handed over at least once, in the order
// of its chat, with one message id. It logs a seed. FROMLINE_SEED sets the
// seed, and so the moments of the kills, as far as the operating system repeats
// itself.
func Kill(t *testing.T, c Config) {
	if c.Rounds == 0 {
		c.Rounds = 3
		if testing.Short() {
			c.Rounds = 2
		}
		if os.Getenv("FROMLINE_LONG") != "" {
			c.Rounds = 50
		}
	}
	if c.Children == 0 {
		c.Children = 2
	}
	seed, err := strconv.ParseUint(os.Getenv("FROMLINE_SEED"), 10, 64)
	if err != nil {
		seed = rand.Uint64()
	}
	t.Logf("FROMLINE_SEED=%d", seed)
	r := &runner{Config: c, T: t, random: rand.New(rand.NewPCG(seed, 0)), journalPath: filepath.Join(t.TempDir(), "journal")}
	j, err := openJournal(r.journalPath)
	require.NoError(t, err)
	r.journal = j
	for range c.Rounds {
		r.round()
	}
	r.finish()
}

type runner struct {
	Config
	*testing.T
	random      *rand.Rand
	journalPath string
	journal     journal
	rounds      int
}

// ahead returns how far the clock of a round is ahead: past every lease of the
// round before.
func (r *runner) ahead() time.Duration { return time.Duration(r.rounds) * time.Hour }

// round starts children, waits until they have acknowledged some decisions, and
// kills them one by one. In every other round it kills the server before.
func (r *runner) round() {
	r.rounds++
	if r.Advance != nil {
		r.Advance(r.ahead())
	}
	children := make([]*process, r.Children)
	for i := range children {
		children[i] = r.start(i)
	}
	children[0].await(20 + r.random.IntN(100))
	if r.KillServer != nil && r.rounds%2 == 0 {
		require.NoError(r, r.KillServer())
		children[0].await(5 + r.random.IntN(40)) // the children continue after that
	}
	first := r.random.IntN(len(children))
	children[first].kill()
	for i, c := range children {
		if i != first {
			c.await(r.random.IntN(30)) // the other children do not notice
			c.kill()
		}
	}
	r.check(r.open())
}

func (r *runner) start(number int) *process {
	return start(r.T, envWork+"=victim", envSource+"="+r.Source, envJournal+"="+r.journalPath,
		envNumber+"="+strconv.Itoa(number), envAhead+"="+r.ahead().String())
}

func (r *runner) open() Store {
	s, err := r.Open(context.Background(), r.Source, r.ahead())
	require.NoError(r, err)
	return s
}

// check checks that everything acknowledged exists, once.
func (r *runner) check(s Store) *history {
	defer func() { require.NoError(r, s.Close()) }()
	h, err := readJournal(r.journalPath)
	require.NoError(r, err)
	require.Empty(r, h.twice, "one send has two messages")
	for of, message := range h.acked {
		snap := r.look(s, of)
		require.NotNil(r, snap.Record, "the decision about send %d to set %d was acknowledged and is gone", of.n, of.set)
		require.Equal(r, message, snap.Record.MessageID)
		require.Len(r, snap.Chats, 1, "set %d", of.set)
		require.Equal(r, snap.Chats[0].ID, snap.Record.ChatID)
	}
	opened, counted := r.count(s, h)
	for deadline := time.Now().Add(time.Minute); opened != counted && time.Now().Before(deadline); { // a server may still carry out a call of a killed child
		time.Sleep(10 * time.Millisecond)
		opened, counted = r.count(s, h)
	}
	require.Equal(r, opened, counted, "new chats opened, and counted against lines")
	return h
}

// count returns how many chats there are, and how many the lines count.
func (r *runner) count(s Store, h *history) (opened, counted int) {
	for set := range h.tried {
		opened += len(r.look(s, send{set, 1}).Chats)
	}
	uses, _, err := s.LineUse(context.Background(), 0, 0)
	require.NoError(r, err)
	for _, u := range uses {
		counted += u.Window(u.Hour)
	}
	return opened, counted
}

func (r *runner) look(s Store, of send) store.Snapshot {
	snap, err := s.Lookup(context.Background(), store.Query{
		Tenant: tenant, Set: peopleOf(of.set).Key(), IdempotencyKey: fmt.Sprintf("%d/%d", of.set, of.n),
	})
	require.NoError(r, err)
	return snap
}

// finish hands over the rest of the outbox, and checks the order of everything
// that was handed over.
func (r *runner) finish() {
	r.rounds++
	if r.Advance != nil {
		r.Advance(r.ahead())
	}
	s := r.open()
	for {
		n, err := handOver(s, r.journal)
		require.NoError(r, err)
		if n == 0 {
			break
		}
	}
	backlog, err := s.Backlog(context.Background())
	require.NoError(r, err)
	require.Zero(r, backlog)
	h := r.check(s)
	last := make(map[int]int)
	for _, hand := range h.hands {
		n := last[hand.set]
		require.Contains(r, []int{n, n + 1}, hand.n, "handed over after send %d to set %d", n, hand.set)
		last[hand.set] = hand.n
	}
	for of := range h.acked {
		require.GreaterOrEqual(r, last[of.set], of.n, "send %d to set %d was never handed over", of.n, of.set)
	}
	r.Logf("%d rounds, %d decisions acknowledged, %d handed over", r.rounds-1, len(h.acked), len(h.hands))
	require.NotEmpty(r, h.acked)
}
