package recipients

//go:generate go run ../internal/gen/placetable -o place_gen.go

// A Place is the city or the part of the country that an area code of +1
// serves. Several codes may serve one place: 212, 332, 646 and 917 are all New
// York. Two values are equal exactly if the places are the same. The zero Place
// means that the place is not known: do not treat two zero Places as the same
// place.
//
// The value is the lowest area code of the place. It may change with
// [MetadataVersion]: do not store it.
type Place uint16

// A Province is a state of the United States or a province or territory of
// Canada: its two letters, the first in the upper byte, so that values have the
// order of the letters. The zero Province means that it is not known: do not
// treat two zero Provinces as the same province.
//
// One area code may serve several: 902 and 782, for Nova Scotia and Prince
// Edward Island, are NS, and 867, for the three territories in the north, is
// NT.
type Province uint16

// An area is what is known of an area code.
type area struct {
	place    Place
	province Province
}

// Place returns the place that the area code of a +1 number serves, and the
// zero Place for every other handle and for codes that serve none, such as 800.
//
// The city is the one that libphonenumber's geocoding data names for the code
// or for most of its exchanges; an overlay code has the place of the code that
// it overlays. If the data tell only the state of a code, the code is a place
// of its own.
func (h Handle) Place() Place { return areas[h.AreaCode()].place }

// Province returns the state or province of the area code of a +1 number, and
// the zero Province for every other handle, for codes that serve none, and for
// countries other than the United States and Canada.
func (h Handle) Province() Province { return areas[h.AreaCode()].province }

// String returns the two letters, such as NY, and nothing for the zero
// Province.
func (p Province) String() string { return twoLetters(uint16(p)) }

// twoLetters returns the letters of a packed pair.
func twoLetters(pair uint16) string {
	if pair == 0 {
		return ""
	}
	return string([]byte{byte(pair >> 8), byte(pair)})
}
