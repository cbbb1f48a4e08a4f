package main

import (
	"errors"
	"fmt"
	"runtime/debug"
	"strings"

	"github.com/fromline/fromline/delivery"
)

// newHTTPSender is the sender to -deliver-url.
func newHTTPSender(f serveFlags) (*delivery.HTTPSender, error) {
	secrets, err := f.deliverSecret.lines()
	if err != nil {
		return nil, fmt.Errorf("-deliver-secret: %w", err)
	}
	authorization, err := f.deliverAuthorization.lines()
	switch {
	case err != nil:
		return nil, fmt.Errorf("-deliver-authorization: %w", err)
	case len(authorization) > 1:
		return nil, errors.New("-deliver-authorization: it has more than one line: give the value of the header, such as Bearer abc, in one")
	}
	sender, err := delivery.NewHTTPSender(f.deliverURL, delivery.HTTPOptions{Secrets: secrets, Authorization: strings.Join(authorization, ""), UserAgent: userAgent()})
	if err != nil {
		return nil, fmt.Errorf("-deliver-url: %w", err)
	}
	return sender, nil
}

// userAgent is what receivers see of the program that posts to them.
func userAgent() string {
	info, _ := debug.ReadBuildInfo()
	return "fromline/" + strings.Trim(releaseOf(info), "()") // no product of HTTP has parentheses
}

// newWebhookSender is the sender to -webhooks-to; nil if that is not given.
func newWebhookSender(f serveFlags) (delivery.Sender, error) {
	if f.webhooksTo == "" {
		return nil, nil
	}
	secrets, err := f.deliverSecret.lines()
	if err != nil {
		return nil, fmt.Errorf("-deliver-secret: %w", err)
	}
	sender, err := delivery.NewHTTPSender(f.webhooksTo, delivery.HTTPOptions{Secrets: secrets, Bare: true, UserAgent: userAgent()})
	if err != nil {
		return nil, fmt.Errorf("-webhooks-to: %w", err)
	}
	return sender, nil
}
