package httpapi

import (
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/fromline/fromline/fault"
	"github.com/fromline/fromline/internal/nearest"
	"github.com/fromline/fromline/recipients"
)

// query is what stands behind the question mark, and what is wrong with it: the
// pointer of a fault names the parameter.
type query struct {
	url.Values
	faults []fault.Fault
}

// query reads the query of the request. Parameters that are not among the known
// ones are left alone, as the vendor adds to them, but for those that are like
// one of them: a filter that is misspelt would answer with more than was asked
// for.
func (x *exchange) query(known ...string) *query {
	values, err := url.ParseQuery(x.r.URL.RawQuery)
	q := &query{Values: values}
	if err != nil {
		q.wrong("", fault.Fault{Rule: fault.RuleURLSyntax, Detail: "the query cannot be read: percent-encode what stands behind each ="})
	}
	names := make([]string, 0, len(values))
	for name, list := range values {
		if slices.Contains(known, name) && !utf8.ValidString(strings.Join(list, "")) {
			q.wrong("/"+name, fault.Fault{Rule: fault.RuleUTF8, Detail: name + " is not UTF-8: percent-encode its bytes as UTF-8"})
			delete(values, name)
		}
		if !slices.Contains(known, name) {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	for _, name := range names {
		if meant := meantBy(name, known); meant != "" {
			q.wrong("/"+pointed(name), fault.Fault{Rule: fault.RuleUnknown, Value: shown(name), Nearest: meant})
		}
	}
	return q
}

// meantBy returns the known parameter that a name is like; "" if it is like
// none. A short one is meant by itself alone, in whatever case: t and ts are
// not to.
func meantBy(name string, known []string) string {
	const short = 4
	for _, k := range known {
		if strings.EqualFold(name, k) {
			return k
		}
	}
	return nearest.Name(name, slices.DeleteFunc(slices.Clone(known), func(k string) bool { return len(k) < short }))
}

// pointed writes a name as a token of a pointer.
func pointed(name string) string {
	return strings.NewReplacer("~", "~0", "/", "~1").Replace(strings.ToValidUTF8(name, string(utf8.RuneError)))
}

// shown is what an answer shows of a text that a client sent.
func shown(text string) string {
	const most = 64
	return strings.ToValidUTF8(text[:min(len(text), most)], "")
}

// wrong notes a fault of the value at a place; its code is 1005 if it has none.
func (q *query) wrong(pointer string, f fault.Fault) {
	f.Pointer = pointer
	if f.Code == 0 {
		f.Code = fault.CodeValue
	}
	q.faults = append(q.faults, f)
}

func (q *query) err() error {
	if q.faults == nil {
		return nil
	}
	return &fault.Error{Faults: q.faults[:min(len(q.faults), fault.Max)]}
}

// one returns the value of a parameter that may be given once, and whether it
// was given.
func (q *query) one(name string) (value string, given bool) {
	values := q.Values[name]
	if len(values) > 1 {
		q.wrong("/"+name, fault.Fault{Rule: fault.RuleCount, Max: 1, Found: int64(len(values)), Detail: fmt.Sprintf("%s is there %d times: give it once", name, len(values))})
		return "", false
	}
	return q.Get(name), len(values) == 1
}

// filter returns the value of a parameter that chooses what is answered. An
// empty one chooses nothing, and is refused: it comes from a variable that was
// never set, and all that there is would not be what was asked for.
func (q *query) filter(name string) (value string, given bool) {
	value, given = q.one(name)
	if given && value == "" {
		q.empty("/"+name, name)
		return "", false
	}
	return value, given
}

func (q *query) empty(pointer, name string) {
	q.wrong(pointer, fault.Fault{Rule: fault.RuleLength, Min: 1, Detail: name + " is empty: give it a value, or leave it out"})
}

// mostListed is how many values a list has at most (docs/rules.md §2).
const mostListed = 1000

// list returns the values of a parameter that may be repeated, or hold several
// values behind commas, as some clients send it.
func (q *query) list(name string) (list []string) {
	for _, value := range q.Values[name] {
		for part := range strings.SplitSeq(value, ",") {
			list = append(list, plus(part))
		}
	}
	if len(list) > mostListed {
		q.wrong("/"+name, fault.Fault{Rule: fault.RuleCount, Max: mostListed, Found: int64(len(list))})
		return nil
	}
	return list
}

// plus puts back the plus sign of a number. One that was not encoded arrives as
// a blank, and some leave it out.
func plus(number string) string {
	digits := strings.TrimPrefix(strings.TrimPrefix(number, " "), "+")
	if digits != "" && strings.Trim(digits, "0123456789") == "" {
		return "+" + digits
	}
	return strings.TrimPrefix(number, " ")
}

// handle returns the handle of a parameter, zero if there is none.
func (q *query) handle(name string) (h recipients.Handle) {
	text, given := q.filter(name)
	if !given {
		return h
	}
	h, err := stored(plus(text))
	if err != nil {
		q.wrong("/"+name, handleFault(text, err))
	}
	return h
}

// line returns the number of a parameter that names a line, zero if there is
// none.
func (q *query) line(name string) recipients.Handle {
	h := q.handle(name)
	if h.IsEmail() {
		q.wrong("/"+name, notLine)
	}
	return h
}

// notLine is the fault of what is no number of a line.
var notLine = fault.Fault{Rule: fault.RuleExcludedPhone, Code: fault.CodePhone}

// stored reads a handle that may be kept in the store, whatever tables of
// numbers said then. What has too few digits to be any number is none.
func stored(text string) (recipients.Handle, error) {
	h, err := recipients.Options{Strength: recipients.Syntax}.Parse(text)
	if err == nil {
		_, impossible := recipients.Parse(text)
		if e, is := errors.AsType[*recipients.Error](impossible); is && e.Rule == recipients.RulePhoneShort {
			return recipients.Handle{}, impossible
		}
	}
	return h, err
}

// lines returns the numbers of a parameter that lists lines.
func (q *query) lines(name string) (lines []recipients.Handle) {
	for i, text := range q.list(name) {
		if text == "" {
			q.empty("/"+name+"/"+strconv.Itoa(i), name)
			continue
		}
		h, err := stored(text)
		if err != nil || !h.IsPhone() {
			q.wrong("/"+name+"/"+strconv.Itoa(i), lineFault(text, err))
			continue
		}
		lines = append(lines, h)
	}
	return lines
}

// number returns a number from 1 to a greatest one, and another if none is
// given.
func (q *query) number(name string, most, otherwise int) int {
	text, _ := q.one(name)
	if text == "" {
		return otherwise
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 || n > most {
		q.wrong("/"+name, fault.Fault{
			Rule: fault.RuleInteger, Min: 1, Max: int64(most), Found: int64(n), Value: shown(text),
			Detail: fmt.Sprintf("must be a whole number from 1 to %d, and is '%s'", most, shown(text)),
		})
		return otherwise
	}
	return n
}
