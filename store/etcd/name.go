package etcd

import (
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"net"
	"net/url"
	"os"
	"strings"

	"github.com/fromline/fromline/store"
)

// target is a parsed name.
type target struct {
	endpoints      []string
	user, password string
	prefix         string
	secure         bool
	ca, cert, key  string // files
	unsynced       bool
}

const form = "give it as in etcd://HOST,HOST,HOST/PREFIX, with USER:PASSWORD@ before the hosts where the cluster asks for them"

// Check returns an error wrapping [store.ErrInvalid] for a name that cannot be
// that of a store on etcd. It connects to nothing. It is safe for concurrent
// use.
func Check(name string) error {
	_, err := parse(name)
	return err
}

// parse reads a name. Its errors repeat no part that may be a password.
func parse(name string) (t target, err error) {
	rest, found := strings.CutPrefix(name, "etcd://")
	if !found {
		return t, invalid("the name does not begin with etcd://: " + form)
	}
	rest, query, _ := strings.Cut(rest, "?")
	hosts, prefix, _ := strings.Cut(rest, "/")
	if at := strings.LastIndexByte(hosts, '@'); at >= 0 {
		user, password, _ := strings.Cut(hosts[:at], ":")
		if t.user, err = url.PathUnescape(user); err == nil {
			t.password, err = url.PathUnescape(password)
		}
		if err != nil {
			return t, invalid("the user or password has a % that is no escape: write %25 for a %")
		}
		hosts = hosts[at+1:]
	} else if strings.Contains(prefix, "@") {
		return t, invalid("there is an @ after the hosts: in a password write %2F for / and %3F for ?")
	}
	if prefix, err = url.PathUnescape(prefix); err != nil {
		return t, invalid("the prefix has a % that is no escape: write %25 for a %")
	}
	if t.prefix = strings.Trim(prefix, "/"); t.prefix == "" {
		return t, invalid("the prefix is missing: several stores may share a cluster, so each has a prefix of its own: " + form)
	}
	if strings.Contains(t.prefix, "\x00") {
		return t, invalid("the prefix contains a zero byte")
	}
	t.prefix += "\x00" // no prefix begins with another
	if err := t.settings(query); err != nil {
		return t, err
	}
	for host := range strings.SplitSeq(hosts, ",") {
		if host == "" {
			return t, invalid("a host is missing: " + form)
		}
		if _, _, err := net.SplitHostPort(host); err != nil {
			host = net.JoinHostPort(strings.Trim(host, "[]"), "2379")
		}
		scheme := "http://"
		if t.secure {
			scheme = "https://"
		}
		t.endpoints = append(t.endpoints, scheme+host)
	}
	return t, nil
}

// settings reads the part after the question mark.
func (t *target) settings(query string) error {
	values, err := url.ParseQuery(query)
	if err != nil {
		return invalid("the settings after the ? cannot be read")
	}
	for name, given := range values {
		v := given[len(given)-1]
		switch {
		case name == "tls" && v == "true":
			t.secure = true
		case name == "tls" && v == "false":
		case name == "ca" && v != "":
			t.ca, t.secure = v, true
		case name == "cert" && v != "":
			t.cert, t.secure = v, true
		case name == "key" && v != "":
			t.key, t.secure = v, true
		case name == "unsynced" && v == "accept":
			t.unsynced = true
		default:
			return invalid("the settings are tls=true, ca=FILE, cert=FILE, key=FILE and unsynced=accept")
		}
	}
	if (t.cert == "") != (t.key == "") {
		return invalid("a certificate goes with its key: give both cert=FILE and key=FILE, or neither")
	}
	return nil
}

// tls returns the TLS configuration, nil for no TLS.
func (t target) tls() (*tls.Config, error) {
	if !t.secure {
		return nil, nil
	}
	c := &tls.Config{MinVersion: tls.VersionTLS12}
	if t.ca != "" {
		pem, err := os.ReadFile(t.ca)
		if err != nil {
			return nil, fmt.Errorf("etcd: %w: %w", store.ErrInvalid, err)
		}
		if c.RootCAs = x509.NewCertPool(); !c.RootCAs.AppendCertsFromPEM(pem) {
			return nil, invalid(t.ca + " holds no certificate")
		}
	}
	if t.cert != "" {
		pair, err := tls.LoadX509KeyPair(t.cert, t.key)
		if err != nil {
			return nil, fmt.Errorf("etcd: %w: %w", store.ErrInvalid, err)
		}
		c.Certificates = []tls.Certificate{pair}
	}
	return c, nil
}

func invalid(what string) error { return fmt.Errorf("etcd: %w: %s", store.ErrInvalid, what) }
