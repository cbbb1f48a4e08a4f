package delivery_test

import (
	"bytes"
	"context"
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/fromline/fromline/delivery"
)

// answering is a transport that answers everything at once.
func answering(status *int, retryAfter string) *http.Client {
	return &http.Client{Transport: roundTrip(func(r *http.Request) (*http.Response, error) {
		return &http.Response{StatusCode: *status, Header: http.Header{"Retry-After": {retryAfter}}, Body: http.NoBody, Request: r}, nil
	})}
}

// TestReceiverThatTakesNothing says that a receiver that refuses whatever it is
// sent parks no message, hears from each only now and then, and is told in one
// line; and that all is sent when it takes messages again.
func TestReceiverThatTakesNothing(t *testing.T) {
	for _, refused := range []int{401, 403, 404, 301, 308} {
		synctest.Test(t, func(t *testing.T) {
			const chats = 30
			o := newOutbox()
			for c := range chats {
				commit(t, o, c, 0)
			}
			status := refused
			sender, err := delivery.NewHTTPSender("http://receiver.example/", delivery.HTTPOptions{Client: answering(&status, "")})
			require.NoError(t, err)
			var out bytes.Buffer
			var l log
			d, err := delivery.New(o, sender, delivery.Options{Settled: l.add, Logger: slog.New(slog.NewJSONHandler(&out, nil))})
			require.NoError(t, err)
			runFor(t, d, time.Hour)
			assert.Equal(t, 1, strings.Count(out.String(), "\n"), out.String())
			assert.Zero(t, backlog(t, o).Parked)
			assert.LessOrEqual(t, len(l.all), chats*(1+60*60/150))
			status = 200
			runFor(t, d, time.Hour)
			assert.Zero(t, backlog(t, o).Waiting)
			assert.Equal(t, 2, strings.Count(out.String(), "\n"), "and that it takes messages again")
		})
	}
}

// TestRetryAfter is the table of all forms of the header, by when the message
// is tried again.
func TestRetryAfter(t *testing.T) {
	const cap = 5 * time.Minute
	for header, want := range map[string]time.Duration{
		"":                                 0,
		"0":                                0,
		"7":                                7 * time.Second,
		"007":                              7 * time.Second,
		" 7 ":                              7 * time.Second,
		"300":                              cap,
		"301":                              cap,
		"2147483648":                       cap,
		"9999999999":                       cap,
		"18446744073709551616":             cap,
		"9223372036854775808":              cap,
		strings.Repeat("9", 400):           cap,
		strings.Repeat("0", 400):           0,
		"-1":                               0,
		"-9999999999":                      0,
		"+7":                               0,
		"7.5":                              0,
		"7s":                               0,
		"1e9":                              0,
		"soon":                             0,
		"Sat, 01 Jan 2000 00:01:00 GMT":    time.Minute, // the bubble begins in the year 2000
		"Saturday, 01-Jan-00 00:01:00 GMT": time.Minute,
		"Sat Jan  1 00:01:00 2000":         time.Minute,
		"Sat, 01 Jan 2000 00:00:00 GMT":    0,
		"Mon, 02 Jan 1990 15:04:05 GMT":    0,
		"Fri, 31 Dec 9999 23:59:59 GMT":    cap,
		"Sat, 32 Jan 2000 00:01:00 GMT":    0,
	} {
		synctest.Test(t, func(t *testing.T) {
			o := newOutbox()
			commit(t, o, 0, 0)
			status := 429
			sender, err := delivery.NewHTTPSender("http://receiver.example/", delivery.HTTPOptions{Client: answering(&status, header)})
			require.NoError(t, err)
			var l log
			d, err := delivery.New(o, sender, delivery.Options{Settled: l.add})
			require.NoError(t, err)
			require.NoError(t, d.Drain(context.Background()))
			require.Len(t, l.all, 1)
			assert.Equal(t, delivery.Retrying, l.all[0].Result)
			if want > time.Second {
				assert.Equal(t, want, l.all[0].Wait, header)
			} else {
				assert.LessOrEqual(t, l.all[0].Wait, time.Second, header)
			}
		})
	}
}
