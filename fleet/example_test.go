package fleet_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"time"

	"github.com/fromline/fromline/fleet"
	"github.com/fromline/fromline/line"
	"github.com/fromline/fromline/message"
	"github.com/fromline/fromline/recipients"
)

func number(s string) recipients.Handle { return recipients.MustParse(s) }

var noon = time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)

// The best line is healthy, of the recipient's country and area, and little
// used.
func ExampleView_Best() {
	v, _ := fleet.NewView([]line.Line{
		{Number: number("+14155550100"), NewChats: 9},
		{Number: number("+14155550101"), NewChats: 2},
		{Number: number("+12125550102")},
		{Number: number("+442071838750")},
		{Number: number("+14155550103"), Status: line.Flagged},
	}, fleet.ViewOptions{At: noon})

	to, _ := recipients.Canonicalize([]string{"+14155550177"})
	pick, ok := v.Best(fleet.Query{Recipients: to})
	fmt.Println(pick.Line.Number, ok)
	var names []string
	for name := range v.Criteria() {
		names = append(names, name)
	}
	for i, value := range pick.Values.All() {
		fmt.Printf("%s %d, ", names[i], value)
	}
	fmt.Println("then", pick.RunnerUp.Number)
	// Output:
	// +14155550101 true
	// reputation 0, country 0, use 0, area 0, province 0, fewest 2, then +12125550102
}

// Where no line can open a chat, the counts say why, and when that ends.
func ExampleView_PassedOver() {
	v, _ := fleet.NewView([]line.Line{
		{Number: number("+14155550100"), Status: line.Flagged},
		{Number: number("+14155550101"), Limits: line.Limits{NewChatsPerDay: 50}, NewChats: 50, NewChatsFullUntil: noon.Add(3 * time.Hour)},
		{Number: number("+14155550102"), Services: line.Services(message.SMS)},
	}, fleet.ViewOptions{At: noon})

	to, _ := recipients.Canonicalize([]string{"ann@example.com"})
	c := v.PassedOver(fleet.Query{Recipients: to, Service: message.IMessage})
	fmt.Println(c.Flagged, c.NewChatLimit, c.WrongService, c.Eligible, c.NextFree.Format(time.TimeOnly))
	// Output: 1 1 1 0 15:00:00
}

// A policy is data: criteria can be dropped, added and put in any order. Here a
// line's brand comes first, then the plan it is on, and the rest as usual.
func ExamplePolicy() {
	plans := map[string]int{"gold": 0, "basic": 1}
	byPlan := fleet.ByProperty("plan", func(l line.Line) int { return plans[l.ID] })
	policy := fleet.Policy{Criteria: append([]fleet.Criterion{fleet.ByLabel(), byPlan}, fleet.DefaultCriteria()...)}

	v, _ := fleet.NewView([]line.Line{
		{Number: number("+14155550100"), ID: "gold", Label: "Acme Shoes"},
		{Number: number("+14155550101"), ID: "basic", Label: "Acme Hats"},
		{Number: number("+14155550102"), ID: "gold", Label: "Acme Hats"},
	}, fleet.ViewOptions{Policy: policy})
	to, _ := recipients.Canonicalize([]string{"+14155550177"})
	pick, _ := v.Best(fleet.Query{Recipients: to, Label: "Acme Hats"})
	fmt.Println(pick.Line.Number)
	// Output: +14155550102
}

// A fleet is fed from the vendor's list of numbers, once and then now and
// again, and from its webhooks.
func ExampleFleet() {
	vendor := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprint(w, `{"phone_numbers":[
			{"id":"5f1c","phone_number":"+14155550100","forwarding_number":null,"reputation":{"status":"HEALTHY"}},
			{"id":"5f1d","phone_number":"+12125550101","forwarding_number":null,"reputation":{"status":"AT_RISK"}}]}`)
	}))
	defer vendor.Close()

	f, _ := fleet.New(fleet.Options{})
	response, _ := http.Get(vendor.URL + "/v3/phone_numbers")
	list, _ := io.ReadAll(response.Body)
	_ = response.Body.Close()
	warnings, err := f.Load("acme", list)
	fmt.Println("warnings:", len(warnings), "error:", err)

	best := func() {
		v, _ := f.View(context.Background(), "acme", noon)
		to, _ := recipients.Canonicalize([]string{"+14155550177"})
		pick, _ := v.Best(fleet.Query{Recipients: to})
		fmt.Println("best:", pick.Line.Number, pick.Line.Reputation)
	}
	best()

	// What a handler of webhooks does. Where several processes share a store, it
	// also gives the store f.StateOf, for the others to follow.
	event, err := fleet.ParseEvent([]byte(`{"event_type":"phone_number.status_updated","event_id":"e1","data":{
		"phone_number":"+14155550100","previous_status":"ACTIVE","new_status":"FLAGGED","changed_at":"2026-01-05T11:58:00Z"}}`))
	if err == nil {
		var applied bool
		applied, err = f.ReportLine(context.Background(), event)
		fmt.Println("applied:", applied, "error:", err)
	}
	best()
	// Output:
	// warnings: 0 error: <nil>
	// best: +14155550100 HEALTHY
	// applied: true error: <nil>
	// best: +12125550101 AT_RISK
}

// Picks count at once. A router does this by itself.
func ExampleFleet_Reserve() {
	f, _ := fleet.New(fleet.Options{})
	_ = f.SetLines("acme", []line.Line{{Number: number("+14155550100"), Limits: line.Limits{NewChatsPerDay: 1}}})
	to, _ := recipients.Canonicalize([]string{"+14155550177"})
	q := fleet.Query{Recipients: to}

	v, _ := f.View(context.Background(), "acme", noon)
	pick, _ := v.Best(q)
	fmt.Println("first:", f.Reserve("acme", noon, q, pick.Line.Number))
	fmt.Println("second, on the same view:", f.Reserve("acme", noon, q, pick.Line.Number))
	f.Release("acme", noon, pick.Line.Number, false) // the first one's commit failed
	fmt.Println("third:", f.Reserve("acme", noon, q, pick.Line.Number))
	// Output:
	// first: true
	// second, on the same view: false
	// third: true
}

// A process follows the store that it shares with others.
func ExampleFleet_Follow() {
	var store fleet.Feed = &quietStore{} // a store of this module
	f, _ := fleet.New(fleet.Options{OnPollError: func(err error) { fmt.Println(err) }})
	_ = f.SetLines("acme", []line.Line{{Number: number("+14155550100")}})

	ctx, stop := context.WithCancel(context.Background())
	if err := f.Sync(ctx, store); err != nil { // what a restart forgot
		fmt.Println(err)
	}
	done := make(chan error)
	go func() { done <- f.Follow(ctx, store) }()
	// … serve …
	stop()
	fmt.Println(<-done)
	// Output: context canceled
}

type quietStore struct{}

func (quietStore) LineStates(context.Context, line.Change, int) ([]line.State, line.Change, error) {
	return nil, 0, nil
}

func (quietStore) LineUse(context.Context, line.Change, int) ([]line.Use, line.Change, error) {
	return nil, 0, nil
}

// A fleet file lists lines as the vendor's API does, with our own additions.
func ExampleParseFile() {
	file, warnings, err := fleet.ParseFile([]byte(`{"phone_numbers":[{
		"id":"5f1c", "phone_number":"+14155550100", "capabilities":["voice"],
		"services":["iMessage","SMS"], "limits":{"new_chats_per_day":50}}]}`))
	fmt.Println(file.Lines[0].Number, file.Lines[0].Limits.NewChatsPerDay, file.Lines[0].Services.List(), err)
	fmt.Println(warnings[0])

	_, _, err = fleet.ParseFile([]byte(`{"phone_numbers":[{"id":"5f1c","phone_number":"+14155550100","limits":{"per_day":50}}]}`))
	fmt.Println(strings.Contains(err.Error(), "/phone_numbers/0/limits/per_day"))
	// Output:
	// +14155550100 50 [iMessage SMS] <nil>
	// /phone_numbers/0/capabilities: this member is not known and has no effect
	// true
}
