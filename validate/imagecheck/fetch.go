package imagecheck

import (
	"context"
	"errors"
	"fmt"
	"github.com/fromline/fromline/fault"
	"io"
	"net/http"
	"net/netip"
	"net/url"
	"syscall"
)

// errTimeout is the cause of a context that ended because a check took too
// long.
var errTimeout = errors.New("imagecheck: timeout")

// fetch finds out about an image. The error says that nothing could be found
// out.
func (c *Checker) fetch(ctx context.Context, rawURL string) (verdict, error) {
	u, err := url.Parse(rawURL)
	if err != nil || !allowed(u) || c.refused(u) {
		return verdict{rule: fault.RuleImageAddress}, nil
	}
	limited, cancel := context.WithTimeoutCause(ctx, c.options.Timeout, errTimeout)
	defer cancel()
	request, err := http.NewRequestWithContext(limited, http.MethodGet, rawURL, nil)
	if err != nil {
		return verdict{rule: fault.RuleImageAddress}, nil
	}
	request.Header.Set("Accept", "image/jpeg, image/png, image/heif, image/heic, image/webp")
	request.Header.Set("Accept-Encoding", "identity")
	request.Header.Set("User-Agent", c.options.UserAgent)

	response, err := c.client.Do(request)
	if err != nil {
		return judge(ctx, limited, err)
	}
	defer response.Body.Close()
	v, err := c.look(response)
	if err == nil {
		err = limited.Err() // a server that sees us go may end its answer properly, and the image seems whole
	}
	if err != nil {
		return judge(ctx, limited, err)
	}
	return v, nil
}

// refused reports whether the host is written as an address that the guard
// refuses. What names lead to is seen when it is dialled, and not told.
func (c *Checker) refused(u *url.URL) bool {
	ip, err := netip.ParseAddr(u.Hostname())
	return err == nil && c.guard.SafeAddr(ip) != nil
}

// look judges an answer by its head and its first bytes. The error is one of
// reading.
func (c *Checker) look(response *http.Response) (verdict, error) {
	tooLarge := verdict{rule: fault.RuleImageSize, max: c.options.MaxBytes}
	switch encoding := response.Header.Get("Content-Encoding"); {
	case response.StatusCode != http.StatusOK:
		return verdict{rule: fault.RuleImageStatus, found: int64(response.StatusCode)}, nil
	case encoding != "" && encoding != "identity":
		return verdict{rule: fault.RuleImageType}, nil
	case response.ContentLength > c.options.MaxBytes:
		return tooLarge, nil
	}
	head, ended, err := readHead(response.Body)
	switch {
	case err != nil:
		return verdict{}, err
	case !isImage(head):
		return verdict{rule: fault.RuleImageType}, nil
	case ended || response.ContentLength >= 0:
		return verdict{}, nil
	}
	room := c.options.MaxBytes - int64(len(head))
	rest, err := io.Copy(io.Discard, io.LimitReader(response.Body, room+1))
	if rest > room {
		return tooLarge, nil
	}
	return verdict{}, err
}

// readHead returns the first bytes of a body, and whether it ended there. A
// body that ends before it should is an error.
func readHead(body io.Reader) (head []byte, ended bool, err error) {
	head = make([]byte, 0, sniffed)
	for len(head) < cap(head) {
		n, err := body.Read(head[len(head):cap(head)])
		head = head[:len(head)+n]
		if err == io.EOF {
			return head, true, nil
		}
		if err != nil {
			return head, false, err
		}
	}
	return head, false, nil
}

// judge says what an error means: a verdict about the image, or that nothing
// was found out, because the caller's context ended or the machine could not.
// Errors hold addresses and are not passed on.
func judge(ctx, limited context.Context, err error) (verdict, error) {
	switch {
	case ctx.Err() != nil:
		return verdict{}, unchecked(ctx)
	case context.Cause(limited) == errTimeout:
		return verdict{rule: fault.RuleImageTimeout}, nil
	case errors.Is(err, errRedirects), errors.Is(err, errTarget):
		return verdict{rule: fault.RuleImageRedirect}, nil
	case errors.Is(err, syscall.EMFILE), errors.Is(err, syscall.ENFILE), errors.Is(err, syscall.EADDRNOTAVAIL), errors.Is(err, syscall.ENOBUFS):
		return verdict{}, fmt.Errorf("imagecheck: not checked: no connection to spare on this machine")
	}
	return verdict{rule: fault.RuleImageUnreachable}, nil // also for what a name leads to inside, which is not told
}
