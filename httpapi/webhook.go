package httpapi

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"

	"github.com/fromline/fromline/store"
)

// Signatures check signed webhooks as Standard Webhooks specifies: the header
// webhook-signature holds an HMAC-SHA256 of webhook-id, webhook-timestamp and
// the body. With [Options.LegacySignatures] they also check the older
// signatures of the vendor. It is immutable and safe for concurrent use.
type Signatures struct{ secrets []secret }

type secret struct {
	tenant  string
	webhook *standardwebhooks.Webhook
	texts   [2][]byte // the keys of older signatures: the text with and without whsec_
}

// NewSignatures returns Signatures for the secrets of each tenant, in base64
// with or without "whsec_" before it. A tenant may have several secrets at the
// same time, so you can change them without a gap. The error names the tenant,
// and never the secret: the tenant is empty, a secret is not base64 of at least
// 24 bytes, or two tenants have the same secret.
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
			bare := strings.TrimPrefix(text, secretPrefix)
			s.secrets = append(s.secrets, secret{tenant, webhook, [2][]byte{[]byte(secretPrefix + bare), []byte(bare)}})
		}
	}
	return s, nil
}

const secretPrefix = "whsec_"

// decodeSecret returns the key that a secret is the text of. What the text is
// must not show in an error.
func decodeSecret(text string) ([]byte, error) {
	const minLength = 24
	key, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(text, secretPrefix))
	if err != nil || len(key) < minLength {
		return nil, fmt.Errorf("a webhook secret is base64 of at least %d bytes, with or without whsec_ before it, such as whsec_ and what openssl rand -base64 32 prints", minLength)
	}
	return key, nil
}

// keyedBy returns what is the same for two keys that give the same signatures:
// not only equal ones, as HMAC takes a short key and the same with zeros behind
// it for one.
func keyedBy(key []byte) (sign [sha256.Size]byte) {
	h := hmac.New(sha256.New, key)
	h.Sum(sign[:0])
	return sign
}

// signatureTolerance is how far the time of a signature may be from ours.
const signatureTolerance = 5 * time.Minute

// The headers of the older signatures. The vendor still sends them with every
// webhook, beside those of Standard Webhooks.
const (
	headerLegacyTimestamp = "X-Webhook-Timestamp"
	headerLegacySignature = "X-Webhook-Signature"
)

// isStandard says whether a request has any header of Standard Webhooks. Such a
// request stands or falls with that signature: an older one beside it, which
// does not cover the id, counts for nothing.
func isStandard(header http.Header) bool {
	for _, name := range []string{standardwebhooks.HeaderWebhookID, standardwebhooks.HeaderWebhookTimestamp, standardwebhooks.HeaderWebhookSignature} {
		if len(header.Values(name)) > 0 {
			return true
		}
	}
	return false
}

// isSigned says whether a request has any header of a signature.
func isSigned(header http.Header) bool {
	return isStandard(header) || header.Get(headerLegacySignature) != ""
}

// unsigned returns why no signature of a request can be good now, or nil if its
// body is worth reading.
func (s *Signatures) unsigned(header http.Header, now time.Time, legacy bool) error {
	standard := isStandard(header)
	named := headerLegacyTimestamp
	switch {
	case s == nil || len(s.secrets) == 0:
		return &credentialError{"signature.none", standardwebhooks.HeaderWebhookSignature,
			"this server has no webhook secret, so it takes no signature: give it one (serve -webhook-secret TENANT=@FILE), or send a token"}
	case standard:
		for _, name := range []string{standardwebhooks.HeaderWebhookID, standardwebhooks.HeaderWebhookTimestamp, standardwebhooks.HeaderWebhookSignature} {
			if header.Get(name) == "" {
				return &credentialError{"signature.headers", name, name + " is missing: webhook-id, webhook-timestamp and webhook-signature go together"}
			}
		}
		named = standardwebhooks.HeaderWebhookTimestamp
	case !legacy:
		return &credentialError{"signature.legacy", headerLegacySignature,
			headerLegacySignature + " is not taken here: sign as Standard Webhooks has it (webhook-signature), or start the server with -webhook-legacy"}
	}
	seconds, err := strconv.ParseInt(header.Get(named), 10, 64)
	if err != nil {
		return &credentialError{"signature.time", named, named + " must be the time of the signature in whole seconds since 1970"}
	}
	if off := time.Unix(seconds, 0).Sub(now); off.Abs() > signatureTolerance {
		return &credentialError{"signature.time", named, fmt.Sprintf("%s is more than %v from the clock of this server, which says %d: compare the clocks, and sign each try anew",
			named, signatureTolerance, now.Unix())}
	}
	return nil
}

// verify returns the tenant one of whose secrets signed a request that is not
// unsigned. It tries every secret, so that the time taken does not tell
// which one it was; it compares in constant time. The library's own look at the
// timestamp is not used, because it has a clock of its own.
func (s *Signatures) verify(header http.Header, body []byte) (tenant string, err error) {
	standard, found := isStandard(header), false
	for i := range s.secrets {
		var signed bool
		if standard {
			signed = s.secrets[i].webhook.VerifyIgnoringTimestamp(body, header) == nil
		} else {
			signed = s.secrets[i].verifyLegacy(header, body)
		}
		if signed {
			tenant, found = s.secrets[i].tenant, true
		}
	}
	if !found {
		if !standard {
			return "", &credentialError{"signature.wrong", headerLegacySignature, "no webhook secret of this server gives this signature: it is the HMAC-SHA256, in hexadecimal digits, of " +
				headerLegacyTimestamp + ", a full stop and the body as it is sent"}
		}
		return "", &credentialError{"signature.wrong", standardwebhooks.HeaderWebhookSignature, "no webhook secret of this server gives this signature: compare the secrets, " +
			"and sign the body as it is sent: webhook-id, webhook-timestamp and the body, joined by full stops"}
	}
	return tenant, nil
}

// verifyLegacy reports whether the secret gives the older signature of a
// request: the HMAC-SHA256, in hexadecimal digits, of the timestamp, a full
// stop and the body, with the text of the secret as its key.
func (s *secret) verifyLegacy(header http.Header, body []byte) bool {
	given, err := hex.DecodeString(header.Get(headerLegacySignature))
	if err != nil {
		return false
	}
	signed := false
	for _, key := range s.texts {
		h := hmac.New(sha256.New, key)
		h.Write([]byte(header.Get(headerLegacyTimestamp) + "."))
		h.Write(body)
		signed = hmac.Equal(h.Sum(nil), given) || signed
	}
	return signed
}
