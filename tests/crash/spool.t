#!/bin/sh
# spool.t - the spool dies at its file-changing calls in turn, on the whole way
# of six filings and their answers; it goes on from what is there, and nothing
# is lost, doubled or untold. All points with -a, evenly many without.
build=${ENTREPOT_BUILD:-$(cd "$(dirname "$0")/../../build" && pwd)}
shim=$build/tests/crash/shim.so
every=$build/tests/crash/every
way=$build/tests/crash/spool_way
[ -d /dev/shm ] && [ -w /dev/shm ] && TMPDIR=/dev/shm && export TMPDIR
ASAN_OPTIONS=verify_asan_link_order=0:detect_leaks=0
export ASAN_OPTIONS
tmp=$(mktemp -d "${TMPDIR:-/tmp}/entrepot-spool.XXXXXX") || exit 1
trap 'rm -rf "$tmp"' EXIT
passed=0 failed=0

most="-x 120" least=100
[ "${1-}" = -a ] && most= least=300
for mode in before half after; do
	# shellcheck disable=SC2086 # most is none or two words
	"$every" -s "$shim" -m "$mode" -n "$least" $most -- ::: \
	    "$way" run {} ::: "$way" check {} >"$tmp/$mode" 2>&1
	last=$(tail -n 1 "$tmp/$mode")
	tried=$(sed -n 's/.* steps, \([0-9]*\) points/\1/p' "$tmp/$mode")
	if [ "$last" = "$tried passed, 0 failed" ]; then
		passed=$((passed + tried))
	else
		failed=$((failed + 1))
		echo "$mode: $last"
		head -c 8000 "$tmp/$mode"
	fi
done
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
