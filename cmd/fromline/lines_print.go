package main

import (
	"fmt"
	"io"
	"slices"
	"strconv"
	"text/tabwriter"
	"time"

	"github.com/go-json-experiment/json"

	"github.com/fromline/fromline/line"
)

// lineJSON is a line as a JSON object. What is not known is null.
type lineJSON struct {
	Tenant       string     `json:"tenant"`
	PhoneNumber  string     `json:"phone_number"`
	State        string     `json:"state"`
	Since        *time.Time `json:"since"`
	Status       string     `json:"status"`
	StatusAt     *time.Time `json:"status_at"`
	Reputation   string     `json:"reputation"`
	ReputationAt *time.Time `json:"reputation_at"`
	NewChats     int        `json:"new_chats"`
	NewChatLimit *int       `json:"new_chats_per_day"`
	Messages     int        `json:"messages"`
	MessageLimit *int       `json:"messages_per_day"`
	Chats        int        `json:"chats"`
	Waiting      int        `json:"chats_waiting"`
	NextFree     *time.Time `json:"next_free"`
	*guardedJSON
}

// printLines prints a report as a table, or each line as a JSON object.
func printLines(out io.Writer, report []*lineReport, asJSON bool) error {
	now := time.Now()
	if asJSON {
		for _, r := range report {
			text, err := json.Marshal(r.json(now))
			if err != nil {
				return err
			}
			if _, err := fmt.Fprintf(out, "%s\n", text); err != nil {
				return err
			}
		}
		return nil
	}
	many := false
	for _, r := range report {
		many = many || r.tenant != report[0].tenant
	}
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	guarded := slices.ContainsFunc(report, (*lineReport).isGuarded)
	head := "LINE\tSTATE\tSINCE\tNEW CHATS\tMESSAGES\tCHATS\tWAITING\tNEXT CHAT"
	if guarded {
		head += "\tDAY\tFAILOVERS\tNEXT FAILOVER\tDEFERRED"
	}
	head += "\n"
	if many {
		head = "TENANT\t" + head
	}
	fmt.Fprint(table, head)
	for _, r := range report {
		if many {
			fmt.Fprintf(table, "%s\t", r.tenant)
		}
		state, since := r.words()
		hour := line.HourOf(now)
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\t%d\t%d\t%s", r.number.String(), state, orDash(since),
			against(r.use.Window(hour), r.allowance()), against(r.use.MessagesWindow(hour), r.line.Limits.MessagesPerDay),
			r.chats, r.moving(), r.next(now))
		if guarded {
			r.printGuarded(table, now)
		}
		fmt.Fprintln(table)
	}
	return table.Flush()
}

func (r *lineReport) json(now time.Time) lineJSON {
	state, since := r.words()
	hour := line.HourOf(now)
	return lineJSON{
		Tenant: r.tenant, PhoneNumber: r.number.String(), State: state, Since: orNull(since),
		Status: r.line.Status.String(), StatusAt: orNull(r.statusAt()),
		Reputation: r.line.Reputation.String(), ReputationAt: orNull(r.reputationAt()),
		NewChats: r.use.Window(hour), NewChatLimit: limitOrNull(r.line.Limits.NewChatsPerDay),
		Messages: r.use.MessagesWindow(hour), MessageLimit: limitOrNull(r.line.Limits.MessagesPerDay),
		Chats: r.chats, Waiting: r.moving(), NextFree: orNull(r.nextFree(now)), guardedJSON: r.guardedJSON(now),
	}
}

// next tells when the line can open a chat.
func (r *lineReport) next(now time.Time) string {
	switch at := r.nextFree(now); {
	case at.IsZero():
		return "none"
	case !at.After(now):
		return "now"
	default:
		return orDash(at)
	}
}

// against tells a use against its allowance.
func against(n, limit int) string {
	if limit == 0 {
		return strconv.Itoa(n)
	}
	return fmt.Sprintf("%d of %d", n, limit)
}

func orDash(at time.Time) string {
	if at.IsZero() {
		return "-"
	}
	return at.UTC().Format(time.RFC3339)
}

func orNull(at time.Time) *time.Time {
	if at.IsZero() {
		return nil
	}
	at = at.UTC()
	return &at
}

func limitOrNull(limit int) *int {
	if limit == 0 {
		return nil
	}
	return &limit
}
