package main

import (
	"io"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"
)

// On a terminal a simulation says how far it is, in one line that it takes off
// at the end. When it is interrupted it prints what is complete by then, over
// all guards and models, marked as partial, and exits with 130.
func TestSimulationOnATerminal(t *testing.T) {
	screen, err := os.OpenFile("/dev/ptmx", os.O_RDWR|unix.O_NOCTTY, 0)
	require.NoError(t, err)
	defer screen.Close()
	inside := openSlave(t, screen)
	cmd := subprocess(t, os.Args[0], littleSimulation("-seeds", "10000", "-jobs", "1")...)
	cmd.Env = append(os.Environ(), asCommand+"=1")
	cmd.Stderr = inside
	stdout, err := cmd.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	t.Cleanup(func() { _ = cmd.Process.Kill() })
	require.NoError(t, inside.Close())

	shown, interrupted := strings.Builder{}, false
	begun := regexp.MustCompile(`\rseed (\d{2,}|[3-9])/.* left`) // so some seeds are complete
	seen := make(chan struct{})
	go func() {
		defer close(seen)
		b := make([]byte, 1024)
		for {
			n, err := screen.Read(b)
			shown.Write(b[:n])
			if err != nil {
				return // the program has ended
			}
			if begun.MatchString(shown.String()) && !interrupted {
				interrupted = true
				_ = cmd.Process.Signal(os.Interrupt)
			}
		}
	}()
	text, err := io.ReadAll(stdout)
	require.NoError(t, err)
	_ = cmd.Wait()
	<-seen
	require.Equal(t, exitInterrupted, cmd.ProcessState.ExitCode())
	require.Regexp(t, `^(\rsimulating the first day, for \d+s so far\x1b\[K)*\rseed \d+/10000 model \d/2 guard \d/2 day \d/3, \d+ days/(s|min), .* left\x1b\[K`, shown.String())
	require.True(t, strings.HasSuffix(shown.String(), "\r\x1b[K"), "%q", shown.String())
	for _, word := range []string{"PARTIAL", "burst", "exogenous", "off", "careful"} {
		require.Contains(t, string(text), word)
	}
}
