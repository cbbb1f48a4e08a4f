// Package markdown turns Markdown into plain text with decorations, and back
// where there is a way back.
//
// A message has no Markdown: clients that hold some send the asterisks along or
// lose the emphasis. [Parse] keeps it:
//
//	text, err := markdown.Parse("Your table is **ready**, [directions](https://example.com/map)")
//	// text.Value is "Your table is ready, directions (https://example.com/map)", and "ready" is bold.
//
// It reads CommonMark as yuin/goldmark does, with ~~strikethrough~~, and
// underlining by [Options]. Next to Chinese, Japanese and Korean text,
// asterisks and tildes may stand where CommonMark does not see emphasis, see
// [Flanking]. What a decoration cannot show stays readable as text:
//
//   - a link is its text and then its URL in brackets, or the URL alone where
//     both are the same; an image is written likewise with its description
//   - a heading is bold
//   - items of lists begin with "•" or their number, quoted lines with ">", and
//     what belongs to them is indented, eight levels deep
//   - code is kept to the character, without its fences and backticks
//   - HTML is kept as it is written, but for <br>; so is everything that
//     CommonMark does not know, such as tables
//   - line breaks are kept where they are, paragraphs are one blank line apart,
//     and a thematic break is a line of dashes
//
// [Format] writes Markdown that [Parse] reads as the same text and decorations,
// as far as Markdown can express them.
//
// The package does not check the length of a text or the number of its
// decorations, does not make links to tap on, and does not keep the difference
// between a heading and bold text, or between a list and lines that look like
// one.
package markdown
