// Package rfc3339 reads times of RFC 3339, and says what one lacks.
package rfc3339

import (
	"errors"
	"fmt"
	"time"
)

// Parse returns the time that a text says as RFC 3339 wants it. The error says
// what the text lacks and, where that can be told, what to write instead. It is
// safe for concurrent use.
func Parse(text string) (time.Time, error) {
	at, err := time.Parse(time.RFC3339, text)
	if err == nil {
		return at, nil
	}
	for _, form := range forms {
		meant, err := time.Parse(form.layout, text)
		if err != nil {
			continue
		}
		said := fmt.Sprintf("%s: write %s", form.lacks, meant.Format(time.RFC3339Nano))
		if form.zoneless {
			said += " for UTC, or an offset such as +01:00 in place of Z"
		}
		return time.Time{}, errors.New(said)
	}
	return time.Time{}, errors.New("it is no time of RFC 3339, as in 2026-01-02T15:04:05Z")
}

// forms are the usual ways to write a time that are not RFC 3339.
var forms = []struct {
	layout, lacks string
	zoneless      bool
}{
	{"2006-01-02T15:04:05", "its zone is missing", true},
	{"2006-01-02 15:04:05", "its zone is missing, and a T between date and time", true},
	{"2006-01-02T15:04", "its zone is missing, and its seconds", true},
	{"2006-01-02 15:04", "its zone is missing, its seconds, and a T between date and time", true},
	{"2006-01-02 15:04:05Z07:00", "a T between date and time is missing", false},
	{"2006-01-02T15:04:05-0700", "the offset lacks its colon", false},
	{"2006-01-02T15:04Z07:00", "its seconds are missing", false},
	{"2006-01-02", "it is a date without a time", true},
}
