package main

import (
	"cmp"
	"flag"
	"fmt"
	"io"
	"runtime"
	"runtime/debug"
)

const versionUsage = `usage: fromline version

Prints in one line the version of this program, the commit that it was built from
if that is known, and the Go release.

Exit status: 0, or 2 if the arguments cannot be used.

`

// version is the sub-command of that name.
func version(args []string, _ io.Reader, stdout, stderr io.Writer) int {
	set := flag.NewFlagSet("version", flag.ContinueOnError)
	if err := parseFlags(set, args, versionUsage, stdout); err != nil {
		return unusable("version", err, stderr)
	}
	if set.NArg() > 0 {
		return unusable("version", fmt.Errorf("%q is not expected: version takes nothing more", set.Arg(0)), stderr)
	}
	info, _ := debug.ReadBuildInfo()
	fmt.Fprintln(stdout, versionLine(info))
	return exitOK
}

// versionLine tells what the linker noted, nothing where it noted nothing.
func versionLine(info *debug.BuildInfo) string {
	text := "fromline " + releaseOf(info)
	settings := map[string]string{}
	if info != nil {
		for _, s := range info.Settings {
			settings[s.Key] = s.Value
		}
	}
	if commit := settings["vcs.revision"]; commit != "" {
		text += ", commit " + commit[:min(12, len(commit))]
		if at := settings["vcs.time"]; at != "" {
			text += " of " + at
		}
		if settings["vcs.modified"] == "true" {
			text += ", changed since"
		}
	}
	return fmt.Sprintf("%s, %s %s/%s", text, runtime.Version(), runtime.GOOS, runtime.GOARCH)
}

// releaseOf is the version of the program alone, (devel) if none is known.
func releaseOf(info *debug.BuildInfo) string {
	if info == nil {
		return "(devel)"
	}
	return cmp.Or(info.Main.Version, "(devel)")
}
