package main

import (
	"fmt"
	"io"
	"os"
	"sync"
	"sync/atomic"
	"time"
)

// progressEvery is how often progress is told.
const progressEvery = 2 * time.Second

// progress tells how far a long run is: how fast, and for how much longer where
// that is known. On a terminal it has one line that changes. Every command that
// can take longer than two seconds has one; nil tells nothing. It is safe for
// concurrent use.
type progress struct {
	out      io.Writer
	terminal bool
	started  time.Time
	size     int64 // of the input in bytes; 0: not known
	read     atomic.Int64

	mu    sync.Mutex
	told  time.Time
	asked time.Time // when the work last had something to tell
	shown bool      // something stands on the terminal
}

// newProgress returns the progress of reading an input, nil for none.
func newProgress(out io.Writer, input io.Reader) *progress {
	p := &progress{out: out, started: time.Now()}
	p.told = p.started
	p.terminal = isTerminal(out)
	if file, is := input.(*os.File); is {
		if info, err := file.Stat(); err == nil && info.Mode().IsRegular() {
			p.size = info.Size()
		}
	}
	return p
}

// reader counts what is read.
func (p *progress) reader(r io.Reader) io.Reader {
	return io.TeeReader(r, counter{&p.read})
}

type counter struct{ n *atomic.Int64 }

func (c counter) Write(b []byte) (int, error) {
	c.n.Add(int64(len(b)))
	return len(b), nil
}

// tell tells of so many lines done, if it is time to.
func (p *progress) tell(now time.Time, lines int, counts string) {
	if !p.due(now) {
		return
	}
	var share float64
	if p.size > 0 {
		share = min(1, float64(p.read.Load())/float64(p.size))
	}
	p.show(fmt.Sprintf("%d lines, %s: %s", lines, pace(now.Sub(p.started), lines, share), counts))
}

// tellOf tells of so many things done of so many in all since a time, if it is
// time to.
func (p *progress) tellOf(what string, done, all int, since time.Time) {
	if all > 0 {
		p.tellShare(fmt.Sprintf("%s: %d of %d", what, done, all), done, float64(done)/float64(all), since)
	} else {
		p.tellShare(fmt.Sprintf("%s: %d", what, done), done, 0, since)
	}
}

// tellShare tells of so many things done since a time, which are that share of
// the work or 0 where it is not known, if it is time to.
func (p *progress) tellShare(text string, done int, share float64, since time.Time) {
	if p == nil {
		return
	}
	if now := time.Now(); p.due(now) {
		p.show(text + ", " + pace(now.Sub(since), done, share))
	}
}

// due says whether it is time to tell something, and begins to wait again.
func (p *progress) due(now time.Time) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.asked = now
	if now.Sub(p.told) < progressEvery {
		return false
	}
	p.told = now
	return true
}

// idle says whether nothing was told for a while, and the work had nothing to
// tell: what it has is worth more than that it goes on. It begins to wait
// again.
func (p *progress) idle(now time.Time) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if now.Sub(p.told) < progressEvery || now.Sub(p.asked) < progressEvery {
		return false
	}
	p.told = now
	return true
}

// show tells something, on a terminal in the place of what was told before.
func (p *progress) show(text string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.shown = p.terminal; p.terminal {
		fmt.Fprintf(p.out, "\r%s\x1b[K", text)
	} else {
		fmt.Fprintln(p.out, text)
	}
}

// pace is the rate, and the time left by the share of the work that is done, 0
// if that is not known.
func pace(took time.Duration, done int, share float64) string {
	if took <= 0 || done == 0 {
		return "just begun"
	}
	text := speed(took, done, "")
	if share > 0 {
		left := time.Duration(float64(took) * (1 - share) / share)
		text += fmt.Sprintf(", %v left", left.Round(time.Second))
	}
	return text
}

// speed is how many things are done in a second, or in a minute or an hour
// where that is less than one.
func speed(took time.Duration, done int, things string) string {
	switch a := float64(done) / took.Seconds(); {
	case a >= 1:
		return fmt.Sprintf("%.0f%s/s", a, things)
	case a*60 >= 1:
		return fmt.Sprintf("%.0f%s/min", a*60, things)
	default:
		return fmt.Sprintf("%.0f%s/h", a*3600, things)
	}
}

// clear takes the line of progress off a terminal, for something else to be
// told.
func (p *progress) clear() {
	if p == nil {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.wipe()
}

// wipe is clear while mu is held.
func (p *progress) wipe() {
	if p.shown {
		fmt.Fprint(p.out, "\r\x1b[K")
		p.shown = false
	}
}

// clearing returns a writer that takes the line of progress off a terminal
// before it writes, for output that may appear in its place.
func (p *progress) clearing(out io.Writer) io.Writer { return clearing{p, out} }

type clearing struct {
	*progress
	rest io.Writer
}

func (c clearing) Write(b []byte) (int, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.wipe()
	return c.rest.Write(b)
}

// during tells that something takes long, whenever nothing else was told for a
// while. Nothing is told after it.
func (p *progress) during(what string, work func() error) error {
	began := time.Now()
	return p.beside(func(now time.Time) string { return soFar(what, now.Sub(began)) }, work)
}

// soFar says for how long something goes on.
func soFar(what string, took time.Duration) string {
	return fmt.Sprintf("%s, for %v so far", what, took.Round(time.Second))
}

// beside tells what a text says at that time, whenever nothing else was told
// for a while. Nothing is told after the work.
func (p *progress) beside(text func(now time.Time) string, work func() error) error {
	if p == nil {
		return work()
	}
	ended, over := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(over)
		ticks := time.NewTicker(progressEvery)
		defer ticks.Stop()
		for {
			select {
			case <-ended:
				p.clear()
				return
			case now := <-ticks.C:
				if p.idle(now) {
					p.show(text(now))
				}
			}
		}
	}()
	defer func() {
		close(ended)
		<-over
	}()
	return work()
}
