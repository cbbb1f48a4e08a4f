package imagecheck

import (
	"context"
	"errors"
	"net"
)

// dial is what connects: the function of a net.Dialer.
type dial = func(ctx context.Context, network, address string) (net.Conn, error)

// dialThrough dials the host of an address on a port, whatever port the address
// has: [allowed] has seen to it that it is 443.
func dialThrough(dialer *net.Dialer, port string) dial {
	return func(ctx context.Context, network, address string) (net.Conn, error) {
		host, _, err := net.SplitHostPort(address)
		if err != nil {
			return nil, err
		}
		return dialer.DialContext(ctx, network, net.JoinHostPort(host, port))
	}
}

// dialJudged connects by a function of the host's, only to addresses that the
// guard lets pass. It resolves the host itself, so that what was judged is what
// is dialled.
func dialJudged(connect dial, w world) dial {
	resolver := w.resolver
	if resolver == nil {
		resolver = net.DefaultResolver
	}
	return func(ctx context.Context, network, address string) (net.Conn, error) {
		host, _, err := net.SplitHostPort(address)
		if err != nil {
			return nil, err
		}
		places, err := resolver.LookupNetIP(ctx, "ip", host)
		if err != nil {
			return nil, err
		}
		var failures []error
		for _, place := range places {
			place = place.Unmap()
			if err := w.guard.SafeAddr(place); err != nil {
				failures = append(failures, err)
				continue
			}
			conn, err := connect(ctx, "tcp", net.JoinHostPort(place.String(), w.port))
			if err == nil {
				return conn, nil
			}
			failures = append(failures, err)
		}
		return nil, errors.Join(failures...)
	}
}
