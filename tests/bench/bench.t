#!/bin/sh
# tests/bench/bench.t - the bench believes nobody: translations that are held
# against each other come to the same bytes; a small run's ledger agrees, with
# two agencies and the real set of processes too; a folder in memory and a
# journal that is not synced fully are refused.
set -u
src=${ENTREPOT_SRC:-$(cd "$(dirname "$0")/../.." && pwd)}
build=${ENTREPOT_BUILD:-$(pwd)}
tmp=$(mktemp -d "$build/tests/bench/run.XXXXXX") || exit 99
trap 'rm -rf "$tmp"' EXIT
. "$src/tests/flow/say.sh"
say_log=$tmp/out

# run STATUS TEXT ARGUMENT ...: this status, and these words in what it says
run()
{
	status=$1
	words=$2
	shift 2
	"$build/tests/bench/path" -m "$src/mappings" "$@" >"$tmp/out" 2>&1
	[ $? -eq "$status" ] && grep -q "$words" "$tmp/out"
}

for wrong in word 0 -1 12x 99999999999; do
	want "-a is a number, and '$wrong' is none that it may be" \
	    run 2 "^path: -a is '$wrong', want a number from 1 to " -a "$wrong" lone
done
want "the same with how many" run 2 "^path: -n is 'all', want a number " -n all lone
"$build/tests/bench/offer" 1 >"$tmp/one.edi"
"$build/tests/bench/convert" -q "$src/mappings" \
    "$src/tests/bench/declaration.xsl" "$tmp/one.edi" >"$tmp/out" 2>&1
want "by hand, by libxslt and by us the message is the same" \
    grep -q 'of the hand-written limit' "$tmp/out"
disk=$(stat -f -c %T "$tmp")
if [ "$disk" = tmpfs ]; then
	echo "the build stands in memory: only refusals are tried"
else
	want "all calls of 100 filings are counted, and the ledger agrees" \
	    run 0 'syncs .* a filing in the spool' -n 100 -d "$tmp" counts
	want "two agencies of a set of processes answer all" \
	    run 0 'answered 200, told 200; .* it agrees' -n 100 -d "$tmp" \
	    -D "$build/entrepotd" two
	want "and the filer is told once for each of its files" \
	    grep -q 'of which 1 statuses: 1.00 an arrival' "$tmp/out"
	want "one file each way is held against as many calls" \
	    run 0 'limit  *[1-9][0-9]* a second' -n 100 -d "$tmp" \
	    -D "$build/entrepotd" files
	want "which are those of that very run, in all its processes" \
	    grep -Eq ' 5\.00 creates a filing, as many unlinks, 7\.0[0-9] renames; syncs: 3\.00 of files, .* \([6-9] processes\)' \
	    "$tmp/out"
	want "a journal below FULL is found" \
	    run 1 'is not synced fully' -l -n 100 -d "$tmp" counts
fi
memory=$(df -P -t tmpfs 2>/dev/null | awk 'NR > 1 { print $6 }' |
	while read -r place; do [ -w "$place" ] && echo "$place" && break; done)
if [ -n "$memory" ]; then
	want "a folder in memory is refused" \
	    run 1 'is in memory, want one on a disk' -n 1 -d "$memory" counts
fi
finish
