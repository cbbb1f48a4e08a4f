package delivery

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
)

// wait returns when the line at a place is on the disk. The first caller
// flushes for all that were written before.
//
// A system may forget what it could not bring to the disk: Linux takes it for
// written once it has told of the fault, and the next flush works. So a flush
// that works says nothing of the lines that were there when an earlier one
// failed.
//
// A file that was removed meanwhile is no place for a message: those that were
// not known to be on the disk come again, into the next one.
func (s *FileSender) wait(place uint64) error {
	s.flushing.Lock()
	defer s.flushing.Unlock()
	if s.failed >= place {
		return s.fault
	}
	if s.flushed >= place {
		return nil
	}
	return s.flushAll(s.current())
}

// flushAll flushes what was written. It is called under flushing.
func (s *FileSender) flushAll(o *opened) error {
	if o.flush == nil {
		s.flushed = s.written.Load()
		return nil
	}
	written := s.written.Load()
	err := o.flush()
	if err == nil && s.path != "" && isRemoved(o) {
		err = errRemoved
	}
	if err != nil {
		s.failed = s.written.Load() // with those that came in meanwhile
		s.fault = fmt.Errorf("delivery: flushing: %w", err)
		return s.fault
	}
	s.flushed = written
	return nil
}

// errRemoved is why a message that was written is not there.
var errRemoved = errors.New("the file was removed before what was written to it was on the disk")

// isRemoved says whether an open file has no name any more.
func isRemoved(o *opened) bool {
	f, is := o.out.(*os.File)
	if !is {
		return false
	}
	info, err := f.Stat()
	return err == nil && hasNoName(info)
}

// flushName brings the name of a file to the disk if it may be new. Without
// that it is gone after a power failure, however often the file was flushed.
func flushName(f *os.File) error {
	info, err := f.Stat()
	if err != nil {
		return fmt.Errorf("delivery: %w", err)
	}
	if !info.Mode().IsRegular() || info.Size() > 0 || runtime.GOOS == "windows" { // which cannot flush a directory
		return nil
	}
	path, err := filepath.EvalSymlinks(f.Name())
	if err != nil {
		return fmt.Errorf("delivery: %w", err)
	}
	dir, err := os.Open(filepath.Dir(path))
	if err != nil {
		return fmt.Errorf("delivery: the directory of a new file has to be flushed, and to be readable for that: %w", err)
	}
	defer dir.Close()
	if err := dir.Sync(); err != nil {
		return fmt.Errorf("delivery: flushing the directory %s: %w", dir.Name(), err)
	}
	return nil
}
