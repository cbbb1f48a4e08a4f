package imagecheck

import (
	"cmp"
	"context"
	"crypto/x509"
	"net"
	"strings"
	"time"
)

// Options bound a [Checker]. The zero value is sensible. Numbers and times that
// are not positive mean the default.
type Options struct {
	// Timeout bounds a whole check: names, connections, redirects and reading.
	// Default 5 s. Waiting for other checks of the tenant does not count.
	Timeout time.Duration

	// MaxBytes is the size in bytes of the largest image. Default 10 MiB. A
	// size that the server announces is believed; without one the image is read
	// to its end.
	MaxBytes int64

	// MaxRedirects is how many redirects are followed. Default 3; negative is
	// none.
	MaxRedirects int

	// PerTenant is how many checks of one tenant run at once; others wait.
	// Default 4.
	PerTenant int

	// Remember is how many verdicts are remembered for a tenant: those used
	// last. Default 256.
	Remember int

	// RememberGood and RememberBad are how long a verdict is remembered: that
	// there is an image, default 10 min, or that there is none, default 1 min.
	RememberGood, RememberBad time.Duration

	// Tenants is for how many tenants verdicts are remembered: those seen last.
	// Default 1,024.
	Tenants int

	// Dial makes connections where they must go through a gateway; nil connects
	// directly. It is called with "tcp" and an IP address with a port. Names
	// are resolved on this machine before, and only addresses of the public
	// internet get here. It must be safe for concurrent use and connect to that
	// address and to no other.
	Dial func(ctx context.Context, network, address string) (net.Conn, error)

	// UserAgent is what servers are told in User-Agent; default
	// "fromline-imagecheck". Some refuse what they do not know, or want an
	// address to write to. Characters other than the visible ones of ASCII and
	// the space are left out.
	UserAgent string

	// RootCAs are the authorities that certificates are checked with, for a
	// gateway that replaces the certificates of servers by its own; nil means
	// those of the machine.
	RootCAs *x509.CertPool
}

// withDefaults returns o with every field set.
func (o Options) withDefaults() Options {
	orElse(&o.Timeout, 5*time.Second)
	orElse(&o.MaxBytes, 10<<20)
	if o.MaxRedirects == 0 {
		o.MaxRedirects = 3
	}
	orElse(&o.PerTenant, 4)
	orElse(&o.Remember, 256)
	orElse(&o.RememberGood, 10*time.Minute)
	orElse(&o.RememberBad, time.Minute)
	orElse(&o.Tenants, 1024)
	o.UserAgent = cmp.Or(strings.Map(visible, o.UserAgent), "fromline-imagecheck")
	return o
}

// visible drops what may not stand in a header.
func visible(r rune) rune {
	if r < ' ' || r > '~' {
		return -1
	}
	return r
}

func orElse[N int | int64 | time.Duration](n *N, def N) {
	if *n <= 0 {
		*n = def
	}
}
