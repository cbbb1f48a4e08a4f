package httpapi_test

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"os"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// hostileServer serves a rig over a socket, set up as fromline serve is but for
// how long a head and a body may take.
func hostileServer(t *testing.T, patience time.Duration) (addr string, stop func()) {
	t.Helper()
	r := newRig(t, func(_ *rig, s *setup) { s.api.BodyTimeout = patience })
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	server := &http.Server{
		Handler: r.Handler, ReadHeaderTimeout: patience, WriteTimeout: 30 * time.Second,
		IdleTimeout: max(patience, time.Second), MaxHeaderBytes: 64 << 10, ErrorLog: log.New(io.Discard, "", 0),
	}
	served := make(chan struct{})
	go func() {
		defer close(served)
		_ = server.Serve(l)
	}()
	return l.Addr().String(), func() {
		_ = server.Close()
		<-served
	}
}

// raw is what one hostile client sends, and the statuses that answer it: a
// server may also just close the connection. With a machine that is slow enough
// every request takes too long, so that 408 is among the answers of each.
type raw struct {
	name     string
	write    func(w io.Writer) error
	statuses []int
}

func head(length string) string {
	return "POST /v3/messages HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer " + token + "\r\nContent-Type: application/json\r\n" + length + "\r\n"
}

func say(text string) func(io.Writer) error {
	return func(w io.Writer) error {
		_, err := io.WriteString(w, text)
		return err
	}
}

// drip sends a text a byte at a time, for as long as the server reads.
func drip(first, rest string) func(io.Writer) error {
	return func(w io.Writer) error {
		if _, err := io.WriteString(w, first); err != nil {
			return err
		}
		for i := range rest {
			if _, err := io.WriteString(w, rest[i:i+1]); err != nil {
				return err
			}
			time.Sleep(20 * time.Millisecond)
		}
		return nil
	}
}

var attacks = []raw{
	{"slow body", drip(head("Content-Length: 5000\r\n"), strings.Repeat("x", 5000)), []int{408}},
	{"body that never comes", say(head("Content-Length: 5000\r\n") + "{"), []int{408}},
	{"slow chunks", drip(head("Transfer-Encoding: chunked\r\n"), strings.Repeat("1\r\nx\r\n", 1000)), []int{408}},
	{"no token and no body", say(strings.Replace(head("Content-Length: 1000\r\n"), token, "x", 1)), []int{401}},
	{"no token and slow chunks", drip(strings.Replace(head("Transfer-Encoding: chunked\r\n"), token, "x", 1), strings.Repeat("1\r\nx\r\n", 1000)), []int{401}},
	{"no endpoint and no body", say("POST /v3/nothing HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n"), []int{404}},
	{"another method and no body", say("PUT /v3/messages HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n"), []int{405}},
	{"another type and no body", say(strings.Replace(head("Content-Length: 1000\r\n"), "application/json", "text/plain", 1)), []int{415}},
	{"GET and no body", say("GET /livez HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n"), []int{200}},
	{"slow head", drip("POST /v3/messages HTTP/1.1\r\n", strings.Repeat("A: b\r\n", 1000)), []int{408}},
	{"body larger than it may be", say(head("Content-Length: 99999999999\r\n")), []int{413}},
	{"chunks larger than they may be", func(w io.Writer) error {
		_, err := io.WriteString(w, head("Transfer-Encoding: chunked\r\n"))
		chunk := fmt.Sprintf("%x\r\n%s\r\n", 64<<10, strings.Repeat("x", 64<<10))
		for range 200 {
			if err == nil {
				_, err = io.WriteString(w, chunk)
			}
		}
		return err
	}, []int{413, 408}},
	{"huge head", say("GET /livez HTTP/1.1\r\nHost: x\r\nA: " + strings.Repeat("x", 1<<20) + "\r\n\r\n"), []int{431}},
	{"many headers", say("GET /livez HTTP/1.1\r\nHost: x\r\n" + strings.Repeat("A: b\r\n", 100_000) + "\r\n"), []int{431}},
	{"not HTTP", say("\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n"), []int{400}},
	{"pipelined garbage", say(strings.Repeat(head("Content-Length: 2\r\n")+"{}", 50) + "garbage\r\n\r\n"), []int{400}},
	{"two lengths", say(head("Content-Length: 2\r\nContent-Length: 3\r\n") + "{}"), []int{400}},
	{"length and chunks", say(head("Content-Length: 2\r\nTransfer-Encoding: chunked\r\n") + "2\r\n{}\r\n0\r\n\r\n"), []int{400}},
	{"negative length", say(head("Content-Length: -1\r\n")), []int{400}},
	{"broken chunk", say(head("Transfer-Encoding: chunked\r\n") + "zz\r\n"), []int{400}},
	{"ends in the body", func(w io.Writer) error {
		if _, err := io.WriteString(w, head("Content-Length: 100\r\n")+"{"); err != nil {
			return err
		}
		return w.(*net.TCPConn).CloseWrite()
	}, []int{400}},
	{"no host", say("GET /livez HTTP/1.1\r\n\r\n"), []int{400}},
	{"version from the future", say("GET /livez HTTP/9.9\r\nHost: x\r\n\r\n"), []int{505, 400}}, // net/http's own answer
	{"nothing", say(""), nil},
}

// attack lets one hostile client do its work and returns the statuses it got,
// and whether its connection was still open after a time in which anything
// would have been answered.
func attack(addr string, a raw) (statuses []int, held bool) {
	conn, err := net.Dial("tcp", addr)
	if err != nil {
		return nil, false
	}
	defer conn.Close()
	_ = conn.SetDeadline(time.Now().Add(time.Minute))
	go func() { _ = a.write(conn) }()
	for in := bufio.NewReader(conn); ; {
		answer, err := http.ReadResponse(in, nil)
		if err != nil {
			return statuses, errors.Is(err, os.ErrDeadlineExceeded)
		}
		_, err = io.Copy(io.Discard, answer.Body)
		_ = answer.Body.Close()
		statuses = append(statuses, answer.StatusCode)
		if err != nil || answer.Close {
			return statuses, errors.Is(err, os.ErrDeadlineExceeded)
		}
	}
}

// TestHostileConnections says that no client gets a fault of the server out of
// it, whatever it sends, that none holds its connection, and that none leaves
// anything behind. How long exactly a body may take is the business of
// TestNoRequestHoldsItsConnection.
func TestHostileConnections(t *testing.T) {
	before := runtime.NumGoroutine()
	addr, stop := hostileServer(t, 300*time.Millisecond)
	var wg sync.WaitGroup
	for _, a := range attacks {
		for range 5 {
			wg.Go(func() {
				statuses, held := attack(addr, a)
				assert.False(t, held, a.name)
				for _, status := range statuses {
					assert.Contains(t, append([]int{400, 408}, a.statuses...), status, a.name)
				}
			})
		}
	}
	wg.Wait()
	require.Eventually(t, func() bool { // a busy machine may not send the head in time
		answer, err := http.Get("http://" + addr + "/livez")
		if err != nil {
			return false
		}
		_ = answer.Body.Close()
		return answer.StatusCode == 200
	}, time.Minute, time.Millisecond, "it still answers")
	stop()
	http.DefaultClient.CloseIdleConnections()
	nothingLeft(t, before)
}

// nothingLeft waits until there are no more goroutines than before; the test's
// own time limit ends it.
func nothingLeft(t *testing.T, before int) {
	t.Helper()
	for runtime.NumGoroutine() > before {
		time.Sleep(10 * time.Millisecond)
	}
}
