package message

import (
	"bytes"
	"slices"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/fromline/fromline/fault"
	"github.com/fromline/fromline/internal/whole"
)

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

// mismatch reads the next value, which is of another type than wanted, and says
// so.
func (d *decoder) mismatch(want string) error {
	raw, err := d.dec.ReadValue()
	if err != nil {
		return err
	}
	return d.fault(fault.RuleJSONType, raw, want)
}

// fault reports the value that was just read.
func (d *decoder) fault(rule fault.Rule, raw jsontext.Value, want string) error {
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
	return d.fault(fault.RuleJSONType, raw, "a string")
}

// share returns the text of the string that was just read, as a part of the
// input if nothing is escaped.
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
	return d.fault(fault.RuleJSONType, raw, "true or false")
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
	n, ok := whole.Number(string(raw))
	if !ok {
		return 0, d.fault(fault.RuleJSONInteger, raw, "an integer")
	}
	return n, nil
}

// elementRule is the rule for a value of the wrong type that may be an element
// of an array.
func elementRule(raw jsontext.Value) fault.Rule {
	if raw.Kind() == jsontext.KindNull {
		return fault.RuleJSONNull
	}
	return fault.RuleJSONType
}

// texts reads an array of strings; null leaves *to nil.
func (d *decoder) texts(to *[]string) error {
	if null, err := d.null(); null || err != nil {
		return err
	}
	if err := d.open(jsontext.KindBeginArray, "an array of strings"); err != nil {
		return err
	}
	list := d.list
	if d.list = nil; list == nil {
		list = make([]string, 0, 2)
	}
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
		if err := d.spend(); err != nil {
			return err
		}
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
		if err := d.spend(); err != nil {
			return err
		}
	}
	*to = slices.Clip(list)
	d.numbers = d.numbers[:min(len(d.numbers)+len(list), cap(d.numbers))]
	_, err := d.dec.ReadToken()
	return err
}
