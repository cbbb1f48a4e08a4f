package fleet

import (
	"cmp"

	"github.com/fromline/fromline/recipients"
)

// home is where the people of a chat are, as labels for the matches of a
// policy: 0 asks for nothing, and nowhere for what no line has.
type home struct {
	country, province, area Label
	nested                  bool // every line of the area is one of the province
}

// nowhere is the label of people of whom the data says no country, or of +1
// numbers of which it says no province or place. No line has it.
const nowhere Label = 1<<placeBits - 1

// placeBits is how many bits the labels of where a number is need: ten for the
// country, and ten for what lies in it.
const (
	placeBits  = 20
	withinBits = 10
)

// homeOf returns where most phones of the set are: their country, the first of
// several by its letters; and of those that are there and are +1 numbers the
// province and the place, in the same way.
func homeOf(set recipients.Set) home {
	if set.Len() == 1 {
		return homeOfOne(set.At(0))
	}
	var countries, provinces, areas tally
	var labels [recipients.MaxRecipients]int
	phones := false
	for i := range set.Len() {
		h := set.At(i)
		phones = phones || h.IsPhone()
		labels[i] = int(countryLabel(h))
		countries.add(labels[i])
	}
	if !phones {
		return home{}
	}
	most := countries.most()
	if most == 0 {
		return home{country: nowhere}
	}
	at, coded := home{country: Label(most)}, false
	for i := range set.Len() {
		if h := set.At(i); labels[i] == most && h.AreaCode() != 0 {
			coded = true
			provinces.add(int(letterLabel(uint16(h.Province()))))
			areas.add(int(h.Place()))
		}
	}
	if !coded {
		return at
	}
	province, place := Label(provinces.most()), Label(areas.most())
	for i := 0; i < set.Len() && !at.nested && place != 0; i++ {
		h := set.At(i)
		at.nested = labels[i] == most && Label(h.Place()) == place && letterLabel(uint16(h.Province())) == province
	}
	at.nested = at.nested && province != 0
	at.province, at.area = cmp.Or(inCountry(at.country, province), nowhere), cmp.Or(inCountry(at.country, place), nowhere)
	return at
}

func homeOfOne(h recipients.Handle) home {
	if !h.IsPhone() {
		return home{}
	}
	at := home{country: countryLabel(h)}
	if at.country == 0 {
		return home{country: nowhere}
	}
	if h.AreaCode() != 0 {
		province, area := inCountry(at.country, letterLabel(uint16(h.Province()))), inCountry(at.country, Label(h.Place()))
		at.nested = province != 0 && area != 0
		at.province, at.area = cmp.Or(province, nowhere), cmp.Or(area, nowhere)
	}
	return at
}

// countryLabel and the two below it number what the data says of a handle, from
// 1; 0 is what it does not say. Places of several countries are never equal.
func countryLabel(h recipients.Handle) Label { return letterLabel(uint16(h.Country())) }

func provinceLabel(h recipients.Handle) Label {
	return inCountry(countryLabel(h), letterLabel(uint16(h.Province())))
}

func areaLabel(h recipients.Handle) Label { return inCountry(countryLabel(h), Label(h.Place())) }

// inCountry is the label of what lies in a country, 0 if one of the two is
// not known.
func inCountry(country, label Label) Label {
	if country == 0 || label == 0 {
		return 0
	}
	return country<<withinBits | label
}

// letterLabel numbers two capital letters, in their order.
func letterLabel(pair uint16) Label {
	if pair == 0 {
		return 0
	}
	return Label(pair>>8-'A')*26 + Label(pair&0xff-'A') + 1
}
