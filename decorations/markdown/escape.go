package markdown

import (
	"strconv"
	"strings"
)

// escape returns what stands for the character r between those parts of a text,
// so that Markdown takes it for nothing else.
func escape(r rune, before, after string) string {
	edge := startsLine(before) || endsLine(after) // where Markdown drops spaces and breaks
	switch {
	case r == '\n' && !edge:
		return "\\\n"
	case r == ' ' && !edge:
		return " "
	case strings.ContainsRune(" \t\n\v\f\r", r):
		return reference(r)
	case r == '\\' && endsLine(after): // three in a row would not break the line
		return reference(r)
	case strings.ContainsRune("\\`*_~[]<>&", r):
		return "\\" + string(r)
	case strings.ContainsRune("#+-=", r) && startsLine(before): // headings, lists
		return "\\" + string(r)
	case strings.ContainsRune(".)", r) && startsLine(strings.TrimRight(before, "0123456789")): // numbered lists
		return "\\" + string(r)
	default:
		return string(r)
	}
}

// startsLine reports whether what follows begins a line.
func startsLine(before string) bool { return before == "" || before[len(before)-1] == '\n' }

// endsLine reports whether what comes before after ends a line.
func endsLine(after string) bool { return after == "" || after[0] == '\n' }

// reference returns the reference to r by its number, which Markdown takes for
// nothing but the character.
func reference(r rune) string { return "&#" + strconv.Itoa(int(r)) + ";" }
