package delivery

import (
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"
)

// newSigner returns what signs by a secret. Its text must not show in an error.
func newSigner(secret string) (*standardwebhooks.Webhook, error) {
	const minLength = 24
	key, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(secret, "whsec_"))
	if err != nil || len(key) < minLength {
		return nil, fmt.Errorf("delivery: a secret is base64 of at least %d bytes, with or without whsec_ before it", minLength)
	}
	signer, err := standardwebhooks.NewWebhookRaw(key)
	if err != nil {
		return nil, errors.New("delivery: a secret cannot be used")
	}
	return signer, nil
}

// sign adds the headers of Standard Webhooks, if there is a secret.
func (s *HTTPSender) sign(header http.Header, id string, body []byte, now time.Time) error {
	if len(s.signers) == 0 {
		return nil
	}
	signatures := make([]string, len(s.signers))
	for i, signer := range s.signers {
		var err error
		if signatures[i], err = signer.Sign(id, now, body); err != nil {
			return errors.New("delivery: the request cannot be signed")
		}
	}
	header.Set(standardwebhooks.HeaderWebhookID, id)
	header.Set(standardwebhooks.HeaderWebhookTimestamp, strconv.FormatInt(now.Unix(), 10))
	header.Set(standardwebhooks.HeaderWebhookSignature, strings.Join(signatures, " "))
	return nil
}
