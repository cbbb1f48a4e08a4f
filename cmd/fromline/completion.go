package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"strings"

	"github.com/fromline/fromline/store"
)

const completionUsage = `usage: fromline completion bash|zsh|fish

Prints a script with which a shell completes the commands, flags and values of
fromline. To complete them in this session, type:

  bash   source <(fromline completion bash)
  zsh    source <(fromline completion zsh)
  fish   fromline completion fish | source

To complete them in every session, put that line into ~/.bashrc, into ~/.zshrc
after compinit, or into ~/.config/fish/config.fish.

Exit status: 0, or 2 if the arguments cannot be used.

`

// completing is the command that the scripts of completion call, with the words
// up to the cursor, the one at it last. It is told nowhere.
const completing = "__complete"

// The scripts ask this program what may come next, so that they are right for
// any version of it. If it has no answer, shells complete the names of files.
// In bash a colon ends a word: what stands before one is taken off the answers.
const (
	bashScript = `_fromline() {
  local word="${COMP_WORDS[COMP_CWORD]}" line="${COMP_LINE:0:COMP_POINT}" words candidate
  read -ra words <<<"$line"
  [[ "$line" == *[[:space:]] ]] && words+=("")
  local whole="${words[-1]}"
  local before="${whole%"$word"}"
  [[ "$word" == ":" ]] && word="" before="$whole"
  COMPREPLY=()
  while IFS=$'\t' read -r candidate _; do
    COMPREPLY+=("${candidate#"$before"}")
  done < <(fromline __complete "${words[@]:1}" 2>/dev/null)
  [[ ${#COMPREPLY[@]} == 1 && "${COMPREPLY[0]}" == *: ]] && compopt -o nospace
}
complete -o default -F _fromline fromline
`

	zshScript = `#compdef fromline
_fromline() {
  local -a candidates
  local name text
  while IFS=$'\t' read -r name text; do
    candidates+=("${name//:/\\:}:$text")
  done < <(fromline __complete "${(@)words[2,CURRENT]}" 2>/dev/null)
  (( ${#candidates} )) && _describe fromline candidates || _files
}
compdef _fromline fromline
`

	fishScript = `function __fromline_complete
  set -l words (commandline -opc) (commandline -ct)
  fromline __complete $words[2..-1] 2>/dev/null
end
complete -c fromline -a '(__fromline_complete)'
`
)

// script is that of a shell, "" for one that has none.
func script(shell string) string {
	return map[string]string{"bash": bashScript, "zsh": zshScript, "fish": fishScript}[shell]
}

// completion is the sub-command of that name.
func completion(args []string, _ io.Reader, stdout, stderr io.Writer) int {
	set := flag.NewFlagSet("completion", flag.ContinueOnError)
	if err := parseFlags(set, args, completionUsage, stdout); err != nil {
		return unusable("completion", err, stderr)
	}
	text := script(set.Arg(0))
	switch {
	case set.NArg() == 0:
		return unusable("completion", errors.New("type the name of your shell: bash, zsh or fish"), stderr)
	case text == "":
		return unusable("completion", fmt.Errorf("there is no script for %q: type bash, zsh or fish", set.Arg(0)), stderr)
	}
	fmt.Fprint(stdout, text)
	return exitOK
}

// complete prints what may stand at the last of the words, a line each: the
// text, and behind a tab what it is. It prints nothing where that is a file, or
// anything.
func complete(words []string, stdout io.Writer) int {
	if len(words) == 0 {
		return exitOK
	}
	word := words[len(words)-1]
	for _, c := range candidates(words[:len(words)-1], word) {
		if strings.HasPrefix(c[0], word) {
			fmt.Fprintf(stdout, "%s\t%s\n", c[0], c[1])
		}
	}
	return exitOK
}

// candidates are what may stand behind some words, with what it is.
func candidates(before []string, word string) (all [][2]string) {
	if len(before) == 0 {
		for _, c := range commands() {
			all = append(all, [2]string{c.name, c.does})
		}
		return all
	}
	if before[0] == "help" && len(before) == 1 {
		return candidates(nil, word)
	}
	c, known := find(before[0])
	if !known {
		return nil
	}
	set := flag.NewFlagSet(c.name, flag.ContinueOnError)
	if c.add != nil {
		c.add(set)
	}
	addConfig(set)
	if last, isFlag := strings.CutPrefix(before[len(before)-1], "-"); isFlag {
		f := set.Lookup(strings.TrimPrefix(last, "-"))
		if f != nil && !isSwitch(f) {
			return valuesOf(c.name, f.Name)
		}
	}
	if strings.HasPrefix(word, "-") {
		set.VisitAll(func(f *flag.Flag) {
			_, text := flag.UnquoteUsage(f)
			text, _, _ = strings.Cut(strings.ReplaceAll(text, "\n", " "), ";")
			all = append(all, [2]string{"-" + f.Name, text})
		})
		return all
	}
	if len(before) == 1 {
		return firstArguments(c.name)
	}
	return nil
}

// isSwitch says whether a flag has no value behind it.
func isSwitch(f *flag.Flag) bool {
	b, is := f.Value.(interface{ IsBoolFlag() bool })
	return is && b.IsBoolFlag()
}

// firstArguments are the words that a command may begin with.
func firstArguments(command string) [][2]string {
	switch command {
	case "parked":
		return [][2]string{{"list", "what is parked, and why"}, {"release", "try it again"}, {"reroute", "decide it again"}, {"drop", "take it out for good"}}
	case "completion":
		return [][2]string{{"bash", ""}, {"zsh", ""}, {"fish", ""}}
	}
	return nil
}

// valuesOf are the values of a flag that are words, none where it takes a file
// or anything.
func valuesOf(command, name string) [][2]string {
	switch name {
	case "store", "from", "to":
		if command == "move-tenant" && name == "to" {
			return nil
		}
		return [][2]string{{"sqlite:", "a file"}, {"postgres://", "a server of PostgreSQL"}, {"sharded:", "a file that names several stores"}, {"memory:", "this process"}}
	case "guard":
		return [][2]string{{"off", "no guard"}, {"careful", "pace, ramp and failover share"}}
	case "reason":
		var reasons [][2]string
		for why := store.ParkedAttempts; why.IsValid(); why++ {
			reasons = append(reasons, [2]string{why.String(), whyParked(why)})
		}
		return reasons
	case "on-difference":
		return [][2]string{{"keep", "what the store has"}, {"update", "to what the file says"}}
	case "out":
		return [][2]string{{"table", ""}, {"json", ""}, {"html", "one file with plots"}, {"svg", "a drawing of the flags"}}
	case "log-level":
		return [][2]string{{"DEBUG", ""}, {"INFO", ""}, {"WARN", ""}, {"ERROR", ""}}
	}
	return nil
}
