package main

import (
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"

	"github.com/fromline/fromline/internal/pgtest"
)

// TestColours says that a terminal is shown colours, and that NO_COLOR, a
// terminal that knows none, and what is no terminal are not.
func TestColours(t *testing.T) {
	for _, c := range []struct {
		name, env string
		terminal  bool
		want      bool
	}{
		{"a terminal", "TERM=xterm", true, true},
		{"NO_COLOR", "NO_COLOR=1", true, false},
		{"a dumb terminal", "TERM=dumb", true, false},
		{"a pipe", "TERM=xterm", false, false},
	} {
		cmd := subprocess(t, os.Args[0], "doctor", "-fleet", fleetFile)
		cmd.Env = append(os.Environ(), asCommand+"=1", "NO_COLOR=", c.env)
		var out []byte
		if c.terminal {
			out = onTerminal(t, cmd)
		} else {
			var err error
			out, err = cmd.Output()
			require.NoError(t, err)
		}
		require.Contains(t, string(out), "can open chats", c.name)
		assert.Equal(t, c.want, strings.Contains(string(out), "\x1b["), "%s: %s", c.name, out)
	}
}

// onTerminal runs a command on a pseudo terminal and returns what it shows.
func onTerminal(t *testing.T, cmd *exec.Cmd) []byte {
	t.Helper()
	master, err := os.OpenFile("/dev/ptmx", os.O_RDWR|unix.O_NOCTTY, 0)
	require.NoError(t, err)
	defer master.Close()
	slave := openSlave(t, master)
	cmd.Stdout = slave
	require.NoError(t, cmd.Start())
	require.NoError(t, slave.Close())
	var shown []byte
	buffer := make([]byte, 4096)
	for {
		n, err := master.Read(buffer)
		shown = append(shown, buffer[:n]...)
		if err != nil { // EIO: the other side is closed
			break
		}
	}
	require.NoError(t, cmd.Wait())
	return shown
}

// openSlave opens the other side of a pseudo terminal.
func openSlave(t *testing.T, master *os.File) *os.File {
	t.Helper()
	fd := int(master.Fd())
	require.NoError(t, unix.IoctlSetPointerInt(fd, unix.TIOCSPTLCK, 0))
	number, err := unix.IoctlGetInt(fd, unix.TIOCGPTN)
	require.NoError(t, err)
	slave, err := os.OpenFile(fmt.Sprintf("/dev/pts/%d", number), os.O_RDWR|unix.O_NOCTTY, 0)
	require.NoError(t, err)
	return slave
}

// TestAListOnATerminalSaysThatItWaits says that a list of parked messages that
// is shown on a terminal tells that it waits for its store, where that is busy.
func TestAListOnATerminalSaysThatItWaits(t *testing.T) {
	dsn := pgtest.Database(t)
	filled(t, dsn, 10)
	_, err := pgtest.Connect(t, dsn).Exec(t.Context(), "BEGIN; LOCK TABLE fromline.tenant, fromline.delivery")
	require.NoError(t, err)
	screen, err := os.OpenFile("/dev/ptmx", os.O_RDWR|unix.O_NOCTTY, 0)
	require.NoError(t, err)
	defer screen.Close()
	inside := openSlave(t, screen)
	defer inside.Close()
	waitsAndSaysOn(t, inside, "waiting for the store, for ", "parked", "list", "-store", dsn)
}
