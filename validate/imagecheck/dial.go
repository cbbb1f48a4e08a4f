package imagecheck

import (
	"context"
	"net"
)

// dialThrough dials the host of an address on a port, whatever port the address has: [allowed] has seen to it that it is 443.
func dialThrough(dialer *net.Dialer, port string) func(ctx context.Context, network, address string) (net.Conn, error) {
	return func(ctx context.Context, network, address string) (net.Conn, error) {
		host, _, err := net.SplitHostPort(address)
		if err != nil {
			return nil, err
		}
		return dialer.DialContext(ctx, network, net.JoinHostPort(host, port))
	}
}
