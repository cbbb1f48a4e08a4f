package sqlite

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// pathError says what is wrong with a path that SQLite could not open, if it
// can tell, and else repeats the words of SQLite. It wraps the failure, unless
// the folder is missing.
func pathError(path string, failed error) error {
	folder := filepath.Dir(path)
	info, err := os.Stat(folder)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		// Not fs.ErrNotExist: a caller might take it for a missing file, and
		// create one.
		return fmt.Errorf("sqlite:%s: the folder %s is not there: make it first", path, folder)
	case errors.Is(err, fs.ErrPermission):
		return fmt.Errorf("sqlite:%s: this user may not enter the folder %s: %w", path, folder, failed)
	case err == nil && !info.IsDir():
		return fmt.Errorf("sqlite:%s: %s is a file, not a folder: %w", path, folder, failed)
	}
	info, err = os.Stat(path)
	switch {
	case err == nil && info.IsDir():
		return fmt.Errorf("sqlite:%s: that is a folder: name a file in it, as in sqlite:%s: %w", path, filepath.Join(path, "chats.db"), failed)
	case err == nil && !canOpen(path):
		return fmt.Errorf("sqlite:%s: this user may not read and write the file: %w", path, failed)
	case errors.Is(err, fs.ErrNotExist) && errors.Is(failed, fs.ErrNotExist):
		return notThere(path)
	case err != nil && !errors.Is(err, fs.ErrNotExist):
		return fmt.Errorf("sqlite:%s: %w", path, failed)
	case !canWriteIn(folder):
		return fmt.Errorf("sqlite:%s: this user may not write in the folder %s, where SQLite keeps two files beside this one: %w", path, folder, failed)
	}
	return fmt.Errorf("sqlite:%s: %w", path, failed)
}

// notThere is the error of a read-only open of a path if there is no file.
type notThere string

func (n notThere) Error() string {
	return fmt.Sprintf("sqlite:%s: there is no such file: check the path; serve, route and import create one", string(n))
}
func (n notThere) Unwrap() error { return fs.ErrNotExist }

func canOpen(path string) bool {
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	_ = f.Close() // f may be nil
	return err == nil
}

// canWriteIn creates a file in a folder: the mode of the folder tells nothing
// of access lists and of file systems that are mounted read-only.
func canWriteIn(folder string) bool {
	f, err := os.CreateTemp(folder, ".fromline-*")
	if err != nil {
		return false
	}
	_ = f.Close()
	return os.Remove(f.Name()) == nil
}
