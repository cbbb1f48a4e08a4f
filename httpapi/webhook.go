package httpapi

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"

	"github.com/fromline/fromline/store"
)

// Signatures are the secrets by which webhooks are authenticated, as Standard
// Webhooks has it: an HMAC-SHA256 of webhook-id, webhook-timestamp and the body,
// in webhook-signature. It is immutable and safe for concurrent use.
type Signatures struct{ secrets []secret }

type secret struct {
	tenant  string
	webhook *standardwebhooks.Webhook
}

// NewSignatures returns the signatures of tenants by their secrets, in base64
// with or without "whsec_" before it. Several secrets of a tenant are valid at the
// same time, so that they can be changed without a gap. It fails on an empty
// tenant, on a secret that is not base64 of at least 24 bytes, and on one given to
// two tenants, however it is written: nobody could say whose a webhook is.
func NewSignatures(ofTenant map[string][]string) (*Signatures, error) {
	s := &Signatures{}
	owner := map[[sha256.Size]byte]string{}
	for tenant, secrets := range ofTenant {
		if err := store.CheckTenant(tenant); err != nil {
			return nil, fmt.Errorf("httpapi: %w", err)
		}
		for _, text := range secrets {
			key, err := decodeSecret(text)
			if err != nil {
				return nil, fmt.Errorf("httpapi: tenant %q: %w", tenant, err)
			}
			sign := keyedBy(key)
			if other, is := owner[sign]; is && other != tenant {
				return nil, fmt.Errorf("httpapi: tenants %q and %q have the same webhook secret", other, tenant)
			}
			owner[sign] = tenant
			webhook, err := standardwebhooks.NewWebhookRaw(key)
			if err != nil {
				return nil, fmt.Errorf("httpapi: tenant %q: %w", tenant, err)
			}
			s.secrets = append(s.secrets, secret{tenant, webhook})
		}
	}
	return s, nil
}

// decodeSecret returns the key that a secret is the text of. What the text is must
// not show in an error.
func decodeSecret(text string) ([]byte, error) {
	const minLength = 24
	key, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(text, "whsec_"))
	if err != nil || len(key) < minLength {
		return nil, fmt.Errorf("a webhook secret is base64 of at least %d bytes, with or without whsec_ before it", minLength)
	}
	return key, nil
}

// keyedBy returns what is the same for two keys that give the same signatures: not
// only equal ones, as HMAC takes a short key and the same with zeros behind it for
// one.
func keyedBy(key []byte) (sign [sha256.Size]byte) {
	h := hmac.New(sha256.New, key)
	h.Sum(sign[:0])
	return sign
}

// signatureTolerance is how far the time of a signature may be from ours
// (docs/rules.md §15).
const signatureTolerance = 5 * time.Minute

// mayBeSigned says whether a request has what a signature needs and a timestamp
// that is good now, so that its body is worth reading.
func (s *Signatures) mayBeSigned(header http.Header, now time.Time) bool {
	if s == nil || len(s.secrets) == 0 || header.Get(standardwebhooks.HeaderWebhookID) == "" ||
		header.Get(standardwebhooks.HeaderWebhookSignature) == "" {
		return false
	}
	seconds, err := strconv.ParseInt(header.Get(standardwebhooks.HeaderWebhookTimestamp), 10, 64)
	if err != nil {
		return false
	}
	return time.Unix(seconds, 0).Sub(now).Abs() <= signatureTolerance
}

// verify returns the tenant one of whose secrets signed the request. Every secret
// is tried, so that the time taken does not tell which one did; the library
// compares in constant time, and its own look at the timestamp is not used
// because it has a clock of its own: mayBeSigned was asked before.
func (s *Signatures) verify(header http.Header, body []byte) (tenant string, err error) {
	found := false
	for i := range s.secrets {
		if s.secrets[i].webhook.VerifyIgnoringTimestamp(body, header) == nil {
			tenant, found = s.secrets[i].tenant, true
		}
	}
	if !found {
		return "", fmt.Errorf("%w: no secret gives this signature", ErrUnauthenticated)
	}
	return tenant, nil
}
