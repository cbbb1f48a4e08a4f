package httpapi_test

import (
	"bufio"
	"errors"
	"io"
	"net"
	"net/http"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/fromline/fromline/httpapi"
)

// TestNoRequestHoldsItsConnection says that a client that never sends the body
// that a request announced has the answer, and no connection any more, when the
// time for a body is up: whether the body was waited for, or the request was
// refused from its head alone. net/http wants to see the end of a body before
// it answers, and would wait for it for ever.
func TestNoRequestHoldsItsConnection(t *testing.T) {
	const bodyTimeout = 7 * time.Second
	for name, c := range map[string]struct {
		method, path, headers string
		status                int
	}{
		"read":               {"POST", "/v3/messages", "Authorization: Bearer " + token + "\r\nContent-Type: application/json\r\n", 408},
		"no token":           {"POST", "/v3/messages", "Content-Type: application/json\r\n", 401},
		"not allowed":        {"POST", "/v3/messages", "Authorization: Bearer not-for-this\r\nContent-Type: application/json\r\n", 403},
		"no endpoint":        {"POST", "/v3/nothing", "", 404},
		"method":             {"PUT", "/v3/messages", "Authorization: Bearer " + token + "\r\n", 405},
		"media type":         {"POST", "/v3/messages", "Authorization: Bearer " + token + "\r\nContent-Type: text/plain\r\n", 415},
		"rate":               {"POST", "/v3/messages", "Authorization: Bearer " + token2 + "\r\nContent-Type: application/json\r\n", 429},
		"signed":             {"POST", "/v3/events", "Content-Type: application/json\r\nwebhook-id: m\r\nwebhook-signature: v1,x\r\n", 401},
		"nobody is known":    {"POST", "/v3/messages", "Authorization: Bearer store-is-away\r\nContent-Type: application/json\r\n", 503},
		"a GET with a body":  {"GET", "/v3/phone_numbers", "Authorization: Bearer " + token + "\r\n", 200},
		"a probe with one":   {"GET", "/livez", "", 200},
		"HEAD that has one":  {"HEAD", "/livez", "", 200},
		"a chat with a body": {"GET", "/v3/chats/x", "Authorization: Bearer " + token + "\r\n", 404},
	} {
		for announced, length := range map[string]string{
			"some":  "Content-Length: 1000\r\n\r\n",
			"begun": "Content-Length: 1000\r\n\r\n{",
			"much":  "Content-Length: 200000\r\n\r\n",
			"chunk": "Transfer-Encoding: chunked\r\n\r\n",
		} {
			t.Run(name+"/"+announced, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					network := serveInBubble(t, newRig(t, func(_ *rig, s *setup) {
						tokens := s.api.Authenticate
						s.api.Authenticate = func(r *http.Request) (string, error) {
							switch r.Header.Get("Authorization") {
							case "Bearer not-for-this":
								return "", httpapi.ErrForbidden
							case "Bearer store-is-away":
								return "", errors.New("the tokens cannot be read")
							}
							return tokens(r)
						}
						s.api.BodyTimeout, s.api.Rate, s.api.Burst = bodyTimeout, 1e-4, 1
					}))
					if c.status == http.StatusTooManyRequests {
						use := newRequest("GET", "/v3/phone_numbers", "")
						use.Header.Set("Authorization", "Bearer "+token2)
						network.serveOnce(use)
					}
					conn := network.dial()
					began := time.Now()
					go func() {
						_, _ = io.WriteString(conn, c.method+" "+c.path+" HTTP/1.1\r\nHost: x\r\n"+c.headers+length)
					}()
					// The patience of the client is not to be what ends it.
					require.NoError(t, conn.SetReadDeadline(began.Add(time.Hour)))
					in := bufio.NewReader(conn)
					answer, err := http.ReadResponse(in, &http.Request{Method: c.method})
					require.NoError(t, err, "it is answered")
					assert.Equal(t, c.status, answer.StatusCode)
					_, err = io.Copy(io.Discard, answer.Body)
					require.NoError(t, err)
					_, err = in.ReadByte()
					require.ErrorIs(t, err, io.EOF, "the connection is closed")
					assert.Less(t, time.Since(began), bodyTimeout+time.Second)
				})
			})
		}
	}
}

// TestBodyThatIsDrainedKeepsItsConnection says that a bound on a body that
// nobody reads does not end the connection that it came over.
func TestBodyThatIsDrainedKeepsItsConnection(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const bodyTimeout = 7 * time.Second
		conn := serveInBubble(t, newRig(t, func(_ *rig, s *setup) { s.api.BodyTimeout = bodyTimeout })).dial()
		in := bufio.NewReader(conn)
		for range 5 {
			go func() {
				_, _ = io.WriteString(conn, "POST /v3/nothing HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n\r\n")
				time.Sleep(bodyTimeout / 2)
				_, _ = io.WriteString(conn, "body")
			}()
			answer, err := http.ReadResponse(in, nil)
			require.NoError(t, err)
			_, err = io.Copy(io.Discard, answer.Body)
			require.NoError(t, err)
			require.Equal(t, 404, answer.StatusCode)
			time.Sleep(2 * bodyTimeout)
		}
		require.NoError(t, conn.Close())
	})
}

// bubbleNet is a network inside of a bubble, whose time is not that of the
// world.
type bubbleNet struct {
	handler http.Handler
	conns   chan net.Conn
	once    sync.Once
	closed  chan struct{}
}

// serveInBubble serves a rig over such a network until the test ends.
func serveInBubble(t *testing.T, r *rig) *bubbleNet {
	n := &bubbleNet{handler: r.Handler, conns: make(chan net.Conn), closed: make(chan struct{})}
	server := &http.Server{Handler: r.Handler}
	go func() { _ = server.Serve(n) }()
	t.Cleanup(func() { _ = server.Close() })
	return n
}

// dial returns the client's end of a new connection.
func (n *bubbleNet) dial() net.Conn {
	ours, theirs := net.Pipe()
	n.conns <- theirs
	return ours
}

// serveOnce makes a request without the network.
func (n *bubbleNet) serveOnce(r *http.Request) { n.handler.ServeHTTP(nowhere{}, r) }

// nowhere is where an answer goes that nobody looks at.
type nowhere struct{}

func (nowhere) Header() http.Header         { return http.Header{} }
func (nowhere) Write(b []byte) (int, error) { return len(b), nil }
func (nowhere) WriteHeader(int)             {}

// Accept, Close and Addr make it a net.Listener.
func (n *bubbleNet) Accept() (net.Conn, error) {
	select {
	case conn := <-n.conns:
		return conn, nil
	case <-n.closed:
		return nil, net.ErrClosed
	}
}

func (n *bubbleNet) Close() error {
	n.once.Do(func() { close(n.closed) })
	return nil
}

func (n *bubbleNet) Addr() net.Addr { return &net.UnixAddr{Name: "bubble"} }
