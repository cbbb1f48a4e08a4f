package imagecheck

import (
	"cmp"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"time"

	"code.dny.dev/ssrf"
)

// world is what a Checker finds outside. Tests have one of their own; programs
// cannot.
type world struct {
	guard    *ssrf.Guardian
	resolver *net.Resolver  // nil: that of the machine
	roots    *x509.CertPool // nil: those of Options, or of the machine
	port     string         // where port 443 really is
	now      func() time.Time
}

// public is the public internet.
func public() world { return world{guard: newGuard(https), port: "443", now: time.Now} }

const https = 443

// newGuard returns the judge of addresses, which refuses every special range of
// the registries, and any port but one.
func newGuard(port uint16, allowed ...netip.Prefix) *ssrf.Guardian {
	return ssrf.New(
		ssrf.WithPorts(port),
		ssrf.WithAllowedV4Prefixes(allowed...),
		// The address at which Azure serves metadata and more to its machines
		// lies in a range that is otherwise public.
		ssrf.WithDeniedV4Prefixes(netip.MustParsePrefix("168.63.129.16/32")),
	)
}

var (
	errRedirects = errors.New("imagecheck: too many redirects")
	errTarget    = errors.New("imagecheck: a redirect away from https on port 443")
)

// newClient returns a client that reaches nothing but https on port 443 of
// public addresses. The guard is asked for the very address that a connection
// is about to be made to, so what a name led to before does not matter.
func newClient(o Options, w world) *http.Client {
	dial := dialThrough(&net.Dialer{Control: w.guard.Safe, Resolver: w.resolver, KeepAlive: -1}, w.port)
	if o.Dial != nil {
		dial = dialJudged(o.Dial, w)
	}
	return &http.Client{
		Transport: &http.Transport{
			Proxy:                  nil, // not that of the environment
			DialContext:            dial,
			TLSClientConfig:        &tls.Config{MinVersion: tls.VersionTLS12, RootCAs: cmp.Or(w.roots, o.RootCAs)},
			DisableKeepAlives:      true, // tenants share nothing
			DisableCompression:     true,
			MaxResponseHeaderBytes: 64 << 10,
		},
		CheckRedirect: func(next *http.Request, before []*http.Request) error {
			if len(before) > max(o.MaxRedirects, 0) {
				return errRedirects
			}
			if !allowed(next.URL) {
				return errTarget
			}
			next.Header.Del("Referer")
			return nil
		},
	}
}

// allowed reports whether a URL is one to be fetched.
func allowed(u *url.URL) bool {
	port := u.Port()
	return u.Scheme == "https" && u.Host != "" && u.User == nil && (port == "" || port == "443")
}
