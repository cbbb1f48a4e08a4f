//go:build unix

package main

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"io"
	"log/slog"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/fromline/fromline/validate/imagecheck"
)

// imageHost is the address of the internet that stands for the place of images.
// Nothing goes there: the tests connect to a server of their own instead.
const imageHost = "198.41.0.4"

func sendCard(to, image string) string {
	return `{"to":["` + to + `"],"message":{"parts":[{"type":"imessage_app","app":{"name":"A","bundle_id":"com.example","team_id":"A1B2C3D4E5"},` +
		`"layout":{"caption":"x","image_url":"` + image + `"},"url":"https://example.com/"}]}}`
}

// imageServer serves one image over TLS in the name of imageHost, and counts
// who asks for anything.
func imageServer(t *testing.T) (server *httptest.Server, asked *atomic.Int32) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IPAddresses: []net.IP{net.ParseIP(imageHost), net.IPv4(127, 0, 0, 1)},
	}
	certificate, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	require.NoError(t, err)
	asked = new(atomic.Int32)
	server = httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked.Add(1)
		if r.URL.Path != "/card.png" {
			http.NotFound(w, r)
			return
		}
		_, _ = io.WriteString(w, "\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR")
	}))
	server.TLS = &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{certificate}, PrivateKey: key}}}
	server.StartTLS()
	t.Cleanup(server.Close)
	return server, asked
}

// ruleOf returns the status of an answer, and the code and the rule of its
// first fault.
func ruleOf(status int, answer map[string]any) string {
	fault, is := answer["error"].(map[string]any)
	if !is {
		return fmt.Sprint(status)
	}
	first := fault["violations"].([]any)[0].(map[string]any)
	return fmt.Sprintf("%d %v %v %v", status, fault["code"], first["rule"], first["pointer"])
}

// TestCheckImages says that -check-images has the images of app cards fetched:
// one that is there passes and is fetched for the first send only, one that is
// not is refused, and nothing leads into this machine. No flag leads images
// anywhere else, so the setting that does is of the program alone.
func TestCheckImages(t *testing.T) {
	images, asked := imageServer(t)
	f := serveFlags{images: imagecheck.Options{
		Timeout: 20 * time.Second,
		RootCAs: x509.NewCertPool(),
		Dial: func(ctx context.Context, network, address string) (net.Conn, error) {
			if address != imageHost+":443" {
				return nil, fmt.Errorf("%s is not where images are", address)
			}
			return new(net.Dialer).DialContext(ctx, network, images.Listener.Addr().String())
		},
	}}
	f.images.RootCAs.AddCert(images.Certificate())
	require.NoError(t, f.parse([]string{"-fleet", write(t, "fleet.json", twoLines), "-addr", "127.0.0.1:0", "-deliveries", "/dev/null", "-check-images"}, io.Discard))
	s, err := newServer(t.Context(), f, io.Discard, slog.New(slog.DiscardHandler))
	require.NoError(t, err)
	ctx, stop := context.WithCancel(t.Context())
	stopped := make(chan error, 1)
	go func() { stopped <- s.run(ctx) }()
	p := &process{url: "http://" + s.apiListener.Addr().String()}

	const place = "400 5007 %s /message/parts/0/layout/image_url"
	for i, row := range []struct{ url, want string }{
		{"https://" + imageHost + "/card.png", "202"},
		{"https://" + imageHost + "/card.png", "202"}, // remembered
		{"https://" + imageHost + "/nothing.png", fmt.Sprintf(place, "image.status")},
		{"https://127.0.0.1/card.png", fmt.Sprintf(place, "image.address")},
		{"https://10.0.0.1/card.png", fmt.Sprintf(place, "image.address")},
	} {
		assert.Equal(t, row.want, ruleOf(p.send(t, "POST", "/v3/messages", sendCard(fmt.Sprintf("+1415555%04d", i), row.url))), row.url)
	}
	assert.EqualValues(t, 2, asked.Load())
	stop()
	assert.NoError(t, <-stopped)
}

// TestCheckImagesFromOutside says the same of the command as it is started, as
// far as that can be said without the internet: with the flag an image inside
// is refused without being asked for, and without it nobody looks.
func TestCheckImagesFromOutside(t *testing.T) {
	images, asked := imageServer(t)
	for _, row := range []struct {
		flags []string
		want  string
	}{
		{nil, "202"},
		{[]string{"-check-images"}, "400 5007 image.address /message/parts/0/layout/image_url"},
	} {
		p := start(t, append(row.flags, "-fleet", write(t, "fleet.json", twoLines), "-addr", "127.0.0.1:0", "-deliveries", "/dev/null")...)
		for _, url := range []string{images.URL + "/card.png", "https://127.0.0.1/card.png"} {
			assert.Equal(t, row.want, ruleOf(p.send(t, "POST", "/v3/messages", sendCard("+14155559876", url))), url)
		}
		assert.Equal(t, 0, p.stop(t))
	}
	assert.Zero(t, asked.Load())
}
