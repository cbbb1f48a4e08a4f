package httpapi

import (
	"errors"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
)

// CheckDocBase returns an error if a text cannot be [Options].DocBase, and nil
// otherwise. It must be an absolute http or https URL without user, query and
// fragment, and without a slash at its end. It is safe for concurrent use.
func CheckDocBase(base string) error {
	u, err := url.Parse(base)
	if err != nil || (u.Scheme != "https" && u.Scheme != "http") || !validHost(u.Host) {
		return errors.New("give an absolute http or https URL, as in https://docs.example.com")
	}
	if u.User != nil || u.RawQuery != "" || u.ForceQuery || strings.Contains(base, "#") {
		return errors.New("give it without a user, a query and a fragment, as in https://docs.example.com")
	}
	if strings.HasSuffix(base, "/") {
		return errors.New("leave out the slash at its end")
	}
	return nil
}

// docBase is put before the path of a page in doc_url: that of the options, or
// else the address that the request was sent to, below which this handler
// serves the pages itself.
//
// Of the Host header only the syntax is trusted. It says how this client
// reaches the handler, and it is told to this client alone: no answer is kept
// by a cache. Where it is no host name, the address of the connection stands
// for it. X-Forwarded-Proto can make the link one of https, and nothing else;
// other headers of proxies are not looked at.
func (x *exchange) docBase() string {
	if x.opts.DocBase != "" {
		return x.opts.DocBase
	}
	prefix := (&url.URL{Path: x.opts.Prefix}).EscapedPath()
	host := x.r.Host
	if !validHost(host) {
		address, ok := x.r.Context().Value(http.LocalAddrContextKey).(net.Addr)
		if !ok || !validHost(address.String()) {
			return prefix
		}
		host = address.String()
	}
	if x.r.TLS != nil || x.r.Header.Get("X-Forwarded-Proto") == "https" {
		return "https://" + host + prefix
	}
	return "http://" + host + prefix
}

// validHost says whether text can be the host of a URL as it stands: a name of
// letters, digits, hyphens, underscores and dots, or an IP address, and perhaps
// a port.
func validHost(text string) bool {
	name, port := text, ""
	if i := strings.LastIndexByte(text, ':'); i >= 0 && i > strings.LastIndexByte(text, ']') {
		name, port = text[:i], text[i+1:]
		if n, err := strconv.ParseUint(port, 10, 16); err != nil || n == 0 || port[0] == '0' {
			return false
		}
	}
	if inner, is := strings.CutPrefix(name, "["); is {
		address, err := netip.ParseAddr(strings.TrimSuffix(inner, "]"))
		return err == nil && strings.HasSuffix(inner, "]") && address.Is6() && address.Zone() == ""
	}
	return name != "" && len(name) <= maxName && !strings.ContainsFunc(name, func(c rune) bool {
		return (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') && (c < '0' || c > '9') && c != '-' && c != '.' && c != '_'
	})
}

// maxName is the length of the longest name of a host.
const maxName = 253
