package main

import (
	"fmt"
	"io"
	"os"
	"sync/atomic"
	"time"
)

// progressEvery is how often progress is told.
const progressEvery = 2 * time.Second

// progress tells how far a long run is: how fast, and for how much longer where
// the length of the input is known. On a terminal it has one line that changes.
type progress struct {
	out      io.Writer
	terminal bool
	started  time.Time
	told     time.Time

	size int64 // of the input in bytes; 0: not known
	read atomic.Int64
}

// newProgress returns the progress of reading an input.
func newProgress(out io.Writer, input io.Reader) *progress {
	p := &progress{out: out, started: time.Now()}
	p.told = p.started
	if file, is := out.(*os.File); is {
		info, err := file.Stat()
		p.terminal = err == nil && info.Mode()&os.ModeCharDevice != 0
	}
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
	if now.Sub(p.told) < progressEvery {
		return
	}
	p.told = now
	text := fmt.Sprintf("%d lines, %s: %s", lines, p.pace(now, lines), counts)
	if p.terminal {
		fmt.Fprintf(p.out, "\r%s\x1b[K", text)
	} else {
		fmt.Fprintln(p.out, text)
	}
}

// pace is the rate, and the time left by the bytes that are left.
func (p *progress) pace(now time.Time, lines int) string {
	took := now.Sub(p.started)
	if took <= 0 {
		return "just begun"
	}
	text := fmt.Sprintf("%.0f/s", float64(lines)/took.Seconds())
	if read := p.read.Load(); p.size > 0 && read > 0 {
		left := time.Duration(float64(took) * float64(max(0, p.size-read)) / float64(read))
		text += fmt.Sprintf(", %v left", left.Round(time.Second))
	}
	return text
}

// clear takes the line of progress off a terminal, for something else to be told.
func (p *progress) clear() {
	if p.terminal {
		fmt.Fprint(p.out, "\r\x1b[K")
	}
}
