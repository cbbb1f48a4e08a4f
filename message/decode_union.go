package message

import "github.com/go-json-experiment/json/jsontext"

// parts reads an array of objects whose member type says what they are; null
// leaves *to nil.
func (d *decoder) parts(to *[]Part) error {
	if null, err := d.null(); null || err != nil {
		return err
	}
	if err := d.open(jsontext.KindBeginArray, "an array of objects"); err != nil {
		return err
	}
	list := d.room.parts
	if d.room.parts = nil; list == nil {
		list = []Part{}
	}
	for d.dec.PeekKind() != jsontext.KindEndArray {
		if err := d.element(); err != nil {
			return err
		}
		part, err := d.typed()
		if err != nil {
			return err
		}
		list = append(list, part)
	}
	*to = list
	_, err := d.dec.ReadToken()
	return err
}

// newPart returns an empty part of the type written, which is nil if there
// is none.
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

// typed reads the members of an object that is open. What they mean depends on
// the member type, which may come last: those before it are set aside and read
// when the type is known.
func (d *decoder) typed() (Part, error) {
	var aside []asideMember
	for d.dec.PeekKind() != jsontext.KindEndObject {
		name, err := d.name()
		if err != nil {
			return nil, err
		}
		if string(name) != "type" {
			m, err := d.aside(string(name))
			if err != nil {
				return nil, err
			}
			aside = append(aside, m)
			if err := d.spend(); err != nil {
				return nil, err
			}
			continue
		}
		var typ *string
		if err := d.text(&typ); err != nil {
			return nil, err
		}
		part, o := d.newPart(typ)
		if err := d.readAside(o, aside); err != nil {
			return nil, err
		}
		return part, d.members(o)
	}
	part, o := d.newPart(nil)
	if err := d.readAside(o, aside); err != nil {
		return nil, err
	}
	_, err := d.dec.ReadToken()
	return part, err
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
