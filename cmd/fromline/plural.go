package main

import "strconv"

// plural returns a number of things whose word takes an s if they are not one.
func plural(n int, thing string) string { return counted(n, thing, thing+"s") }

// counted returns a number and the words for one or for many: "1 delivery
// waits", "2 deliveries wait".
func counted(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return strconv.Itoa(n) + " " + many
}
