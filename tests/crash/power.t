#!/bin/sh
# power.t - the power is cut at file-changing calls all over a run: bytes and
# names that were not synced are gone, and the books agree all the same. Then a
# build that leaves out the sync of files, and one that leaves out the sync of
# folders, must be found: a tool that cannot fail shows nothing. POWER_POINTS:
# how many a mode, 0: every one.
src=${ENTREPOT_SRC:-$(cd "$(dirname "$0")/../.." && pwd)}
build=${ENTREPOT_BUILD:-$src/build}
ENTREPOT_SRC=$src
ENTREPOT_POWER_OUTSIDE=w:got # the other side's disk is not ours
export ENTREPOT_SRC ENTREPOT_POWER_OUTSIDE
every=$build/tests/crash/every
shim=$build/tests/crash/shim.so
scenario=$build/tests/crash/scenario
declare=$build/tests/crash/declare
[ -d /dev/shm ] && [ -w /dev/shm ] && TMPDIR=/dev/shm && export TMPDIR
tmp=$(mktemp -d "${TMPDIR:-/tmp}/entrepot-power.XXXXXX") || exit 1
trap 'rm -rf "$tmp"' EXIT
passed=0 failed=0
points=${POWER_POINTS:-30}
most="-x $points"
[ "$points" != 0 ] || most=
if "$scenario" sanitized; then
	echo "slow there, and the same code: left to the plain build"
	echo "1 passed, 0 failed"
	exit 0
fi

book() # NAME PROGRAM WORDS...: in the background; its words to $tmp/NAME
{
	name=$1 program=$2
	shift 2
	# shellcheck disable=SC2086 # most is none or two words
	"$every" -s "$shim" -p $most "$@" -- "$program" prepare {} ::: \
	    "$program" run {} ::: "$program" check {} >"$tmp/$name" 2>&1 &
}
closed() # NAME
{
	last=$(tail -n 1 "$tmp/$1")
	tried=$(sed -n 's/.* steps, \([0-9]*\) points/\1/p' "$tmp/$1")
	if [ "${tried:-0}" -gt 0 ] && [ "$last" = "$tried passed, 0 failed" ]; then
		passed=$((passed + tried))
	else
		failed=$((failed + 1))
		echo "$1: ${tried:-no} points, $last"
		head -c 8000 "$tmp/$1"
	fi
}

book forward-before "$scenario" -m before
book forward-after "$scenario" -m after
wait
book forward-half "$scenario" -m half
book declare-before "$declare" -m before
wait
book declare-after "$declare" -m after
wait
for name in forward-before forward-after forward-half declare-before \
    declare-after; do
	closed $name
done

most="-x 24"
for bug in no-sync no-folder-sync; do
	SCENARIO_BUG=$bug
	export SCENARIO_BUG
	book $bug "$scenario"
	wait
	if grep -a -q "CHECK failed" "$tmp/$bug"; then
		passed=$((passed + 1))
	else
		failed=$((failed + 1))
		echo "the bug $bug is not found"
	fi
	sed -n 's/.*kept in \(.*\)\*$/\1/p' "$tmp/$bug" | while read -r kept; do
		rm -rf "$kept" "$kept.said" "$kept.log" "$kept.count"
	done
done
echo "$passed passed, $failed failed"
[ $failed = 0 ]
