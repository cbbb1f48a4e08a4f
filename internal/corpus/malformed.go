package corpus

import (
	"fmt"
	"strings"

	"github.com/fromline/fromline/fault"
	"github.com/fromline/fromline/message"
)

// Malformed is a body that cannot be decoded as a send, with the reason: the
// rule, the pointer, and the offset, at which Marked has the mark ▮.
type Malformed struct {
	Name    string // unique
	Marked  string
	Rule    fault.Rule // of package message
	Pointer string
}

// Body returns the body, and the offset of its fault in bytes. It panics if
// Marked has no mark.
func (m *Malformed) Body() (body string, offset int) {
	before, after, marked := strings.Cut(m.Marked, "▮")
	if !marked {
		panic("corpus: " + m.Name + " has no mark")
	}
	return before + after, len(before)
}

// AllMalformed returns all malformed bodies.
func AllMalformed() []Malformed {
	return []Malformed{
		{"nothing", `▮`, fault.RuleJSONEmpty, ""},
		{"only white space", " \r\n\t▮", fault.RuleJSONEmpty, ""},
		{"a word", `▮hello`, fault.RuleJSONSyntax, ""},
		{"null is no request", `▮null`, fault.RuleJSONType, ""},
		{"a list is no request", `▮[]`, fault.RuleJSONType, ""},
		{"a string is no request", `▮"{}"`, fault.RuleJSONType, ""},
		{"a number is no request", `▮1`, fault.RuleJSONType, ""},
		{"a byte order mark", "▮\ufeff{}", fault.RuleJSONSyntax, ""},
		{"single quotes", `{▮'to':[]}`, fault.RuleJSONSyntax, ""},
		{"a comment", `{▮// hi` + "\n}", fault.RuleJSONSyntax, ""},
		{"a comma too many in an object", `{"to":[]▮,}`, fault.RuleJSONSyntax, ""},
		{"a comma too many in a list", `{"to":["a"▮,]}`, fault.RuleJSONSyntax, "/to"},
		{"a name that is no string", `{▮1:2}`, fault.RuleJSONSyntax, ""},
		{"no colon", `{"to" ▮[]}`, fault.RuleJSONSyntax, "/to"},
		{"a raw line break in a string", `{"to":["▮` + "\n" + `"]}`, fault.RuleJSONSyntax, "/to/0"},
		{"a raw NUL in a string", "{\"to\":[\"▮\x00\"]}", fault.RuleJSONSyntax, "/to/0"},
		{"an escape that there is not", `{"to":["▮\x41"]}`, fault.RuleJSONSyntax, "/to/0"},
		{"NaN", `{"override_optout":▮NaN}`, fault.RuleJSONSyntax, "/override_optout"},
		{"a leading zero", `{"message":{"reply_to":{"part_index":0▮1}}}`, fault.RuleJSONSyntax, "/message/reply_to"},
		{"a plus sign", `{"message":{"reply_to":{"part_index":▮+1}}}`, fault.RuleJSONSyntax, "/message/reply_to/part_index"},
		{"capital TRUE", `{"override_optout":▮TRUE}`, fault.RuleJSONSyntax, "/override_optout"},

		{"cut off in an object", `{"to":["a"]▮`, fault.RuleJSONTruncated, ""},
		{"cut off in a string", `{"to":["a▮`, fault.RuleJSONTruncated, "/to/0"},
		{"cut off in an escape", `{"to":["▮\u00`, fault.RuleJSONTruncated, "/to/0"},
		{"cut off after a name", `{"to"▮`, fault.RuleJSONTruncated, "/to"},

		{"a second value", `{"to":[]} ▮{}`, fault.RuleJSONTrailing, ""},
		{"a brace too many", `{"to":[]}▮}`, fault.RuleJSONTrailing, ""},
		{"a NUL behind the value", "{}▮\x00", fault.RuleJSONTrailing, ""},

		{"Latin-1", "{\"to\":[\"Andr▮\xe9\"]}", fault.RuleJSONUTF8, "/to/0"},
		{"a surrogate in UTF-8", "{\"to\":[\"▮\xed\xa0\xbd\"]}", fault.RuleJSONUTF8, "/to/0"},
		{"an overlong slash", "{\"to\":[\"▮\xc0\xaf\"]}", fault.RuleJSONUTF8, "/to/0"},
		{"half a character at the end", "{\"to\":[\"▮\xf0\x9f\x98\"]}", fault.RuleJSONUTF8, "/to/0"},
		{"a name that is not UTF-8", "{\"▮\xff\":1}", fault.RuleJSONUTF8, ""},
		{"not UTF-8 inside an unknown member", "{\"x\":{\"y\":[\"▮\xff\"]}}", fault.RuleJSONUTF8, "/x/y/0"},

		{"a high half alone", `{"to":["▮\ud83d"]}`, fault.RuleJSONSurrogate, "/to/0"},
		{"a low half alone", `{"to":["▮\ude00"]}`, fault.RuleJSONSurrogate, "/to/0"},
		{"halves the wrong way round", `{"to":["▮\ude00\ud83d"]}`, fault.RuleJSONSurrogate, "/to/0"},
		{"a high half before a letter", `{"to":["▮\ud83da"]}`, fault.RuleJSONSurrogate, "/to/0"},

		{"to twice", `{"to":["a"],▮"to":["b"]}`, fault.RuleJSONDuplicate, "/to"},
		{"to twice, once escaped", `{"to":["a"],▮"\u0074o":["b"]}`, fault.RuleJSONDuplicate, "/to"},
		{"the type of a part twice", `{"message":{"parts":[{"type":"text",▮"type":"text"}]}}`, fault.RuleJSONDuplicate, "/message/parts/0/type"},
		{"the value before and after the type", `{"message":{"parts":[{"value":"a","type":"text",▮"value":"b"}]}}`, fault.RuleJSONDuplicate, "/message/parts/0/value"},
		{"twice in an unknown member", `{"x":{"a":1,▮"a":2}}`, fault.RuleJSONDuplicate, "/x/a"},

		{"to is a string", `{"to": ▮"+14155559876"}`, fault.RuleJSONType, "/to"},
		{"to is an object", `{"to":▮{}}`, fault.RuleJSONType, "/to"},
		{"a recipient is a number", `{"to":["+1",▮14155559876]}`, fault.RuleJSONType, "/to/1"},
		{"a recipient is a list", `{"to":[▮["+1"]]}`, fault.RuleJSONType, "/to/0"},
		{"a recipient is null", `{"to":["+1", ▮null]}`, fault.RuleJSONNull, "/to/1"},
		{"an excluded line is null", `{"exclude_from":[▮null]}`, fault.RuleJSONNull, "/exclude_from/0"},
		{"an excluded line is an object", `{"exclude_from":[▮{"a":1}]}`, fault.RuleJSONType, "/exclude_from/0"},
		{"the message is a string", `{"message":▮"hi"}`, fault.RuleJSONType, "/message"},
		{"the parts are an object", `{"message":{"parts":▮{}}}`, fault.RuleJSONType, "/message/parts"},
		{"a part is a string", `{"message":{"parts":[▮"hi"]}}`, fault.RuleJSONType, "/message/parts/0"},
		{"a part is null", `{"message":{"parts":[{"type":"text"},▮null]}}`, fault.RuleJSONNull, "/message/parts/1"},
		{"the type of a part is a number", `{"message":{"parts":[{"type":▮1}]}}`, fault.RuleJSONType, "/message/parts/0/type"},
		{"the text is a number", `{"message":{"parts":[{"type":"text","value":▮1}]}}`, fault.RuleJSONType, "/message/parts/0/value"},
		{"the text is a number, before the type", `{"message":{"parts":[{"value": ▮1,"type":"text"}]}}`, fault.RuleJSONType, "/message/parts/0/value"},
		{"a decoration is null, before the type", `{"message":{"parts":[{"text_decorations":[{},▮null],"type":"text"}]}}`, fault.RuleJSONNull, "/message/parts/0/text_decorations/1"},
		{"decorations are an object", `{"message":{"parts":[{"type":"text","text_decorations":▮{}}]}}`, fault.RuleJSONType, "/message/parts/0/text_decorations"},
		{"a decoration is a list", `{"message":{"parts":[{"type":"text","text_decorations":[▮[0,1]]}]}}`, fault.RuleJSONType, "/message/parts/0/text_decorations/0"},
		{"a range is a string", `{"message":{"parts":[{"type":"text","text_decorations":[{"range":▮"0-1"}]}]}}`, fault.RuleJSONType, "/message/parts/0/text_decorations/0/range"},
		{"an end of a range is null", `{"message":{"parts":[{"type":"text","text_decorations":[{"range":[0,▮null]}]}]}}`, fault.RuleJSONNull, "/message/parts/0/text_decorations/0/range/1"},
		{"an end of a range is a string", `{"message":{"parts":[{"type":"text","mention_range":[▮"0",1]}]}}`, fault.RuleJSONType, "/message/parts/0/mention_range/0"},
		{"an end of a range has a fraction", `{"message":{"parts":[{"type":"text","mention_range":[▮0.5,1]}]}}`, fault.RuleJSONInteger, "/message/parts/0/mention_range/0"},
		{"an end of a range has an exponent that leaves a fraction", `{"message":{"parts":[{"type":"text","mention_range":[0,▮1e-1]}]}}`, fault.RuleJSONInteger, "/message/parts/0/mention_range/1"},
		{"a number of 65 bits", `{"message":{"reply_to":{"part_index":▮9223372036854775808}}}`, fault.RuleJSONInteger, "/message/reply_to/part_index"},
		{"a negative number of 65 bits", `{"message":{"reply_to":{"part_index":▮-9223372036854775809}}}`, fault.RuleJSONInteger, "/message/reply_to/part_index"},
		{"a number beyond floats", `{"message":{"reply_to":{"part_index":▮1e999}}}`, fault.RuleJSONInteger, "/message/reply_to/part_index"},
		{"an App Store id is a string", `{"message":{"parts":[{"type":"imessage_app","app":{"app_store_id":▮"1"}}]}}`, fault.RuleJSONType, "/message/parts/0/app/app_store_id"},
		{"an app is a list", `{"message":{"parts":[{"type":"imessage_app","app":▮[]}]}}`, fault.RuleJSONType, "/message/parts/0/app"},
		{"interactive is a string", `{"message":{"parts":[{"type":"imessage_app","interactive":▮"yes"}]}}`, fault.RuleJSONType, "/message/parts/0/interactive"},
		{"override_optout is a number", `{"override_optout":▮1}`, fault.RuleJSONType, "/override_optout"},
		{"a continuation is a string", `{"continuation_message":▮"hi"}`, fault.RuleJSONType, "/continuation_message"},
		{"an effect is a string", `{"message":{"effect":▮"slam"}}`, fault.RuleJSONType, "/message/effect"},
		{"a service is a list", `{"message":{"preferred_service":▮["SMS"]}}`, fault.RuleJSONType, "/message/preferred_service"},
		{"a key is a number", `{"message":{"idempotency_key":▮7}}`, fault.RuleJSONType, "/message/idempotency_key"},
		{"the type is wrong, and later the syntax", `{"to":▮1,}`, fault.RuleJSONType, "/to"},

		{"a nesting bomb in an unknown member", `{"x":` + strings.Repeat("[", message.MaxDepth-1) + `▮` + strings.Repeat("[", 100_000), fault.RuleJSONDepth, "/x" + strings.Repeat("/0", 31)},
		{"a nesting bomb that is whole", `{"x":` + strings.Repeat("[", message.MaxDepth-1) + `▮[` + strings.Repeat("]", message.MaxDepth) + `}`, fault.RuleJSONDepth, "/x" + strings.Repeat("/0", 31)},
		{"a nesting bomb of objects", strings.Repeat(`{"a":`, message.MaxDepth) + `▮` + strings.Repeat(`{"a":`, 100_000), fault.RuleJSONDepth, strings.Repeat("/a", 32)},
		{"a nesting bomb in a member before the type", `{"message":{"parts":[{"x":` + strings.Repeat("[", message.MaxDepth-4) + `▮[`, fault.RuleJSONDepth, "/message/parts/0/x" + strings.Repeat("/0", 28)},
		{"a nesting bomb where a list belongs", `{"to":` + strings.Repeat("[", message.MaxDepth-1) + `▮` + strings.Repeat("[", 9_000) + strings.Repeat("]", 9_000+message.MaxDepth-1) + `}`, fault.RuleJSONDepth, "/to" + strings.Repeat("/0", 31)},
		{"nested deeply where a string belongs", `{"to":[▮` + strings.Repeat("[", message.MaxDepth-2) + strings.Repeat("]", message.MaxDepth-2) + `]}`, fault.RuleJSONType, "/to/0"},
		{"a fault before a nesting bomb", `{"to":[▮1],"x":` + strings.Repeat("[", 10_000), fault.RuleJSONType, "/to/0"},
		{"bad syntax before a nesting bomb", `{"to":[],▮,"x":` + strings.Repeat("[", 10_000), fault.RuleJSONSyntax, ""},
		{"a nesting bomb behind the value", `{"to":[]} ▮` + strings.Repeat("[", 10_000), fault.RuleJSONTrailing, ""},
		{"a brace too many before a nesting bomb", `{"to":[]}▮}` + strings.Repeat("[", 10_000), fault.RuleJSONTrailing, ""},
		{"a crowd of parts", `{"message":{"parts":[` + strings.Repeat("{},", 100_000) + `{▮}]}}`, fault.RuleJSONElements, "/message/parts/100000"},
		{"a crowd of decorations", `{"message":{"parts":[{"type":"text","text_decorations":[` + strings.Repeat("{},", 99_999) + `{▮}]}]}}`, fault.RuleJSONElements, "/message/parts/0/text_decorations/99999"},
		{"a crowd of decorations before the type", `{"message":{"parts":[{"text_decorations":[` + strings.Repeat("{},", 99_998) + `{▮}],"type":"text"}]}}`, fault.RuleJSONElements, "/message/parts/0/text_decorations/99998"},
		{"a crowd of recipients", `{"to":[` + strings.Repeat(`"",`, 100_000) + `""▮]}`, fault.RuleJSONElements, "/to/100000"},
		{"a crowd of ends of a range", `{"message":{"parts":[{"type":"text","mention_range":[` + strings.Repeat("0,", 99_999) + `0▮]}]}}`, fault.RuleJSONElements, "/message/parts/0/mention_range/99999"},
		{"a crowd of unknown members", Crowd(100_000) + `"last":1▮}`, fault.RuleJSONElements, "/last"},
		{"a name too long for a pointer", `{"` + strings.Repeat("a", 600) + `":▮}`, fault.RuleJSONSyntax, ""},
	}
}

// Crowd returns the beginning of an object with n members.
func Crowd(n int) string {
	var b strings.Builder
	b.WriteByte('{')
	for i := range n {
		fmt.Fprintf(&b, `"%d":1,`, i)
	}
	return b.String()
}
