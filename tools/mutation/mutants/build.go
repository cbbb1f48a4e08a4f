package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"go/build"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
)

// sources returns the files of a package that gremlins mutates, as the build
// constraints of this machine pick them.
func sources(directory string) ([]string, error) {
	p, err := build.ImportDir(directory, 0)
	if err != nil {
		return nil, err
	}
	var paths []string
	for _, name := range p.GoFiles {
		paths = append(paths, filepath.Join(directory, name))
	}
	return paths, nil
}

// buildAll writes the binary of the tests with all mutants that compile
// together. A site that an error of the compiler is on is given up, and the
// rest tried again.
func buildAll(clone, directory, plan string) error {
	files, err := sources(filepath.Join(clone, directory))
	if err != nil {
		return err
	}
	skip := map[string]bool{}
	for range 30 {
		sites, err := overlay(files, plan, skip)
		if err != nil {
			return err
		}
		complaints, err := compile(clone, directory, plan)
		if err != nil {
			return err
		}
		if complaints == nil {
			return list(plan, sites)
		}
		if !giveUp(sites, complaints, skip) {
			return fmt.Errorf("the mutants do not compile together: %v", complaints)
		}
	}
	return errors.New("the mutants do not compile together after 30 rounds")
}

// overlay writes the files with their mutants, and the file that makes the go
// command take them.
func overlay(files []string, plan string, skip map[string]bool) (map[string][]*site, error) {
	replace, sites, next := map[string]string{}, map[string][]*site{}, 0
	for _, path := range files {
		source, err := os.ReadFile(path)
		if err != nil {
			return nil, err
		}
		name := filepath.Base(path)
		mutated, found, err := rewrite(name, source, skip, &next)
		if err != nil {
			return nil, err
		}
		replace[path], sites[name] = filepath.Join(plan, "mutated-"+name), found
		if err := os.WriteFile(replace[path], mutated, 0o600); err != nil {
			return nil, err
		}
	}
	own, name := filepath.Join(plan, "helpers.go"), filepath.Join(filepath.Dir(files[0]), "zz_mutants.go")
	p, err := build.ImportDir(filepath.Dir(files[0]), 0)
	if err != nil {
		return nil, err
	}
	replace[name] = own
	if err := os.WriteFile(own, []byte("package "+p.Name+"\n"+helpers), 0o600); err != nil {
		return nil, err
	}
	text, err := json.Marshal(map[string]any{"Replace": replace})
	if err != nil {
		return nil, err
	}
	return sites, os.WriteFile(filepath.Join(plan, "overlay.json"), text, 0o600)
}

// complaint is where the compiler found an error.
type complaint struct {
	file string
	line int
	text string
}

var position = regexp.MustCompile(`(?m)([A-Za-z0-9_-]+\.go):(\d+)(?::\d+)?: (.*)$`)

// compile builds the binary. It returns what the compiler complained of, if
// that is what went wrong.
func compile(clone, directory, plan string) ([]complaint, error) {
	goCommand := os.Getenv("MUTATION_GO")
	if goCommand == "" {
		goCommand = "go"
	}
	cmd := exec.Command(goCommand, "test", "-c", "-overlay", filepath.Join(plan, "overlay.json"), "-gcflags=-e", "-ldflags=-w", "-o", filepath.Join(plan, "all.test"), "./"+directory)
	cmd.Dir = clone
	var output bytes.Buffer
	cmd.Stdout, cmd.Stderr = &output, &output
	err := cmd.Run()
	if err == nil {
		return nil, nil
	}
	var all []complaint
	for _, m := range position.FindAllStringSubmatch(output.String(), -1) {
		line, _ := strconv.Atoi(m[2])
		file := m[1]
		if len(file) > len("mutated-") && file[:len("mutated-")] == "mutated-" {
			file = file[len("mutated-"):]
		}
		all = append(all, complaint{file, line, m[3]})
	}
	if all == nil {
		return nil, fmt.Errorf("%w: %s", err, output.String())
	}
	return all, nil
}

// giveUp marks the sites that the complaints may be about: those of arithmetic
// on the line, or else all on the line, or else all in the function.
func giveUp(sites map[string][]*site, complaints []complaint, skip map[string]bool) bool {
	any := false
	drop := func(c complaint, about func(*site) bool) bool {
		dropped := false
		for _, s := range sites[c.file] {
			if about(s) {
				skip[s.keys[0]], dropped, any = true, true, true
			}
		}
		return dropped
	}
	for _, c := range complaints {
		_ = drop(c, func(s *site) bool { return s.line == c.line && s.constant() }) ||
			drop(c, func(s *site) bool { return s.line == c.line }) ||
			drop(c, func(s *site) bool { return s.function <= c.line && c.line <= s.endLine })
	}
	return any
}

// list writes the number of each mutant in the binary.
func list(plan string, sites map[string][]*site) error {
	var out bytes.Buffer
	for _, found := range sites {
		for _, s := range found {
			for i, k := range s.keys {
				fmt.Fprintf(&out, "%d\t%s\n", s.numbers[i], k)
			}
		}
	}
	return os.WriteFile(filepath.Join(plan, "numbers"), out.Bytes(), 0o600)
}
