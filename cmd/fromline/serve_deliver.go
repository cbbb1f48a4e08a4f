package main

import (
	"bytes"
	"errors"
	"fmt"
	"strings"

	"github.com/fromline/fromline/delivery"
)

// secretFile is a flag whose value is in a file behind an @, because other users
// of the machine can read a command line.
type secretFile struct {
	path string
	err  error // what was given wrongly
}

func (s *secretFile) String() string { return "" }

// Set takes @FILE. What is wrong is told later by check: package flag would
// repeat the value, which may be the secret itself.
func (s *secretFile) Set(text string) error {
	path, isFile := strings.CutPrefix(text, "@")
	if s.path = path; !isFile || path == "" {
		s.err = errors.New("give @FILE, with the secret in the file: other users of the machine can read a command line")
	}
	return nil
}

// lines reads the file, one secret a line; none where no file is given.
func (s *secretFile) lines() (lines []string, err error) {
	if s.path == "" {
		return nil, nil
	}
	text, err := readText(s.path)
	if err != nil {
		return nil, err
	}
	for line := range bytes.Lines(text) {
		if line = bytes.TrimSpace(line); len(line) > 0 {
			lines = append(lines, string(line))
		}
	}
	if len(lines) == 0 {
		return nil, errors.New("the file is empty")
	}
	return lines, nil
}

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
		return nil, errors.New("-deliver-authorization: the file has more than one line")
	}
	sender, err := delivery.NewHTTPSender(f.deliverURL, delivery.HTTPOptions{Secrets: secrets, Authorization: strings.Join(authorization, "")})
	if err != nil {
		return nil, fmt.Errorf("-deliver-url: %w", err)
	}
	return sender, nil
}
