package etcd_test

import (
	"context"
	"errors"
	"fmt"
	"log"

	"github.com/fromline/fromline"
	"github.com/fromline/fromline/fleet"
	"github.com/fromline/fromline/line"
	"github.com/fromline/fromline/message"
	"github.com/fromline/fromline/recipients"
	"github.com/fromline/fromline/store"
	"github.com/fromline/fromline/store/etcd"
)

// A Router over a cluster of three nodes.
func ExampleOpen() {
	check := func(err error) {
		if err != nil {
			log.Fatal(err)
		}
	}
	ctx := context.Background()
	chats, err := etcd.Open(ctx, "etcd://one.internal,two.internal,three.internal:2379/fromline", etcd.Options{})
	check(err)
	lines, err := fleet.New(fleet.Options{})
	check(err)
	check(lines.SetLines("acme", []line.Line{{Number: recipients.MustParse("+14155550102")}}))
	router, err := fromline.New(chats, lines, fromline.Options{})
	check(err)
	d, err := router.Send(ctx, "acme", &message.Request{
		To:      []string{"+14155559876"},
		Message: &message.Content{Parts: []message.Part{message.Text("Hi!")}},
	})
	check(err)
	fmt.Println(d.Reason, d.Line)
	check(chats.Close())
}

// Check finds faults in the name of a store without a cluster.
func ExampleCheck() {
	fmt.Println(etcd.Check("etcd://one.internal,two.internal:2379/fromline"))
	err := etcd.Check("etcd://one.internal") // stores may share a cluster: a prefix is missing
	fmt.Println(errors.Is(err, store.ErrInvalid))
	// Output:
	// <nil>
	// true
}
