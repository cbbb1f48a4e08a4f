package markdown_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/fromline/fromline/decorations"
	"github.com/fromline/fromline/decorations/markdown"
	"github.com/fromline/fromline/internal/samples"
)

func TestParseReads(t *testing.T) {
	for _, c := range []struct{ because, source, want string }{
		{"nothing", "", ""},
		{"plain text", "See you at 5!", "See you at 5!"},
		{"bold", "a **b** c __d__", "a {b}b{} c {b}d"},
		{"italic", "a *b* c _d_", "a {i}b{} c {i}d"},
		{"strikethrough", "a ~~b~~ c", "a {s}b{} c"},
		{"nested", "*a **b** c*", "{i}a {bi}b{i} c"},
		{"bold and italic at once", "***a*** b", "{bi}a{} b"},
		{"overlapping words of all kinds", "**a *b ~~c~~***", "{b}a {bi}b {bis}c"},
		{"counted in code units", "👨‍👩‍👧‍👦 **👋🏽** x", "👨‍👩‍👧‍👦 {b}👋🏽{} x"},
		{"right to left", "**שלום** _مرحبا_", "{b}שלום{} {i}مرحبا"},
		{"asterisks that are none", "2 * 3 * 4, snake_case_name, \\*a\\*", "2 * 3 * 4, snake_case_name, *a*"},
		{"entities", "&lt;b&gt; &amp;amp; \\&amp; &copy; &#128075; &nope;", "<b> &amp; &amp; © 👋 &nope;"},
		{"line breaks", "a\nb  \nc\\\nd", "a\nb\nc\nd"},
		{"style across a line break", "**a\nb**", "{b}a\nb"},
		{"paragraphs", "a\n\n\n\nb\r\n\r\nc\rd", "a\n\nb\n\nc\nd"},
		{"U+0000", "a\x00b `c\x00`", "a\ufffdb c\ufffd"},

		{"a link", "see [the map](https://x.example/a_b?c=d&amp;e \"Title\") now", "see the map (https://x.example/a_b?c=d&e) now"},
		{"a link by reference", "see [the map][1]\n\n[1]: https://x.example", "see the map (https://x.example)"},
		{"a link that shows its URL", "[https://x.example](https://x.example) <https://y.example>", "https://x.example https://y.example"},
		{"an address", "<a@x.example> [a@x.example](mailto:a@x.example)", "a@x.example a@x.example"},
		{"a link without text or URL", "[](https://x.example) [a]() []()", "https://x.example a "},
		{"a styled link", "**[a *b*](u)**", "{b}a {bi}b{b} (u)"},
		{"an image", "![a *cat*](cat.png) ![](dog.png)", "a {i}cat{} (cat.png) dog.png"},
		{"a bare URL stays", "https://x.example/a_b_c", "https://x.example/a_b_c"},

		{"headings", "# One\ntext\n\nTwo *i*\n---\n\n### Three ###", "{b}One{}\n\ntext\n\n{b}Two {bi}i{}\n\n{b}Three"},
		{"a thematic break", "a\n\n***\n\nb", "a\n\n---\n\nb"},
		{"a list", "Buy:\n- milk\n- **eggs**\n- tea", "Buy:\n\n• milk\n• {b}eggs{}\n• tea"},
		{"a numbered list", "7. a\n8. b\n1. c", "7. a\n8. b\n9. c"},
		{"numbers with brackets", "1) a\n2) b", "1) a\n2) b"},
		{"a loose list", "- a\n\n- b\n\n  c\n", "• a\n\n• b\n\n  c"},
		{"lists in lists", "- a\n  - b\n    1. c\n    2. d\n  - e\n- f", "• a\n  • b\n    1. c\n    2. d\n  • e\n• f"},
		{"items wider than nine", "9. a\n10. b\n    - c", "9. a\n10. b\n    • c"},
		{"list within list at once", "- - a\n  - b", "• • a\n  • b"},
		{"an empty item", "- a\n-\n- b", "• a\n• \n• b"},
		{"lines within an item", "- a\n  b *c\n  d*", "• a\n  b {i}c{}\n  {i}d"},
		{"text after a list", "- a\n- b\n\nc", "• a\n• b\n\nc"},
		{"a quotation", "> a *b\n> c*\n>\n> d\n\ne", "> a {i}b{}\n> {i}c{}\n>\n> d\n\ne"},
		{"a list in a quotation in a list", "- > - a\n  >   b\n  > - c", "• > • a\n  >   b\n  > • c"},
		{"a task list", "- [ ] a\n- [x] b", "• [ ] a\n• [x] b"},
		{"a definition shows nothing", "[a]: u\n\nb", "b"},
		{"a quotation in seven others", strings.Repeat("> ", 8) + "a", strings.Repeat("> ", 8) + "a"},
		{"deeper ones show no margin of their own", strings.Repeat("> ", 12) + "a", strings.Repeat("> ", 8) + "a"},
		{"a definition first in a quotation", "> [a]: u\n>\n> [a]", "> a (u)"},

		{"code", "run `ls  *.go` and ``a`b``", "run ls  *.go and a`b"},
		{"a line break in code", "`a\nb`", "a b"},
		{"styled code", "**`a`**", "{b}a"},
		{"a code block", "```go\nif a {\n\n\tb(\"**c**\")\n}\n```\nd", "if a {\n\n\tb(\"**c**\")\n}\n\nd"},
		{"an indented code block", "    a\n      b\n\nc", "a\n  b\n\nc"},
		{"code in a list", "- a\n\n  ```\n  b\n    c\n  ```", "• a\n\n  b\n    c"},
		{"an empty code block", "a\n\n```\n```\n\nb", "a\n\nb"},
		{"code that is never closed", "```\na\n\n", "a\n"},

		{"tags stay", "<b>a</b> <i class=\"x\">b</i>", "<b>a</b> <i class=\"x\">b</i>"},
		{"line breaks by tag", "a<br>b<br/>c<BR />d", "a\nb\nc\nd"},
		{"tags that underline are not asked for", "<u>a</u>", "<u>a</u>"},
		{"a block of HTML stays", "<div>\n**a**\n</div>\n\nb", "<div>\n**a**\n</div>\n\nb"},
		{"a script stays", "<script>\n\na()\n</script>\nb", "<script>\n\na()\n</script>\n\nb"},
		{"a comment stays", "a <!-- b --> c", "a <!-- b --> c"},
		{"tables are not CommonMark", "| a | b |\n|---|---|\n| 1 | **2** |", "| a | b |\n|---|---|\n| 1 | {b}2{} |"},
	} {
		t.Run(c.because, func(t *testing.T) {
			got, err := markdown.Parse(c.source)
			require.NoError(t, err)
			assert.Equal(t, c.want, show(got))
		})
	}
}

func TestParseUnderlines(t *testing.T) {
	for _, c := range []struct {
		because      string
		by           markdown.Underline
		source, want string
	}{
		{"two underscores", markdown.DoubleUnderscore, "__a__ **b** _c_ *d* a__b__c", "{u}a{} {b}b{} {i}c{} {i}d{} a__b__c"},
		{"three underscores", markdown.DoubleUnderscore, "___a___", "{iu}a"},
		{"asterisks around underscores", markdown.DoubleUnderscore, "**__a__ b**", "{bu}a{b} b"},
		{"four underscores", markdown.DoubleUnderscore, "____a____", "{u}a"},
		{"tags", markdown.Tags, "<u>a</u> <ins>b</ins> <U>c</U> __d__", "{u}a{} {u}b{} {u}c{} {b}d"},
		{"tags that overlap emphasis", markdown.Tags, "**a <u>b** c</u> d", "{b}a {bu}b{u} c{} d"},
		{"a tag never closed ends with its paragraph", markdown.Tags, "<u>a\n\nb", "{u}a{}\n\nb"},
		{"a tag never opened stays", markdown.Tags, "a</u> b", "a</u> b"},
		{"other tags stay", markdown.Tags, "<ul>a</ul>", "<ul>a</ul>"},
		{"tags within tags", markdown.Tags, "<u>a <u>b</u> c</u> d", "{u}a b c{} d"},
	} {
		t.Run(c.because, func(t *testing.T) {
			got, err := markdown.Options{Underline: c.by}.Parse(c.source)
			require.NoError(t, err)
			assert.Equal(t, c.want, show(got))
		})
	}
}

func TestParseJoinsLines(t *testing.T) {
	got, err := markdown.Options{JoinLines: true}.Parse("a\n*b\nc*  \nd\n\ne\n- f\n  g")
	require.NoError(t, err)
	assert.Equal(t, "a {i}b c{}\nd\n\ne\n\n• f g", show(got))
}

// A small source does not become a large text, however deep its blocks are.
func TestParseOfDeepBlocks(t *testing.T) {
	for _, level := range []string{">", "- ", "> - "} {
		source := strings.Repeat(level, 500) + strings.Repeat("a\n", 3000)
		got, err := markdown.Parse(source)
		require.NoError(t, err)
		assert.Less(t, len(got.Value), 20*len(source))
		assert.Equal(t, 3000, strings.Count(got.Value, "a"))
	}
}

func TestParseRefuses(t *testing.T) {
	_, err := markdown.Parse("a\xff")
	assert.ErrorIs(t, err, decorations.ErrText)
	_, err = markdown.Parse(strings.Repeat("a", markdown.MaxSource))
	assert.NoError(t, err)
	_, err = markdown.Parse(strings.Repeat("a", markdown.MaxSource+1))
	assert.ErrorIs(t, err, markdown.ErrTooLong)
	_, err = markdown.Format(markdown.Text{Value: strings.Repeat("a", markdown.MaxSource+1)})
	assert.ErrorIs(t, err, markdown.ErrNoMarkdown)
	_, err = markdown.Options{Underline: 3}.Parse("a")
	assert.Error(t, err)
	_, err = markdown.Options{Underline: 3}.Format(markdown.Text{})
	assert.Error(t, err)
	_, err = markdown.Options{Flanking: 3}.Parse("a")
	assert.Error(t, err)
}

// markup draws Markdown: mostly what has a meaning, often in the wrong place.
var markup = rapid.Map(rapid.SliceOfN(rapid.OneOf(
	rapid.SampledFrom([]string{
		"*", "**", "_", "__", "~~", "`", "``", "\n", "\n\n", "  \n", "\\", " ", "    ", "- ", "1. ", "> ", "# ",
		"，", "「", "」", "語", "한", "---", "```\n", "[", "](u)", "![", "<u>", "</u>", "<br>",
		"<b>", "</b>", "<div>", "<!--", "-->", "&amp;", "&#10;", "&#0;", "[a]: b\n", "\t", "=", "|",
	}),
	rapid.StringMatching(`[a-z0-9]{1,4}`),
	samples.Text(2),
), 0, 30), func(pieces []string) string { return strings.Join(pieces, "") })

var options = rapid.Custom(func(t *rapid.T) markdown.Options {
	return markdown.Options{
		Underline: markdown.Underline(rapid.Uint8Range(0, 2).Draw(t, "underline")),
		Flanking:  markdown.Flanking(rapid.Uint8Range(0, 2).Draw(t, "flanking")),
		JoinLines: rapid.Bool().Draw(t, "join"),
	}
})

// checkParsed checks what holds of everything that Parse returns.
func checkParsed(t require.TestingT, got markdown.Text) {
	for _, f := range decorations.Check(got.Value, got.Decorations) {
		require.Equal(t, decorations.TooMany, f.Kind, "%v", f)
	}
	require.Equal(t, decorations.Normalize(got.Decorations), got.Decorations)
	require.NotContains(t, got.Value, "\x00")
}

func TestParsedIsFaultless(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		got, err := options.Draw(t, "options").Parse(markup.Draw(t, "source"))
		require.NoError(t, err)
		checkParsed(t, got)
	})
}

func FuzzParse(f *testing.F) {
	f.Add("# a\n\n- **b** [c](d)\n  > ~~e~~\n\n```\nf\n```", uint8(0))
	f.Add("<u>a *b</u> c*\n1. __d__\n\n&#10;&amp;", uint8(2))
	f.Fuzz(func(t *testing.T, source string, underline uint8) {
		o := markdown.Options{Underline: markdown.Underline(underline % 3), JoinLines: underline > 127}
		got, err := o.Parse(source)
		if err != nil {
			require.True(t, errors.Is(err, decorations.ErrText) || errors.Is(err, markdown.ErrTooLong))
			return
		}
		checkParsed(t, got)
		checkFormatted(t, o, got)
	})
}
