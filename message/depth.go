package message

import "github.com/fromline/fromline/fault"

import "bytes"

// MaxDepth is how deep objects and arrays may be nested in a body, the outermost counted. A request needs seven levels; what is nested deeper than MaxDepth
// can only be a member that is not known, and the cost of reading a value grows with its depth.
const MaxDepth = fault.MaxDepth

// TooDeep returns the byte offset at which body begins to be nested deeper than MaxDepth, and whether it does, for readers of other documents that strangers
// send. It is safe for concurrent use.
func TooDeep(body []byte) (offset int, is bool) {
	offset = tooDeep(body)
	return offset, offset < len(body)
}

// tooDeep returns where the first object or array begins that is nested too deeply, and len(body) if none is. It takes the body for JSON: up to the first
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

// closingQuote returns where the string ends whose text begins at i; len(body) if it does not end.
func closingQuote(body []byte, i int) int {
	for i < len(body) && body[i] != '"' {
		if body[i] == '\\' {
			i++ // what is escaped ends nothing
		}
		i++
	}
	return i
}
