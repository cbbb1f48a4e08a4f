package validate_test

import (
	stdjson "encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/go-json-experiment/json/jsontext"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/fromline/fromline/fault"
	"github.com/fromline/fromline/internal/corpus"
	"github.com/fromline/fromline/message"
	"github.com/fromline/fromline/validate"
)

const rich = corpus.Rich

// An injection is one way to spoil rich at one place, and the fault that it
// must lead to, whatever else is spoilt.
type injection struct {
	pointer string
	value   string // JSON; "" removes the member
	rule    fault.Rule
	code    fault.Code
	at      string // where the fault is, if not at pointer
}

// injections are in the order in which faults are reported.
var injections = []injection{
	{"/to/2", `"x"`, "phone.plus", fault.CodePhone, ""},
	{"/message/parts/0/value", `""`, fault.RuleLength, fault.CodeValue, ""},
	{"/message/parts/0/zz", `1`, fault.RuleUnknown, fault.CodeValue, ""},
	{"/message/parts/1/url", `"http://example.com/"`, fault.RuleURLScheme, fault.CodeValue, ""},
	{"/message/parts/1/type2", `"media"`, fault.RuleUnknown, fault.CodeValue, ""},
	{"/message/parts/2/text_decorations/0/range", `[0]`, fault.RuleRangeArity, fault.CodeValue, ""},
	{"/message/parts/2/text_decorations/0/zz", `null`, fault.RuleUnknown, fault.CodeValue, ""},
	{"/message/parts/2/text_decorations/1/style", ``, fault.RuleDecorationNeither, fault.CodeValue, "/message/parts/2/text_decorations/1"},
	{"/message/parts/2/text_decorations/2/range", `[9,11]`, fault.RuleRangePastEnd, fault.CodeValue, ""},
	{"/message/parts/2/text_decorations/2/style", `"bold"`, fault.RuleDecorationBoth, fault.CodeValue, "/message/parts/2/text_decorations/2"},
	{"/message/parts/2/mention", `"x@"`, "email.empty", fault.CodeValue, ""},
	{"/message/parts/2/mention_range", `[5,5]`, fault.RuleRangeEmpty, fault.CodeValue, ""},
	{"/message/parts/3/attachment_id", `"1"`, fault.RuleUUID, fault.CodeValue, ""},
	{"/message/effect/type", `"scren"`, fault.RuleEnum, fault.CodeValue, ""},
	{"/message/effect/name", `"x"`, fault.RuleEnum, fault.CodeValue, ""},
	{"/message/effect/zz", `1`, fault.RuleUnknown, fault.CodeValue, ""},
	{"/message/reply_to/message_id", ``, fault.RuleMissing, fault.CodeMissing, ""},
	{"/message/reply_to/part_index", `-1`, fault.RuleInteger, fault.CodeValue, ""},
	{"/message/preferred_service", `"Sms"`, fault.RuleEnum, fault.CodeValue, ""},
	{"/message/idempotency_key", `"\u0000"`, fault.RuleNUL, fault.CodeValue, ""},
	{"/message/from", `"+12025550100"`, fault.RuleFrom, fault.CodeValue, ""},
	{"/continuation_message/text", `null`, fault.RuleMissing, fault.CodeMissing, ""},
	{"/continuation_message/zz", `[]`, fault.RuleUnknown, fault.CodeValue, ""},
	{"/exclude_from/0", `"2"`, "phone.plus", fault.CodePhone, ""},
	{"/zz", `{}`, fault.RuleUnknown, fault.CodeValue, ""},
}

// Whatever is spoilt, exactly that is reported, in the order of the rules, and
// nothing else.
func TestEveryFaultAtOnce(t *testing.T) { rapid.Check(t, everyFaultAtOnce) }

func FuzzEveryFaultAtOnce(f *testing.F) { f.Fuzz(rapid.MakeFuzz(everyFaultAtOnce)) }

func everyFaultAtOnce(t *rapid.T) {
	var tree any
	require.NoError(t, stdjson.Unmarshal([]byte(rich), &tree))
	var want []string
	for i, in := range injections {
		if !rapid.Bool().Draw(t, strconv.Itoa(i)+" "+in.pointer) {
			continue
		}
		set(t, tree, in.pointer, in.value)
		at := in.at
		if at == "" {
			at = in.pointer
		}
		want = append(want, fmt.Sprintf("%s %s %s", at, in.rule, in.code))
	}
	body, err := stdjson.Marshal(tree)
	require.NoError(t, err)
	r, err := message.DecodeRequest(body)
	require.NoError(t, err, "%s", body)
	_, err = validate.Request(r, validate.Options{})
	require.Equal(t, want, lines(t, err), "%s", body)
}

// lines describes the violations of an error of Request.
func lines(t require.TestingT, err error) []string {
	if err == nil {
		return nil
	}
	var wrong *fault.Error
	require.ErrorAs(t, err, &wrong)
	var out []string
	for _, v := range wrong.Faults {
		out = append(out, fmt.Sprintf("%s %s %s", v.Pointer, v.Rule, v.Code))
	}
	return out
}

// set puts a value at a place of a tree of JSON; "" removes what is there.
func set(t require.TestingT, tree any, pointer, value string) {
	tokens := slices.Collect(jsontext.Pointer(pointer).Tokens())
	last := len(tokens) - 1
	for _, token := range tokens[:last] {
		switch node := tree.(type) {
		case map[string]any:
			tree = node[token]
		case []any:
			i, err := strconv.Atoi(token)
			require.NoError(t, err)
			tree = node[i]
		}
	}
	var v any
	if value != "" {
		require.NoError(t, stdjson.Unmarshal([]byte(value), &v))
	}
	switch node := tree.(type) {
	case map[string]any:
		if value == "" {
			delete(node, tokens[last])
		} else {
			node[tokens[last]] = v
		}
	case []any:
		i, err := strconv.Atoi(tokens[last])
		require.NoError(t, err)
		node[i] = v
	}
}

var pool = corpus.Pieces()

// hostile spoils a tree of JSON at random.
func hostile(t *rapid.T, node any) any {
	if rapid.IntRange(0, 199).Draw(t, "replace") == 0 {
		return stdjson.RawMessage(rapid.SampledFrom(pool).Draw(t, "by"))
	}
	switch node := node.(type) {
	case map[string]any:
		out := map[string]any{}
		for _, name := range slices.Sorted(mapKeys(node)) {
			switch rapid.IntRange(0, 199).Draw(t, "member") {
			case 0: // removed
			case 1:
				out[name+"s"] = hostile(t, node[name])
			case 2:
				out[strings.ToUpper(name)] = hostile(t, node[name])
			case 3:
				out[rapid.SampledFrom([]string{"", "~", "a/b", "from", "voice_memo", "mesage"}).Draw(t, "name")] = hostile(t, node[name])
			default:
				out[name] = hostile(t, node[name])
			}
		}
		return out
	case []any:
		out := []any{}
		for _, v := range node {
			for range rapid.SampledFrom([]int{1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 0, 2, 70}).Draw(t, "times") {
				out = append(out, v)
			}
		}
		for i, v := range out {
			if i < 8 {
				out[i] = hostile(t, v)
			}
		}
		return out
	}
	return node
}

func mapKeys(m map[string]any) func(func(string) bool) {
	return func(yield func(string) bool) {
		for k := range m {
			if !yield(k) {
				return
			}
		}
	}
}

// Whatever comes, the answer is well formed, and the same after encoding and
// decoding.
func TestHostile(t *testing.T) {
	passed, failed, marked := 0, 0, 0
	rapid.Check(t, func(t *rapid.T) {
		var tree any
		require.NoError(t, stdjson.Unmarshal([]byte(rich), &tree))
		body, err := stdjson.Marshal(hostile(t, tree))
		require.NoError(t, err)
		switch n := wellFormed(t, body, nil); {
		case n == 0:
			passed++
		case n > fault.Max:
			marked++
		default:
			failed++
		}
	})
	require.Positive(t, failed)
	t.Logf("%d passed, %d failed, %d with a marker", passed, failed, marked)
}

// wellFormed checks what must hold of the answer to any body, and returns the
// number of violations.
func wellFormed(t require.TestingT, body []byte, header *string) int {
	r, err := message.DecodeRequest(body)
	if wrong, is := errors.AsType[*fault.Error](err); is {
		require.Len(t, wrong.Faults, 1)
		wellFormedViolation(t, body, wrong.Faults[0])
		require.Equal(t, fault.CodeBody, wrong.Primary().Code)
		return 1
	}
	require.NoError(t, err)
	r.HeaderKey = header
	c, err := validate.Request(r, validate.Options{})
	again, errAgain := validate.Request(reread(t, r), validate.Options{})
	require.Equal(t, err, errAgain)
	if err == nil {
		require.Equal(t, c.Fingerprint(), again.Fingerprint())
		_ = echo(t, c)
		return 0
	}
	var wrong *fault.Error
	require.ErrorAs(t, err, &wrong)
	require.NotEmpty(t, wrong.Faults)
	require.LessOrEqual(t, len(wrong.Faults), fault.Max+1)
	for i, v := range wrong.Faults {
		if v.Rule == fault.RuleMore {
			require.Equal(t, fault.Max, i, "the marker is the last")
			continue
		}
		require.Less(t, i, fault.Max)
		wellFormedViolation(t, body, v)
	}
	primary := wrong.Primary()
	first400 := slices.IndexFunc(wrong.Faults, func(v fault.Fault) bool { return v.Status() == 400 })
	if first400 >= 0 {
		require.Equal(t, wrong.Faults[first400], primary)
	} else {
		require.Equal(t, wrong.Faults[0], primary)
	}
	envelope := wrong.Envelope("https://docs.example.com", "t")
	require.False(t, envelope.Success)
	require.Equal(t, int(primary.Code), envelope.Error.Code)
	require.Equal(t, primary.Status(), envelope.Error.Status)
	require.Len(t, envelope.Error.Violations, len(wrong.Faults))
	return len(wrong.Faults)
}

// wellFormedViolation checks a violation by itself: its rule is in the table,
// its code among those of the rule, its pointer leads to a value of the body,
// or to a member that its object lacks, and its text is whole.
func wellFormedViolation(t require.TestingT, body []byte, v fault.Fault) {
	require.True(t, v.Code.IsValid())
	known := false
	for rule := range fault.Rules() {
		known = known || rule == v.Rule
	}
	if known {
		require.Contains(t, v.Rule.Codes(), v.Code, "%s", v.Rule)
	} else {
		require.True(t, strings.HasPrefix(string(v.Rule), "phone.") || strings.HasPrefix(string(v.Rule), "email."), "%s", v.Rule)
	}
	text := v.Message()
	require.NotEmpty(t, text)
	if v.Code != fault.CodePhone { // whose title says what a number must be
		require.NotContains(t, text, v.Code.Message()+": ", "the title is repeated")
	}
	for _, placeholder := range []string{"{min}", "{max}", "{found}", "{nearest}", "{member}"} {
		require.NotContains(t, text, placeholder)
	}
	pointer := jsontext.Pointer(v.Pointer)
	require.True(t, pointer.IsValid())
	var tree any
	if stdjson.Unmarshal(body, &tree) != nil || v.Code == fault.CodeBody {
		return
	}
	if v.Rule == fault.RuleMissing {
		require.Nil(t, find(t, tree, pointer), "%s is there", pointer)
		pointer = pointer.Parent()
	}
	if v.Header == "" && !(v.Rule == fault.RuleUnknown && v.Pointer == "") {
		found := find(t, tree, pointer)
		require.True(t, found != nil || v.Rule == fault.RuleUnknown || v.Rule == fault.RuleFrom || v.Rule == fault.RuleVoiceMemo, "nothing at %s", pointer)
	}
}

// find returns the value at a place of a tree of JSON; nil if there is none, or
// null.
func find(t require.TestingT, tree any, pointer jsontext.Pointer) any {
	for token := range pointer.Tokens() {
		switch node := tree.(type) {
		case map[string]any:
			tree = node[token]
		case []any:
			i, err := strconv.Atoi(token)
			require.NoError(t, err)
			require.Less(t, i, len(node))
			tree = node[i]
		default:
			return nil
		}
	}
	return tree
}

// Run it with -fuzzminimizetime 10x: making an input smaller takes most of the
// time otherwise.
func FuzzRequest(f *testing.F) {
	for i, body := range corpus.Requests() {
		f.Add([]byte(body), []string{"k", "", "\xff"}[i%3], i%2 == 0)
	}
	f.Fuzz(func(t *testing.T, body []byte, key string, header bool) {
		if header {
			wellFormed(t, body, &key)
		} else {
			wellFormed(t, body, nil)
		}
	})
}

// A request that a program built can hold what no body can: then the one fault
// that its body would have stands alone.
func TestBuiltInGo(t *testing.T) {
	send := func(parts ...message.Part) *message.Request {
		return &message.Request{To: []string{"nobody"}, Message: &message.Content{Parts: parts}}
	}
	for name, row := range map[string]struct {
		request *message.Request
		want    []string
	}{
		"no request":                 {nil, []string{"/to member.missing 1001", "/message member.missing 1001"}},
		"a nil part":                 {send(message.Text("a"), nil), []string{"/message/parts/1 json.null 1003"}},
		"a nil text":                 {send((*message.TextPart)(nil)), []string{"/message/parts/0 json.null 1003"}},
		"a nil media part":           {send((*message.MediaPart)(nil)), []string{"/message/parts/0 json.null 1003"}},
		"a nil link":                 {send((*message.LinkPart)(nil)), []string{"/message/parts/0 json.null 1003"}},
		"a nil App Clip":             {send((*message.AppClipPart)(nil)), []string{"/message/parts/0 json.null 1003"}},
		"a nil card":                 {send((*message.AppCardPart)(nil)), []string{"/message/parts/0 json.null 1003"}},
		"a nil unknown part":         {send((*message.UnknownPart)(nil)), []string{"/message/parts/0 json.null 1003"}},
		"an unknown part":            {send(&message.UnknownPart{}), []string{"/to/0 phone.plus 1002", "/message/parts/0/type member.missing 1001"}},
		"a text that is not UTF-8":   {send(message.Text("\xff")), []string{"/message/parts/0/value string.utf8 1003"}},
		"two faults of that kind":    {send(message.Text("\xff"), message.Link("\xff")), []string{"/message/parts/0/value string.utf8 1003"}},
		"a recipient that is not":    {&message.Request{To: []string{"\xff"}, Message: &message.Content{}}, []string{"/to/0 string.utf8 1003"}},
		"a decoration of such text":  {send(&message.TextPart{Value: new("\xff"), TextDecorations: []message.Decoration{{Range: []int64{0, 9}, Style: new("bold")}}}), []string{"/message/parts/0/value string.utf8 1003"}},
		"an unknown member that is":  {&message.Request{Unknown: message.Members{{Name: "\xff"}}}, []string{"/to member.missing 1001", "/message member.missing 1001", "/\ufffd member.unknown 1005"}},
		"an empty, non-nil request":  {&message.Request{To: []string{}, Message: &message.Content{Parts: []message.Part{}}}, []string{"/to list.count 1001", "/message/parts list.count 1004"}},
		"an effect that is not UTF8": {&message.Request{Message: &message.Content{Effect: &message.Effect{Name: new("\xff")}}}, []string{"/message/effect/name string.utf8 1003"}},
	} {
		_, err := validate.Request(row.request, validate.Options{})
		require.Equal(t, row.want, lines(t, err), name)
	}
}
