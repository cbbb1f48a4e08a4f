package validate

import (
	"strconv"
	"strings"
)

// path is a place in the body. Paths live on the stack and become pointers only
// when there is a fault.
type path struct {
	up    *path
	name  string
	index int // where name is not meant; otherwise -1
}

// root is the whole body.
var root path

func (p *path) member(name string) path { return path{up: p, name: name, index: -1} }
func (p *path) element(i int) path      { return path{up: p, index: i} }

// pointer returns the place as an RFC 6901 JSON pointer.
func (p *path) pointer() string { return string(p.append(nil)) }

func (p *path) append(b []byte) []byte {
	if p.up == nil {
		return b
	}
	b = append(p.up.append(b), '/')
	if p.index >= 0 {
		return strconv.AppendInt(b, int64(p.index), 10)
	}
	name := p.name
	if strings.ContainsAny(name, "~/") {
		name = strings.ReplaceAll(strings.ReplaceAll(name, "~", "~0"), "/", "~1")
	}
	return append(b, name...)
}

// depth returns how many tokens the pointer has.
func (p *path) depth() int {
	n := 0
	for ; p.up != nil; p = p.up {
		n++
	}
	return n
}
