// Package cookbook holds the programs of docs/cookbook.md: one file for each
// recipe, with all that the recipe needs. All of them run as tests.
package cookbook
