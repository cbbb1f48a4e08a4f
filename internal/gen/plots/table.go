package main

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// A table is a table of the results: names in the first column, numbers in the
// others.
type table struct {
	head []string
	rows [][]string
}

// tableOf returns the table below the line that ends with the name.
func tableOf(text, name string) (t table, err error) {
	_, after, found := strings.Cut(text, ": "+name+"\n")
	if !found {
		return t, fmt.Errorf("no table %s", name)
	}
	for line := range strings.Lines(after) {
		line, is := strings.CutPrefix(strings.TrimSpace(line), "|")
		if !is {
			break
		}
		cells := strings.Split(strings.TrimSuffix(line, "|"), "|")
		for i := range cells {
			cells[i] = strings.TrimSpace(cells[i])
		}
		switch {
		case t.head == nil:
			t.head = cells
		case !strings.HasPrefix(cells[0], "-"):
			t.rows = append(t.rows, cells)
		}
	}
	if len(t.rows) == 0 {
		return t, fmt.Errorf("the table %s is empty", name)
	}
	return t, nil
}

// column returns the numbers of a column, without the text after a number, such
// as "of 64".
func (t *table) column(name string) ([]float64, error) {
	i := slices.Index(t.head, name)
	if i < 1 {
		return nil, fmt.Errorf("no column %q", name)
	}
	var numbers []float64
	for _, row := range t.rows {
		if len(row) != len(t.head) {
			return nil, fmt.Errorf("a row with %d cells under a head with %d", len(row), len(t.head))
		}
		number, _, _ := strings.Cut(row[i], " ")
		n, err := strconv.ParseFloat(number, 64)
		if err != nil {
			return nil, fmt.Errorf("column %q: %w", name, err)
		}
		numbers = append(numbers, n)
	}
	return numbers, nil
}
