package page

import (
	"fmt"
	"io"
	"regexp"
	"strings"

	"github.com/fromline/fromline/cmd/fromline/internal/simulate"
)

// The plots of a drawing, in points, and how many stand beside each other.
const (
	drawnWidth = 460
	beside     = 2
)

// WriteFlags writes the flags of every run as one drawing, a plot for each
// model, in the colours of the reader's choice of light or dark.
func WriteFlags(w io.Writer, s *simulate.Study) error {
	var plots strings.Builder
	for i := range s.Models {
		p, err := flagsPlot(&s.Models[i], drawnWidth)
		if err != nil {
			return fmt.Errorf("plot of %s: %w", s.Models[i].Model.Name, err)
		}
		at := fmt.Sprintf(`<svg x="%d" y="%d" `, i%beside*(drawnWidth+20), i/beside*(height+20))
		plots.WriteString(strings.Replace(sized.ReplaceAllString(string(p), `width="$1" height="$2"`), "<svg ", at, 1))
	}
	rows := (len(s.Models) + beside - 1) / beside
	_, err := fmt.Fprintf(w, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" font-family="system-ui, sans-serif">
<title>%s</title>
<style>%s</style>
%s</svg>
`, beside*(drawnWidth+20), rows*(height+20), simulate.Notice, colours(), plots.String())
	return err
}

// sized is the size of a drawing in points, as the plot library writes it.
var sized = regexp.MustCompile(`width="([0-9.]+)pt" height="([0-9.]+)pt"`)

// colours are the rules of the page that set its variables.
func colours() string {
	_, rest, _ := strings.Cut(source, "<style>\n")
	rules, _, _ := strings.Cut(rest, "* { box-sizing")
	return rules
}
