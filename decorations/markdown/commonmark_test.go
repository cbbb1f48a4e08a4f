package markdown_test

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/extension"
	"golang.org/x/net/html"
	"pgregory.net/rapid"

	"github.com/fromline/fromline/decorations"
	"github.com/fromline/fromline/decorations/markdown"
)

// fromHTML reads HTML that was made from Markdown as text. It reports false for
// elements of which it is our choice how they read, such as links and lists.
func fromHTML(source string) (markdown.Text, bool) {
	var text markdown.Text
	styles := map[string]decorations.Style{
		"em": decorations.Italic, "strong": decorations.Bold, "del": decorations.Strikethrough,
		"h1": decorations.Bold, "h2": decorations.Bold, "h3": decorations.Bold,
		"h4": decorations.Bold, "h5": decorations.Bold, "h6": decorations.Bold,
	}
	depth, blocks, start := map[decorations.Style]int{}, 0, 0
	write := func(s string) {
		r := decorations.Range{Start: decorations.Length(text.Value), End: decorations.Length(text.Value + s)}
		text.Value += s
		for style, n := range depth {
			if n > 0 {
				text.Decorations = append(text.Decorations, style.On(r))
			}
		}
	}

	source = strings.NewReplacer("<br />\n", "<br>", "<br>\n", "<br>").Replace(source)
	for tokens := html.NewTokenizer(strings.NewReader(source)); ; {
		kind := tokens.Next()
		token := tokens.Token()
		nesting := map[html.TokenType]int{html.StartTagToken: 1, html.EndTagToken: -1}[kind]
		switch name := token.Data; {
		case kind == html.ErrorToken:
			text.Value = strings.TrimSuffix(text.Value, "\n\n")
			return text, true
		case kind == html.TextToken:
			if blocks > 0 { // otherwise it is the line break between them
				write(name)
			}
		case name == "br":
			write("\n")
		case name == "hr":
			text.Value += "---\n\n"
		case name == "em" || name == "strong" || name == "del":
			depth[styles[name]] += nesting
		case name == "code":
		case name == "p" || name == "pre" || styles[name] != 0:
			depth[styles[name]] += nesting
			blocks += nesting
			switch {
			case nesting > 0:
				start = len(text.Value)
			case len(text.Value) > start: // an empty heading reads as nothing
				if name == "pre" {
					text.Value = strings.TrimSuffix(text.Value, "\n")
				}
				text.Value += "\n\n"
			}
		default:
			return text, false
		}
		delete(depth, 0)
	}
}

// Every example of the CommonMark specification, which goldmark's module
// carries, is read without a fault; and where the HTML that the specification
// gives leaves no choice, as that HTML reads. What it reads as can be written
// as Markdown again.
func TestSpecification(t *testing.T) {
	dir, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", "github.com/yuin/goldmark").Output()
	require.NoError(t, err)
	file, err := os.ReadFile(filepath.Join(strings.TrimSpace(string(dir)), "_test", "spec.json"))
	require.NoError(t, err)
	var examples []struct {
		Markdown, HTML, Section string
		Example                 int
	}
	require.NoError(t, json.Unmarshal(file, &examples))

	compared := 0
	for _, e := range examples {
		got, err := markdown.Parse(e.Markdown)
		require.NoError(t, err)
		checkParsed(t, got)
		strict, err := markdown.Options{Flanking: markdown.CommonMark}.Parse(e.Markdown)
		require.NoError(t, err)
		assert.Equal(t, strict, got, "the proposed change alters no example")
		assert.True(t, checkFormatted(t, markdown.Options{}, got), "example %d (%s): %q", e.Example, e.Section, e.Markdown)
		want, simple := fromHTML(e.HTML)
		if simple && e.Section != "HTML blocks" && e.Section != "Raw HTML" {
			compared++
			assert.Equal(t, show(want), show(got), "example %d (%s): %q", e.Example, e.Section, e.Markdown)
		}
	}
	t.Logf("%d of %d examples leave no choice", compared, len(examples))
	assert.Greater(t, compared, 320)
}

// Paragraphs with emphasis read as the HTML reads that goldmark makes of them,
// where marks may stand as in CommonMark.
func TestEmphasisIsTheReference(t *testing.T) {
	piece := rapid.OneOf(
		rapid.SampledFrom([]string{
			"*", "**", "***", "_", "__", "~~", "~", "`", "\n", "\n\n", "  \n", " ", " ", "\\",
			"&amp;", "&#42;", "&lt", "\\*", "(", ")", ".", "👋🏽", "語", "，", "「", "é", "\u00a0",
		}),
		rapid.StringMatching(`[a-z]{1,3}`),
	)
	converter := goldmark.New(goldmark.WithExtensions(extension.Strikethrough))
	render := func(source string) string {
		var rendered strings.Builder
		require.NoError(t, converter.Convert([]byte(source), &rendered))
		return rendered.String()
	}
	joined := rapid.Map(rapid.SliceOfN(piece, 0, 25), func(pieces []string) string { return strings.Join(pieces, "") })
	noList := func(source string) bool { _, simple := fromHTML(render(source)); return simple }
	rapid.Check(t, func(t *rapid.T) {
		source := joined.Filter(noList).Draw(t, "source")
		html := render(source)
		want, _ := fromHTML(html)
		got, err := markdown.Options{Flanking: markdown.CommonMark}.Parse(source)
		require.NoError(t, err)
		require.Equal(t, show(want), show(got), "%q", html)
	})
}
