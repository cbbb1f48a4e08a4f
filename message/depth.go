package message

import "github.com/fromline/fromline/fault"

import "bytes"

// MaxDepth is how deep objects and arrays may be nested in a body; the
// outermost one counts as 1. A request needs seven levels, so only an unknown
// member can be nested deeper than MaxDepth. The limit bounds the cost of
// reading a body, which grows with the depth.
const MaxDepth = fault.MaxDepth

// TooDeep reports whether body is nested deeper than MaxDepth, and the byte
// offset, from 0, at which that begins. It is for other documents from
// untrusted clients. It is safe for concurrent use.
func TooDeep(body []byte) (offset int, is bool) {
	offset = tooDeep(body)
	return offset, offset < len(body)
}

// tooDeep returns where the first object or array begins that is nested too
// deeply, and len(body) if none is. It takes the body for JSON: up to the first
// fault of its syntax it counts right.
func tooDeep(body []byte) int {
	if bytes.Count(body, []byte{'['})+bytes.Count(body, []byte{'{'}) <= MaxDepth {
		return len(body) // so it is for most, and counting all is much faster than looking at each
	}
	depth := 0
	for i := 0; i < len(body); i++ {
		switch body[i] {
		case '"':
			i = closingQuote(body, i+1)
		case '[', '{':
			if depth++; depth > MaxDepth {
				return i
			}
		case ']', '}':
			depth--
		}
	}
	return len(body)
}

// closingQuote returns where the string ends whose text begins at i; len(body)
// if it does not end.
func closingQuote(body []byte, i int) int {
	for i < len(body) && body[i] != '"' {
		if body[i] == '\\' {
			i++ // what is escaped ends nothing
		}
		i++
	}
	return i
}
