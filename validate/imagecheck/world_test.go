package imagecheck

import (
	"bytes"
	"context"
	"crypto/x509"
	"encoding/binary"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/net/dns/dnsmessage"
)

// stage is a world of one misbehaving server at 127.0.0.1, which stands for the
// public internet here: everything else that is refused outside is refused.
type stage struct {
	world
	names *names
	clock *clock

	mu       sync.Mutex
	requests []*http.Request
}

// newStage returns a world in which example.com and its subdomains lead to a
// server with that handler.
func newStage(t *testing.T, handler http.HandlerFunc) *stage {
	s := &stage{names: &names{answers: map[string][]netip.Addr{}}, clock: &clock{at: time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)}}
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.mu.Lock()
		s.requests = append(s.requests, r.Clone(context.Background()))
		s.mu.Unlock()
		handler(w, r)
	}))
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	server.StartTLS()
	t.Cleanup(server.Close)
	_, port, err := net.SplitHostPort(server.Listener.Addr().String())
	require.NoError(t, err)
	number, err := strconv.ParseUint(port, 10, 16)
	require.NoError(t, err)
	roots := x509.NewCertPool()
	roots.AddCert(server.Certificate())
	s.world = world{
		guard:    newGuard(uint16(number), netip.MustParsePrefix("127.0.0.1/32")),
		resolver: s.names.resolver(),
		roots:    roots,
		port:     port,
		now:      s.clock.now,
	}
	for _, name := range []string{"example.com.", "a.example.com.", "b.example.com."} {
		s.names.answers[name] = []netip.Addr{netip.MustParseAddr("127.0.0.1")}
	}
	return s
}

func (s *stage) seen() []*http.Request {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.requests
}

type clock struct {
	mu sync.Mutex
	at time.Time
}

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.at
}

func (c *clock) advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = c.at.Add(d)
}

// names is a name server in this process.
type names struct {
	mu      sync.Mutex
	answers map[string][]netip.Addr
	asked   map[string]int
	rebind  map[string][]netip.Addr // what a name leads to from the second time on
}

func (n *names) resolver() *net.Resolver {
	return &net.Resolver{PreferGo: true, Dial: func(context.Context, string, string) (net.Conn, error) {
		client, server := net.Pipe()
		go n.serve(server)
		return client, nil
	}}
}

// serve answers queries as over TCP, each after its length.
func (n *names) serve(conn net.Conn) {
	defer conn.Close()
	for {
		var length [2]byte
		if _, err := io.ReadFull(conn, length[:]); err != nil {
			return
		}
		query := make([]byte, binary.BigEndian.Uint16(length[:]))
		if _, err := io.ReadFull(conn, query); err != nil {
			return
		}
		var m dnsmessage.Message
		if m.Unpack(query) != nil || len(m.Questions) != 1 {
			return
		}
		reply, err := n.answer(m).Pack()
		if err != nil {
			return
		}
		if _, err := conn.Write(append(binary.BigEndian.AppendUint16(nil, uint16(len(reply))), reply...)); err != nil {
			return
		}
	}
}

func (n *names) answer(m dnsmessage.Message) *dnsmessage.Message {
	n.mu.Lock()
	defer n.mu.Unlock()
	q := m.Questions[0]
	name := strings.ToLower(q.Name.String())
	reply := &dnsmessage.Message{Header: dnsmessage.Header{ID: m.ID, Response: true, RecursionAvailable: true}, Questions: m.Questions}
	addresses, ok := n.answers[name]
	if !ok {
		reply.RCode = dnsmessage.RCodeNameError
		return reply
	}
	if q.Type == dnsmessage.TypeA {
		if n.asked == nil {
			n.asked = map[string]int{}
		}
		n.asked[name]++
		if then, ok := n.rebind[name]; ok && n.asked[name] > 1 {
			addresses = then
		}
	}
	for _, ip := range addresses {
		header := dnsmessage.ResourceHeader{Name: q.Name, Type: q.Type, Class: q.Class}
		switch {
		case q.Type == dnsmessage.TypeA && ip.Is4():
			reply.Answers = append(reply.Answers, dnsmessage.Resource{Header: header, Body: &dnsmessage.AResource{A: ip.As4()}})
		case q.Type == dnsmessage.TypeAAAA && ip.Is6():
			reply.Answers = append(reply.Answers, dnsmessage.Resource{Header: header, Body: &dnsmessage.AAAAResource{AAAA: ip.As16()}})
		}
	}
	return reply
}

// Beginnings of images.
var (
	jpeg = []byte("\xff\xd8\xff\xe0\x00\x10JFIF\x00")
	png  = []byte("\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR")
	webp = []byte("RIFF\x24\x00\x00\x00WEBPVP8 ")
	heic = ftyp("heic", "mif1", "heic")
)

// ftyp is a file type box.
func ftyp(major string, compatible ...string) []byte {
	var b bytes.Buffer
	_ = binary.Write(&b, binary.BigEndian, uint32(16+4*len(compatible)))
	b.WriteString("ftyp" + major + "\x00\x00\x00\x00")
	for _, brand := range compatible {
		b.WriteString(brand)
	}
	return b.Bytes()
}

func send(b []byte) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(b) }
}
