package fleet

import "github.com/fromline/fromline/recipients"

// home is where the people of a chat are, as labels for the matches of a policy:
// 0 asks for nothing, and nowhere for what no line has.
type home struct {
	country, province, area Label
	nested                  bool // every line of the area is one of the province
}

// nowhere is the label of people of whom the data says no country, or of +1 numbers
// of which it says no province or place. No line has it.
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
	phones := false
	for i := range set.Len() {
		h := set.At(i)
		phones = phones || h.IsPhone()
		countries.add(int(letterLabel(uint16(h.Country()))))
	}
	if !phones {
		return home{}
	}
	at := home{country: nowhere}
	if most := countries.most(); most != 0 {
		at.country = Label(most)
	}
	coded := false
	for i := range set.Len() {
		if h := set.At(i); h.AreaCode() != 0 && countryLabel(h) == at.country {
			coded = true
			provinces.add(int(letterLabel(uint16(h.Province()))))
			areas.add(int(h.Place()))
		}
	}
	if !coded {
		return at
	}
	at.province, at.area = nowhere, nowhere
	if most := provinces.most(); most != 0 {
		at.province = inCountry(at.country, Label(most))
	}
	if most := areas.most(); most != 0 {
		at.area = inCountry(at.country, Label(most))
	}
	for i := 0; i < set.Len() && !at.nested; i++ {
		h := set.At(i)
		at.nested = areaLabel(h) == at.area && provinceLabel(h) == at.province
	}
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
		at.province, at.area = provinceLabel(h), areaLabel(h)
		at.nested = at.province != 0 && at.area != 0
		if at.province == 0 {
			at.province = nowhere
		}
		if at.area == 0 {
			at.area = nowhere
		}
	}
	return at
}

// countryLabel and the two below it number what the data says of a handle, from 1;
// 0 is what it does not say. Places of several countries are never equal.
func countryLabel(h recipients.Handle) Label { return letterLabel(uint16(h.Country())) }

func provinceLabel(h recipients.Handle) Label {
	return inCountry(countryLabel(h), letterLabel(uint16(h.Province())))
}

func areaLabel(h recipients.Handle) Label { return inCountry(countryLabel(h), Label(h.Place())) }

// inCountry is the label of what lies in a country, 0 where one of the two is not
// known.
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
