package fleet_test

import (
	"fmt"
	"log"
	"time"

	"github.com/fromline/fromline/fleet"
	"github.com/fromline/fromline/line"
	"github.com/fromline/fromline/recipients"
)

// costOf is what a message from a line costs, which your tables know.
var costOf = map[string]int{"+12055550101": 3, "+14155550102": 1}

// The cheapest line, before all other criteria.
func ExampleCriterion() {
	cost := fleet.ByProperty("cost", func(l line.Line) int { return costOf[l.Number.String()] })
	view, err := fleet.NewView([]line.Line{
		{Number: recipients.MustParse("+12055550101")}, {Number: recipients.MustParse("+14155550102")},
	}, fleet.ViewOptions{At: time.Now(), Policy: fleet.Policy{Criteria: append([]fleet.Criterion{cost}, fleet.DefaultCriteria()...)}})
	if err != nil {
		log.Fatal(err)
	}
	to, err := recipients.Canonicalize([]string{"+12055559876"})
	if err != nil {
		log.Fatal(err)
	}
	pick, ok := view.Best(fleet.Query{Recipients: to})
	fmt.Println(pick.Line.Number, ok)
	// Output: +14155550102 true
}
