//go:build unix

package etcd_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
	clientv3 "go.etcd.io/etcd/client/v3"

	"github.com/fromline/fromline/recipients"
	"github.com/fromline/fromline/store"
	"github.com/fromline/fromline/store/etcd"
	"github.com/fromline/fromline/store/etcd/internal/etcdtest"
)

// open opens a store with the patience of tests.
func open(t *testing.T, name string, o etcd.Options) *etcd.Store {
	t.Helper()
	o.Timeout = etcdtest.Patience
	s, err := etcd.Open(t.Context(), name, o)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, s.Close()) })
	return s
}

// first returns a plan that opens the first chat with a person.
func first(t testing.TB, person string, content []byte) *store.Plan {
	t.Helper()
	set, err := recipients.NewSet(recipients.MustParse(person))
	require.NoError(t, err)
	at := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	return &store.Plan{Tenant: "acme", Set: set, Content: content, Record: store.Record{
		MessageID: uuid.New(), ChatID: uuid.New(), Line: recipients.MustParse("+12025550161"), At: at, KeepUntil: at.Add(time.Hour),
		Reason: store.NewBestNumber, Roster: store.NewRoster(set, at),
	}}
}

// Stores with different prefixes share a cluster and do not see each other,
// even if one prefix begins with the other.
func TestPrefixes(t *testing.T) {
	name := fresh(t, "pre")
	one, other := open(t, name, etcd.Options{}), open(t, name+"fix", etcd.Options{})
	p := first(t, "+12025550123", nil)
	require.NoError(t, one.Commit(t.Context(), p))
	snap, err := other.Lookup(t.Context(), store.Query{Tenant: "acme", Set: p.Set.Key(), MessageID: p.MessageID})
	require.NoError(t, err)
	require.Zero(t, snap)
	n, err := other.Count(t.Context(), "")
	require.NoError(t, err)
	require.Zero(t, n)
	require.NoError(t, other.Commit(t.Context(), p))
}

// A delivery that does not fit into a request is refused before the first
// write. It fits if servers and store have larger limits.
func TestLargeDelivery(t *testing.T) {
	s := open(t, fresh(t, "large"), etcd.Options{})
	p := first(t, "+12025550123", []byte(strings.Repeat("x", 2<<20)))
	err := s.Commit(t.Context(), p)
	require.ErrorIs(t, err, store.ErrInvalid)
	require.ErrorContains(t, err, "--max-request-bytes")
	snap, err := s.Lookup(t.Context(), store.Query{Tenant: "acme", Set: p.Set.Key(), MessageID: p.MessageID})
	require.NoError(t, err)
	require.Zero(t, snap)

	c := etcdtest.Start(t, 1, "--max-request-bytes", "4000000")
	larger := open(t, c.Name("large"), etcd.Options{MaxRequestBytes: 3_900_000})
	require.NoError(t, larger.Commit(t.Context(), p))
	claimed, err := larger.Claim(t.Context(), time.Minute, 1)
	require.NoError(t, err)
	require.Equal(t, p.Content, claimed[0].Delivery.Content)
}

// A cluster that is nearly full refuses commits with ErrFull before its nodes
// refuse everything: accepted messages can still be handed over and removed.
func TestNearlyFull(t *testing.T) {
	c := etcdtest.Start(t, 1, "--quota-backend-bytes", "33554432")
	s := open(t, c.Name("full"), etcd.Options{})
	require.NoError(t, s.Commit(t.Context(), first(t, "+12025550123", []byte("hello"))))
	require.NoError(t, s.Flush(t.Context())) // while there is room for it
	// A node writes its file in batches: the size that it tells is up to a
	// hundred milliseconds old, and the last values may exceed its quota.
	client := c.Connect(t)
	for i := range 256 {
		if _, err := client.Put(t.Context(), "other"+string(rune('a'+i)), strings.Repeat("x", 1<<17)); err != nil {
			break
		}
	}
	require.Eventually(t, func() bool {
		status, err := client.Status(t.Context(), c.Nodes[0].Client)
		return err == nil && status.DbSize > status.DbSizeQuota*96/100
	}, time.Minute, 10*time.Millisecond)
	again := open(t, c.Name("full"), etcd.Options{})
	err := again.Commit(t.Context(), first(t, "+12025550124", nil))
	require.ErrorIs(t, err, store.ErrFull)
	require.ErrorIs(t, err, store.ErrNotWritten)
	_, err = again.Backlog(t.Context())
	require.NoError(t, err)
}

// The name has users and passwords, and the TLS files.
func TestCredentials(t *testing.T) {
	c := etcdtest.Start(t, 1)
	client := c.Connect(t)
	ctx := t.Context()
	_, err := client.UserAdd(ctx, "root", "root")
	require.NoError(t, err)
	_, err = client.UserGrantRole(ctx, "root", "root")
	require.NoError(t, err)
	_, err = client.UserAdd(ctx, "fromline", "s3cr:t/@")
	require.NoError(t, err)
	_, err = client.RoleAdd(ctx, "fromline")
	require.NoError(t, err)
	_, err = client.RoleGrantPermission(ctx, "fromline", "mine", clientv3.GetPrefixRangeEnd("mine"), clientv3.PermissionType(clientv3.PermReadWrite))
	require.NoError(t, err)
	_, err = client.UserGrantRole(ctx, "fromline", "fromline")
	require.NoError(t, err)
	_, err = client.AuthEnable(ctx)
	require.NoError(t, err)

	s := open(t, "etcd://fromline:s3cr%3At%2F%40@"+c.Hosts()+"/mine", etcd.Options{})
	require.NoError(t, s.Commit(ctx, first(t, "+12025550123", nil)))
	for _, name := range []string{
		"etcd://" + c.Hosts() + "/mine", "etcd://fromline:wrong-secret@" + c.Hosts() + "/mine", "etcd://fromline:s3cr%3At%2F%40@" + c.Hosts() + "/yours",
	} {
		_, err := etcd.Open(ctx, name, etcd.Options{Timeout: 5 * time.Second})
		require.Error(t, err)
		require.NotContains(t, err.Error(), "s3cr")
		require.NotContains(t, err.Error(), "wrong-secret")
	}
}

func TestTLS(t *testing.T) {
	cert, key := certificate(t)
	c := etcdtest.StartSecure(t, cert, key)
	s := open(t, c.Name("tls")+"?ca="+cert+"&cert="+cert+"&key="+key, etcd.Options{})
	require.NoError(t, s.Commit(t.Context(), first(t, "+12025550123", nil)))
	_, err := etcd.Open(t.Context(), c.Name("tls")+"?ca="+cert, etcd.Options{Timeout: 3 * time.Second})
	require.Error(t, err, "a client without a certificate")
}

// certificate writes a certificate that signs itself, and its key.
func certificate(t *testing.T) (cert, key string) {
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "fromline"}, NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, IsCA: true, BasicConstraintsValid: true,
		KeyUsage:    x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth},
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &private.PublicKey, private)
	require.NoError(t, err)
	secret, err := x509.MarshalPKCS8PrivateKey(private)
	require.NoError(t, err)
	dir := t.TempDir()
	cert, key = filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem")
	require.NoError(t, errors.Join(
		os.WriteFile(cert, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), 0o600),
		os.WriteFile(key, pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: secret}), 0o600),
	))
	return cert, key
}

func TestNames(t *testing.T) {
	for name, said := range map[string]string{
		"etcd://one,two:2380,[::1]:99/a":          "",
		"etcd://user:p%40ss@one/a/b?tls=true":     "",
		"etcd:one/a":                              "etcd://",
		"etcd://one":                              "prefix",
		"etcd://one,,two/a":                       "host",
		"etcd://user:half/secret@one/a":           "%2F",
		"etcd://user:secret%zz@one/a":             "%25",
		"etcd://one/a?sync=secret":                "settings",
		"etcd://one/a?cert=x":                     "key",
		"etcd://one/a?tls=maybe":                  "settings",
		"etcd://one/a?unsynced=accept&ca=ca.pem":  "",
		"etcd://one/a?tls=false&unsynced=accept":  "",
		"etcd://one/a?unsynced=secret&unsynced=1": "settings",
	} {
		err := etcd.Check(name)
		if said == "" {
			require.NoError(t, err, name)
			continue
		}
		require.ErrorIs(t, err, store.ErrInvalid, name)
		require.ErrorContains(t, err, said, name)
		require.NotContains(t, err.Error(), "secret", name)
	}
}

// A store without a cluster fails in time, and writes nothing.
func TestNoCluster(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	_, err := etcd.Open(ctx, "etcd://127.0.0.1:1/nobody", etcd.Options{Timeout: 300 * time.Millisecond})
	require.Error(t, err)
	require.NoError(t, ctx.Err())
}

// A store tries dead nodes about once a second. Its waits do not grow, so that
// it soon uses a cluster that is back.
func TestNodesAreTriedAgain(t *testing.T) {
	t.Parallel()
	dead, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer dead.Close()
	tried := make(chan struct{}, 100)
	go func() {
		for {
			c, err := dead.Accept()
			if err != nil {
				return
			}
			_ = c.Close()
			tried <- struct{}{}
		}
	}()
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	opened := make(chan error)
	go func() {
		_, err := etcd.Open(ctx, "etcd://"+dead.Addr().String()+"/nothing", etcd.Options{Timeout: 3 * time.Minute})
		opened <- err
	}()
	for range 14 { // if waits grew without a bound, the last one would be longer than this whole loop
		select {
		case <-tried:
		case <-ctx.Done():
			t.Fatal("the store does not try a node again")
		}
	}
	cancel()
	require.Error(t, <-opened)
}

// An unreadable delivery harms nothing else: it is parked, and named.
func TestDamagedDelivery(t *testing.T) {
	c := etcdtest.Shared(t)
	name := fresh(t, "damaged")
	s := open(t, name, etcd.Options{})
	bad, good := first(t, "+12025550123", []byte("bad")), first(t, "+12025550124", []byte("good"))
	require.NoError(t, s.Commit(t.Context(), bad))
	require.NoError(t, s.Commit(t.Context(), good))
	key := name[strings.LastIndex(name, "/")+1:] + "\x00d" + "acme\x00" + string(bad.MessageID[:])
	client := c.Connect(t)
	_, err := client.Put(t.Context(), key, "\x01"+string(bad.ChatID[:])+"\x01\xff\xff")
	require.NoError(t, err)

	claimed, err := s.Claim(t.Context(), time.Minute, 10)
	require.NoError(t, err)
	require.Len(t, claimed, 1)
	require.Equal(t, good.MessageID, claimed[0].Delivery.MessageID)
	parked, _, err := s.Parked(t.Context(), "acme", uuid.Nil, 0)
	require.NoError(t, err)
	require.Len(t, parked, 1)
	require.Equal(t, store.ParkedUnreadable, parked[0].Why)
	require.Equal(t, store.Delivery{MessageID: bad.MessageID, ChatID: bad.ChatID}, parked[0].Delivery)
	rows, total := s.Unreadable()
	require.Equal(t, 1, total)
	require.Equal(t, bad.MessageID.String(), rows[0].ID)
	require.False(t, rows[0].Newer)
	require.NoError(t, s.Drop(t.Context(), "acme", bad.MessageID))
	b, err := s.Backlog(t.Context())
	require.NoError(t, err)
	require.Equal(t, 1, b.Waiting)
	require.Zero(t, b.Parked)
}
