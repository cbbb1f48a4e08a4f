package markdown_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/fromline/fromline/decorations"
	"github.com/fromline/fromline/decorations/markdown"
)

// Sentences of the kinds that people report of machine-written Chinese,
// Japanese and Korean: the emphasis ends or begins at punctuation, and no space
// is near.
func TestFlankingOfScriptsWithoutSpaces(t *testing.T) {
	for _, row := range []struct{ because, source, want string }{
		{"a comma at the end", "**您好，**请看", "{b}您好，{}请看"},
		{"brackets", "含**「重点」**内容", "含{b}「重点」{}内容"},
		{"a colon of full width", "**ご案内：**10時", "{b}ご案内：{}10時"},
		{"strikethrough", "~~旧价（含税）。~~新价", "{s}旧价（含税）。{}新价"},
		{"a full stop", "これは**私のやりたかったこと。**だからするの。", "これは{b}私のやりたかったこと。{}だからするの。"},
		{"a full stop outside", "これは**私のやりたかったこと**。だからするの。", "これは{b}私のやりたかったこと{}。だからするの。"},
		{"a question mark", "**テスト？**テスト", "{b}テスト？{}テスト"},
		{"quotation marks of every script", "他说**“你好”**了", "他说{b}“你好”{}了"},
		{"brackets of ASCII", "这是**重点(注意)**内容", "这是{b}重点(注意){}内容"},
		{"Latin in brackets before a particle", "**마크다운(Markdown)**을 사용하세요", "{b}마크다운(Markdown){}을 사용하세요"},
		{"italic", "*您好，*请看", "{i}您好，{}请看"},
		{"both", "***您好，***请看", "{bi}您好，{}请看"},
		{"several in a line", "**一、**甲**「二」**乙**三。**", "{b}一、{}甲{b}「二」{}乙{b}三。"},
		{"within brackets", "（**重要**）和「*次要*」", "（{b}重要{}）和「{i}次要{}」"},
		{"code inside", "运行**`go test`**命令", "运行{b}go test{}命令"},
		{"a link inside", "请看**[地图](u)**吧", "请看{b}地图 (u){}吧"},
		{"half width", "**ｶﾅ｡**ｶﾅ", "{b}ｶﾅ｡{}ｶﾅ"},
		{"a variation selector", "葛\U000E0100**(注)**の", "葛\U000E0100{b}(注){}の"},
		{"across a line break", "**您好，\n世界。**请看", "{b}您好，\n世界。{}请看"},
		{"a space before the end is no emphasis", "**您好， **请看", "**您好， **请看"},
		{"nor one after the beginning", "含** 「重点」**内容", "含** 「重点」**内容"},
		{"asterisks that are escaped", `\*\*您好，\*\*请看`, "**您好，**请看"},
		{"underscores stay as they are", "__您好，__请看", "__您好，__请看"},
		{"Latin stays as it is", "**Note:**next", "**Note:**next"},
		{"an emoji is of no script", "a**!🎉**b", "a**!🎉**b"},
	} {
		t.Run(row.because, func(t *testing.T) {
			got, err := markdown.Parse(row.source)
			require.NoError(t, err)
			assert.Equal(t, row.want, show(got))
			checkFormatted(t, markdown.Options{}, got)
		})
	}
}

func TestFlankingBySpaces(t *testing.T) {
	for _, row := range []struct{ because, source, want string }{
		{"a colon", "**Note:**next", "{b}Note:{}next"},
		{"brackets", "see**(here)**now", "see{b}(here){}now"},
		{"strikethrough", "~~$5.~~now $4", "{s}$5.{}now $4"},
		{"one asterisk is as in CommonMark", "*Note:*next", "*Note:*next"},
		{"spaces inside are no emphasis", "2 ** 3 ** 4", "2 ** 3 ** 4"},
		{"Chinese too", "**您好，**请看", "{b}您好，{}请看"},
	} {
		t.Run(row.because, func(t *testing.T) {
			o := markdown.Options{Flanking: markdown.Spaces}
			got, err := o.Parse(row.source)
			require.NoError(t, err)
			assert.Equal(t, row.want, show(got))
			checkFormatted(t, o, got)
		})
	}
}

var (
	wide        = rapid.SampledFrom([]string{"您", "好", "語", "カ", "ﾅ", "한", "。", "，", "「", "」", "（", "！", "：", "〜"})
	punctuation = rapid.SampledFrom([]string{"!", "(", ")", ":", "“", "”", "…", "-"})
)

// Whatever text stands between two marks, with no space inside them and a wide
// character at each of them, is styled, and nothing of the marks is left.
func TestMarksBetweenWideCharacters(t *testing.T) {
	piece := rapid.OneOf(wide, wide, punctuation, rapid.StringMatching(`[a-z0-9]{1,3}`))
	text := func(most int) *rapid.Generator[string] {
		return rapid.Map(rapid.SliceOfN(piece, 0, most), func(s []string) string { return strings.Join(s, "") })
	}
	rapid.Check(t, func(t *rapid.T) {
		mark := rapid.SampledFrom([]string{"*", "**", "***", "~~"}).Draw(t, "mark")
		before := text(3).Draw(t, "before") + wide.Draw(t, "last before")
		inside := text(5).Draw(t, "inside") + punctuation.Draw(t, "last inside")
		after := wide.Draw(t, "first after") + text(3).Draw(t, "after")
		got, err := markdown.Parse(before + mark + inside + mark + after)
		require.NoError(t, err)
		require.Equal(t, before+inside+after, got.Value)
		for _, d := range got.Decorations {
			part, err := decorations.Slice(got.Value, d.Range())
			require.NoError(t, err)
			require.Equal(t, inside, part)
		}
		require.Len(t, got.Decorations, map[string]int{"***": 2}[mark]+map[bool]int{true: 1}[mark != "***"])
	})
}

// Text without wide characters reads as in CommonMark, and so do underscores.
func TestFlankingAltersNothingElse(t *testing.T) {
	piece := rapid.OneOf(punctuation, rapid.SampledFrom([]string{"*", "**", "***", "~~", "_", "__", " ", "\n", "é", "👋🏽", "שלום", "ไทย"}),
		rapid.StringMatching(`[a-z]{1,3}`))
	onlyUnderscores := rapid.OneOf(wide, punctuation, rapid.SampledFrom([]string{"_", "__", " ", "\n"}), rapid.StringMatching(`[a-z]{1,3}`))
	rapid.Check(t, func(t *rapid.T) {
		of := rapid.SampledFrom([]*rapid.Generator[string]{piece, onlyUnderscores}).Draw(t, "of")
		source := strings.Join(rapid.SliceOfN(of, 0, 25).Draw(t, "source"), "")
		strict, err := markdown.Options{Flanking: markdown.CommonMark}.Parse(source)
		require.NoError(t, err)
		got, err := markdown.Parse(source)
		require.NoError(t, err)
		require.Equal(t, strict, got)
	})
}
