// Package browser looks at the console for operators with a real browser: a
// headless Chromium, driven by chromedp. It is a module of its own, so that no
// program of this project knows of either.
//
// The pictures that it takes are kept in the directory that FROMLINE_SHOTS
// names, and else below the directory for temporary files.
package browser
