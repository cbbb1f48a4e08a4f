package httpapi

import (
	"net/url"
	"strconv"
	"strings"

	"github.com/fromline/fromline/fault"
	"github.com/fromline/fromline/recipients"
)

// query is what stands behind the question mark, and what is wrong with it: the
// pointer of a fault names the parameter.
type query struct {
	url.Values
	faults []fault.Fault
}

// query reads the query of the request. Parameters that are not known here are left
// alone, as the vendor adds to them.
func (x *exchange) query() *query {
	values, err := url.ParseQuery(x.r.URL.RawQuery)
	q := &query{Values: values}
	if err != nil {
		q.wrong("", fault.RuleURLSyntax, "")
	}
	return q
}

func (q *query) wrong(name string, rule fault.Rule, value string) {
	f := fault.Fault{Rule: rule, Code: fault.CodeValue, Value: strings.ToValidUTF8(value[:min(len(value), 64)], "")}
	if name != "" {
		f.Pointer = "/" + name
	}
	q.faults = append(q.faults, f)
}

func (q *query) err() error {
	if q.faults == nil {
		return nil
	}
	return &fault.Error{Faults: q.faults[:min(len(q.faults), fault.Max)]}
}

// one returns the value of a parameter that may be given once.
func (q *query) one(name string) string {
	values := q.Values[name]
	if len(values) > 1 {
		q.faults = append(q.faults, fault.Fault{Pointer: "/" + name, Rule: fault.RuleCount, Code: fault.CodeValue, Max: 1, Found: int64(len(values))})
	}
	return q.Get(name)
}

// list returns the values of a parameter that may be repeated, or hold several
// values behind commas, as some clients send it.
func (q *query) list(name string) (list []string) {
	for _, value := range q.Values[name] {
		for part := range strings.SplitSeq(value, ",") {
			if part != "" {
				list = append(list, plus(part))
			}
		}
	}
	return list
}

// plus puts back the plus sign of a number. One that was not encoded arrives as a
// blank, and some leave it out.
func plus(number string) string {
	digits := strings.TrimLeft(number, " +")
	if digits != "" && strings.Trim(digits, "0123456789") == "" {
		return "+" + digits
	}
	return strings.TrimLeft(number, " ")
}

// handle returns the handle of a parameter, zero where there is none.
func (q *query) handle(name string) (h recipients.Handle) {
	text := q.one(name)
	if text == "" {
		return h
	}
	h, err := recipients.Options{Strength: recipients.Syntax}.Parse(plus(text))
	if err != nil {
		q.faults = append(q.faults, handleFault("/"+name, text, err))
	}
	return h
}

// lines returns the numbers of a parameter that lists lines.
func (q *query) lines(name string) (lines []recipients.Handle) {
	for i, text := range q.list(name) {
		h, err := recipients.Options{Strength: recipients.Syntax}.Parse(text)
		if err != nil || !h.IsPhone() {
			q.faults = append(q.faults, fault.Fault{Pointer: "/" + name + "/" + strconv.Itoa(i), Rule: fault.RuleExcludedPhone, Code: fault.CodePhone})
			continue
		}
		lines = append(lines, h)
	}
	return lines
}

// number returns a number from 1 to a greatest one, and another where none is given.
func (q *query) number(name string, most, otherwise int) int {
	text := q.one(name)
	if text == "" {
		return otherwise
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 || n > most {
		q.faults = append(q.faults, fault.Fault{Pointer: "/" + name, Rule: fault.RuleInteger, Code: fault.CodeValue, Min: 1, Max: int64(most), Found: int64(n)})
	}
	return n
}
