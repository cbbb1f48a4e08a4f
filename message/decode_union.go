package message

import "github.com/go-json-experiment/json/jsontext"

// parts reads the parts of a request; null leaves *to nil.
func (d *decoder) parts(to *[]Part) error {
	list := d.room.parts
	d.room.parts = nil
	return union(d, to, list, d.newPart)
}

// newPart returns an empty part of the type written, which is nil where there is none.
func (d *decoder) newPart(typ *string) (Part, object) {
	if typ != nil {
		switch *typ {
		case TypeText:
			p := takeOr(&d.part)
			return p, p
		case TypeMedia:
			p := &MediaPart{}
			return p, p
		case TypeLink:
			p := &LinkPart{}
			return p, p
		case TypeAppCard:
			p := &AppCardPart{}
			return p, p
		case TypeAppClip:
			p := &AppClipPart{}
			return p, p
		}
	}
	p := &UnknownPart{typ: typ}
	return p, p
}

// responseParts reads the parts of a response; null leaves *to nil.
func (d *decoder) responseParts(to *ResponseParts) error {
	return union(d, (*[]ResponsePart)(to), nil, newResponsePart)
}

// newResponsePart returns an empty part of the type written; nil where it is not known.
func newResponsePart(typ *string) (ResponsePart, object) {
	if typ != nil {
		switch *typ {
		case TypeText:
			p := &TextResponse{}
			return p, p
		case TypeMedia:
			p := &MediaResponse{}
			return p, p
		case TypeLink:
			p := &LinkResponse{}
			return p, p
		case TypeAppCard:
			p := &AppCardResponse{}
			return p, p
		case TypeAppClip:
			p := &AppClipResponse{}
			return p, p
		}
	}
	return nil, nil
}

// union reads an array of objects whose member type says what they are, into list while there is room; null leaves *to nil.
func union[P any](d *decoder, to *[]P, list []P, make func(typ *string) (P, object)) error {
	if null, err := d.null(); null || err != nil {
		return err
	}
	if err := d.open(jsontext.KindBeginArray, "an array of objects"); err != nil {
		return err
	}
	if list == nil {
		list = []P{}
	}
	for d.dec.PeekKind() != jsontext.KindEndArray {
		if err := d.element(); err != nil {
			return err
		}
		part, err := typed(d, make)
		if err != nil {
			return err
		}
		list = append(list, part)
	}
	*to = list
	_, err := d.dec.ReadToken()
	return err
}

// typed reads the members of an object that is open. What they mean depends on the member type, which may come last: those before it are set aside and read
// when the type is known.
func typed[P any](d *decoder, make func(typ *string) (P, object)) (P, error) {
	var none P
	var aside []asideMember
	for d.dec.PeekKind() != jsontext.KindEndObject {
		name, err := d.name()
		if err != nil {
			return none, err
		}
		if string(name) != "type" {
			m, err := d.aside(string(name))
			if err != nil {
				return none, err
			}
			aside = append(aside, m)
			if err := d.spend(); err != nil {
				return none, err
			}
			continue
		}
		var typ *string
		if err := d.text(&typ); err != nil {
			return none, err
		}
		part, o := make(typ)
		if o == nil {
			return none, d.unknownType()
		}
		if err := d.readAside(o, aside); err != nil {
			return none, err
		}
		return part, d.members(o)
	}
	part, o := make(nil)
	if o == nil {
		return none, d.unknownType()
	}
	if err := d.readAside(o, aside); err != nil {
		return none, err
	}
	_, err := d.dec.ReadToken()
	return part, err
}

// unknownType reports that the type of an object is missing or not known.
func (d *decoder) unknownType() error {
	return &DecodeError{Rule: RuleFormat, Pointer: d.pointer + string(d.dec.StackPointer()), Offset: d.offset + d.dec.InputOffset(), Want: "a part of a known type"}
}

// asideMember is a member set aside, and where it was.
type asideMember struct {
	name    string
	value   jsontext.Value
	pointer string
	offset  int64
}

// aside reads a member and sets it aside.
func (d *decoder) aside(name string) (asideMember, error) {
	value, err := d.dec.ReadValue()
	return asideMember{
		name:    name,
		value:   value.Clone(),
		pointer: d.pointer + string(d.dec.StackPointer()),
		offset:  d.offset + d.dec.InputOffset() - int64(len(value)),
	}, err
}

// readAside reads members that were set aside into their object.
func (d *decoder) readAside(o object, aside []asideMember) error {
	for i := range aside {
		m := &aside[i]
		within := decoder{spent: d.spent, pointer: m.pointer, offset: m.offset}
		if _, err := within.read(m.value, func(d *decoder) error { return d.member(o, []byte(m.name)) }); err != nil {
			return err
		}
	}
	return nil
}
