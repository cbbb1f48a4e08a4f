package message

import (
	"bytes"
	"slices"
	"strconv"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// DecodeRequest reads the body of a send. The error is a [*DecodeError]: of several faults, the first. The request keeps nothing of body, but its strings
// share one copy of it: clone what is to outlive the request by long.
func DecodeRequest(body []byte) (*Request, error) {
	room := new(requestRoom)
	room.decoder.content = &room.content
	room.decoder.strings = room.strings[:0]
	return &room.request, room.decode(body, &room.request)
}

// requestRoom is a request and room for what most requests have, in one allocation.
type requestRoom struct {
	root
	request Request
	content Content
	strings [4]string
}

// DecodeContent reads what [EncodeContent] wrote, or any message of a request. The error is a [*DecodeError].
func DecodeContent(body []byte) (*Content, error) {
	c := new(Content)
	return c, decodeRoot(body, c)
}

func decodeRoot(body []byte, o object) error { return new(root).decode(body, o) }

// root lets the library drive the decoding of an object, for its pooled decoder and its check of what follows the value.
type root struct {
	decoder decoder
	object  object
	done    bool
}

func (r *root) decode(body []byte, o object) error {
	r.object, r.decoder.input = o, string(body)
	err := json.Unmarshal(body, r) // the defaults of the library are strict
	r.decoder = decoder{}          // what lives on with the request
	if err != nil {
		return asDecodeError(err, body, r.done)
	}
	return nil
}

// UnmarshalJSONFrom is for the library alone.
func (r *root) UnmarshalJSONFrom(dec *jsontext.Decoder) error {
	r.decoder.dec = dec
	if err := r.decoder.object(r.object); err != nil {
		return err
	}
	r.done = true
	return nil
}

// UnmarshalJSON is [DecodeRequest], for use by the JSON libraries. The header's key is kept.
func (r *Request) UnmarshalJSON(body []byte) error {
	*r = Request{HeaderKey: r.HeaderKey}
	return decodeRoot(body, r)
}

// UnmarshalJSON is [DecodeContent], for use by the JSON libraries.
func (c *Content) UnmarshalJSON(body []byte) error {
	*c = Content{}
	return decodeRoot(body, c)
}

// object is a JSON object being read.
type object interface {
	// member reads the value of that member, if it is known, and reports whether it is.
	member(d *decoder, name []byte) (known bool, err error)
	// keep takes a member that is not known.
	keep(m Member)
}

// decoder reads a value, or one that was set aside and lies within a larger one.
type decoder struct {
	dec   *jsontext.Decoder
	input string // what dec reads, for strings to share

	// Where the input lies within the body.
	pointer string
	offset  int64

	content *Content // room for one, or nil
	strings []string // room for strings up to its capacity
	numbers []int64  // room for numbers up to its capacity
}

// newString returns a place for a string. Many share an allocation.
func (d *decoder) newString() *string {
	if len(d.strings) == cap(d.strings) {
		d.strings = make([]string, 0, 16)
	}
	d.strings = d.strings[:len(d.strings)+1]
	return &d.strings[len(d.strings)-1]
}

// newContent returns a place for a message.
func (d *decoder) newContent() *Content {
	c := d.content
	if c == nil {
		return new(Content)
	}
	d.content = nil
	return c
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
	m.Value = value.Clone()
	o.keep(m)
	return err
}

// name reads the name of a member. The bytes are valid until the next read.
func (d *decoder) name() ([]byte, error) {
	raw, err := d.dec.ReadValue()
	if err != nil {
		return nil, err
	}
	return unquote(raw)
}

// unquote returns the text of a JSON string, in place where nothing is escaped.
func unquote(raw []byte) ([]byte, error) {
	if bytes.IndexByte(raw, '\\') < 0 {
		return raw[1 : len(raw)-1], nil
	}
	return jsontext.AppendUnquote(make([]byte, 0, len(raw)), raw)
}

// open reads the start of an object or array.
func (d *decoder) open(kind jsontext.Kind, want string) error {
	if d.dec.PeekKind() != kind {
		return d.mismatch(want)
	}
	_, err := d.dec.ReadToken()
	return err
}

// null reads a null and reports whether there was one.
func (d *decoder) null() (bool, error) {
	if d.dec.PeekKind() != jsontext.KindNull {
		return false, nil
	}
	_, err := d.dec.ReadToken()
	return true, err
}

// mismatch reads the next value, which is of another type than wanted, and says so.
func (d *decoder) mismatch(want string) error {
	raw, err := d.dec.ReadValue()
	if err != nil {
		return err
	}
	return d.fault(RuleType, raw, want)
}

// fault reports the value that was just read.
func (d *decoder) fault(rule string, raw jsontext.Value, want string) error {
	return &DecodeError{
		Rule:    rule,
		Pointer: d.pointer + string(d.dec.StackPointer()),
		Offset:  d.offset + d.dec.InputOffset() - int64(len(raw)),
		Want:    want,
		Got:     kindName(raw.Kind()),
	}
}

func kindName(k jsontext.Kind) string {
	switch k {
	case jsontext.KindTrue, jsontext.KindFalse:
		return "boolean"
	case jsontext.KindBeginObject:
		return "object"
	case jsontext.KindBeginArray:
		return "array"
	}
	return k.String()
}

// text reads a string, and points *to at it; null leaves *to nil.
func (d *decoder) text(to **string) error {
	raw, err := d.dec.ReadValue()
	if err != nil {
		return err
	}
	switch raw.Kind() {
	case jsontext.KindNull:
		return nil
	case jsontext.KindString:
		s := d.newString()
		*s, err = d.share(raw)
		*to = s
		return err
	}
	return d.fault(RuleType, raw, "a string")
}

// share returns the text of the string that was just read, as a part of the input where nothing is escaped.
func (d *decoder) share(raw jsontext.Value) (string, error) {
	if bytes.IndexByte(raw, '\\') < 0 {
		end := d.dec.InputOffset() - 1
		return d.input[end-int64(len(raw)-2) : end], nil
	}
	text, err := jsontext.AppendUnquote(make([]byte, 0, len(raw)), raw)
	return string(text), err
}

// boolean reads a boolean; null leaves *to nil.
func (d *decoder) boolean(to **bool) error {
	raw, err := d.dec.ReadValue()
	if err != nil {
		return err
	}
	switch raw.Kind() {
	case jsontext.KindNull:
		return nil
	case jsontext.KindTrue, jsontext.KindFalse:
		*to = new(raw.Kind() == jsontext.KindTrue)
		return nil
	}
	return d.fault(RuleType, raw, "true or false")
}

// integer reads an integer; null leaves *to nil.
func (d *decoder) integer(to **int64) error {
	if null, err := d.null(); null || err != nil {
		return err
	}
	n, err := d.number()
	*to = &n
	return err
}

// number reads an integer.
func (d *decoder) number() (int64, error) {
	raw, err := d.dec.ReadValue()
	if err != nil {
		return 0, err
	}
	if raw.Kind() != jsontext.KindNumber {
		return 0, d.fault(elementRule(raw), raw, "an integer")
	}
	n, err := strconv.ParseInt(string(raw), 10, 64)
	if err != nil {
		return 0, d.fault(RuleInteger, raw, "an integer")
	}
	return n, nil
}

// elementRule is the rule for a value of the wrong type that may be an element of an array.
func elementRule(raw jsontext.Value) string {
	if raw.Kind() == jsontext.KindNull {
		return RuleNull
	}
	return RuleType
}

// texts reads an array of strings; null leaves *to nil.
func (d *decoder) texts(to *[]string) error {
	if null, err := d.null(); null || err != nil {
		return err
	}
	if err := d.open(jsontext.KindBeginArray, "an array of strings"); err != nil {
		return err
	}
	list := make([]string, 0, 2)
	for d.dec.PeekKind() != jsontext.KindEndArray {
		raw, err := d.dec.ReadValue()
		if err != nil {
			return err
		}
		if raw.Kind() != jsontext.KindString {
			return d.fault(elementRule(raw), raw, "a string")
		}
		text, err := d.share(raw)
		if err != nil {
			return err
		}
		list = append(list, text)
	}
	*to = list
	_, err := d.dec.ReadToken()
	return err
}

// integers reads an array of integers, of any length; null leaves *to nil.
func (d *decoder) integers(to *[]int64) error {
	if null, err := d.null(); null || err != nil {
		return err
	}
	if err := d.open(jsontext.KindBeginArray, "an array of integers"); err != nil {
		return err
	}
	if cap(d.numbers)-len(d.numbers) < 2 {
		d.numbers = make([]int64, 0, 16)
	}
	list := d.numbers[len(d.numbers):]
	for d.dec.PeekKind() != jsontext.KindEndArray {
		n, err := d.number()
		if err != nil {
			return err
		}
		list = append(list, n)
	}
	*to = slices.Clip(list)
	d.numbers = d.numbers[:min(len(d.numbers)+len(list), cap(d.numbers))]
	_, err := d.dec.ReadToken()
	return err
}
