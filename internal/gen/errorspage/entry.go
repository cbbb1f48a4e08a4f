package main

import (
	"regexp"
	"strconv"
	"strings"

	"github.com/fromline/fromline/validate"
)

// An entry is the text of the page about one rule: why a request breaks it, how
// to mend it, a request that breaks it, and the mended one. A test sends both.
type entry struct {
	rule        string
	cause, mend string
	wrong       sample
	right       sample
	note        string // a condition of the example besides the request; "" if there is none
	server      setup
}

// A setup says how the server of an example is configured.
type setup int

const (
	plain      setup = iota
	valid            // phone numbers are read with recipients.Valid
	national         // with the parser of the package recipients/national, for the US
	listed           // people have to be on the tenant's list
	withTokens       // requests need a token
)

// A sample is a request as the page shows it. In its body ‹a×3› stands for aaa,
// without the comma at the end of the last copy, and ‹FF› for that byte.
type sample struct {
	path string // "" means /v3/messages
	key  string // the header Idempotency-Key, in the same notation; "" if there is none
	body string

	authorization string // the header, "" for none
}

var (
	repeated = regexp.MustCompile(`‹([^‹]+?)×(\d+)›`)
	oneByte  = regexp.MustCompile(`‹([0-9A-F]{2})›`)
)

// spell replaces the notation of a sample by the text that it stands for.
func spell(text string) string {
	text = repeated.ReplaceAllStringFunc(text, func(s string) string {
		m := repeated.FindStringSubmatch(s)
		n, err := strconv.Atoi(m[2])
		if err != nil {
			return s
		}
		return strings.TrimSuffix(strings.Repeat(m[1], n), ",")
	})
	return oneByte.ReplaceAllStringFunc(text, func(s string) string {
		b, err := strconv.ParseUint(oneByte.FindStringSubmatch(s)[1], 16, 8)
		if err != nil {
			return s
		}
		return string([]byte{byte(b)})
	})
}

// The common parts of most examples.
const (
	one  = `"to": ["+14155559876"]`
	two  = `"to": ["+14155559876", "ann@example.com"]`
	hi   = `{"type": "text", "value": "Hi!"}`
	app  = `{"name": "Chess", "bundle_id": "com.example.chess", "team_id": "A1B2C3D4E5"}`
	url  = `"url": "https://example.com/game/1"`
	uuid = `550e8400-e29b-41d4-a716-446655440000`
)

// effects returns the names of the effects of a type.
func effects(kind string) string {
	var names []string
	for _, e := range validate.KnownEffects() {
		if e.Type == kind {
			names = append(names, e.Name)
		}
	}
	return strings.Join(names, ", ")
}

func body(members string) sample { return sample{body: "{" + members + "}"} }

// request adds members to a request.
func request(members string) sample {
	return body(one + `, "message": {"parts": [` + hi + `]}, ` + members)
}

// message adds members to a message.
func message(members string) sample {
	return body(one + `, "message": {"parts": [` + hi + `], ` + members + `}`)
}

// to is a text to these people.
func to(list string) sample {
	return body(`"to": ` + list + `, "message": {"parts": [` + hi + `]}`)
}

// parts is a message of these parts to one person.
func parts(list string) sample { return body(one + `, "message": {"parts": [` + list + `]}`) }

// group is a message of these parts to two people.
func group(list string) sample { return body(two + `, "message": {"parts": [` + list + `]}`) }

// text is one text with more members.
func text(members string) sample { return parts(`{"type": "text", ` + members + `}`) }

// link is a link as the only part.
func link(address string) sample { return parts(`{"type": "link", "value": "` + address + `"}`) }

// card is the card of an app.
func card(app, layout, more string) sample {
	return parts(`{"type": "imessage_app", "app": ` + app + `, "layout": ` + layout + `, ` + more + `}`)
}

// image is a card with an image.
func image(address string) sample {
	return card(app, `{"image_url": "`+address+`"}`, url)
}

// styled is a text of six code units with one decoration.
func styled(decoration string) sample {
	return text(`"value": "Hello!", "text_decorations": [` + decoration + `]`)
}
