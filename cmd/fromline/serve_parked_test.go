package main

import (
	"net/http/httptest"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/fromline/fromline/delivery"
	"github.com/fromline/fromline/recipients"
	"github.com/fromline/fromline/store"
)

// What a request about parked messages does not say well selects nothing: neither a
// word that is misspelt nor a value that is empty, garbage or there twice means any.
func TestWhichParkedMessagesAreMeant(t *testing.T) {
	line := recipients.MustParse("+12052535597")
	for query, want := range map[string]delivery.Selection{
		"":                                 {},
		"tenant=acme":                      {},
		"reason=refused":                   {Why: store.ParkedRefused},
		"line=%2B12052535597":              {Line: line},
		"line=+12052535597":                {Line: line},
		"reason=refused&line=+12052535597": {Why: store.ParkedRefused, Line: line},
	} {
		got, err := selected(httptest.NewRequest("POST", "/parked/drop?"+query, nil))
		require.NoError(t, err, query)
		assert.Equal(t, want, got, query)
	}
	for _, query := range []string{
		"tenant=", "reason=", "line=", "reason=refused&line=", "reason=&line=%2B12052535597", "reasons=refused", "limit=1",
		"reason=x", "reason=refused&reason=attempts", "line=x", "line=12", "line=ann@example.com", "line=+12052535597&line=+12052535597", "reason=%zz",
	} {
		_, err := selected(httptest.NewRequest("POST", "/parked/drop?"+query, nil))
		assert.Error(t, err, query)
	}
}
