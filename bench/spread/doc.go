// Package spread measures how ways to pick a line spread first contacts over a
// fleet: the same made-up contacts under each way. docs/spread.md shows what it
// measures, and a test keeps the page true.
//
// It is no part of what hosts import.
package spread
