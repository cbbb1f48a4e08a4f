// Command printed prints values of all exported types in all the ways that a log
// line or a message for people comes about, and tells which of them show more of
// people than they may. It is built by the test of this directory, which gives it
// the types.
//
// A type that can be filled through its exported fields is filled so, and those
// that cannot have a maker. The handles of people and the keys in them are known,
// and are looked for. Numbers of our own lines may be shown: they are told apart by
// the names of their fields (see ours).
//
// Errors are tried empty too: a host may return one without saying what happened, and
// what is told of it must not be nothing.
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

// mute says of an error of which nothing is filled in, as a host may return it, that
// its text is none.
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

// form is a value as it may be printed.
type form struct {
	name  string
	value any
}

// try makes values of a type and looks at all that is printed of them.
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
			continue // log/slog does not ask the elements of a list
		}
		for name, text := range logged(form.value) {
			if shown := look(text, holds); shown != "" {
				complaints = append(complaints, fmt.Sprintf("slog's %s of %sT shows %s", name, form.name, shown))
			}
		}
	}
	return complaints
}

// logged is what the handlers of log/slog write of a value.
func logged(value any) map[string]string {
	var text, json bytes.Buffer
	slog.New(slog.NewTextHandler(&text, nil)).Info("line", "value", value)
	slog.New(slog.NewJSONHandler(&json, nil)).Info("line", "value", value)
	return map[string]string{"text": text.String(), "JSON": json.String()}
}

// look returns what a text shows and must not, empty for nothing. What holds
// neither a handle nor a key may be more than log/slog can write.
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
