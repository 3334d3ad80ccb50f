#!/bin/sh
# forward.t - from a folder to a folder through the whole gateway: it dies, or
# a call fails, at every file-changing call in turn; after the next start each
# file offered was delivered once, with its bytes. Then bugs are planted, and
# must be found: a checker that cannot fail checks nothing.
build=${ENTREPOT_BUILD:-$(cd "$(dirname "$0")/../../build" && pwd)}
shim=$build/tests/crash/shim.so
every=$build/tests/crash/every
scenario=$build/tests/crash/scenario
# The process dies, not the machine: memory is as good as a disk, and faster.
[ -d /dev/shm ] && [ -w /dev/shm ] && TMPDIR=/dev/shm && export TMPDIR
tmp=$(mktemp -d "${TMPDIR:-/tmp}/entrepot-forward.XXXXXX") || exit 1
trap 'rm -rf "$tmp"' EXIT
passed=0 failed=0 points=0

most= least=1600
if "$scenario" sanitized; then
	most="-x 40" least=150
fi

# battery NAME WORDS...: in the background; its words to $tmp/NAME
battery()
{
	name=$1
	shift
	# shellcheck disable=SC2086 # most is none or two words
	"$every" -s "$shim" $most "$@" -- "$scenario" prepare {} ::: \
	    "$scenario" run {} ::: "$scenario" check {} >"$tmp/$name" 2>&1 &
}

# book NAME: all points of it passed, and every step was one (unless -x)
book()
{
	last=$(tail -n 1 "$tmp/$1")
	steps=$(sed -n 's/^\([0-9]*\) steps, .*/\1/p' "$tmp/$1")
	tried=$(sed -n 's/.* steps, \([0-9]*\) points/\1/p' "$tmp/$1")
	points=$((points + tried))
	if [ "$last" = "$tried passed, 0 failed" ] &&
	    { [ -n "$most$2" ] || [ "$steps" = "$tried" ]; }; then
		passed=$((passed + tried))
	else
		failed=$((failed + 1))
		echo "$1: $steps steps, $tried points, $last"
		head -c 20000 "$tmp/$1"
	fi
}

battery before -m before
battery half -m half
wait
battery after -m after
wait
book before
book half
book after
[ -n "$most" ] || most="-x 180"
battery EIO -f EIO
battery ENOSPC -f ENOSPC
battery ENOSPC-forever -f ENOSPC:forever
wait
battery SHORT -f SHORT
battery EMFILE -f EMFILE
wait
for name in EIO ENOSPC ENOSPC-forever SHORT EMFILE; do
	book $name some
done
echo "$points points"
if [ "$points" -lt "$least" ]; then
	echo "want at least $least points"
	failed=$((failed + 1))
fi

for bug in unlink-early publish-early no-aside no-rename commit-late; do
	SCENARIO_BUG=$bug "$every" -s "$shim" -1 -- "$scenario" prepare {} \
	    ::: "$scenario" run {} ::: "$scenario" check {} >"$tmp/bug" 2>&1
	if [ $? = 1 ] && grep -a -q "CHECK failed" "$tmp/bug"; then
		passed=$((passed + 1))
	else
		failed=$((failed + 1))
		echo "the bug $bug is not found"
	fi
	sed -n 's/.*kept in \(.*\)\*$/\1/p' "$tmp/bug" | while read -r kept; do
		rm -rf "$kept" "$kept.said" "$kept.log" "$kept.count"
	done
done

echo "$passed passed, $failed failed"
[ $failed = 0 ]
