// Embed sends a message (embed +14155559876 'Hi!') and delivers until it stops.
package main

import (
	"cmp"
	"context"
	"database/sql"
	"fmt"
	"log"
	"os"
	"os/signal"
	"syscall"

	"github.com/fromline/fromline"
	"github.com/fromline/fromline/delivery"
	"github.com/fromline/fromline/line"
	"github.com/fromline/fromline/message"
	"github.com/fromline/fromline/store/sqlite"
)

type table struct{ *sql.DB } // table implements fromline.LineHealth: it reads your lines
func (t table) Lines(ctx context.Context, tenant string) (lines []line.Line, err error) {
	rows, err := t.QueryContext(ctx, "SELECT number, status FROM lines WHERE tenant = $1", tenant)
	if err != nil {
		return nil, err
	}
	for rows.Next() {
		var l line.Line
		l.Err = rows.Scan(&l.Number, &l.Status) // a bad row harms only its own line
		lines = append(lines, l)
	}
	return lines, cmp.Or(rows.Err(), rows.Close())
}

type network struct{} // network implements delivery.Sender: it hands messages over
func (network) Send(_ context.Context, d delivery.Delivery) error {
	_, err := fmt.Printf("%s from %s: %s\n", d.MessageID, d.From, d.Content)
	return err
}

func main() {
	check := func(err error) {
		if err != nil {
			log.Fatal(err)
		}
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	app, err := sql.Open("sqlite", "app.db")
	check(err)
	chats, err := sqlite.Open(ctx, "chats.db", sqlite.Options{})
	check(err)
	router, err := fromline.New(chats, table{app}, fromline.Options{Sender: network{}})
	check(err)
	d, err := router.Send(ctx, "acme", &message.Request{To: os.Args[1:2], Message: &message.Content{Parts: []message.Part{message.Text(os.Args[2])}}})
	check(err)
	log.Println(d)
	check(router.Run(ctx)) // follows the lines, delivers and purges until a signal
	check(chats.Close())
}
