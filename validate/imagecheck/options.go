package imagecheck

import (
	"cmp"
	"context"
	"crypto/x509"
	"net"
	"strings"
	"time"
)

// Options bound what a [Checker] does. The zero value is sensible; numbers and times that are not positive count as the default.
type Options struct {
	// Timeout is how long a check may take in all: names, connections, redirects and reading. Default 5 s. Waiting for a free place does not count.
	Timeout time.Duration

	// MaxBytes is how large an image may be. Default 10 MiB. A size that the server announces is believed; without one the image is read to its end.
	MaxBytes int64

	// MaxRedirects is how many redirects are followed. Default 3; negative is none.
	MaxRedirects int

	// PerTenant is how many checks of one tenant run at once; more wait. Default 4.
	PerTenant int

	// Remember is how many verdicts are remembered for a tenant, the last used ones. Default 256.
	Remember int

	// RememberGood and RememberBad are how long a verdict is remembered: that there is an image, default 10 min, or that there is none, default 1 min.
	RememberGood, RememberBad time.Duration

	// Tenants is how many tenants verdicts are remembered for, the last used ones. Default 1,024.
	Tenants int

	// Dial makes connections where the way out is not open to everybody, such as through a gateway; nil connects directly. It is asked for "tcp" and an IP
	// address with a port, which were found to be of the public internet before: names are resolved on this machine, and what they lead to inside never gets
	// here. It must be safe for concurrent use and connect to that address and to no other.
	Dial func(ctx context.Context, network, address string) (net.Conn, error)

	// UserAgent is what servers are told in User-Agent; default
	// "fromline-imagecheck". Some refuse what they do not know, or want an address
	// to write to. Characters other than the visible ones of ASCII and the space
	// are left out.
	UserAgent string

	// RootCAs are who has to vouch for a server, for a gateway that puts certificates of its own in place of the servers'; nil for those of the machine.
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
