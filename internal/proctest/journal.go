package proctest

import (
	"bufio"
	"fmt"
	"os"
	"strings"

	"github.com/google/uuid"
)

// journal is a file that all processes append to, one line in each write, so
// its lines are in the order of the events.
type journal struct{ file *os.File }

func openJournal(path string) (journal, error) {
	f, err := os.OpenFile(path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o666)
	return journal{f}, err
}

// write notes an event of the n-th send to a set: "try" before its commit,
// "ack" when the commit returned, and "hand" before a delivery that was handed
// over is acknowledged.
func (j journal) write(what string, s send, message uuid.UUID) error {
	_, err := fmt.Fprintf(j.file, "%s %d %d %s\n", what, s.set, s.n, message)
	return err
}

// send is the n-th send to a set of people, counted from 1.
type send struct{ set, n int }

// history is the content of a journal.
type history struct {
	tried map[int]int // the last send to a set
	acked map[send]uuid.UUID
	hands []hand
	twice []string // sends that were acknowledged or handed over with two message ids
}

type hand struct {
	send
	message uuid.UUID
}

func readJournal(path string) (*history, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	h := &history{tried: make(map[int]int), acked: make(map[send]uuid.UUID)}
	ids := make(map[send]uuid.UUID)
	for lines := bufio.NewScanner(f); lines.Scan(); {
		var what, id string
		var s send
		if _, err := fmt.Sscan(lines.Text(), &what, &s.set, &s.n, &id); err != nil {
			return nil, fmt.Errorf("journal: %q: %w", lines.Text(), err)
		}
		message, err := uuid.Parse(id)
		if err != nil {
			return nil, fmt.Errorf("journal: %q: %w", lines.Text(), err)
		}
		if first, known := ids[s]; known && first != message {
			h.twice = append(h.twice, strings.TrimSpace(lines.Text()))
		}
		ids[s] = message
		switch what {
		case "try":
			h.tried[s.set] = max(h.tried[s.set], s.n)
		case "ack":
			h.acked[s] = message
		case "hand":
			h.hands = append(h.hands, hand{s, message})
		}
	}
	return h, nil
}
