package delivery

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/fromline/fromline/store"
)

// brokenDisk is a disk that fails when it is told to. Like that of Linux it
// forgets what it could not keep: the next flush has nothing left to fail at.
type brokenDisk struct {
	file    *FileSender
	dirty   []uint64 // places of lines
	durable map[uint64]bool
	fault   uint64 // the last line that was there when it last failed
	fails   bool
	during  int // lines that others write while it is flushed
}

var errDisk = errors.New("injected fault of the disk")

func (d *brokenDisk) write(t require.TestingT) uint64 {
	require.NoError(t, d.file.begin(context.Background()))
	place, err := d.file.write(context.Background(), []byte("{}\n"))
	require.NoError(t, err)
	d.dirty = append(d.dirty, place)
	return place
}

func (d *brokenDisk) flush(t require.TestingT) error {
	before := d.dirty
	d.dirty = nil
	for range d.during {
		d.write(t)
	}
	if d.fails {
		d.dirty, d.fault = nil, d.file.written.Load() // those that came in between have been tried too
		return errDisk
	}
	for _, place := range before {
		d.durable[place] = true
	}
	return nil
}

// durableIsOnTheDisk is the law of the flush: a caller that is told that a line
// is durable finds it on the disk, whatever flush failed before, in whatever
// order lines are waited for; and a line that was written since the last fault
// is told durable by the next flush that works.
func durableIsOnTheDisk(t *rapid.T) {
	file, err := os.CreateTemp("", "flush")
	require.NoError(t, err)
	defer os.Remove(file.Name())
	s, err := NewFileSender(file)
	require.NoError(t, err)
	defer s.Close()
	d := &brokenDisk{file: s, durable: map[uint64]bool{}}
	s.file.flush = func() error { return d.flush(t) }

	var waiting []uint64
	for range rapid.IntRange(1, 40).Draw(t, "steps") {
		if len(waiting) == 0 || rapid.Bool().Draw(t, "write") {
			waiting = append(waiting, d.write(t))
			continue
		}
		d.fails, d.during = rapid.Bool().Draw(t, "fails"), rapid.IntRange(0, 2).Draw(t, "written meanwhile")
		i := rapid.IntRange(0, len(waiting)-1).Draw(t, "who")
		place := waiting[i]
		waiting = append(waiting[:i], waiting[i+1:]...)
		err := s.wait(place)
		if err == nil {
			require.True(t, d.durable[place], "line %d is told durable and is on no disk", place)
			continue
		}
		require.ErrorIs(t, err, errDisk)
		require.LessOrEqual(t, place, d.fault, "no flush failed since line %d was written", place)
	}
}

func TestDurableIsOnTheDisk(t *testing.T) { rapid.Check(t, durableIsOnTheDisk) }

// TestRemovedBeforeItWasOnTheDisk says that a message in a file that was
// removed before its flush is not taken over, and that the next one, in the
// next file, is.
func TestRemovedBeforeItWasOnTheDisk(t *testing.T) {
	path := filepath.Join(t.TempDir(), "deliveries")
	s, err := OpenFile(path)
	require.NoError(t, err)
	defer s.Close()
	written := func() uint64 {
		place, err := s.append(context.Background(), &Delivery{Delivery: store.Delivery{Content: []byte("{}")}})
		require.NoError(t, err)
		return place
	}
	for range 2 {
		place := written()
		require.NoError(t, os.Remove(path))
		require.ErrorIs(t, s.wait(place), errRemoved)
		require.NoError(t, s.wait(written()))
	}
	// One that was opened anew before the message was waited for.
	place := written()
	require.NoError(t, os.Remove(path))
	next := written()
	require.ErrorIs(t, s.wait(place), errRemoved)
	require.NoError(t, s.wait(next))
}
