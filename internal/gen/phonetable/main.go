package main

import (
	"flag"
	"log"
	"os"
	"strconv"

	"github.com/nyaruka/phonenumbers/v2/metadata"
)

func main() {
	log.SetFlags(0)
	log.SetPrefix("phonetable: ")
	out := flag.String("o", "phone_gen.go", "file to write")
	flag.Parse()
	text, err := generate()
	if err != nil {
		log.Fatal(err)
	}
	if err := os.WriteFile(*out, text, 0o644); err != nil {
		log.Fatal(err)
	}
}

// generate returns the whole generated file.
func generate() ([]byte, error) {
	g := newAlgebra()
	plans, err := g.plans()
	if err != nil {
		return nil, err
	}
	var possible, valid *language
	for _, p := range plans {
		code := strconv.Itoa(p.code)
		possible = g.union(possible, g.prefixed(code, p.possible))
		valid = g.union(valid, g.prefixed(code, p.valid))
	}
	possibleTable, err := tabulate(possible)
	if err != nil {
		return nil, err
	}
	validTable, err := tabulate(valid)
	if err != nil {
		return nil, err
	}
	return source(metadata.Version, plans, possibleTable, validTable)
}
