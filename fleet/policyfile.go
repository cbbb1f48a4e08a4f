package fleet

import (
	"bytes"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/fromline/fromline/fault"
	"github.com/fromline/fromline/internal/nearest"
	"github.com/fromline/fromline/message"
)

// The policy on the wire.
type (
	policyJSON struct {
		Criteria      *[]*string                `json:"criteria"`
		Require       []jsontext.Value          `json:"require"`
		AllowCritical bool                      `json:"allow_critical"`
		Unknown       map[string]jsontext.Value `json:",embed"`
	}
	requirementJSON struct {
		Match   *string                   `json:"match"`
		Service *string                   `json:"service"`
		Unknown map[string]jsontext.Value `json:",embed"`
	}
)

// namedCriteria returns the criteria that a policy can name, and namedMatches
// those that it can require, by the names that traces show.
func namedCriteria() []Criterion { return append(DefaultCriteria(), ByLabel(), ByKnown()) }
func namedMatches() []Criterion {
	return []Criterion{ByCountry(), ByProvince(), ByArea(), ByLabel()}
}

// ParsePolicy reads a policy as data:
//
//	{
//	  "criteria": ["reputation", "country", "use", "area", "province", "fewest"],
//	  "require": ["country", {"match": "country", "service": "SMS"}],
//	  "allow_critical": false
//	}
//
// Every member may be absent; the policy is then that of docs/rules.md §10. A
// criterion is one of those of [DefaultCriteria], label or known, a required
// match one of country, province, area and label. The error is a *[FormatError]
// with every fault; unknown members and names are faults, and so are repeated
// ones.
func ParsePolicy(text []byte) (Policy, error) {
	var in policyJSON
	if err := decode(text, &in); err != nil {
		return Policy{}, err
	}
	if bytes.Equal(bytes.TrimSpace(text), []byte("null")) {
		return Policy{}, &FormatError{Faults: []fault.Fault{malformed().at("", "it is null, where an object belongs")}}
	}
	var r reader
	p := Policy{AllowCritical: in.AllowCritical}
	if in.Criteria != nil {
		p.Criteria = r.criteria(*in.Criteria)
	}
	for i, item := range in.Require {
		at := "/require/" + strconv.Itoa(i)
		needed, ok := r.requirement(at, item)
		if !ok {
			continue
		}
		for j, other := range p.Require {
			if other.Match.name == needed.Match.name && (other.Service == 0 || needed.Service == 0 || other.Service == needed.Service) {
				r.fault(badValue(), at, "%s is required by /require/%d already", needed.Match.name, j)
				ok = false
				break
			}
		}
		if ok {
			p.Require = append(p.Require, needed)
		}
	}
	r.misspelt("", in.Unknown, []string{"criteria", "require", "allow_critical"})
	if err := r.result(); err != nil {
		return Policy{}, err
	}
	return p, p.Validate()
}

// criteria reads the list of criteria.
func (r *reader) criteria(names []*string) []Criterion {
	if len(names) == 0 {
		r.fault(badValue(), "/criteria", "name a criterion, or leave the list out for the usual ones")
	}
	var list []Criterion
	for i, name := range names {
		at := "/criteria/" + strconv.Itoa(i)
		c, ok := r.criterion(at, name, namedCriteria(), "criterion")
		if !ok {
			continue
		}
		if before := slices.IndexFunc(list, func(other Criterion) bool { return other.name == c.name }); before >= 0 {
			r.fault(badValue(), at, "%q is named twice", c.name)
			continue
		}
		list = append(list, c)
	}
	return list
}

// requirement reads a name, or an object with a name and a service.
func (r *reader) requirement(at string, item jsontext.Value) (needed Requirement, ok bool) {
	var in requirementJSON
	switch item.Kind() {
	case '"':
		var name string
		if err := json.Unmarshal(item, &name); err != nil {
			r.fault(malformed(), at, "%v", err)
			return needed, false
		}
		in.Match = &name
	case '{':
		if err := decode(item, &in); err != nil {
			for _, f := range err.(*FormatError).Faults {
				r.fault(malformed(), at+f.Pointer, "%s", f.Detail)
			}
			return needed, false
		}
		at += "/match"
	default:
		r.fault(malformed(), at, "name a match, or an object with match and service")
		return needed, false
	}
	r.misspelt(strings.TrimSuffix(at, "/match"), in.Unknown, []string{"match", "service"})
	needed.Match, ok = r.criterion(at, in.Match, namedMatches(), "match that can be required")
	if in.Service != nil {
		var err error
		if needed.Service, err = message.ParseService(*in.Service); err != nil {
			r.fault(badValue(), strings.TrimSuffix(at, "match")+"service", "%q is no service: use iMessage, RCS or SMS", *in.Service)
			ok = false
		}
	}
	return needed, ok
}

// criterion finds what a name stands for.
func (r *reader) criterion(at string, name *string, known []Criterion, kind string) (Criterion, bool) {
	if name == nil {
		r.fault(missing(), at, "a %s is required here", kind)
		return Criterion{}, false
	}
	var names []string
	for _, c := range known {
		if c.name == *name {
			return c, true
		}
		names = append(names, c.name)
	}
	r.fault(badValue(), at, "%q is no %s%s: use %s", *name, kind, meant(*name, names), strings.Join(names, ", "))
	return Criterion{}, false
}

// misspelt reports members that are not known.
func (r *reader) misspelt(at string, members map[string]jsontext.Value, known []string) {
	for _, name := range slices.Sorted(maps.Keys(members)) {
		r.fault(badValue(), at+pointerTo(name), "%q is not known here%s: the members are %s", name, meant(name, known), strings.Join(known, ", "))
	}
}

// meant says which known name is much like the one found.
func meant(found string, known []string) string {
	if name := nearest.Name(found, known); name != "" {
		return ", " + name + " is meant?"
	}
	return ""
}
