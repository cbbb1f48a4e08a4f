package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/google/uuid"

	"github.com/fromline/fromline/recipients"
	"github.com/fromline/fromline/store"
)

// chatTaker is what an import needs of a store.
type chatTaker interface {
	store.ChatStore
	store.ChatWalker
}

// loader loads chats in batches.
type loader struct {
	chats  chatTaker
	tenant string
	read   chatReader
	update bool                       // differences are carried into the store
	dry    bool                       // nothing is written
	ours   map[recipients.Handle]bool // our lines; nil: not known

	stderr   io.Writer
	progress *progress

	counts   [len(outcomes)]int
	done     int                       // every line up to this one is dealt with
	entries  []entry                   // of the batch
	seen     map[uuid.UUID]bool        // in a dry run: what would be there by now
	strange  map[recipients.Handle]int // chats of lines that are not ours
	national bool                      // a number without a plus sign was refused
}

// outcome is what becomes of a line.
type outcome int

const (
	loaded outcome = iota
	already
	differs
	refused
)

var outcomes = [...]string{"loaded", "already there", "differs", "refused"}

// entry is one line of a batch.
type entry struct {
	number  int
	chat    store.ChatSeen
	outcome outcome
}

// batchSize is how many chats are looked up, and given to the store, at once.
const batchSize = store.MaxPage

// load reads lines until the input or the context ends.
func (l *loader) load(ctx context.Context, after int, input io.Reader) error {
	l.done = after
	lines := newLineReader(l.progress.reader(input))
	for lines.next() {
		if lines.number <= after {
			continue
		}
		if err := l.take(lines.number, lines.text, lines.err); err != nil {
			l.counts[refused]++
			l.tell(lines.number, err.Error())
			continue
		}
		if len(l.entries) == batchSize {
			if err := l.flush(ctx, lines.number); err != nil {
				return err
			}
		}
	}
	if err := l.flush(ctx, max(after, lines.number)); err != nil {
		return err
	}
	return lines.failure
}

// take adds the chat of a line to the batch.
func (l *loader) take(number int, text []byte, unreadable error) error {
	if unreadable != nil {
		return unreadable
	}
	chat, err := l.read.read(text)
	if err != nil {
		wrong, is := errors.AsType[*recipients.Error](err)
		l.national = l.national || is && wrong.Rule == recipients.RulePhonePlus
		return err
	}
	if l.ours != nil && !l.ours[chat.Line] {
		if l.strange[chat.Line]++; l.strange[chat.Line] == 1 {
			l.tell(number, fmt.Sprintf("%s is no line of ours: its chats fail over with their next message", chat.Line.String()))
		}
	}
	l.entries = append(l.entries, entry{number: number, chat: chat})
	return nil
}

func (l *loader) tell(number int, text string) {
	l.progress.clear()
	fmt.Fprintf(l.stderr, "line %d: %s\n", number, text)
}

// flush gives the batch to the store.
func (l *loader) flush(ctx context.Context, upTo int) error {
	if ctx.Err() != nil {
		return errStopped
	}
	if err := l.settle(ctx); err != nil {
		return err
	}
	l.entries = l.entries[:0]
	l.done = upTo
	l.progress.tell(time.Now(), l.done, l.summary())
	return nil
}

// settle looks up what the store has, and gives it what it lacks. Where it
// fails, the lines before the one at fault are counted and done.
func (l *loader) settle(ctx context.Context) error {
	events, owners, err := l.compare(ctx)
	if err != nil {
		return err
	}
	for !l.dry && len(events) > 0 {
		if ctx.Err() != nil {
			return l.stoppedAt(owners[0], errStopped)
		}
		err := l.chats.Apply(ctx, l.tenant, events)
		if err == nil {
			break
		}
		wrong, is := errors.AsType[*store.EventError](err)
		if !is {
			return l.stoppedAt(owners[0], err)
		}
		owner := owners[wrong.Index]
		if !errors.Is(err, store.ErrInvalid) {
			return l.stoppedAt(owner, err)
		}
		l.entries[owner].outcome = refused
		l.tell(l.entries[owner].number, plainly(wrong.Err).Error())
		next := wrong.Index
		for next < len(owners) && owners[next] == owner {
			next++
		}
		events, owners = events[next:], owners[next:]
	}
	l.count(len(l.entries))
	return nil
}

// count counts the first n entries of the batch.
func (l *loader) count(n int) {
	for _, e := range l.entries[:n] {
		l.counts[e.outcome]++
	}
}

func (l *loader) stoppedAt(owner int, err error) error {
	l.count(owner)
	l.done = l.entries[owner].number - 1
	return err
}

// summary is how many lines had which outcome.
func (l *loader) summary() string {
	text := ""
	for o, name := range outcomes {
		if o > 0 {
			text += ", "
		}
		text += fmt.Sprintf("%d %s", l.counts[o], name)
	}
	return text
}
