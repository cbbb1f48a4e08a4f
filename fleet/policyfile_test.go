package fleet

import (
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/fromline/fromline/message"
)

// names are what a policy says, as its data does.
func names(p Policy) (criteria, require []string) {
	for _, c := range p.Criteria {
		criteria = append(criteria, c.Name())
	}
	for _, r := range p.Require {
		name := r.Match.Name()
		if r.Service != 0 {
			name += " " + r.Service.String()
		}
		require = append(require, name)
	}
	return criteria, require
}

func TestPolicyAsData(t *testing.T) {
	p, err := ParsePolicy([]byte(`{"criteria": ["label", "fewest", "country"], "allow_critical": true,
		"require": ["province", {"match": "country", "service": "SMS"}, {"match": "country", "service": "RCS"}, {"match": "label"}]}`))
	require.NoError(t, err)
	criteria, required := names(p)
	require.Equal(t, []string{"label", "fewest", "country"}, criteria)
	require.Equal(t, []string{"province", "country SMS", "country RCS", "label"}, required)
	require.True(t, p.AllowCritical)

	p, err = ParsePolicy([]byte(`{}`))
	require.NoError(t, err)
	require.Equal(t, Policy{}, p)
}

// A policy says what its data says: any choice of the criteria in any order.
func TestPoliciesAreRead(t *testing.T) {
	all, matches := []string{"reputation", "country", "use", "area", "province", "fewest", "label", "known"}, []string{"country", "province", "area", "label"}
	rapid.Check(t, func(t *rapid.T) {
		wanted := rapid.Permutation(all).Draw(t, "criteria")[:rapid.IntRange(1, len(all)).Draw(t, "n")]
		needed := rapid.Permutation(matches).Draw(t, "require")[:rapid.IntRange(0, len(matches)).Draw(t, "m")]
		quoted := func(list []string) string { return `["` + strings.Join(list, `","`) + `"]` }
		text := `{"criteria":` + quoted(wanted)
		if len(needed) > 0 {
			text += `,"require":` + quoted(needed)
		}
		p, err := ParsePolicy([]byte(text + `}`))
		require.NoError(t, err)
		criteria, required := names(p)
		require.Equal(t, wanted, criteria)
		require.Equal(t, needed, append([]string{}, required...))
		_, err = NewView(nil, ViewOptions{Policy: p})
		require.NoError(t, err)
	})
}

// many is the faults of a list of which nothing is known, as far as they are
// told.
func many(at string, n int) string {
	var list []string
	for i := range n {
		list = append(list, "bad_value "+at+strconv.Itoa(i))
	}
	return strings.Join(list, ", ")
}

// Whatever is wrong with a policy is told, each with its place and the word.
func TestPoliciesAreReadStrictly(t *testing.T) {
	for text, want := range map[string]string{
		`[]`:                                      "malformed",
		`{"criteria":"country"}`:                  "malformed /criteria",
		`{"criteria":[],"require":[]}`:            "bad_value /criteria",
		`{"criteria":[null]}`:                     "missing /criteria/0",
		`{"criteria":["use","contry"]}`:           "bad_value /criteria/1",
		`{"criteria":["use","Country","use"]}`:    "bad_value /criteria/1, bad_value /criteria/2",
		`{"criteria":["use","use","x"]}`:          "bad_value /criteria/1, bad_value /criteria/2",
		`{"critera":["use"]}`:                     "bad_value /critera",
		`{"criteria":["use"],"criteria":["use"]}`: "malformed /criteria",
		`{"allow_critical":1}`:                    "malformed /allow_critical",
		`{"require":["use"]}`:                     "bad_value /require/0",
		`{"require":["use","area","x"]}`:          "bad_value /require/0, bad_value /require/2",
		`{"require":[1]}`:                         "malformed /require/0",
		`{"require":["country","country"]}`:       "bad_value /require/1",
		`{"require":[{"match":"country","service":"SMS"},"area","country"]}`:                              "bad_value /require/2",
		`{"require":[{"match":"country","service":"SMS"},{"match":"country","service":"RCS"},"country"]}`: "bad_value /require/2",
		`{"require":[{"match":"country","service":"sms"}]}`:                                               "bad_value /require/0/service",
		`{"require":[{"service":"SMS"}]}`:                                                                 "missing /require/0/match",
		`{"require":[{"match":"country","match":"area"}]}`:                                                "malformed /require/0/match",
		`{"require":[{"match":"contry","service":"SMS","for":1}]}`:                                        "bad_value /require/0/for, bad_value /require/0/match",
		`{"require":[{"match":"area","service":["SMS"]}]}`:                                                "malformed /require/0/service",
		strings.Repeat(`[`, message.MaxDepth+1) + strings.Repeat(`]`, 65):                                 "malformed",
		`{"criteria":["` + strings.Repeat(`x","`, 80) + `use"]}`:                                          many("/criteria/", 64),
	} {
		_, err := ParsePolicy([]byte(text))
		require.Equal(t, want, faults(err), text)
	}
	_, err := ParsePolicy([]byte(`{"criteria":["use","contry","use"]}`))
	require.ErrorContains(t, err, `"contry"`)
	require.ErrorContains(t, err, "country is meant")
	require.ErrorContains(t, err, `"use"`)
}
