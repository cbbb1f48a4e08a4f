package markdown_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/fromline/fromline/decorations"
	"github.com/fromline/fromline/decorations/markdown"
	"github.com/fromline/fromline/internal/samples"
)

// styled returns a text with styles on parts of it, each given as its letters
// and the part, which must occur just once.
func styled(t require.TestingT, value string, styles ...string) markdown.Text {
	text := markdown.Text{Value: value}
	for i := 0; i < len(styles); i += 2 {
		require.Equal(t, 1, strings.Count(value, styles[i+1]), "%q in %q", styles[i+1], value)
		at := strings.Index(value, styles[i+1])
		r, err := decorations.FromBytes(value, at, at+len(styles[i+1]))
		require.NoError(t, err)
		for style := decorations.Bold; style <= decorations.Underline; style++ {
			if strings.Contains(styles[i], style.String()[:1]) {
				text.Decorations = append(text.Decorations, style.On(r))
			}
		}
	}
	return text
}

func TestFormatWrites(t *testing.T) {
	for _, c := range []struct {
		because string
		options markdown.Options
		text    markdown.Text
		want    string
	}{
		{"nothing", markdown.Options{}, styled(t, ""), ""},
		{"bold, with an emoji before it", markdown.Options{}, styled(t, "👋 all of it", "b", "all"), "👋 **all** of it"},
		{"every style", markdown.Options{Underline: markdown.Tags}, styled(t, "one two three four", "b", "one", "i", "two", "s", "three", "u", "four"),
			"**one** *two* ~~three~~ <u>four</u>"},
		{"underscores", markdown.Options{Underline: markdown.DoubleUnderscore}, styled(t, "one two", "u", "one", "i", "two"), "__one__ *two*"},
		{"nested", markdown.Options{}, styled(t, "one two three", "b", "one two three", "i", "two"), "**one *two* three**"},
		{"overlapping", markdown.Options{}, styled(t, "one two three", "b", "one two", "i", "two three"), "**one _two_**_&#32;three_"},
		{"within a word", markdown.Options{}, styled(t, "unbelievable", "i", "believ"), "un*believ*able"},
		{"bold and italic side by side", markdown.Options{}, styled(t, "onetwo", "b", "one", "i", "two"), "**one***two*"},
		{"paragraphs and lines", markdown.Options{}, styled(t, "one\ntwo\n\nthree", "b", "two"), "one\\\n**two**\n\nthree"},
		{"a style across paragraphs", markdown.Options{}, styled(t, "one\n\ntwo", "b", "one\n\ntwo"), "**one&#10;&#10;two**"},
		{"a style from the second line break on", markdown.Options{}, styled(t, "one\n\ntwo", "b", "\ntwo"), "one&#10;**&#10;two**"},
		{"a style from after a paragraph on", markdown.Options{}, styled(t, "one\n\ntwo", "b", "two"), "one\n\n**two**"},
		{"line breaks at the end", markdown.Options{}, styled(t, "one\n\n"), "one&#10;&#10;"},
		{"the longer of two begins first", markdown.Options{}, styled(t, "one two", "i", "one", "b", "one two"), "***one* two**"},
		{"a space at the end of a style, where another follows", markdown.Options{}, styled(t, "one two", "b", "one ", "i", "two"),
			"**one&#32;**_two_"},
		{"what looks like Markdown", markdown.Options{}, styled(t, "# *a* _b_ `c` [d](e) <f> &amp; \\ ~"),
			"\\# \\*a\\* \\_b\\_ \\`c\\` \\[d\\](e) \\<f\\> \\&amp; \\\\ \\~"},
		{"what looks like a list", markdown.Options{}, styled(t, "- a\n1. b\n2) c\n+ d\n= e\nf - 3. g"),
			"\\- a\\\n1\\. b\\\n2\\) c\\\n\\+ d\\\n\\= e\\\nf - 3. g"},
		{"spaces that Markdown drops", markdown.Options{}, styled(t, "  a \n\n\n\tb\r"), "&#32; a&#32;&#10;&#10;&#10;&#9;b&#13;"},
	} {
		t.Run(c.because, func(t *testing.T) {
			got, err := c.options.Format(c.text)
			require.NoError(t, err)
			assert.Equal(t, c.want, got)
			checkFormatted(t, c.options, c.text)
		})
	}
}

func TestFormatRefuses(t *testing.T) {
	for because, text := range map[string]markdown.Text{
		"an animation":                      {Value: "abc", Decorations: []decorations.Decoration{{Start: 0, End: 1, Animation: decorations.Shake}}},
		"underlined, without a way to say":  styled(t, "abc", "u", "b"),
		"a space within the style":          styled(t, "a b c", "b", " b"),
		"U+0000":                            styled(t, "\x00"),
		"a fault":                           {Value: "👋", Decorations: []decorations.Decoration{{Start: 0, End: 1, Style: decorations.Bold}}},
		"text that is not UTF-8":            styled(t, "\xff"),
		"a bracket against letters outside": styled(t, "a(b)c", "b", "(b)"),
	} {
		t.Run(because, func(t *testing.T) {
			_, err := markdown.Format(text)
			assert.ErrorIs(t, err, markdown.ErrNoMarkdown)
		})
	}
}

// checkFormatted checks that what Format writes reads as the text that it was
// given, and reports whether it wrote anything.
func checkFormatted(t require.TestingT, o markdown.Options, text markdown.Text) bool {
	source, err := o.Format(text)
	if err != nil {
		require.ErrorIs(t, err, markdown.ErrNoMarkdown)
		return false
	}
	got, err := o.Parse(source)
	require.NoError(t, err)
	require.Equal(t, markdown.Text{Value: text.Value, Decorations: decorations.Normalize(text.Decorations)}, got, "%q", source)
	return true
}

// Plain text always has Markdown.
func TestFormatOfPlainText(t *testing.T) {
	lines := rapid.OneOf(markup, samples.Text(20))
	rapid.Check(t, func(t *rapid.T) {
		text := markdown.Text{Value: strings.ReplaceAll(lines.Draw(t, "text"), "\x00", "")}
		require.True(t, checkFormatted(t, options.Draw(t, "options"), text), "%q", text.Value)
	})
}

// So has text with styles on whole words, however they overlap; with double
// underscores, which asterisks cannot all stand in for, if they nest.
func TestFormatOfStyledWords(t *testing.T) {
	word := rapid.OneOf(rapid.StringMatching(`[a-z0-9]{1,5}`), rapid.SampledFrom([]string{"語", "naïve", "שלום"}))
	rapid.Check(t, func(t *rapid.T) {
		words := rapid.SliceOfN(word, 1, 7).Draw(t, "words")
		o := options.Draw(t, "options")
		most := decorations.Strikethrough
		if o.Underline != 0 {
			most = decorations.Underline
		}
		text := markdown.Text{Value: strings.Join(words, " ")}
		for range rapid.IntRange(0, 5).Draw(t, "styles") {
			first := rapid.IntRange(0, len(words)-1).Draw(t, "first")
			last := rapid.IntRange(first, len(words)-1).Draw(t, "last")
			start := len(strings.Join(append(words[:first:first], ""), " "))
			r, err := decorations.FromBytes(text.Value, start, start+len(strings.Join(words[first:last+1], " ")))
			require.NoError(t, err)
			text.Decorations = append(text.Decorations, decorations.Style(rapid.Uint8Range(1, uint8(most)).Draw(t, "style")).On(r))
		}
		written := checkFormatted(t, o, text)
		require.True(t, written || o.Underline == markdown.DoubleUnderscore && !nest(text), "%q %v", text.Value, text.Decorations)
	})
}

// More decorations than a message may carry are no matter to Markdown.
func TestFormatOfManyDecorations(t *testing.T) {
	text := markdown.Text{Value: strings.Repeat("a ", 150) + "b"}
	for i := range 150 {
		text.Decorations = append(text.Decorations, decorations.Decoration{Start: 2 * i, End: 2*i + 1, Style: decorations.Bold})
	}
	require.True(t, checkFormatted(t, markdown.Options{}, text))
}

// nest reports whether of any two ranges one lies within the other or both
// apart.
func nest(t markdown.Text) bool {
	ds := decorations.Normalize(t.Decorations)
	for i, a := range ds {
		for _, b := range ds[i+1:] {
			if a.Start < b.Start && b.Start < a.End && a.End < b.End {
				return false
			}
		}
	}
	return true
}

// Whatever else there is, Format never writes something that reads otherwise.
func TestFormatOfAnything(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		o := options.Draw(t, "options")
		parsed, err := o.Parse(markup.Draw(t, "source"))
		require.NoError(t, err)
		checkFormatted(t, o, parsed)
	})
}

func FuzzFormat(f *testing.F) {
	f.Add("one two three", 0, 7, uint8(1), 4, 13, uint8(2), uint8(0))
	f.Add("👋 (a) b\n\nc", 0, 6, uint8(3), 7, 11, uint8(4), uint8(2))
	f.Fuzz(func(t *testing.T, value string, start1, end1 int, style1 uint8, start2, end2 int, style2 uint8, underline uint8) {
		text := markdown.Text{Value: value, Decorations: []decorations.Decoration{
			{Start: start1, End: end1, Style: decorations.Style(style1 % 6)},
			{Start: start2, End: end2, Style: decorations.Style(style2 % 6)},
		}}
		checkFormatted(t, markdown.Options{Underline: markdown.Underline(underline % 3)}, text)
	})
}
