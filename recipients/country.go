package recipients

import "slices"

// A Country is the country of a number: the two letters of ISO 3166-1, the
// first in the upper byte, so that values have the order of the letters. The
// zero Country means that there is none: do not treat two zero Countries as the
// same country.
//
// As in libphonenumber, territories with an ISO code of their own, such as
// Guernsey, Åland and Réunion, count as countries, and XK stands for Kosovo.
type Country uint16

// Country returns the country of a phone number, by its calling code, and by
// the digits after it if several countries share that code: +1 204 is Canada,
// +44 1534 Jersey, +7 7 Kazakhstan. It is none for email addresses, for codes
// that are not assigned, and for codes of no country, such as +800, +870 and
// +882.
//
// For every [Possible] number that libphonenumber places in a country, it is
// the same country. A number in a range that is not assigned yet has the
// country of the assigned numbers that begin like it. If these are of several
// countries, it has the main country of its calling code. So a new mobile range
// of +44 is British.
func (h Handle) Country() Country {
	plan := h.plan()
	if plan.ends == 0 {
		return plan.country
	}
	first, _ := h.firstDigits(9)
	place, found := slices.BinarySearch(countryStarts[plan.starts:plan.ends], uint32(first))
	if !found {
		place--
	}
	return countries[int(plan.starts)+place]
}

// String returns the two letters, such as GB, and nothing for the zero Country.
func (c Country) String() string { return twoLetters(uint16(c)) }
