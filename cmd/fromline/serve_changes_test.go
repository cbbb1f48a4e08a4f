package main

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/fromline/fromline/line"
	"github.com/fromline/fromline/recipients"
)

// A reload takes over a fleet file whatever it names, but for a file that looks
// cut short: one without lines, and, where -reload-drops does not allow it, one
// that lost more than half of ten lines or more. A line that another tenant's
// file names is not lost.
func TestReloadRefusesFilesThatLostTheirLines(t *testing.T) {
	numbered := func(from, n int) (lines []line.Line) {
		for i := range n {
			lines = append(lines, line.Line{ID: fmt.Sprint(from + i), Number: recipients.MustParse(fmt.Sprintf("+1415555%04d", 2000+from+i))})
		}
		return lines
	}
	type files = map[string][]line.Line
	for name, c := range map[string]struct {
		before, now files
		drops       bool
		says        string // "": it is taken over
	}{
		"one of forty":            {files{"acme": numbered(0, 40)}, files{"acme": numbered(0, 1)}, false, `it has 1 of the 40 lines`},
		"one of forty, allowed":   {files{"acme": numbered(0, 40)}, files{"acme": numbered(0, 1)}, true, ""},
		"none of forty, allowed":  {files{"acme": numbered(0, 40)}, files{"acme": nil}, true, "it holds no lines"},
		"none of two":             {files{"acme": numbered(0, 2)}, files{"acme": nil}, false, "it holds no lines"},
		"none, as before":         {files{"acme": nil}, files{"acme": nil}, false, ""},
		"half of forty":           {files{"acme": numbered(0, 40)}, files{"acme": numbered(0, 20)}, false, ""},
		"less than half":          {files{"acme": numbered(0, 40)}, files{"acme": numbered(0, 19)}, false, `it has 19 of the 40 lines`},
		"four of ten":             {files{"acme": numbered(0, 10)}, files{"acme": numbered(0, 4)}, false, `it has 4 of the 10 lines`},
		"one of nine":             {files{"acme": numbered(0, 9)}, files{"acme": numbered(0, 1)}, false, ""},
		"as many others":          {files{"acme": numbered(0, 40)}, files{"acme": numbered(40, 40)}, false, `it has 0 of the 40 lines`},
		"to another tenant":       {files{"acme": numbered(0, 40), "beta": numbered(40, 1)}, files{"acme": numbered(0, 1), "beta": numbered(1, 40)}, false, ""},
		"one of two tenants":      {files{"acme": numbered(0, 40), "beta": numbered(40, 20)}, files{"acme": numbered(0, 40), "beta": numbered(40, 2)}, false, `of tenant "beta"`},
		"many come":               {files{"acme": numbered(0, 12)}, files{"acme": numbered(0, 400)}, false, ""},
		"both: the first by name": {files{"b": numbered(0, 20), "a": numbered(40, 20)}, files{"b": numbered(0, 2), "a": numbered(40, 2)}, false, `of tenant "a"`},
	} {
		t.Run(name, func(t *testing.T) {
			changes, err := compareFleets(c.before, c.now, c.drops)
			if c.says == "" {
				require.NoError(t, err)
				require.Len(t, changes, len(c.now))
				return
			}
			require.Nil(t, changes)
			require.ErrorContains(t, err, "-fleet, of tenant")
			assert.ErrorContains(t, err, c.says)
			assert.ErrorContains(t, err, "start", "what to do if it is meant")
		})
	}
}
