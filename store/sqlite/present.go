package sqlite

import (
	"fmt"
	"os"
	"path/filepath"
	"sync/atomic"

	"github.com/fromline/fromline/store"
)

// ErrGone means that the file, or the log beside it, was removed or replaced
// while it was open. The call wrote nothing, because a commit would be lost
// with the file. Put the file back, or restart the process.
var ErrGone = fmt.Errorf("the file was removed or replaced while it was open: %w", store.ErrNotWritten)

// presence tells whether a file that is open is still the one of its name. The zero
// value tells nothing.
type presence struct {
	path string
	open os.FileInfo
	gone atomic.Bool // when it was last looked at
}

// watch notes the file that was opened, which is where links lead to: there its log
// is too.
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

// check looks at the file, and returns an error wrapping ErrGone.
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

// usable is check where the file was gone when it was last looked at: reading costs
// no look at it before.
func (p *presence) usable() error {
	if !p.gone.Load() {
		return nil
	}
	return p.check()
}
