//go:build unix

package httpapi_test

import (
	"bufio"
	"bytes"
	"encoding/gob"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"os/exec"
	"slices"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// asCrowd is set in the environment of this test binary when it is to be a
// crowd of clients in a process of its own, so that what they cost is not
// mistaken for what the server costs.
const asCrowd = "FROMLINE_TEST_AS_CROWD"

func TestMain(m *testing.M) {
	if os.Getenv(asCrowd) != "" {
		os.Exit(beCrowd(os.Stdin, os.Stdout))
	}
	os.Exit(m.Run())
}

// orders are what a crowd is told.
type orders struct {
	Addr        string
	Connections int
	Malformer   *malformer // nil: good requests
	Until       int        // so many answers, of malformed requests refusals
	Seed        uint64
	Nice        int // gives way to others on the processor
}

// outcome is what a crowd tells.
type outcome struct {
	Answers  map[int]int // by status
	Cut      int         // connections that ended instead of an answer
	P50, P99 time.Duration
}

// all is how many requests were answered.
func (o *outcome) all() (n int) {
	for _, answers := range o.Answers {
		n += answers
	}
	return n
}

// crowd starts a crowd and returns when it got its first answer. Its outcome is
// to be waited for.
func crowd(t *testing.T, o orders) (wait func() outcome) {
	t.Helper()
	var told bytes.Buffer
	require.NoError(t, gob.NewEncoder(&told).Encode(o))
	child := exec.Command(os.Args[0])
	child.Env = append(os.Environ(), asCrowd+"=1")
	child.Stdin = &told
	child.Stderr = os.Stderr
	out, err := child.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, child.Start())
	t.Cleanup(func() {
		if child.ProcessState == nil {
			_ = child.Process.Kill()
			_ = child.Wait()
		}
	})
	tells := gob.NewDecoder(out)
	var started string
	require.NoError(t, tells.Decode(&started))
	return func() (got outcome) {
		require.NoError(t, tells.Decode(&got))
		require.NoError(t, child.Wait())
		return got
	}
}

// beCrowd is what the process of a crowd does.
func beCrowd(in io.Reader, out io.Writer) int {
	c := &clients{answers: map[int]int{}}
	err := gob.NewDecoder(in).Decode(&c.orders)
	if err == nil {
		err = syscall.Setpriority(syscall.PRIO_PROCESS, 0, c.Nice)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	tell := gob.NewEncoder(out)
	c.started = sync.OnceFunc(func() { _ = tell.Encode("started") })
	var running sync.WaitGroup
	for i := range c.Connections {
		running.Go(func() { c.connect(rand.New(rand.NewPCG(c.Seed, uint64(i)))) })
	}
	running.Wait()
	c.started()
	if err := tell.Encode(c.outcome()); err != nil {
		return 1
	}
	return 0
}

// clients are the connections of a crowd.
type clients struct {
	orders
	started func()
	counted atomic.Int64

	mu      sync.Mutex
	answers map[int]int
	cut     int
	took    []time.Duration
}

// connect sends one request after the other, over one connection for as long as
// the server keeps it.
func (c *clients) connect(r *rand.Rand) {
	var conn net.Conn
	var in *bufio.Reader
	var out []byte
	hangUp := func() {
		if conn != nil {
			_ = conn.Close()
			conn = nil
		}
	}
	defer hangUp()
	for c.counted.Load() < int64(c.Until) {
		if conn == nil {
			var err error
			if conn, err = net.Dial("tcp", c.Addr); err != nil {
				fmt.Fprintln(os.Stderr, err)
				return
			}
			in = bufio.NewReader(conn)
		}
		request := c.next(r)
		out = request.appendTo(out[:0])
		_ = conn.SetDeadline(time.Now().Add(30 * time.Second))
		began := time.Now()
		_, _ = conn.Write(out) // who is refused early cannot write all: the answer counts
		answer, err := http.ReadResponse(in, &http.Request{Method: request.Method})
		if err != nil {
			c.note(0, 0)
			hangUp()
			continue
		}
		_, err = io.Copy(io.Discard, answer.Body)
		c.note(answer.StatusCode, time.Since(began))
		c.started()
		if err != nil || answer.Close {
			hangUp()
		}
	}
}

func (c *clients) next(r *rand.Rand) rawRequest {
	if c.Malformer != nil {
		return c.Malformer.next(r)
	}
	return post(token, "/v3/messages", text(fmt.Sprintf("+1415555%04d", 1000+r.IntN(1000)), "hi"), "")
}

// note counts an answer, or with status 0 a connection that was cut.
func (c *clients) note(status int, took time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if status == 0 {
		c.cut++
		return
	}
	c.answers[status]++
	c.took = append(c.took, took)
	if c.Malformer == nil || status >= 400 {
		c.counted.Add(1)
	}
}

func (c *clients) outcome() outcome {
	o := outcome{Answers: c.answers, Cut: c.cut}
	if slices.Sort(c.took); len(c.took) > 0 {
		o.P50, o.P99 = c.took[len(c.took)/2], c.took[len(c.took)*99/100]
	}
	return o
}
