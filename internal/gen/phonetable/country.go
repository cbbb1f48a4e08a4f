package main

import (
	"fmt"
	"strconv"
	"strings"
)

// A share is the part of one region in the numbers of a calling code. The
// library asks the regions in order, so a number that an earlier region claims
// is not in the share of a later one.
type share struct {
	region  string
	claimed *language // the national numbers that the library places there
	valid   *language // of these, the ones in an assigned range
}

// shares divides the possible national numbers of a calling code among its
// regions.
func (g *algebra) shares(code int, regions []string, possible *language) ([]share, error) {
	var all []share
	var taken *language
	for _, id := range regions {
		m, err := regionOf(code, id)
		if err != nil {
			return nil, err
		}
		valid, err := g.typed(m)
		if err != nil {
			return nil, err
		}
		claims := valid
		switch leading := m.GetLeadingDigits(); {
		case len(regions) == 1:
			claims = g.any[maxNational]
		case leading != "":
			if claims, err = g.pattern(`(?:` + leading + `)[0-9]*`); err != nil {
				return nil, err
			}
		}
		claims = g.minus(g.intersect(claims, possible), taken)
		all = append(all, share{region: id, claimed: claims, valid: g.intersect(claims, valid)})
		taken = g.union(taken, claims)
	}
	return all, nil
}

// leading is how many digits, calling code included, may decide the country.
const leading = 9

// A start is the place in the order of all numbers at which the numbers of a
// country begin: the first leading digits, and an ISO code, or "" for no
// country.
type start struct {
	digits  uint32
	country string
}

// countriesOf returns which leading digits of a calling code belong to which
// country. It descends digit by digit until only one region claims the numbers.
// Digits that no region claims belong to the first region, which is the main
// one.
func countriesOf(code int, shares []share) ([]start, error) {
	main := shares[0].region
	if main == nonGeography {
		main = ""
	}
	var all []start
	var descend func(digits string, claimed []*language) error
	descend = func(digits string, claimed []*language) error {
		country, claimants := main, 0
		for i, l := range claimed {
			if l != nil {
				claimants++
				country = shares[i].region
			}
		}
		if country == nonGeography {
			country = ""
		}
		if claimants < 2 {
			from, err := strconv.ParseUint(digits+strings.Repeat("0", leading-len(digits)), 10, 32)
			if err != nil {
				return err
			}
			if len(all) == 0 || all[len(all)-1].country != country {
				all = append(all, start{uint32(from), country})
			}
			return nil
		}
		if len(digits) == leading {
			return fmt.Errorf("calling code %d: %d digits do not decide the country of +%s", code, leading, digits)
		}
		for d := range 10 {
			next := make([]*language, len(claimed))
			for i, l := range claimed {
				if l != nil {
					next[i] = l.next[d]
				}
			}
			if err := descend(digits+strconv.Itoa(d), next); err != nil {
				return err
			}
		}
		return nil
	}
	claimed := make([]*language, len(shares))
	for i, s := range shares {
		claimed[i] = s.claimed
	}
	return all, descend(strconv.Itoa(code), claimed)
}
