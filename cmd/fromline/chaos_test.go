//go:build unix

package main

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/fromline/fromline/internal/pgtest"
)

// chaosLedger is what a run of chaos came to.
type chaosLedger struct {
	Acknowledged, Lost, Doubled, OutOfOrder, OverLimit int // the last four are to be zero

	// Unacknowledged are the texts that were handed over and that no client had
	// acknowledged, each with under how many ids.
	Unacknowledged []string `json:",omitempty"`

	Opened, Refused                    int // chats of the lines with limits, and sends that these refused
	KilledServers, KilledDatabases     int
	CutConnections                     int64
	LineFlips, RefusedAsFlagged, Again int // of the network: messages that came again
}

// fewLines are those whose limit is to be reached.
const fewLines, chatsOfALine = 3, 40

// TestChaos runs two servers on one database of their own, and for some
// seconds, or for two minutes with FROMLINE_LONG=1 (or as long as
// FROMLINE_CHAOS says), kills servers and, in a minute and more, the database,
// cuts the connections of clients and of servers, and flags lines, all at
// random. Then nothing that was acknowledged is lost, doubled or out of order,
// and no line has opened more chats than its limit.
func TestChaos(t *testing.T) {
	lasts := 5 * time.Second
	switch given := os.Getenv("FROMLINE_CHAOS"); {
	case given != "":
		var err error
		lasts, err = time.ParseDuration(given)
		require.NoError(t, err)
	case os.Getenv("FROMLINE_LONG") != "":
		lasts = 2 * time.Minute
	case testing.Short():
		lasts = time.Second
	}
	t.Parallel()
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d (accidents fall where they fall)", seed)
	c := newChaos(t, seed)
	c.run(t, lasts)
	ledger := c.count(t)
	text, err := json.Marshal(ledger)
	require.NoError(t, err)
	t.Logf("%v of chaos: %s", lasts, text)
	assert.Positive(t, ledger.Acknowledged)
	assert.Zero(t, ledger.Lost, "lost")
	assert.Zero(t, ledger.Doubled, "doubled")
	assert.Zero(t, ledger.OutOfOrder, "out of order")
	assert.Zero(t, ledger.OverLimit, "over a limit")
}

// chaos is two servers on one database, clients, a network, and what cuts the
// connections between them.
type chaos struct {
	random   *rand.Rand
	database *pgtest.Server
	toStore  *cutter
	servers  [2]*process
	doors    [2]*cutter // before the servers
	args     []string
	network  *network
	load     *clientLoad // of clients that write to the same people again and again
	first    *clientLoad // of clients that write to new people, from lines with limits
	refused  atomic.Int64
	ledger   chaosLedger
}

func newChaos(t *testing.T, seed uint64) *chaos {
	c := &chaos{random: rand.New(rand.NewPCG(seed, 0)), network: newNetwork(t), database: pgtest.Start(t, pgtest.Options{Durable: true})}
	c.toStore = newCutter(t)
	c.toStore.to("unix", c.database.Folder()+"/.s.PGSQL.5432")
	name, _, _ := strings.Cut(strings.TrimPrefix(c.database.Database(t), "postgres:///"), "?")
	dsn := fmt.Sprintf("postgres://fromline@%s/%s?sslmode=disable&connect_timeout=5", c.toStore.addr(), name)

	var many, few []string
	for i, number := range ownLines {
		many = append(many, fmt.Sprintf(`{"id":"%d","phone_number":"%s"}`, i, number))
	}
	for i := range fewLines {
		few = append(few, fmt.Sprintf(`{"id":"few %d","phone_number":"+1305253559%d","limits":{"new_chats_per_day":%d}}`, i, i, chatsOfALine))
	}
	of := func(lines []string) string {
		return write(t, "fleet.json", `{"phone_numbers":[`+strings.Join(lines, ",")+`]}`)
	}
	c.load = &clientLoad{stop: make(chan struct{}), patient: true, token: "token-of-many-0123"}
	c.first = &clientLoad{stop: c.load.stop, token: "token-of-few-01234"}
	c.args = []string{
		"-fleet", "many=" + of(many), "-token", "many=@" + write(t, "many", c.load.token), "-fleet", "few=" + of(few), "-token", "few=@" + write(t, "few", c.first.token),
		"-store", dsn, "-deliver-url", c.network.URL, "-ops-addr", "127.0.0.1:0", "-addr", "127.0.0.1:0",
	}
	for i := range c.servers {
		c.doors[i] = newCutter(t)
		c.start(t, i)
	}
	return c
}

func (c *chaos) start(t *testing.T, i int) {
	c.servers[i] = start(t, c.args...)
	c.doors[i].to("tcp", strings.TrimPrefix(c.servers[i].url, "http://"))
}

// run has clients send while accidents happen, and returns when all is well
// again and everything was handed over.
func (c *chaos) run(t *testing.T, lasts time.Duration) {
	urls := [2]string{"http://" + c.doors[0].addr(), "http://" + c.doors[1].addr()}
	turn := func(to int) {
		c.load.url.Store(&urls[to])
		c.first.url.Store(&urls[1-to])
	}
	turn(0)
	for i := range 6 {
		c.load.wg.Go(func() { c.load.send(i) })
	}
	for i := range 2 {
		c.load.wg.Go(func() { c.contact(i) })
	}
	flaps := rand.New(rand.NewPCG(c.random.Uint64(), 1))
	c.load.wg.Go(func() { c.network.flap(c.load, flaps) })
	over, told := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(told)
		c.network.tell(c.load, over)
	}()
	for until := time.Now().Add(lasts); time.Now().Before(until); {
		time.Sleep(time.Duration(c.random.IntN(400)) * time.Millisecond)
		i := c.random.IntN(2)
		switch c.random.IntN(10) {
		case 0, 1, 2:
			turn(1 - i)
			_ = c.servers[i].kill()
			c.start(t, i)
			c.ledger.KilledServers++
		case 3:
			if lasts < time.Minute {
				continue // its start after a kill may take long
			}
			require.NoError(t, c.database.Kill())
			require.NoError(t, c.database.Start())
			c.ledger.KilledDatabases++
		case 4, 5, 6:
			c.toStore.cut()
		default:
			c.doors[i].cut()
			turn(i)
		}
	}
	close(c.load.stop)
	c.load.wg.Wait()
	require.Empty(t, c.load.wrong)
	require.Empty(t, c.first.wrong)
	for _, p := range c.servers {
		eventually(t, func() bool { return strings.Contains(get(t, p.ops+"/metrics"), "\nfromline_outbox_waiting 0\n") })
	}
	for _, tenant := range []string{"many", "few"} {
		assert.Equal(t, `{"parked":[]}`, get(t, c.servers[0].ops+"/parked?tenant="+tenant))
	}
	close(over)
	<-told
	for _, p := range c.servers {
		assert.Equal(t, exitOK, p.stop(t), p.logged())
	}
}

// worksFor is for how long a server may work on a request whose client is gone:
// ten seconds (docs/http.md), and as much as a busy machine needs to end it.
const worksFor = 12 * time.Second

// contact writes to new people, one after the other, until the lines are full,
// and then goes on to be refused, more slowly.
func (c *chaos) contact(client int) {
	for i := 0; !c.first.stopped(); i++ {
		key := fmt.Sprintf("contact %d of %d", i, client)
		body := sendTo(fmt.Sprintf("+1312555%d%03d", client, i), key)
		status, answer, unanswered := c.first.untilTold(body, key)
		for ; status == 409 && unanswered; status, answer, unanswered = c.first.untilTold(body, key) {
			c.refused.Add(1)
			time.Sleep(worksFor) // an earlier try may have been committed since
		}
		if status == 409 {
			c.refused.Add(1)
			time.Sleep(200 * time.Millisecond)
			continue
		}
		if status != 202 {
			c.first.complain("%s was answered %d: %s", key, status, answer)
			return
		}
		if err := c.first.acknowledge(client, key, key, answer); err != nil {
			c.first.complain("%s: %v", key, err)
			return
		}
	}
}

// count fills in the ledger.
func (c *chaos) count(t *testing.T) chaosLedger {
	l := c.ledger
	l.Refused, l.CutConnections = int(c.refused.Load()), c.toStore.cuts.Load()+c.doors[0].cuts.Load()+c.doors[1].cuts.Load()
	for from, chats := range c.network.count(t, &l, c.load, c.first) {
		if strings.HasPrefix(from, "+1305") {
			l.Opened += len(chats)
			l.OverLimit += max(0, len(chats)-chatsOfALine)
		}
	}
	return l
}

// count holds what the network took to what clients had acknowledged, and
// returns the chats that it was sent in, by line.
func (n *network) count(t *testing.T, l *chaosLedger, loads ...*clientLoad) (opened map[string]map[string]bool) {
	n.mu.Lock()
	defer n.mu.Unlock()
	l.LineFlips, l.RefusedAsFlagged, l.Again = n.flips, n.flags, n.again
	ids := map[string]map[string]bool{} // by text, which each send has of its own
	opened = map[string]map[string]bool{}
	acked := map[string]bool{} // by text
	for _, d := range n.order {
		var content struct{ Parts []struct{ Value string } }
		require.NoError(t, json.Unmarshal(d.Message, &content))
		text := content.Parts[0].Value
		if ids[text] == nil {
			ids[text] = map[string]bool{}
		}
		ids[text][d.MessageID] = true
		if opened[d.From] == nil {
			opened[d.From] = map[string]bool{}
		}
		opened[d.From][d.ChatID] = true
	}
	for _, load := range loads {
		for _, acks := range load.acks {
			last := map[string]int{} // by people: the client sends one after the other
			for _, a := range acks {
				l.Acknowledged++
				acked[a.text] = true
				at := n.place[a.messageID]
				if at == 0 {
					l.Lost++
					continue
				}
				l.Doubled += max(0, len(ids[a.text])-1)
				people := strings.Join(n.order[at-1].To, ",")
				if at < last[people] {
					l.OutOfOrder++
				}
				last[people] = at
			}
		}
	}
	l.Doubled += max(0, len(n.order)-l.Acknowledged) // what was taken and never acknowledged
	for text, of := range ids {
		if !acked[text] {
			l.Unacknowledged = append(l.Unacknowledged, fmt.Sprintf("%s: %d", text, len(of)))
		}
	}
	return opened
}
