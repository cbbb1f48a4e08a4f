// Command printed prints values of all exported types in all ways in which a
// log line or a message is made, and reports the types that print more about
// people than they may. The test of this directory builds it and adds the
// types.
//
// It fills a type through its exported fields, or with a maker. It knows the
// handles and keys in the values, and looks for them in the output. Numbers of
// our own lines may be printed: the names of their fields tell them apart (see
// ours).
//
// It also prints errors without content: a host may return one, and its text
// must not be empty.
package main

import (
	"bytes"
	"fmt"
	"log/slog"
	"os"
	"reflect"
	"strings"
)

func main() {
	found := 0
	for _, t := range all {
		for _, complaint := range append(try(t), mute(t)...) {
			found++
			fmt.Printf("%s: %s\n", t, complaint)
		}
	}
	if found > 0 {
		os.Exit(1)
	}
}

// mute reports an error type whose zero value, which a host may return, has an
// empty text.
func mute(t reflect.Type) (complaints []string) {
	err, is := reflect.New(t).Interface().(error)
	if !is {
		return nil
	}
	defer func() {
		if p := recover(); p != nil {
			complaints = append(complaints, fmt.Sprintf("Error of an empty one panics: %v", p))
		}
	}()
	text := err.Error()
	for _, nothing := range []string{"<nil>", "%!"} {
		if strings.Contains(text, nothing) {
			complaints = append(complaints, "Error of an empty one says "+nothing+": "+text)
		}
	}
	if strings.TrimRight(strings.TrimSpace(text), ":") == "" || strings.HasSuffix(strings.TrimSpace(text), ":") {
		complaints = append(complaints, "Error of an empty one says nothing: "+text)
	}
	return complaints
}

// form is a value, in one form in which it may be printed.
type form struct {
	name  string
	value any
}

// try makes values of a type and checks everything that is printed of them.
func try(t reflect.Type) (complaints []string) {
	if pointer, is := live[t]; is {
		return inspect(t, true, form{"*", pointer()})
	}
	f := filler{}
	v := reflect.New(t)
	f.fill(v.Elem(), "", 0)
	for _, missing := range f.missing {
		complaints = append(complaints, "nothing can fill "+missing+": it needs a maker in internal/printed/makers.go")
	}
	list := reflect.MakeSlice(reflect.SliceOf(t), 1, 1)
	list.Index(0).Set(v.Elem())
	forms := []form{{"", v.Elem().Interface()}, {"*", v.Interface()}, {"[]", list.Interface()}}
	return append(complaints, inspect(t, f.holds, forms...)...)
}

func inspect(t reflect.Type, holds bool, forms ...form) (complaints []string) {
	for _, form := range forms {
		for _, verb := range []string{"%v", "%+v", "%#v", "%s"} {
			if bare[t] {
				continue
			}
			if shown := look(fmt.Sprintf(verb, form.value), holds); shown != "" {
				complaints = append(complaints, fmt.Sprintf("%s of %sT shows %s", verb, form.name, shown))
			}
		}
		if form.name == "[]" {
			continue // log/slog does not resolve the elements of a list
		}
		for name, text := range logged(form.value) {
			if shown := look(text, holds); shown != "" {
				complaints = append(complaints, fmt.Sprintf("slog's %s of %sT shows %s", name, form.name, shown))
			}
		}
	}
	return complaints
}

// logged returns what the handlers of log/slog write for a value.
func logged(value any) map[string]string {
	var text, json bytes.Buffer
	slog.New(slog.NewTextHandler(&text, nil)).Info("line", "value", value)
	slog.New(slog.NewJSONHandler(&json, nil)).Info("line", "value", value)
	return map[string]string{"text": text.String(), "JSON": json.String()}
}

// look returns the secret that a text shows, or "" if it shows none. A value
// without a handle or key may be one that log/slog cannot write.
func look(text string, holds bool) string {
	for _, s := range secrets() {
		if i := strings.Index(text, s.text); i >= 0 {
			return s.name + ": " + text[max(0, i-40):min(len(text), i+len(s.text)+20)]
		}
	}
	if !holds {
		return ""
	}
	for _, trouble := range []string{"(PANIC=", "!ERROR", "!PANIC"} {
		if strings.Contains(text, trouble) {
			return trouble + " in " + text
		}
	}
	return ""
}
