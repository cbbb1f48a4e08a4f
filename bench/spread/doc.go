// Package spread measures how different ways to pick a line spread the same
// made-up first contacts over a fleet. docs/spread.md shows the results, and a
// test keeps the page true.
//
// Hosts do not import it.
package spread
