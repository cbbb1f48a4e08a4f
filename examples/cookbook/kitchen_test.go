package cookbook

import (
	"context"
	"fmt"

	"github.com/fromline/fromline/fleet"
	"github.com/fromline/fromline/line"
	"github.com/fromline/fromline/message"
	"github.com/fromline/fromline/recipients"
)

// What the programs share: two lines, a context and a text.
var (
	ctx    = context.Background()
	first  = recipients.MustParse("+12055550101")
	second = recipients.MustParse("+14155550102")
)

// ourLines is a fleet with both lines.
func ourLines() *fleet.Fleet {
	lines, err := fleet.New(fleet.Options{})
	if err != nil {
		panic(err)
	}
	if err := lines.SetLines("acme", []line.Line{{Number: first}, {Number: second}}); err != nil {
		panic(err)
	}
	return lines
}

// text is a request of one text.
func text(value string, to ...string) *message.Request {
	return &message.Request{To: to, Message: &message.Content{Parts: []message.Part{message.Text(value)}}}
}

// must ends a program of an example where something failed.
func must(err error) {
	if err != nil {
		fmt.Println(err)
	}
}
