package message

import (
	"bytes"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/fromline/fromline/fault"
)

// DecodeRequest decodes the body of a send. The error is a [*DecodeError] with
// the first fault. The request does not keep body, but its strings share one
// copy of it: clone a string that you keep for long.
func DecodeRequest(body []byte) (*Request, error) {
	// The request and room for what most requests have, in one allocation.
	var own struct {
		request Request
		content Content
		part    TextPart
		parts   [1]Part
		strings [4]string
		list    [2]string
	}
	return &own.request, decodeRoot(body, &own.request, room{
		content: &own.content, part: &own.part, parts: own.parts[:0], strings: own.strings[:0], list: own.list[:0],
	})
}

// room is where a decoder puts what it reads while there is room. Each is used
// once, but for strings and numbers, which are used up.
type room struct {
	content *Content
	part    *TextPart
	parts   []Part
	list    []string
	strings []string
	numbers []int64
}

// DecodeContent reads what [EncodeContent] wrote, or any message of a request.
// The error is a [*DecodeError].
func DecodeContent(body []byte) (*Content, error) {
	c := new(Content)
	return c, decodeRoot(body, c, room{})
}

// decodeRoot reads an object that is all of body.
func decodeRoot(body []byte, o object, within room) error {
	// What comes before a value that is nested too deeply is read all the same,
	// since another fault may come first.
	readable := body[:tooDeep(body)]
	end, err := decoder{room: within}.read(readable, func(d *decoder) error { return d.object(o) })
	if err == nil {
		err = nothingBehind(readable, end)
	}
	if err == nil {
		return nil
	}
	e := asDecodeError(err, readable)
	if e.Rule == fault.RuleJSONTruncated && len(readable) < len(body) {
		e.Rule, e.Offset = fault.RuleJSONDepth, int64(len(readable))
	}
	return e
}

// nothingBehind says whether there is but white space behind a value that ends
// there.
func nothingBehind(body []byte, end int64) error {
	if rest := trimSpace(body[end:]); len(rest) > 0 {
		return &DecodeError{Rule: fault.RuleJSONTrailing, Offset: int64(len(body) - len(rest))}
	}
	return nil
}

// trimSpace returns b without the white space that it begins with.
func trimSpace(b []byte) []byte { return bytes.TrimLeft(b, " \t\r\n") }

// UnmarshalJSON is [DecodeRequest], for use by the JSON libraries. The header's
// key is kept.
func (r *Request) UnmarshalJSON(body []byte) error {
	*r = Request{HeaderKey: r.HeaderKey}
	return decodeRoot(body, r, room{})
}

// UnmarshalJSON is [DecodeContent], for use by the JSON libraries.
func (c *Content) UnmarshalJSON(body []byte) error {
	*c = Content{}
	return decodeRoot(body, c, room{})
}

// object is a JSON object being read.
type object interface {
	// member reads the value of that member, if it is known, and reports
	// whether it is.
	member(d *decoder, name []byte) (known bool, err error)
	// keep takes a member that is not known.
	keep(m Member)
}

// decoder reads a value, or one that was set aside and lies within a larger
// one.
type decoder struct {
	dec   *jsontext.Decoder
	input string // what dec reads, for strings to share

	// Where the input lies within the body.
	pointer string
	offset  int64

	spent *int // elements and unknown members so far, in the whole body

	room
}

// newString returns a place for a string. Many share an allocation.
func (d *decoder) newString() *string {
	if len(d.strings) == cap(d.strings) {
		d.strings = make([]string, 0, 8)
	}
	d.strings = d.strings[:len(d.strings)+1]
	return &d.strings[len(d.strings)-1]
}

// takeOr returns what there is room for, which then is taken, or else a new
// one.
func takeOr[T any](room **T) *T {
	p := *room
	if p == nil {
		return new(T)
	}
	*room = nil
	return p
}

// object reads an object into o.
func (d *decoder) object(o object) error {
	if err := d.open(jsontext.KindBeginObject, "an object"); err != nil {
		return err
	}
	return d.members(o)
}

// members reads the members of the object that is open.
func (d *decoder) members(o object) error {
	for d.dec.PeekKind() != jsontext.KindEndObject {
		name, err := d.name()
		if err != nil {
			return err
		}
		if err := d.member(o, name); err != nil {
			return err
		}
	}
	_, err := d.dec.ReadToken()
	return err
}

// member reads the value of one member into o.
func (d *decoder) member(o object, name []byte) error {
	known, err := o.member(d, name)
	if known || err != nil {
		return err
	}
	m := Member{Name: string(name)}
	value, err := d.dec.ReadValue()
	if err != nil {
		return err
	}
	m.Value = value.Clone()
	o.keep(m)
	return d.spend()
}

// maxElements bounds what a body can make grow: an empty object takes three
// bytes there, and forty times as many here.
const maxElements = 100_000

// spend counts an element of an array or an unknown member that was just read
// or begun.
func (d *decoder) spend() error {
	if *d.spent++; *d.spent <= maxElements {
		return nil
	}
	return &DecodeError{Rule: fault.RuleJSONElements, Pointer: d.pointer + string(d.dec.StackPointer()), Offset: d.offset + d.dec.InputOffset()}
}

// name reads the name of a member. The bytes are valid until the next read.
func (d *decoder) name() ([]byte, error) {
	raw, err := d.dec.ReadValue()
	if err != nil {
		return nil, err
	}
	return unquote(raw)
}

// unquote returns the text of a JSON string, in place if nothing is escaped.
func unquote(raw []byte) ([]byte, error) {
	if bytes.IndexByte(raw, '\\') < 0 {
		return raw[1 : len(raw)-1], nil
	}
	return jsontext.AppendUnquote(make([]byte, 0, len(raw)), raw)
}
