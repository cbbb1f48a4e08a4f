// Package page writes a study as one HTML file, with plots: no script, and
// nothing that is fetched. It is apart from package simulate for the library
// that draws, which only the command needs.
package page
