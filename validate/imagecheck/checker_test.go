package imagecheck

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/fromline/fromline/fault"
	"github.com/fromline/fromline/validate"
)

const anImage = "https://example.com/secret-path.jpg"

// ruleOf returns the rule of an image fault, "" for none, and fails on any
// other error.
func ruleOf(t *testing.T, err error) fault.Rule {
	if err == nil {
		return ""
	}
	var wrong *validate.ImageFault
	require.ErrorAs(t, err, &wrong)
	for _, told := range []string{"secret", "127.0.0.", "10.0.0.", "169.254", "example"} {
		require.NotContains(t, err.Error(), told)
		require.NotContains(t, fmt.Sprintf("%+v", wrong), told)
	}
	return wrong.Rule
}

// Every way in which a server misbehaves, and what is said of it.
func TestServers(t *testing.T) {
	small := Options{MaxBytes: 100_000, Timeout: 20 * time.Second}
	quick := Options{MaxBytes: 100_000, Timeout: 50 * time.Millisecond}
	redirect := func(to string) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path == "/secret-path.jpg" && r.Host == "example.com" {
				http.Redirect(w, r, to, http.StatusFound)
				return
			}
			_, _ = w.Write(jpeg)
		}
	}
	var bomb bytes.Buffer
	zipped := gzip.NewWriter(&bomb)
	_, _ = zipped.Write(append(jpeg, make([]byte, 10<<20)...))
	_ = zipped.Close()

	for _, row := range []struct {
		name    string
		options Options
		handler http.HandlerFunc
		want    fault.Rule
	}{
		{"a JPEG", small, send(jpeg), ""},
		{"a PNG", small, send(png), ""},
		{"a WebP", small, send(webp), ""},
		{"a HEIF", small, send(heic), ""},
		{"an image with the wrong content type", small, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "text/html")
			_, _ = w.Write(jpeg)
		}, ""},
		{"an image just as large as may be", small, send(append(bytes.Clone(jpeg), make([]byte, 100_000-len(jpeg))...)), ""},
		{"such an image without an announced size", small, func(w http.ResponseWriter, _ *http.Request) {
			w.(http.Flusher).Flush()
			_, _ = w.Write(append(bytes.Clone(jpeg), make([]byte, 100_000-len(jpeg))...))
		}, ""},

		{"nothing", small, send(nil), fault.RuleImageType},
		{"no content", small, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) }, fault.RuleImageStatus},
		{"a page", small, send([]byte("<!doctype html><p>secret</p>")), fault.RuleImageType},
		{"a page that says it is an image", small, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "image/jpeg")
			_, _ = w.Write([]byte("<!doctype html>"))
		}, fault.RuleImageType},
		{"a GIF", small, send([]byte("GIF89a")), fault.RuleImageType},
		{"an SVG", small, send([]byte("<svg xmlns='http://www.w3.org/2000/svg'/>")), fault.RuleImageType},
		{"an AVIF", small, send(ftyp("avif", "mif1", "avif")), fault.RuleImageType},
		{"half the beginning of a PNG", small, send(png[:5]), fault.RuleImageType},

		{"not found", small, http.NotFound, fault.RuleImageStatus},
		{"an image with status 404", small, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNotFound); _, _ = w.Write(jpeg) }, fault.RuleImageStatus},
		{"a part of an image", small, func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(http.StatusPartialContent)
			_, _ = w.Write(jpeg)
		}, fault.RuleImageStatus},
		{"a password wanted", small, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("WWW-Authenticate", `Basic realm="secret"`)
			w.WriteHeader(http.StatusUnauthorized)
		}, fault.RuleImageStatus},

		{"a huge image", small, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "1000000000000")
			_, _ = w.Write(jpeg)
		}, fault.RuleImageSize},
		{"an image one byte too large", small, send(append(bytes.Clone(jpeg), make([]byte, 100_001-len(jpeg))...)), fault.RuleImageSize},
		{"an endless image", small, func(w http.ResponseWriter, r *http.Request) {
			_, _ = w.Write(jpeg)
			for r.Context().Err() == nil {
				if _, err := w.Write(make([]byte, 1<<16)); err != nil {
					return
				}
			}
		}, fault.RuleImageSize},
		{"less than was promised", small, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "500")
			_, _ = w.Write(jpeg)
			panic(http.ErrAbortHandler)
		}, fault.RuleImageUnreachable},
		{"a connection cut at the beginning", small, func(w http.ResponseWriter, _ *http.Request) {
			_, _ = w.Write(jpeg)
			w.(http.Flusher).Flush()
			panic(http.ErrAbortHandler)
		}, fault.RuleImageUnreachable},
		{"a connection cut in the middle", small, func(w http.ResponseWriter, _ *http.Request) {
			_, _ = w.Write(append(bytes.Clone(jpeg), make([]byte, 5000)...))
			w.(http.Flusher).Flush()
			panic(http.ErrAbortHandler)
		}, fault.RuleImageUnreachable},
		{"a bomb", small, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Encoding", "gzip")
			_, _ = w.Write(bomb.Bytes())
		}, fault.RuleImageType},
		{"a bomb that says nothing", small, send(bomb.Bytes()), fault.RuleImageType},
		{"headers without end", small, func(w http.ResponseWriter, _ *http.Request) {
			for i := range 2000 {
				w.Header().Set(fmt.Sprintf("X-%d", i), strings.Repeat("secret", 20))
			}
			_, _ = w.Write(jpeg)
		}, fault.RuleImageUnreachable},

		{"an answer that never comes", quick, func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }, fault.RuleImageTimeout},
		{"an image that never ends and comes slowly", quick, func(w http.ResponseWriter, r *http.Request) {
			_, _ = w.Write(jpeg)
			w.(http.Flusher).Flush()
			<-r.Context().Done()
		}, fault.RuleImageTimeout},

		{"a redirect", small, redirect("https://a.example.com/b.jpg"), ""},
		{"a redirect to the same place without end", small, redirect(anImage), fault.RuleImageRedirect},
		{"a redirect to http", small, redirect("http://a.example.com/b.jpg"), fault.RuleImageRedirect},
		{"a redirect to another port", small, redirect("https://a.example.com:8443/b.jpg"), fault.RuleImageRedirect},
		{"a redirect with a user", small, redirect("https://secret@a.example.com/b.jpg"), fault.RuleImageRedirect},
		{"a redirect to a file", small, redirect("file:///etc/passwd"), fault.RuleImageRedirect},
		{"a redirect to nowhere", small, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusFound) }, fault.RuleImageStatus},
		{"a redirect to a private address", small, redirect("https://10.0.0.1/b.jpg"), fault.RuleImageUnreachable},
		{"a redirect to a loopback address", small, redirect("https://127.0.0.2/b.jpg"), fault.RuleImageUnreachable},
		{"a redirect to a metadata address", small, redirect("https://169.254.169.254/latest/meta-data/"), fault.RuleImageUnreachable},
		{"a redirect to a name that leads inside", small, redirect("https://inside.example.com/b.jpg"), fault.RuleImageUnreachable},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			s := newStage(t, row.handler)
			s.names.answers["inside.example.com."] = []netip.Addr{netip.MustParseAddr("10.0.0.1"), netip.MustParseAddr("fd00:ec2::254")}
			require.Equal(t, row.want, ruleOf(t, newChecker(row.options, s.world).CheckImage(t.Context(), "tenant", anImage)))
		})
	}
}

// Servers are told who asks, as the option says, in every request of a check.
func TestUserAgent(t *testing.T) {
	for option, want := range map[string]string{
		"":                             "fromline-imagecheck",
		"acme-cards/1 (+https://a.ex)": "acme-cards/1 (+https://a.ex)",
		"acme\r\nX-Injected: 1":        "acmeX-Injected: 1",
		"\n":                           "fromline-imagecheck",
	} {
		s := newStage(t, func(w http.ResponseWriter, r *http.Request) {
			if r.Host == "example.com" {
				http.Redirect(w, r, "https://a.example.com/b.jpg", http.StatusFound)
				return
			}
			_, _ = w.Write(jpeg)
		})
		require.NoError(t, newChecker(Options{Timeout: 20 * time.Second, UserAgent: option}, s.world).CheckImage(t.Context(), "tenant", anImage))
		require.Len(t, s.seen(), 2)
		for _, r := range s.seen() {
			require.Equal(t, []string{want}, r.Header["User-Agent"])
			require.NotContains(t, r.Header, "X-Injected")
		}
	}
}

// A server that ends its answer when it sees that the client is gone has not
// sent a whole image.
func TestAnswerThatEndsWithTheTime(t *testing.T) {
	checker := newChecker(Options{MaxBytes: 100_000, Timeout: time.Millisecond}, newStage(t, send(jpeg)).world)
	checker.client = &http.Client{Transport: endsWithTheTime{}}
	require.Equal(t, fault.RuleImageTimeout, ruleOf(t, checker.CheckImage(t.Context(), "tenant", anImage)))
}

// endsWithTheTime answers with an image whose end comes when the time is over.
type endsWithTheTime struct{}

func (endsWithTheTime) RoundTrip(r *http.Request) (*http.Response, error) {
	body, answer := io.Pipe()
	go func() {
		_, _ = answer.Write(append(bytes.Clone(jpeg), make([]byte, sniffed)...))
		<-r.Context().Done()
		_ = answer.Close()
	}()
	return &http.Response{StatusCode: http.StatusOK, ContentLength: -1, Body: body, Request: r}, nil
}

// URLs that are not fetched at all, or lead nowhere.
func TestURLs(t *testing.T) {
	s := newStage(t, send(jpeg))
	addr := func(texts ...string) (list []netip.Addr) {
		for _, text := range texts {
			list = append(list, netip.MustParseAddr(text))
		}
		return list
	}
	s.names.answers["loopback.example.com."] = addr("127.0.0.2")
	s.names.answers["metadata.example.com."] = addr("169.254.169.254")
	s.names.answers["azure.example.com."] = addr("168.63.129.16")
	s.names.answers["shared.example.com."] = addr("100.100.100.200")
	s.names.answers["zero.example.com."] = addr("0.0.0.0")
	s.names.answers["mapped.example.com."] = addr("::ffff:127.0.0.2")
	s.names.answers["unique.example.com."] = addr("fd00:ec2::254")
	s.names.answers["nat64.example.com."] = addr("64:ff9b::7f00:1")
	s.names.answers["6to4.example.com."] = addr("2002:7f00:1::")
	c := newChecker(Options{Timeout: 20 * time.Second}, s.world)
	for url, want := range map[string]fault.Rule{
		"https://example.com/a":      "",
		"https://example.com:443/a":  "",
		"HTTPS://EXAMPLE.COM/a":      "",
		"https://127.0.0.1/a":        "",
		"http://example.com/a":       fault.RuleImageAddress,
		"https://example.com:8443/a": fault.RuleImageAddress,
		"https://ann@example.com/a":  fault.RuleImageAddress,
		"ftp://example.com/a":        fault.RuleImageAddress,
		"https:///a":                 fault.RuleImageAddress,
		"https://exa mple.com/":      fault.RuleImageAddress,
		"example.com":                fault.RuleImageAddress,
		"":                           fault.RuleImageAddress,

		"https://127.0.0.2/":             fault.RuleImageAddress,
		"https://10.1.2.3/":              fault.RuleImageAddress,
		"https://192.168.0.1/":           fault.RuleImageAddress,
		"https://172.16.0.1/":            fault.RuleImageAddress,
		"https://169.254.169.254/":       fault.RuleImageAddress,
		"https://168.63.129.16/":         fault.RuleImageAddress,
		"https://100.100.100.200/":       fault.RuleImageAddress,
		"https://0.0.0.0/":               fault.RuleImageAddress,
		"https://255.255.255.255/":       fault.RuleImageAddress,
		"https://224.0.0.1/":             fault.RuleImageAddress,
		"https://[::1]/":                 fault.RuleImageAddress,
		"https://[::]/":                  fault.RuleImageAddress,
		"https://[::ffff:127.0.0.1]/":    fault.RuleImageAddress,
		"https://[fe80::1]/":             fault.RuleImageAddress,
		"https://[fe80::1%25eth0]/":      fault.RuleImageAddress,
		"https://[fd00:ec2::254]/":       fault.RuleImageAddress,
		"https://[64:ff9b::a9fe:a9fe]/":  fault.RuleImageAddress,
		"https://[2002:7f00:1::]/":       fault.RuleImageAddress,
		"https://[2001:db8::1]/":         fault.RuleImageAddress,
		"https://loopback.example.com/":  fault.RuleImageUnreachable,
		"https://metadata.example.com/":  fault.RuleImageUnreachable,
		"https://azure.example.com/":     fault.RuleImageUnreachable,
		"https://shared.example.com/":    fault.RuleImageUnreachable,
		"https://zero.example.com/":      fault.RuleImageUnreachable,
		"https://mapped.example.com/":    fault.RuleImageUnreachable,
		"https://unique.example.com/":    fault.RuleImageUnreachable,
		"https://nat64.example.com/":     fault.RuleImageUnreachable,
		"https://6to4.example.com/":      fault.RuleImageUnreachable,
		"https://nowhere.example.com/":   fault.RuleImageUnreachable,
		"https://other.example.invalid/": fault.RuleImageUnreachable,
	} {
		require.Equal(t, want, ruleOf(t, c.CheckImage(t.Context(), "tenant", url)), url)
	}
	require.Len(t, s.seen(), 4, "the server was asked for what passed, and for nothing else")
}

// A name that leads to the public internet when it is looked at, and inside
// when it is fetched, is refused.
func TestRebinding(t *testing.T) {
	s := newStage(t, send(jpeg))
	s.names.answers["turn.example.com."] = []netip.Addr{netip.MustParseAddr("127.0.0.1")}
	s.names.rebind = map[string][]netip.Addr{"turn.example.com.": {netip.MustParseAddr("127.0.0.3")}}
	c := newChecker(Options{Timeout: 20 * time.Second}, s.world)
	require.Empty(t, ruleOf(t, c.CheckImage(t.Context(), "tenant", "https://turn.example.com/a")))
	require.Equal(t, fault.RuleImageUnreachable, ruleOf(t, c.CheckImage(t.Context(), "tenant", "https://turn.example.com/b")))
	require.Len(t, s.seen(), 1)
}

// The Checker that programs get refuses this machine.
func TestPublic(t *testing.T) {
	reached := false
	s := newStage(t, func(http.ResponseWriter, *http.Request) { reached = true })
	c := New(Options{Timeout: 20 * time.Second})
	for _, url := range []string{"https://127.0.0.1/a", "https://127.0.0.1:" + s.port + "/a", "https://[::1]/a", "https://192.168.1.1/a"} {
		require.Equal(t, fault.RuleImageAddress, ruleOf(t, c.CheckImage(t.Context(), "tenant", url)), url)
	}
	w := public()
	w.resolver, w.roots, w.port = s.resolver, s.roots, s.port // even if everything else leads to the server
	require.Equal(t, fault.RuleImageUnreachable, ruleOf(t, newChecker(Options{}, w).CheckImage(t.Context(), "tenant", anImage)))
	require.False(t, reached)
}

// Who connects for a Checker gets addresses of the public internet and no
// others, whatever a name leads to.
func TestDial(t *testing.T) {
	s := newStage(t, send(jpeg))
	addr := netip.MustParseAddr
	s.names.answers["mixed.example.com."] = []netip.Addr{addr("10.0.0.1"), addr("::ffff:169.254.169.254"), addr("199.9.14.201"), addr("127.0.0.2"), addr("170.247.170.2")}
	s.names.answers["inside.example.com."] = []netip.Addr{addr("10.0.0.1"), addr("fd00:ec2::254"), addr("64:ff9b::7f00:1")}
	s.names.answers["turn.example.com."] = []netip.Addr{addr("198.41.0.4")}
	s.names.rebind = map[string][]netip.Addr{"turn.example.com.": {addr("127.0.0.1")}}
	w := public() // nothing of this machine is allowed
	w.resolver = s.resolver
	var dialled []string
	c := newChecker(Options{
		Timeout: 20 * time.Second, RootCAs: s.roots,
		Dial: func(ctx context.Context, network, address string) (net.Conn, error) {
			dialled = append(dialled, network+" "+address)
			if address == "199.9.14.201:443" {
				return nil, errors.New("busy")
			}
			return new(net.Dialer).DialContext(ctx, network, "127.0.0.1:"+s.port)
		},
	}, w)
	for _, row := range []struct {
		url     string
		want    fault.Rule
		dialled []string
	}{
		{"https://mixed.example.com/a", "", []string{"tcp 199.9.14.201:443", "tcp 170.247.170.2:443"}},
		{"https://inside.example.com/a", fault.RuleImageUnreachable, nil},
		{"https://turn.example.com/a", "", []string{"tcp 198.41.0.4:443"}},
		{"https://turn.example.com/b", fault.RuleImageUnreachable, nil},
		{"https://nowhere.example.com/a", fault.RuleImageUnreachable, nil},
		{"https://127.0.0.1/a", fault.RuleImageAddress, nil},
		{"https://198.41.0.4/a", fault.RuleImageUnreachable, []string{"tcp 198.41.0.4:443"}}, // the certificate is another's
	} {
		dialled = nil
		require.Equal(t, row.want, ruleOf(t, c.CheckImage(t.Context(), "tenant", row.url)), row.url)
		require.Equal(t, row.dialled, dialled, row.url)
	}
}

// A certificate that the machine does not trust, or that is another's, is no
// server.
func TestCertificates(t *testing.T) {
	s := newStage(t, send(jpeg))
	untrusting := s.world
	untrusting.roots = nil
	require.Equal(t, fault.RuleImageUnreachable, ruleOf(t, newChecker(Options{}, untrusting).CheckImage(t.Context(), "tenant", anImage)))
	s.names.answers["other.example.org."] = []netip.Addr{netip.MustParseAddr("127.0.0.1")}
	require.Equal(t, fault.RuleImageUnreachable, ruleOf(t, newChecker(Options{}, s.world).CheckImage(t.Context(), "tenant", "https://other.example.org/")))
}

// Nothing but the URL is sent: no cookie, no credential, no referrer, no
// encoding wanted, and not through a proxy.
func TestWhatIsSent(t *testing.T) {
	t.Setenv("HTTPS_PROXY", "https://127.0.0.1:1")
	t.Setenv("https_proxy", "https://127.0.0.1:1")
	s := newStage(t, func(w http.ResponseWriter, r *http.Request) {
		if r.Host == "example.com" {
			http.SetCookie(w, &http.Cookie{Name: "id", Value: "1", Domain: "example.com"})
			http.Redirect(w, r, "https://a.example.com/b.jpg", http.StatusMovedPermanently)
			return
		}
		_, _ = w.Write(jpeg)
	})
	require.Empty(t, ruleOf(t, newChecker(Options{Timeout: 20 * time.Second}, s.world).CheckImage(t.Context(), "tenant", anImage)))
	require.Len(t, s.seen(), 2)
	for _, r := range s.seen() {
		require.Equal(t, http.MethodGet, r.Method)
		require.Equal(t, []string{"identity"}, r.Header["Accept-Encoding"])
		for _, name := range []string{"Cookie", "Authorization", "Referer", "Range", "From", "Origin"} {
			require.Empty(t, r.Header.Values(name), name)
		}
	}
}

// The number of redirects has a bound, and may be none.
func TestRedirectBound(t *testing.T) {
	hop := func(n int) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			var at int
			_, _ = fmt.Sscanf(r.URL.Path, "/%d", &at)
			if at == n {
				_, _ = w.Write(jpeg)
				return
			}
			http.Redirect(w, r, fmt.Sprintf("https://a.example.com/%d", at+1), http.StatusFound)
		}
	}
	for _, row := range []struct {
		bound, hops int
		want        fault.Rule
	}{{0, 3, ""}, {0, 4, fault.RuleImageRedirect}, {1, 1, ""}, {1, 2, fault.RuleImageRedirect}, {-1, 0, ""}, {-1, 1, fault.RuleImageRedirect}} {
		s := newStage(t, hop(row.hops))
		c := newChecker(Options{MaxRedirects: row.bound, Timeout: 20 * time.Second}, s.world)
		require.Equal(t, row.want, ruleOf(t, c.CheckImage(t.Context(), "tenant", "https://example.com/0")), "%d hops of %d", row.hops, row.bound)
	}
}

// A caller that gives up learns nothing of the image, and nothing is
// remembered.
func TestCallerGivesUp(t *testing.T) {
	arrived := make(chan struct{}, 1)
	block := true
	s := newStage(t, func(w http.ResponseWriter, r *http.Request) {
		if block {
			arrived <- struct{}{}
			<-r.Context().Done()
			return
		}
		_, _ = w.Write(jpeg)
	})
	c := newChecker(Options{Timeout: 20 * time.Second}, s.world)
	why := errors.New("the client has gone")
	ctx, cancel := context.WithCancelCause(t.Context())
	done := make(chan error)
	go func() { done <- c.CheckImage(ctx, "tenant", anImage) }()
	<-arrived
	cancel(why)
	err := <-done
	require.ErrorIs(t, err, why)
	require.Nil(t, validate.ImageError(validate.Image{}, err), "no fault of the sender")
	block = false
	require.Empty(t, ruleOf(t, c.CheckImage(t.Context(), "tenant", anImage)))
}

// At most so many checks of a tenant run at once. Others of it wait, those of
// other tenants do not, and a waiting caller may give up.
func TestPlaces(t *testing.T) {
	const places, checks = 3, 9
	release := make(chan struct{})
	arrived := make(chan struct{}, checks)
	var mu sync.Mutex
	now, most := 0, 0
	s := newStage(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/other" {
			_, _ = w.Write(jpeg)
			return
		}
		mu.Lock()
		now++
		most = max(most, now)
		mu.Unlock()
		arrived <- struct{}{}
		<-release
		mu.Lock()
		now--
		mu.Unlock()
		_, _ = w.Write(jpeg)
	})
	c := newChecker(Options{PerTenant: places, Timeout: time.Minute}, s.world)
	results := make(chan error, checks)
	for i := range checks {
		go func() { results <- c.CheckImage(t.Context(), "busy", fmt.Sprintf("https://example.com/%d", i)) }()
	}
	for range places {
		<-arrived
	}
	require.Empty(t, ruleOf(t, c.CheckImage(t.Context(), "idle", "https://example.com/other")))

	given, giveUp := context.WithCancel(t.Context())
	giveUp()
	require.ErrorIs(t, c.CheckImage(given, "busy", "https://example.com/other"), context.Canceled)

	close(release)
	for range checks {
		require.NoError(t, <-results)
	}
	require.Equal(t, places, most)
}

// Verdicts are remembered for their time, per tenant, up to a number.
func TestRemembered(t *testing.T) {
	s := newStage(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/bad" {
			http.NotFound(w, r)
			return
		}
		_, _ = w.Write(jpeg)
	})
	c := newChecker(Options{Remember: 2, RememberGood: 10 * time.Minute, RememberBad: time.Minute, Timeout: 20 * time.Second}, s.world)
	asked := 0
	expect := func(fetches bool, tenant, path string, want fault.Rule) {
		t.Helper()
		require.Equal(t, want, ruleOf(t, c.CheckImage(t.Context(), tenant, "https://example.com"+path)))
		if fetches {
			asked++
		}
		require.Len(t, s.seen(), asked)
	}
	expect(true, "one", "/good", "")
	expect(false, "one", "/good", "")
	expect(true, "two", "/good", "")
	expect(true, "one", "/bad", fault.RuleImageStatus)
	expect(false, "one", "/bad", fault.RuleImageStatus)

	s.clock.advance(time.Minute)
	expect(false, "one", "/good", "")
	expect(true, "one", "/bad", fault.RuleImageStatus)

	expect(true, "one", "/third", "") // forgets /good, which was used longer ago than /bad
	expect(false, "one", "/bad", fault.RuleImageStatus)
	expect(true, "one", "/good", "")

	s.clock.advance(10 * time.Minute)
	expect(true, "one", "/good", "")
	expect(true, "two", "/good", "")
}

// Only so many tenants are remembered, but none that is being served is
// forgotten.
func TestTenantsForgotten(t *testing.T) {
	s := newStage(t, send(jpeg))
	c := newChecker(Options{Tenants: 2, Timeout: 20 * time.Second}, s.world)
	for _, tenant := range []string{"a", "b", "c", "c", "b", "a"} {
		require.NoError(t, c.CheckImage(t.Context(), tenant, anImage))
		require.LessOrEqual(t, c.tenants.used.Len(), 2)
		require.Len(t, c.tenants.byName, c.tenants.used.Len())
	}
	require.Len(t, s.seen(), 4, "a was forgotten for c, and fetched again")
	held := c.tenants.get("a")
	for _, name := range []string{"x", "y", "z"} {
		c.tenants.put(c.tenants.get(name))
	}
	require.Same(t, held, c.tenants.get("a"))
}

// Many tenants and URLs at once, under the race detector.
func TestConcurrent(t *testing.T) {
	s := newStage(t, send(jpeg))
	c := newChecker(Options{Tenants: 2, Remember: 2, PerTenant: 2, Timeout: time.Minute}, s.world)
	var wg sync.WaitGroup
	for i := range 24 {
		wg.Go(func() {
			err := c.CheckImage(t.Context(), fmt.Sprint("tenant", i%3), fmt.Sprintf("https://example.com/%d", i%4))
			if err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
}
