// Command placetable writes the table of area codes by which the package
// recipients knows the place and the province of a +1 number. It reads the
// geocoding data of nyaruka/phonenumbers and overlays.txt, and needs no
// network; run it with go generate.
//
// The place of an area code is the first of these that there is:
//
// 1. the city that the data names for the whole code; 2. for a code in
// overlays.txt, the place of the code that it lies over; 3. the city that the
// data names for most of its exchanges; 4. the code itself.
//
// Codes of one place get the same number: the lowest of these codes. Rule 2
// comes before rule 3, because the data names cities for only a few exchanges
// of most overlays, and not the cities that most people live in (of 469, laid
// over Dallas, four for Plano and three for Dallas).
//
// The province is the state or province that the data names for the code, or
// else for most of its exchanges. A code that lies over another has the same
// province.
package main

import (
	"flag"
	"log"
	"os"
)

func main() {
	log.SetFlags(0)
	log.SetPrefix("placetable: ")
	out := flag.String("o", "place_gen.go", "file to write")
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
	overlays, err := readOverlays()
	if err != nil {
		return nil, err
	}
	areas, err := areasOf(overlays)
	if err != nil {
		return nil, err
	}
	return source(areas)
}
