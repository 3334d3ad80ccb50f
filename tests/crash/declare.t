#!/bin/sh
# declare.t - the whole path, CUSDEC in and DecMessage out with its reply, each
# declaration offered twice: dies or fails at file-changing calls all over a run,
# and then has made one file for each declaration and one reply to each offer
# (DECLARE_POINTS: how many a mode, 0: all). A gateway that does not know what
# came before must be found.
src=${ENTREPOT_SRC:-$(cd "$(dirname "$0")/../.." && pwd)}
build=${ENTREPOT_BUILD:-$src/build}
ENTREPOT_SRC=$src
export ENTREPOT_SRC
every=$build/tests/crash/every
declare=$build/tests/crash/declare
[ -d /dev/shm ] && [ -w /dev/shm ] && TMPDIR=/dev/shm && export TMPDIR
tmp=$(mktemp -d "${TMPDIR:-/tmp}/entrepot-declare.XXXXXX") || exit 1
trap 'rm -rf "$tmp"' EXIT
passed=0 failed=0
points=${DECLARE_POINTS:-120}
"$build/tests/crash/scenario" sanitized && points=20
most="-x $points"
[ "$points" != 0 ] || most=

battery() # NAME WORDS...
{
	name=$1
	shift
	# shellcheck disable=SC2086 # most is none or two words
	"$every" -s "$build/tests/crash/shim.so" $most "$@" -- "$declare" \
	    prepare {} ::: "$declare" run {} ::: "$declare" check {} \
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

battery before -m before
battery after -m after
wait
battery half -m half
battery EIO -f EIO
wait
battery ENOSPC -f ENOSPC
wait
for name in before after half EIO ENOSPC; do
	book $name
done

most="-x 24"
SCENARIO_BUG=no-dedup
export SCENARIO_BUG
battery bug
wait
if grep -a -q "CHECK failed" "$tmp/bug"; then
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
