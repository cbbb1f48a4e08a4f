package fleet

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/fromline/fromline/fault"
	"github.com/fromline/fromline/internal/rfc3339"
	"github.com/fromline/fromline/internal/whole"
	"github.com/fromline/fromline/line"
	"github.com/fromline/fromline/message"
	"github.com/fromline/fromline/recipients"
)

// kind is the kind of a fault in a text: its wire code, and the end of its
// rule.
type kind struct {
	code fault.Code
	name string
}

// malformed is a text that is not JSON, says one name twice, is nested more
// than message.MaxDepth deep, or has a value of the wrong JSON type. It is
// reported alone.
func malformed() kind { return kind{fault.CodeBody, "malformed"} }

// missing is a required member that is absent or null.
func missing() kind { return kind{fault.CodeMissing, "missing"} }

// badNumber is a phone number that is not in E.164 form.
func badNumber() kind { return kind{fault.CodePhone, "bad_number"} }

// badValue is any other value that is out of range or unknown.
func badValue() kind { return kind{fault.CodeValue, "bad_value"} }

// at is a fault of the kind, of texts of all sorts that this package reads.
func (k kind) at(pointer, detail string) fault.Fault {
	return fault.Fault{Pointer: pointer, Rule: fault.Rule("event." + k.name), Code: k.code, Detail: detail}
}

// FormatError lists what is wrong with a fleet file, a policy, a guard or an
// event: all faults in the order of the text, at most [fault.Max] of them, or
// the one fault of code 1003. It wraps them as a *fault.Error.
type FormatError struct {
	Faults []fault.Fault // at least one
	More   bool          // there were more
}

// Error lists the faults in words.
func (e *FormatError) Error() string {
	var said []string
	for _, f := range e.Faults {
		at := f.Pointer
		if at != "" {
			at += ": "
		}
		said = append(said, at+f.Detail)
	}
	if e.More {
		said = append(said, "and more")
	}
	return "fleet: " + cmp.Or(strings.Join(said, "; "), "something cannot be read")
}

// Unwrap returns the faults as those of a request.
func (e *FormatError) Unwrap() error {
	faults := e.Faults
	if e.More {
		faults = append(slices.Clip(faults), fault.Fault{Rule: fault.RuleMore, Code: faults[0].Code})
	}
	return &fault.Error{Faults: faults}
}

// reader collects what is wrong while a text is read.
type reader struct {
	err      FormatError
	alone    *fault.Fault // the first that is malformed
	warnings []Warning
}

func (r *reader) fault(k kind, pointer, format string, args ...any) {
	found := k.at(pointer, fmt.Sprintf(format, args...))
	if found.Code == fault.CodeBody && r.alone == nil {
		r.alone = &found
	}
	if len(r.err.Faults) == fault.Max {
		r.err.More = true
		return
	}
	r.err.Faults = append(r.err.Faults, found)
}

// result returns the error, nil if nothing is wrong.
func (r *reader) result() error {
	switch {
	case r.alone != nil:
		return &FormatError{Faults: []fault.Fault{*r.alone}}
	case len(r.err.Faults) > 0:
		return &r.err
	}
	return nil
}

// decode reads JSON into a value, with duplicate names, invalid UTF-8, trailing
// data and wrong types refused.
func decode(text []byte, into any) error {
	if at, deep := message.TooDeep(text); deep {
		return &FormatError{Faults: []fault.Fault{malformed().at("", fmt.Sprintf("nested deeper than %d at byte %d", message.MaxDepth, at))}}
	}
	err := json.Unmarshal(text, into, json.WithUnmarshalers(json.UnmarshalFromFunc(integer)))
	if err == nil {
		return nil
	}
	found := malformed().at("", err.Error())
	if wrong := (*json.SemanticError)(nil); errors.As(err, &wrong) {
		found.Pointer = string(wrong.JSONPointer)
		found.Detail = fmt.Sprintf("it is %s, where %s belongs", kindWords[wrong.JSONKind], typeWords(wrong.GoType))
	}
	if wrong := (*jsontext.SyntacticError)(nil); errors.As(err, &wrong) {
		found.Pointer = string(wrong.JSONPointer)
		found.Detail = fmt.Sprintf("it is no JSON at byte %d: %v", wrong.ByteOffset, wrong.Err)
		if errors.Is(err, io.ErrUnexpectedEOF) {
			found.Detail = fmt.Sprintf("the text ends too early, at byte %d", wrong.ByteOffset)
		}
	}
	return &FormatError{Faults: []fault.Fault{found}}
}

// integer reads a number that is an integer by its value, such as 50.0. What is
// no number is left to the library.
func integer(dec *jsontext.Decoder, n *int64) error {
	if dec.PeekKind() != jsontext.KindNumber {
		return errors.ErrUnsupported
	}
	raw, err := dec.ReadValue()
	if err != nil {
		return err
	}
	value, ok := whole.Number(string(raw))
	if !ok {
		return &json.SemanticError{JSONKind: raw.Kind(), GoType: reflect.TypeFor[int64](), JSONPointer: dec.StackPointer(), ByteOffset: dec.InputOffset()}
	}
	*n = value
	return nil
}

var kindWords = map[jsontext.Kind]string{
	'n': "null", 't': "true", 'f': "false", '"': "a string", '0': "a number", '{': "an object", '[': "a list",
}

// typeWords says in words of JSON what a value of a Go type is read from.
func typeWords(t reflect.Type) string {
	switch t.Kind() {
	case reflect.Pointer:
		return typeWords(t.Elem())
	case reflect.Struct, reflect.Map:
		return "an object"
	case reflect.Slice:
		return "a list"
	case reflect.String:
		return "a string"
	case reflect.Bool:
		return "true or false"
	case reflect.Int64:
		return "an integer"
	}
	return "something else"
}

// number reads a phone number that has to be there.
func (r *reader) number(pointer string, text *string, options recipients.Options) recipients.Handle {
	if text == nil {
		r.fault(missing(), pointer, "a phone number in E.164 form is required")
		return recipients.Handle{}
	}
	h, err := options.Parse(*text)
	if err == nil && !h.IsPhone() {
		r.fault(badNumber(), pointer, "%q is not a phone number", *text)
		return recipients.Handle{}
	}
	if err != nil {
		if wrong, is := errors.AsType[*recipients.Error](err); is {
			err = fmt.Errorf("%w: %s", err, wrong.Hint())
		}
		r.fault(badNumber(), pointer, "%v", err)
	}
	return h
}

// status and reputation read a name that may be absent.
func (r *reader) status(pointer string, text *string) (s line.Status) {
	if text != nil {
		var err error
		if s, err = line.ParseStatus(*text); err != nil {
			r.fault(badValue(), pointer, "%q is no status: use ACTIVE or FLAGGED", *text)
		}
	}
	return s
}

func (r *reader) reputation(pointer string, text *string) (s line.Reputation) {
	if text != nil {
		var err error
		if s, err = line.ParseReputation(*text); err != nil {
			r.fault(badValue(), pointer, "%q is no reputation: use HEALTHY, AT_RISK or CRITICAL", *text)
		}
	}
	return s
}

// time reads a time that may be absent, in whole microseconds, which is what
// stores keep.
func (r *reader) time(pointer string, text *string) time.Time {
	if text == nil {
		return time.Time{}
	}
	t, err := rfc3339.Parse(*text)
	if err != nil {
		r.fault(badValue(), pointer, "%q is not a time: %v", *text, err)
		return time.Time{}
	}
	if t.Year() < 1970 || t.Year() > 2200 {
		r.fault(badValue(), pointer, "%q is not a time from 1970 to 2200", *text)
		return time.Time{}
	}
	return t.UTC().Truncate(time.Microsecond)
}
