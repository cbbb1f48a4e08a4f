package main

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
)

// errUTF16 is told once for a file: no line of it can be read.
var errUTF16 = errors.New("it is written in UTF-16: save it as UTF-8, in PowerShell with Out-File -Encoding utf8")

var byteOrderMark = []byte("\ufeff")

// isUTF16 says whether a text begins as one in UTF-16 does: with its byte order
// mark, or with an ASCII character of two bytes.
func isUTF16(text []byte) bool {
	return len(text) >= 2 && (text[0] == 0xff && text[1] == 0xfe || text[0] == 0xfe && text[1] == 0xff || (text[0] == 0) != (text[1] == 0))
}

// readText reads a file that people wrote, without its byte order mark. A file
// in UTF-16 is an error that says so.
func readText(path string) ([]byte, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	if isUTF16(text) {
		return nil, fmt.Errorf("%s: %w", path, errUTF16)
	}
	return bytes.TrimPrefix(text, byteOrderMark), nil
}

// textReader reads a stream as readText reads a file.
type textReader struct {
	r     *bufio.Reader
	begun bool
}

func newTextReader(r io.Reader) *textReader { return &textReader{r: bufio.NewReaderSize(r, 64<<10)} }

// Read implements io.Reader.
func (t *textReader) Read(p []byte) (int, error) {
	if !t.begun {
		t.begun = true
		head, _ := t.r.Peek(len(byteOrderMark)) // a failure comes again below
		switch {
		case isUTF16(head):
			return 0, errUTF16
		case bytes.Equal(head, byteOrderMark):
			if _, err := t.r.Discard(len(byteOrderMark)); err != nil {
				return 0, err
			}
		}
	}
	return t.r.Read(p)
}

// openInput opens the input that a command names, standard input for none and
// for -.
func openInput(path string, stdin io.Reader) (io.ReadCloser, error) {
	if path == "" || path == "-" {
		return io.NopCloser(stdin), nil
	}
	return os.Open(path)
}
