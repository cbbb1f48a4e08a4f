package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"unicode/utf8"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
	"github.com/google/uuid"

	"github.com/fromline/fromline/internal/nearest"
	"github.com/fromline/fromline/internal/rfc3339"
)

// chatMembers are the members of a line and what each has to be.
var chatMembers = []struct {
	name     string
	required bool
	fault    func(jsontext.Value) string // what is wrong with a value, "" if nothing is
}{
	{"id", true, idFault},
	{"from", true, textFault("our number in quotes")},
	{"to", true, peopleFault},
	{"created_at", true, timeFault},
	{"active_at", false, timeFault},
	{"service", false, textFault(`"iMessage", "RCS" or "SMS"`)},
	{"named", false, func(v jsontext.Value) string { return wrongKind(v, "true or false", 't', 'f') }},
}

// lineFault says in words what is wrong with a line that could not be read, or
// in which something is missing.
func lineFault(text []byte, failed error) error {
	switch first := bytes.TrimLeft(text, " \t\r\n"); {
	case len(first) > 0 && first[0] == '[':
		return errors.New("it is a list: give one JSON object a line, and no list around them")
	case len(first) > 0 && first[0] != '{':
		r, _ := utf8.DecodeRune(first)
		return fmt.Errorf("it is no JSON object: it begins with %q, where { belongs", r)
	}
	var members map[string]jsontext.Value
	if err := json.Unmarshal(text, &members); err != nil {
		return jsonFault(text, err)
	}
	if err := unknownFault(members); err != nil {
		return err
	}
	for _, m := range chatMembers {
		value, given := members[m.name]
		if !given || value.Kind() == 'n' {
			if m.required {
				return fmt.Errorf("/%s is missing: a line has id, from, to and created_at", m.name)
			}
			continue
		}
		if fault := m.fault(value); fault != "" {
			return fmt.Errorf("/%s%s", m.name, fault)
		}
	}
	return failed // in words of the library: nothing that is told above
}

// unknownFault tells of a member that no line has, the first by its name.
func unknownFault(members map[string]jsontext.Value) error {
	var known []string
	for _, m := range chatMembers {
		known = append(known, m.name)
	}
	for _, name := range slices.Sorted(maps.Keys(members)) {
		if slices.Contains(known, name) {
			continue
		}
		if meant := nearest.Name(name, known); meant != "" {
			return fmt.Errorf("%q is not known: did you mean %s?", name, meant)
		}
		return fmt.Errorf("%q is not known: a line has id, from, to and created_at, and may have active_at, service and named", name)
	}
	return nil
}

// jsonFault says where a line is no JSON. It repeats one character of it.
func jsonFault(text []byte, err error) error {
	wrong, is := errors.AsType[*jsontext.SyntacticError](err)
	switch {
	case !is:
		return err
	case errors.Is(err, jsontext.ErrDuplicateName):
		return fmt.Errorf("%s stands twice", wrong.JSONPointer)
	case errors.Is(err, io.ErrUnexpectedEOF):
		return errors.New("the line ends inside its object: give each object in one line")
	case !utf8.Valid(text):
		return errors.New("it is not written in UTF-8")
	}
	at := int(wrong.ByteOffset)
	if before := jsontext.Value(text[:min(at, len(text))]); before.IsValid() {
		return fmt.Errorf("more stands behind the object, at byte %d: give one object a line", at)
	}
	if at >= len(text) {
		return errors.New("the line ends inside its object: give each object in one line")
	}
	r, _ := utf8.DecodeRune(text[at:])
	return fmt.Errorf("it is no JSON: %q at byte %d does not belong there", r, at)
}

// wrongKind says what a value is that is of none of the kinds wanted.
func wrongKind(v jsontext.Value, want string, kinds ...jsontext.Kind) string {
	if slices.Contains(kinds, v.Kind()) {
		return ""
	}
	is := map[jsontext.Kind]string{
		'n': "null", 't': "true", 'f': "false", '"': "a string", '0': "a number", '{': "an object", '[': "a list",
	}[v.Kind()]
	return fmt.Sprintf(": it is %s, where %s belongs", is, want)
}

func textFault(want string) func(jsontext.Value) string {
	return func(v jsontext.Value) string {
		if fault := wrongKind(v, want, '"'); fault != "" {
			return fault
		}
		if unquoted(v) == "" {
			return ": it is empty, where " + want + " belongs"
		}
		return ""
	}
}

func unquoted(v jsontext.Value) string {
	var text string
	if err := json.Unmarshal(v, &text); err != nil {
		return ""
	}
	return text
}

func idFault(v jsontext.Value) string {
	const want = "a UUID in quotes"
	if fault := wrongKind(v, want, '"'); fault != "" {
		return fault
	}
	id, err := uuid.Parse(unquoted(v))
	switch {
	case err != nil:
		return ": it is no UUID, as 0198c0de-0000-7000-8000-000000000001 is one"
	case id == uuid.Nil:
		return ": the UUID of zeros names no chat"
	}
	return ""
}

func peopleFault(v jsontext.Value) string {
	if fault := wrongKind(v, `a list of handles, as in ["+14155559876"],`, '['); fault != "" {
		return fault
	}
	var people []jsontext.Value
	if err := json.Unmarshal(v, &people); err != nil {
		return ": it is no list of handles"
	}
	if len(people) == 0 {
		return ": the list is empty: name the people of the chat, without our line"
	}
	for i, person := range people {
		if fault := wrongKind(person, "a handle in quotes", '"'); fault != "" {
			return fmt.Sprintf("/%d%s", i, fault)
		}
	}
	return ""
}

// timeFault names what a time lacks of RFC 3339.
func timeFault(v jsontext.Value) string {
	const like = "as in 2026-01-02T15:04:05Z"
	if fault := wrongKind(v, "a time in quotes, "+like+",", '"'); fault != "" {
		return fault
	}
	at, err := rfc3339.Parse(unquoted(v))
	if err != nil {
		return ": " + err.Error()
	}
	if at.IsZero() {
		return ": it is before all times, " + like
	}
	return ""
}
