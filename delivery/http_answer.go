package delivery

import (
	"fmt"
	"math"
	"net/http"
	"strings"
	"time"
)

// lineFlagged is the header by which a receiver says that the line is flagged:
// true, in any case of its letters.
const lineFlagged = "X-Line-Flagged"

// judge makes an error of an answer that is not a success.
func judge(answer *http.Response) error {
	code := answer.StatusCode
	if code/100 == 2 {
		return nil
	}
	failure := &Failure{Err: fmt.Errorf("delivery: the receiver answered %d", code)}
	failure.LineFlagged = strings.EqualFold(answer.Header.Get(lineFlagged), "true")
	switch {
	case failure.LineFlagged:
		failure.Permanent = true
	case code == http.StatusUnauthorized, code == http.StatusForbidden, code == http.StatusNotFound, code/100 == 3:
		failure.Receiver = true
	case code == http.StatusRequestTimeout, code == http.StatusConflict, code == http.StatusTooEarly,
		code == http.StatusTooManyRequests, code >= 500:
	default:
		failure.Permanent = true
	}
	if !failure.Permanent {
		failure.RetryAfter = retryAfter(answer.Header.Get("Retry-After"), time.Now())
	}
	return failure
}

// retryAfter reads the header, in seconds or as a date; zero if it says
// nothing that can be used, and the longest duration where it says more.
func retryAfter(header string, now time.Time) time.Duration {
	header = strings.TrimSpace(header)
	if header != "" && strings.Trim(header, "0123456789") == "" {
		var seconds time.Duration
		for _, digit := range header {
			if seconds = 10*seconds + time.Duration(digit-'0'); seconds > math.MaxInt64/time.Second/10 {
				return math.MaxInt64
			}
		}
		return seconds * time.Second
	}
	if at, err := http.ParseTime(header); err == nil {
		return max(0, at.Sub(now))
	}
	return 0
}
