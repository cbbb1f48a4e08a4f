// Package cookbook holds the programs of docs/cookbook.md, one file for each page of
// it. All of them run as tests.
package cookbook
