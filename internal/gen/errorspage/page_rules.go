package main

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"strings"
)

// entries returns the entries of all rules, in the order of the page.
func entries() []entry { return slices.Concat(tokens, bodies, contents, people, decisions) }

// writeEntries writes a heading for each rule, with its cause, how to mend it,
// and both requests. head returns the codes and places of a rule.
func writeEntries(b *bytes.Buffer, all []entry, head func(rule string) string) error {
	for _, e := range all {
		v, err := e.proved(context.Background())
		if err != nil {
			return err
		}
		places := head(e.rule)
		if v.Header != "" && !strings.Contains(places, "header `"+v.Header+"`") && !strings.Contains(places, "any place") {
			return fmt.Errorf("%s: the fault is in the header %s, and its places are: %s", e.rule, v.Header, places)
		}
		fmt.Fprintf(b, "\n### %s\n\n%s\n\n", e.rule, wrap(places))
		fmt.Fprintf(b, "%s\n\n%s\n\n", wrap("**Cause:** "+e.cause), wrap("**Mend:** "+e.mend))
		at := "`" + v.Pointer + "`"
		switch {
		case v.Header != "":
			at = "the header `" + v.Header + "`"
		case v.Pointer == "":
			at = "the whole body"
		}
		given := ""
		if e.note != "" {
			given = ", " + e.note
		}
		if v.Rule == "" {
			at = "without violations"
		}
		b.WriteString(wrap("Refused"+given+": "+at+", “"+cell(v.Message)+"”") + "\n\n")
		writeSample(b, e.wrong)
		b.WriteString("\nAccepted:\n\n")
		writeSample(b, e.right)
	}
	return nil
}

// writeSample writes a request: its body, and its path and key if they are not
// the default.
func writeSample(b *bytes.Buffer, s sample) {
	b.WriteString("```text\n")
	if s.path != "" {
		fmt.Fprintf(b, "POST %s\n", s.path)
	}
	if s.key != "" {
		fmt.Fprintf(b, "Idempotency-Key: %s\n", s.key)
	}
	if s.authorization != "" {
		fmt.Fprintf(b, "Authorization: %s\n", s.authorization)
	}
	if s.path+s.key+s.authorization != "" {
		b.WriteString("\n")
	}
	fmt.Fprintf(b, "%s\n```\n", s.body)
}

// width is the longest line of the page, in characters.
const width = 100

// wrap breaks text at spaces into lines of at most width characters.
func wrap(text string) string {
	var b strings.Builder
	used := 0
	for i, word := range strings.Fields(text) {
		n := len([]rune(word))
		switch {
		case i == 0:
		case used+1+n > width:
			b.WriteByte('\n')
			used = 0
		default:
			b.WriteByte(' ')
			used++
		}
		b.WriteString(word)
		used += n
	}
	return b.String()
}
