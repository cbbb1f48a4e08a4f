package fromline_test

import (
	"context"
	"fmt"

	"github.com/fromline/fromline"
	"github.com/fromline/fromline/fleet"
	"github.com/fromline/fromline/line"
	"github.com/fromline/fromline/message"
	"github.com/fromline/fromline/recipients"
	"github.com/fromline/fromline/store/memory"
)

// ownLines stands for a table of lines in your database.
type ownLines map[string][]line.Line

// Lines returns the lines of a tenant as they are now.
func (t ownLines) Lines(_ context.Context, tenant string) ([]line.Line, error) {
	lines, known := t[tenant]
	if !known {
		return nil, fmt.Errorf("tenant %q: %w", tenant, fleet.ErrUnknownTenant)
	}
	return lines, nil
}

// A LineHealth over your own table is one method. New puts a Fleet over it.
func ExampleLineHealth() {
	lines := ownLines{"acme": {
		{Number: recipients.MustParse("+12055550101"), Status: line.Flagged},
		{Number: recipients.MustParse("+14155550102")},
	}}
	router, err := fromline.New(memory.New(memory.Options{}), lines, fromline.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	d, err := router.Send(context.Background(), "acme", &message.Request{
		To: []string{"+14155559876"}, Message: &message.Content{Parts: []message.Part{message.Text("Hello")}},
	})
	fmt.Println(d.Line, d.Reason, err)
	// Output: +14155550102 new_best_number <nil>
}
