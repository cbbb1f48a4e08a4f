package main

import (
	"bufio"
	"bytes"
	"cmp"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"go/scanner"
	"go/token"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// lexeme is a token where it stands in its file.
type lexeme struct {
	offset int
	text   string
}

// lexemes returns the tokens of a file, without comments and without the
// semicolons that end lines: what is left is the same however it is formatted.
func lexemes(source []byte) []lexeme {
	var all []lexeme
	var s scanner.Scanner
	file := token.NewFileSet().AddFile("", -1, len(source))
	s.Init(file, source, nil, 0)
	for {
		pos, tok, text := s.Scan()
		if tok == token.EOF {
			return all
		}
		if tok == token.SEMICOLON && text == "\n" {
			continue
		}
		if text == "" {
			text = tok.String()
		}
		all = append(all, lexeme{file.Offset(pos), text})
	}
}

// key names a mutant: the file, which of its tokens is another, and what it is.
func key(file string, index int, becomes string) string {
	return fmt.Sprintf("%s %d %s", file, index, becomes)
}

// which compares the package in the working directory with that of the clone,
// and prints the number of the only mutant that makes them differ.
func which(clone, directory, plan string) error {
	files, err := sources(filepath.Join(clone, directory))
	if err != nil {
		return err
	}
	var found string
	for _, path := range files {
		before, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		after, err := os.ReadFile(filepath.Join(directory, filepath.Base(path)))
		if err != nil {
			return err
		}
		if bytes.Equal(before, after) {
			continue
		}
		old, now := lexemes(before), lexemes(after)
		if len(old) != len(now) {
			return fmt.Errorf("%s differs by more than one token", path)
		}
		for i := range old {
			if old[i].text == now[i].text {
				continue
			}
			if found != "" {
				return fmt.Errorf("%s differs by more than one token", path)
			}
			found = key(filepath.Base(path), i, now[i].text)
		}
	}
	if out, err := leftOut(found, os.Getenv("MUTATION_SAMPLE"), os.Getenv("MUTATION_SEED")); out || err != nil {
		return cmp.Or(err, errLeftOut)
	}
	numbers, err := os.Open(filepath.Join(plan, "numbers"))
	if err != nil {
		return err
	}
	defer numbers.Close()
	for lines := bufio.NewScanner(numbers); lines.Scan(); {
		if number, name, _ := strings.Cut(lines.Text(), "\t"); name == found {
			fmt.Println(number)
			return nil
		}
	}
	return errors.New("not in the binary: " + found)
}

// errLeftOut means that a mutant is not in the sample.
var errLeftOut = errors.New("not in the sample")

// leftOut tells whether a mutant is outside of a random sample of so many in a
// hundred, 1 to 100; all are in it without one. A seed and a mutant always give
// the same answer.
func leftOut(mutant, percent, seed string) (bool, error) {
	if percent == "" {
		return false, nil
	}
	n, err := strconv.ParseUint(percent, 10, 64)
	if err != nil || n < 1 || n > 100 {
		return false, fmt.Errorf("MUTATION_SAMPLE is %q, and must be 1 to 100", percent)
	}
	hash := sha256.Sum256([]byte(seed + " " + mutant))
	return binary.BigEndian.Uint64(hash[:])%10000 >= n*100, nil
}
