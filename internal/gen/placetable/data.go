package main

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/nyaruka/phonenumbers/v2"
	"github.com/nyaruka/phonenumbers/v2/geocoding"
)

// A finding is the library's data about one area code.
type finding struct {
	assigned bool   // it belongs to a country, a state or a province
	named    string // the city named for the whole code, such as "New York, NY"
	usual    string // the city named for most of its exchanges
	province string // two letters; "" outside of the United States and Canada
}

// look asks the library about an area code, and if needed about each of its
// exchanges.
func look(code int, overlay bool) (finding, error) {
	country := countryOf(code)
	if country != "" && country != "US" && country != "CA" {
		return finding{assigned: true}, nil // overlays.txt joins the codes of one country
	}
	whole, err := describe(code)
	if err != nil {
		return finding{}, err
	}
	var f finding
	f.named, f.province = split(whole)
	cities, provinces := map[string]int{}, map[string]int{}
	for exchange := 200; exchange < 1000 && f.named == "" && !overlay; exchange++ { // they begin with 2 to 9
		text, err := describe(code*1000 + exchange)
		if err != nil {
			return finding{}, err
		}
		if text == whole {
			continue
		}
		city, province := split(text)
		cities[city]++
		provinces[province]++
	}
	f.usual = most(cities)
	if f.province == "" {
		f.province = most(provinces)
	}
	if f.province == "" && whole != "" {
		return finding{}, fmt.Errorf("area code %d: %q is no province that this command knows", code, whole)
	}
	f.assigned = f.province != ""
	return f, nil
}

// describe returns the description of the longest known beginning of +1 and
// these digits, "" if there is none.
func describe(digits int) (string, error) {
	code, national := int32(1), uint64(digits)
	return geocoding.GetDescriptionForValidNumber(&phonenumbers.PhoneNumber{CountryCode: &code, NationalNumber: &national}, "en")
}

// countryOf returns the country of a few numbers with an area code, "" if the
// library places none of them. It places codes without a place, such as 800, in
// the United States; the data does not describe them.
func countryOf(code int) string {
	one := int32(1)
	for _, local := range []int{2345678, 5550123, 7234567} {
		national := uint64(code*1e7 + local)
		region := phonenumbers.GetRegionCodeForNumber(&phonenumbers.PhoneNumber{CountryCode: &one, NationalNumber: &national})
		if region != "" {
			return region
		}
	}
	return ""
}

// split parses a description: the name of a province, or a city and the letters
// of its province. It returns nothing for other names, such as those of
// islands.
func split(text string) (city, province string) {
	if letters, known := provinces[text]; known {
		return "", letters
	}
	at := max(0, len(text)-2)
	if strings.HasSuffix(text[:at], ", ") && slices.Contains(slices.Collect(maps.Values(provinces)), text[at:]) {
		return text, text[at:]
	}
	return "", ""
}

// most returns the text with the greatest count, the first in order of several.
// It ignores the empty text.
func most(counts map[string]int) string {
	delete(counts, "")
	best := ""
	for _, text := range slices.Sorted(maps.Keys(counts)) {
		if counts[text] > counts[best] {
			best = text
		}
	}
	return best
}
