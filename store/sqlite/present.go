package sqlite

import (
	"fmt"
	"os"
	"path/filepath"
	"sync/atomic"

	"github.com/fromline/fromline/store"
)

// ErrGone means that the file, or the log beside it, was removed or replaced
// while it was open. The call wrote nothing: a commit would be lost with the
// file. Put the file back, or restart the process.
var ErrGone = fmt.Errorf("the file was removed or replaced while it was open: %w", store.ErrNotWritten)

// presence checks whether its path still names the file that is open. The zero
// value checks nothing.
type presence struct {
	path string
	open os.FileInfo
	gone atomic.Bool // whether the last check failed
}

// watch remembers the file that was opened. It follows links: SQLite keeps the
// log beside their target.
func (p *presence) watch(path string) {
	path, err := filepath.Abs(path)
	if err == nil {
		path, err = filepath.EvalSymlinks(path)
	}
	if err != nil {
		return
	}
	if info, err := os.Stat(path); err == nil {
		p.path, p.open = path, info
	}
}

// check looks at the file and its log, and returns an error wrapping ErrGone if
// one of them is gone.
func (p *presence) check() error {
	if p.open == nil {
		return nil
	}
	info, err := os.Stat(p.path)
	if err == nil && os.SameFile(info, p.open) {
		_, err = os.Stat(p.path + "-wal")
	} else if err == nil {
		err = fmt.Errorf("%s is another file now", p.path)
	}
	p.gone.Store(err != nil)
	if err != nil {
		return fmt.Errorf("sqlite: %w: %w", ErrGone, err)
	}
	return nil
}

// usable is check, but only after a check has failed: reads do not pay for one.
func (p *presence) usable() error {
	if !p.gone.Load() {
		return nil
	}
	return p.check()
}
