#!/bin/sh
# attach.t - declarations whose files come before and after them, to an agency
# that finds them beside the message and to one that finds them in a package:
# dies, loses its power or fails at file-changing calls all over a run, and then
# each has each once with its files, and no message ever stood without them
# (ATTACH_POINTS: how many a mode, 0: all). A gateway that brings the files after
# the message must be found.
src=${ENTREPOT_SRC:-$(cd "$(dirname "$0")/../.." && pwd)}
build=${ENTREPOT_BUILD:-$src/build}
ENTREPOT_SRC=$src
ENTREPOT_POWER_OUTSIDE=w:got # the other side's disk is not ours
export ENTREPOT_SRC ENTREPOT_POWER_OUTSIDE
every=$build/tests/crash/every
attach=$build/tests/crash/attach
[ -d /dev/shm ] && [ -w /dev/shm ] && TMPDIR=/dev/shm && export TMPDIR
tmp=$(mktemp -d "${TMPDIR:-/tmp}/entrepot-attach.XXXXXX") || exit 1
trap 'rm -rf "$tmp"' EXIT
passed=0 failed=0
points=${ATTACH_POINTS:-100}
[ -z "$ENTREPOT_SMOKE" ] || points=${ATTACH_POINTS:-40}
"$build/tests/crash/scenario" sanitized && points=15
most="-x $points"
[ "$points" != 0 ] || most=

battery() # NAME WORDS...
{
	name=$1
	shift
	# shellcheck disable=SC2086 # most is none or two words
	"$every" -s "$build/tests/crash/shim.so" $most "$@" -- "$attach" \
	    prepare {} ::: "$attach" run {} ::: "$attach" check {} \
	    >"$tmp/$name" 2>&1 &
}

book() # NAME
{
	last=$(tail -n 1 "$tmp/$1")
	tried=$(sed -n 's/.* steps, \([0-9]*\) points/\1/p' "$tmp/$1")
	if [ "${tried:-0}" -gt 0 ] && [ "$last" = "$tried passed, 0 failed" ]; then
		passed=$((passed + tried))
	else
		failed=$((failed + 1))
		echo "$1: ${tried:-no} points, $last"
		head -c 20000 "$tmp/$1"
	fi
}

modes="before after half EIO ENOSPC"
battery before -m before
battery after -m after
wait
battery half -m half
battery EIO -f EIO
wait
battery ENOSPC -f ENOSPC
if ! "$build/tests/crash/scenario" sanitized; then
	modes="$modes power"
	battery power -p -m after
fi
wait
for name in $modes; do
	book $name
done

most="-x 8"
SCENARIO_BUG=files-late
export SCENARIO_BUG
battery bug
wait
if grep -a -q "stands without" "$tmp/bug"; then
	passed=$((passed + 1))
else
	failed=$((failed + 1))
	echo "the bug $SCENARIO_BUG is not found"
fi
sed -n 's/.*kept in \(.*\)\*$/\1/p' "$tmp/bug" | while read -r kept; do
	rm -rf "$kept" "$kept.said" "$kept.log" "$kept.count"
done
echo "$passed passed, $failed failed"
[ $failed = 0 ]
