package main

import (
	"io"
	"os"

	"golang.org/x/term"
)

// isTerminal says whether a person looks at what is written there.
func isTerminal(w io.Writer) bool {
	file, is := w.(*os.File)
	return is && term.IsTerminal(int(file.Fd()))
}

// colour is how a text is shown on a terminal.
type colour string

const (
	green  colour = "\x1b[32m"
	yellow colour = "\x1b[33m"
	red    colour = "\x1b[31m"
)

// colours says whether what is written there may have colours: on a terminal
// that knows them, unless NO_COLOR is set (https://no-color.org).
func colours(w io.Writer) bool {
	return os.Getenv("NO_COLOR") == "" && os.Getenv("TERM") != "dumb" && isTerminal(w)
}

// in returns the text in that colour, where colours are shown.
func (c colour) in(text string, shown bool) string {
	if !shown {
		return text
	}
	return string(c) + text + "\x1b[0m"
}
