package validate_test

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/fromline/fromline/decorations/graphemes"
	"github.com/fromline/fromline/fault"
	"github.com/fromline/fromline/message"
	"github.com/fromline/fromline/validate"
)

var update = flag.Bool("update", false, "write the golden files anew; read the difference before committing it")

// A row of testdata/rules: a request, and what the rules say to it.
type row struct {
	name, request, want string
}

// readRows reads a file of rows. A row begins with a line "== name", goes on
// with its request, which ends at a line "--", and ends with what the rules say
// to it. Lines that begin with # are comments, and stay with the row that
// follows.
func readRows(t *testing.T, file string) (rows []row, raw string) {
	data, err := os.ReadFile(file)
	require.NoError(t, err)
	raw = string(data)
	for block := range strings.SplitSeq("\n"+raw, "\n== ") {
		name, rest, found := strings.Cut(block, "\n")
		if !found || strings.HasPrefix(block, "\n") || rows == nil && strings.HasPrefix(strings.TrimSpace(block), "#") {
			continue
		}
		request, want, found := strings.Cut(rest, "--\n")
		require.True(t, found, "%s: row %q has no line --", file, name)
		rows = append(rows, row{name, strings.TrimSpace(request), want})
	}
	return rows, raw
}

const (
	oneRecipient  = `["+14155559876"]`
	twoRecipients = `["+14155559876","ann@example.com"]`
	anApp         = `{"name":"Chess","bundle_id":"com.example.chess.MessagesExtension","team_id":"A1B2C3D4E5"}`
	aLayout       = `{"caption":"Your move"}`
	aURL          = `"url":"https://example.com/game/1"`
)

var repeat = regexp.MustCompile(`‹(.+?)×(\d+)›`)

// body returns the body that the request of a row stands for: the word before
// the JSON says what the JSON is put into, and ‹a×3› is aaa.
func body(t *testing.T, request string) string {
	kind, text, _ := strings.Cut(request, " ")
	text = repeat.ReplaceAllStringFunc(text, func(s string) string {
		m := repeat.FindStringSubmatch(s)
		n, err := strconv.Atoi(m[2])
		require.NoError(t, err)
		return strings.TrimSuffix(strings.Repeat(m[1], n), ",")
	})
	send := func(to, message string) string { return `{"to":` + to + `,"message":` + message + `}` }
	parts := func(to, parts string) string { return send(to, `{"parts":`+parts+`}`) }
	members := strings.TrimSuffix(strings.TrimPrefix(text, "{"), "}")
	comma := func(s string) string {
		if s == "" {
			return ""
		}
		return "," + s
	}
	card := func(app, layout, more string) string {
		return parts(oneRecipient, `[{"type":"imessage_app","app":`+app+`,"layout":`+layout+comma(more)+`}]`)
	}
	switch kind {
	case "body":
		return text
	case "request":
		return `{"to":` + oneRecipient + `,"message":{"parts":[{"type":"text","value":"Hi"}]}` + comma(members) + `}`
	case "to":
		return send(text, `{"parts":[{"type":"text","value":"Hi"}]}`)
	case "message":
		return send(oneRecipient, `{"parts":[{"type":"text","value":"Hi"}]`+comma(members)+`}`)
	case "group":
		return send(twoRecipients, `{"parts":[{"type":"text","value":"Hi"}]`+comma(members)+`}`)
	case "parts":
		return parts(oneRecipient, text)
	case "text":
		return parts(oneRecipient, `[{"type":"text"`+comma(members)+`}]`)
	case "grouptext":
		return parts(twoRecipients, `[{"type":"text"`+comma(members)+`}]`)
	case "media":
		return parts(oneRecipient, `[{"type":"media"`+comma(members)+`}]`)
	case "link":
		return parts(oneRecipient, `[{"type":"link","value":`+text+`}]`)
	case "clip":
		return parts(oneRecipient, `[{"type":"app_clip","value":`+text+`}]`)
	case "card":
		return parts(oneRecipient, `[{"type":"imessage_app"`+comma(members)+`}]`)
	case "app":
		return card(text, aLayout, aURL)
	case "layout":
		return card(anApp, text, aURL)
	case "cardwith":
		return card(anApp, aLayout, aURL+comma(members))
	}
	require.Fail(t, "unknown word before the JSON", "%q", kind)
	return ""
}

// options of a file: those that its name asks for.
func optionsOf(file string) validate.Options {
	o := validate.Options{GraphemeCuts: graphemes.Cuts}
	if strings.Contains(file, "optional_url") {
		o.CardURLOptional = true
	}
	if strings.Contains(file, "more_effects") {
		o.ExtraEffects = []validate.EffectName{{Type: "screen", Name: "snow"}, {Name: "rain"}}
		o.MaxEntries = 3
	}
	return o
}

// describe says what the rules say to a body.
func describe(t *testing.T, body string, header *string, o validate.Options) string {
	r, err := message.DecodeRequest([]byte(body))
	if wrong, is := errors.AsType[*fault.Error](err); is {
		return describeError(wrong)
	}
	require.NoError(t, err)
	r.HeaderKey = header
	checked, err := validate.Request(r, o)

	// Relations that must not change the answer.
	again, encodeErr := r.MarshalJSON()
	require.NoError(t, encodeErr)
	back, decodeErr := message.DecodeRequest(again)
	require.NoError(t, decodeErr)
	back.HeaderKey = header
	twice, errAgain := validate.Request(back, o)
	require.Equal(t, err, errAgain, "after encoding and decoding")
	if err == nil {
		require.Equal(t, checked.Fingerprint(), twice.Fingerprint(), "after encoding and decoding")
		require.Equal(t, checked.Advisories(), twice.Advisories(), "after encoding and decoding")
		return describeChecked(checked)
	}
	var wrong *fault.Error
	require.ErrorAs(t, err, &wrong)
	for _, v := range wrong.Faults[:min(len(wrong.Faults), fault.Max)] {
		wellFormedViolation(t, []byte(body), v)
	}
	return describeError(wrong)
}

func describeError(e *fault.Error) string {
	var b strings.Builder
	primary := e.Primary()
	fmt.Fprintf(&b, "%d/%d\n", primary.Status(), primary.Code)
	for i, v := range e.Faults {
		if 3 <= i && i < len(e.Faults)-2 {
			if i == 3 {
				b.WriteString("  …\n")
			}
			continue
		}
		at := v.Pointer
		if v.Header != "" {
			at = "header"
		}
		if len(at) > 100 {
			at = at[:100] + "…"
		}
		fmt.Fprintf(&b, "  %d %s at %q%s\n", v.Code, v.Rule, at, values(v))
	}
	return b.String()
}

// values are the values of a violation that its rule gives a meaning.
func values(v fault.Fault) string {
	var b strings.Builder
	switch {
	case v.Rule.HasMin():
		fmt.Fprintf(&b, " %d..%d", v.Min, v.Max)
	case v.Rule.HasMax():
		fmt.Fprintf(&b, " ..%d", v.Max)
	}
	if v.Rule.HasFound() {
		fmt.Fprintf(&b, " found %d", v.Found)
	}
	if v.Value != "" {
		fmt.Fprintf(&b, " value %q", v.Value)
	}
	if v.Nearest != "" {
		fmt.Fprintf(&b, " nearest %q", v.Nearest)
	}
	return b.String()
}

func describeChecked(c validate.Checked) string {
	var b strings.Builder
	b.WriteString("passes")
	flags := []struct {
		name string
		set  bool
	}{
		{"group", c.Recipients().IsGroup()}, {"link", c.HasLink()}, {"link in continuation", c.ContinuationHasLink()}, {"reply", c.HasReply()},
		{"override", c.OverrideOptOut()}, {"key", c.IdempotencyKey() != ""}, {"image", len(c.Images()) > 0}, {"excluded", c.ExcludedLen() > 0},
		{"continuation", c.Continued() != nil}, {c.PreferredService().String(), c.PreferredService() != 0},
	}
	for _, f := range flags {
		if f.set {
			b.WriteString(", " + f.name)
		}
	}
	b.WriteByte('\n')
	for _, a := range c.Advisories() {
		fmt.Fprintf(&b, "  %s at %q", a.Rule, a.Pointer)
		if a.End > 0 {
			fmt.Fprintf(&b, " [%d, %d)", a.Start, a.End)
		}
		b.WriteByte('\n')
	}
	return b.String()
}

// Every rule has rows with a passing neighbour on each side of each limit.
func TestRules(t *testing.T) {
	files, err := filepath.Glob("testdata/rules/*.txt")
	require.NoError(t, err)
	require.NotEmpty(t, files)
	reached := map[fault.Rule]bool{}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txt"), func(t *testing.T) {
			rows, raw := readRows(t, file)
			names := map[string]bool{}
			for i, r := range rows {
				require.False(t, names[r.name], "the name %q is there twice", r.name)
				names[r.name] = true
				request, header := r.request, (*string)(nil)
				if rest, found := strings.CutPrefix(request, "header "); found {
					line, after, _ := strings.Cut(rest, "\n")
					key := repeat.ReplaceAllStringFunc(line, func(s string) string {
						m := repeat.FindStringSubmatch(s)
						n, _ := strconv.Atoi(m[2])
						return strings.Repeat(m[1], n)
					})
					key, err := strconv.Unquote(key)
					require.NoError(t, err)
					header, request = &key, after
				}
				got := describe(t, body(t, request), header, optionsOf(file))
				for rule := range fault.Rules() {
					if strings.Contains(got, " "+string(rule)+" ") {
						reached[rule] = true
					}
				}
				if *update {
					raw = replaceRow(raw, rows[i], got)
					continue
				}
				want := stripComments(r.want)
				require.Equal(t, want, got, "row %q", r.name)
			}
			if *update {
				require.NoError(t, os.WriteFile(file, []byte(raw), 0o644))
			}
		})
	}
	for rule := range fault.Rules() {
		switch {
		case strings.HasPrefix(string(rule), "image."): // validate/imagecheck
		case rule == fault.RuleUTF8, rule == fault.RuleJSONUTF8: // not UTF-8, which a text file cannot hold: TestBuiltInGo
		case strings.HasPrefix(string(rule), "consent."): // the package fromline
		case rule == fault.RuleKeyReused, rule == fault.RuleEveryLineBarred, rule == fault.RuleNoLine, // routing
			rule == fault.RuleForeignLine, rule == fault.RuleLineBarred, rule == fault.RuleChatUnknown, rule == fault.RuleChatLeft, rule == fault.RuleFirstLink, rule == fault.RuleFirstReply:
		case rule == fault.RuleJSONEmpty, rule == fault.RuleJSONDepth, rule == fault.RuleJSONSurrogate, rule == fault.RuleJSONElements: // message
		default:
			require.True(t, reached[rule], "no row comes to %s", rule)
		}
	}
}

// stripComments removes the comments and empty lines between this row and the
// next.
func stripComments(want string) string {
	var b strings.Builder
	for line := range strings.Lines(want) {
		if strings.HasPrefix(line, "#") || strings.TrimSpace(line) == "" {
			continue
		}
		b.WriteString(line)
	}
	return b.String()
}

func replaceRow(raw string, r row, got string) string {
	head := "== " + r.name + "\n"
	start := strings.Index(raw, head)
	rest := raw[start+len(head):]
	split := strings.Index(rest, "--\n") + len("--\n")
	after := rest[split+len(r.want):]
	tail := strings.TrimLeft(r.want[len(wantOnly(r.want)):], "\n")
	if tail != "" || after != "" {
		tail = "\n" + tail
	}
	after = strings.TrimLeft(after, "\n")
	return raw[:start] + head + rest[:split] + got + tail + after
}

// wantOnly is the beginning of a row's text that is what the rules say.
func wantOnly(want string) string {
	end := 0
	for line := range strings.Lines(want) {
		if strings.HasPrefix(line, "#") || strings.TrimSpace(line) == "" {
			break
		}
		end += len(line)
	}
	return want[:end]
}
