package cookbook_test

import (
	"fmt"
	"log"

	"github.com/fromline/fromline/recipients"
	"github.com/fromline/fromline/recipients/national"
)

// ReadPeople reads numbers as people of a country write them. Email addresses,
// and numbers with a country code, stay as they are.
func ReadPeople(region string, typed ...string) (recipients.Set, error) {
	parser, err := national.New(national.Options{Region: region})
	if err != nil {
		return recipients.Set{}, err
	}
	return recipients.Options{National: parser}.Canonicalize(typed)
}

// Numbers as people write them are read in the country that they are written
// in, once, where they come in.
func Example_nationalNumbers() {
	people, err := ReadPeople("US", "(415) 555-9876", "ann@example.com")
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(people.String())
	// Output: +14155559876,ann@example.com
}
