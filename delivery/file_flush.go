package delivery

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
)

// wait returns when the line at a place is on the disk. Whoever comes first
// flushes for all that were written before.
//
// A system may forget what it could not bring to the disk: Linux takes it for
// written once it has told of the fault, and the next flush works. So a flush that
// works says nothing of the lines that were there when an earlier one failed.
func (s *FileSender) wait(place uint64) error {
	if s.flush == nil {
		return nil
	}
	s.flushing.Lock()
	defer s.flushing.Unlock()
	if s.failed >= place {
		return s.fault
	}
	if s.flushed >= place {
		return nil
	}
	written := s.written.Load()
	if err := s.flush(); err != nil {
		s.failed = s.written.Load() // with those that came in meanwhile
		s.fault = fmt.Errorf("delivery: flushing: %w", err)
		return s.fault
	}
	s.flushed = written
	return nil
}

// flushName brings the name of a file to the disk if it may be new. Without that it is
// gone after a power failure, however often the file was flushed.
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
