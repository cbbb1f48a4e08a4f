#!/bin/sh
# Runs the tests of this package with the oldest Go release that the module
# supports and with the newest that the module proxy serves: what a handle is
# must not depend on the release. Both are fetched by the go command itself, as
# the module golang.org/toolchain, and checked against the checksum database.
# Arguments are passed to go test; FROMLINE_LONG=1 takes every character.
set -eu
cd "$(dirname "$0")/.."

platform=$(go env GOOS)-$(go env GOARCH)
oldest=go$(go list -m -f '{{.GoVersion}}')
newest=$(go list -m -versions golang.org/toolchain |
	tr ' ' '\n' |
	sed -n "s/^v0\.0\.1-\(go[0-9]*\.[0-9]*\.[0-9]*\)\.$platform\$/\1/p" |
	sort -V | tail -n 1)
[ -n "$newest" ] || { echo "the module proxy lists no toolchain for $platform" >&2; exit 1; }

for release in "$oldest" "$newest"; do
	echo "== $release"
	GOTOOLCHAIN=$release go version
	GOTOOLCHAIN=$release go test -run 'Release|Verdicts|Golden' "$@" .
done
