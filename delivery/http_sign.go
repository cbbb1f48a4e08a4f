package delivery

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// signingKey returns the key that a secret is the text of, which must not show
// in an error.
func signingKey(secret string) ([]byte, error) {
	const minLength = 24
	key, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(secret, "whsec_"))
	if err != nil || len(key) < minLength {
		return nil, fmt.Errorf("delivery: a secret is base64 of at least %d bytes, with or without whsec_ before it, such as whsec_ and what openssl rand -base64 32 prints", minLength)
	}
	return key, nil
}

// sign adds the headers of Standard Webhooks, if there is a secret.
func (s *HTTPSender) sign(header http.Header, id string, body []byte, now time.Time) {
	if len(s.keys) == 0 {
		return
	}
	at := strconv.FormatInt(now.Unix(), 10)
	signatures := make([]string, len(s.keys))
	for i, key := range s.keys {
		h := hmac.New(sha256.New, key)
		fmt.Fprintf(h, "%s.%s.%s", id, at, body)
		signatures[i] = "v1," + base64.StdEncoding.EncodeToString(h.Sum(nil))
	}
	header.Set("webhook-id", id)
	header.Set("webhook-timestamp", at)
	header.Set("webhook-signature", strings.Join(signatures, " "))
}
