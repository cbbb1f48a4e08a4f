package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/google/uuid"

	"github.com/fromline/fromline/message"
	"github.com/fromline/fromline/recipients"
	"github.com/fromline/fromline/store"
)

// loader loads chats in batches.
type loader struct {
	chats  store.ChatStore
	tenant string
	stderr io.Writer

	loaded, refused int
	done            int // every line up to this one is loaded or refused
	told            time.Time

	batch []store.Event
	lines []int // of the events
}

// batchSize is how many chats one call of the store gets.
const batchSize = 1000

// progressEvery is how often progress is told.
const progressEvery = 2 * time.Second

// load reads lines until the input or the context ends.
func (l *loader) load(ctx context.Context, after int, input io.Reader) error {
	l.done = after
	lines := newLineReader(input)
	for lines.next() {
		if lines.number <= after {
			continue
		}
		if err := l.take(lines.number, lines.text, lines.err); err != nil {
			l.refuse(lines.number, err)
			continue
		}
		if len(l.batch) == batchSize {
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
	chat, err := readChat(text)
	if err != nil {
		return err
	}
	l.batch, l.lines = append(l.batch, chat), append(l.lines, number)
	return nil
}

func (l *loader) refuse(number int, err error) {
	l.refused++
	fmt.Fprintf(l.stderr, "line %d: %v\n", number, err)
}

// flush gives the batch to the store. A chat that the store refuses is told, and
// those behind it are given again.
func (l *loader) flush(ctx context.Context, upTo int) error {
	events, lines := l.batch, l.lines
	for len(events) > 0 {
		if ctx.Err() != nil {
			return errStopped
		}
		err := l.chats.Apply(ctx, l.tenant, events)
		if err == nil {
			l.loaded += len(events)
			break
		}
		refused, is := errors.AsType[*store.EventError](err)
		if !is || !errors.Is(err, store.ErrInvalid) {
			if is {
				l.loaded += refused.Index
				l.done = lines[refused.Index] - 1
			}
			return err
		}
		l.loaded += refused.Index
		l.refuse(lines[refused.Index], refused.Err)
		events, lines = events[refused.Index+1:], lines[refused.Index+1:]
	}
	l.batch, l.lines = l.batch[:0], l.lines[:0]
	l.done = upTo
	if now := time.Now(); now.Sub(l.told) >= progressEvery {
		l.told = now
		fmt.Fprintf(l.stderr, "%d lines: %d chats loaded, %d lines refused\n", l.done, l.loaded, l.refused)
	}
	return nil
}

// chatLine is one line of the input.
type chatLine struct {
	ID        uuid.UUID  `json:"id"`
	From      string     `json:"from"`
	To        []string   `json:"to"`
	CreatedAt time.Time  `json:"created_at"`
	ActiveAt  *time.Time `json:"active_at"`
	Service   *string    `json:"service"`
	Named     bool       `json:"named"`
}

// readChat reads a line. Handles are read as what was stored is: the tables of
// numbers guard the door, not the shelf.
func readChat(text []byte) (store.ChatSeen, error) {
	var in chatLine
	if err := json.Unmarshal(text, &in, json.RejectUnknownMembers(true)); err != nil {
		return store.ChatSeen{}, inLine(err)
	}
	stored := recipients.Options{Strength: recipients.Syntax}
	line, err := stored.Parse(in.From)
	if err != nil {
		return store.ChatSeen{}, fmt.Errorf("/from: %w", err)
	}
	set, err := stored.Canonicalize(in.To)
	if fault, is := errors.AsType[*recipients.Error](err); is {
		return store.ChatSeen{}, fmt.Errorf("/to/%d: %w", fault.Index, err)
	}
	if err != nil {
		return store.ChatSeen{}, fmt.Errorf("/to: %w", err)
	}
	chat := store.ChatSeen{ID: in.ID, Line: line, Participants: set, Named: in.Named, CreatedAt: in.CreatedAt}
	if in.ActiveAt != nil {
		chat.ActiveAt = *in.ActiveAt
	}
	if in.Service != nil {
		if chat.Service, err = message.ParseService(*in.Service); err != nil {
			return store.ChatSeen{}, fmt.Errorf("/service: %w", err)
		}
	}
	return chat, chat.Check()
}

// inLine says where in the line the JSON is wrong.
func inLine(err error) error {
	if wrong, is := errors.AsType[*json.SemanticError](err); is && wrong.JSONPointer != "" {
		return fmt.Errorf("%s: it is not known, or not what belongs there", wrong.JSONPointer)
	}
	return fmt.Errorf("it is no JSON object with id, from, to and created_at: %w", err)
}
