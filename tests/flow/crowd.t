#!/bin/bash
# crowd.t: two thousand files into one folder at once, a window that is never
# passed, beside a folder full of names that are none of ours, while another
# filer fills its own with names that are no files (CROWD_NAMES: how many;
# 1,000,000 in the battery). Who has nothing to do with it notices nothing.
src=${ENTREPOT_SRC:-$(cd "$(dirname "$0")/../.." && pwd)}
build=${ENTREPOT_BUILD:-$src/build}
n=2000 names=${CROWD_NAMES:-6000}
if [ -n "$ENTREPOT_SMOKE" ] || "$build/tests/crash/scenario" sanitized; then
	n=300
fi
tmp=$(mktemp -d "${TMPDIR:-/tmp}/entrepot-crowd.XXXXXX") || exit 1
tmp=$(cd "$tmp" && pwd -P)
pid=
trap '[ -z "$pid" ] || kill -9 "$pid" 2>/dev/null; rm -rf "$tmp"' EXIT
. "$src/tests/flow/say.sh"
say_log=$tmp/log

mkdir -p "$tmp/a/in" "$tmp/b/out" "$tmp/spool" "$tmp/got" "$tmp/w" \
    "$tmp/junk/in" "$tmp/calm/in" "$tmp/quiet/out"
cat >"$tmp/conf" <<.
spool "$tmp/spool" { reserve 1M }
mappings "$src/mappings"
filer here { folder "$tmp/a"; forward to there }
agency there {
	folder "$tmp/b"
	submit declaration as cn-dec window 50
}
filer junk { folder "$tmp/junk"; forward to there }
filer calm { folder "$tmp/calm"; forward to quiet }
agency quiet { folder "$tmp/quiet"; submit declaration as cn-dec }
.
ENTREPOT_CONF=$tmp/conf
export ENTREPOT_CONF
# What the agency never cleared away: nobody's business.
seq -f "$tmp/b/out/old-%.0f" "$names" | xargs touch
# Names that are not whole, and some that can never be taken.
seq -f "$tmp/junk/in/half-%.0f.tmp" "$names" | xargs touch
seq -f "$tmp/junk/in/link-%.0f" $((names / 4)) >"$tmp/links"
python3 -c 'import os, sys
for name in sys.stdin: os.symlink("nothing", name.strip())' <"$tmp/links"
for i in $(seq "$n"); do
	echo "file $i" >"$tmp/w/f$i"
done
"$build/entrepotd" -f "$tmp/conf" >"$tmp/log" 2>&1 &
pid=$!
want "the gateway comes up" within $say_patience grep -q daemon.ready "$tmp/log"
find "$tmp/w" -type f -exec mv -t "$tmp/a/in" {} +

# Nobody picks up: the window refuses all others, and who asks is told.
stand() # N: so many of ours stand before the agency
{
	[ "$(find "$tmp/b/out" -maxdepth 1 -name 'f*' | wc -l)" -ge "$1" ]
}
want "the window fills" within $say_patience stand 50
calm() # FILE: it comes out at the other agency
{
	echo "$1" >"$tmp/calm/$1" && mv "$tmp/calm/$1" "$tmp/calm/in/$1"
	within $say_patience test -f "$tmp/quiet/out/$1"
}
for i in 1 2 3; do
	touch "$tmp/junk/in/half-$i.tmp" "$tmp/junk/in/new-$i.tmp"
	want "another agency gets its file $i meanwhile" calm "calm$i"
done
told()
{
	"$build/entrepot" queue what=delivery state=ready partner=there kind=forward |
	    awk 'NR == 2 { print $1 }' | xargs "$build/entrepot" why |
	    grep -q '50 files stand in its folder, the window is 50'
}
want "why says that the window is full" within $say_patience told
want "a thousand links are told, and that there are more" within \
    $say_patience grep -q 'intake.refused .*more like those before' "$tmp/log"
want "all the names are not" test \
    "$(grep -c 'intake.refused partner=junk' "$tmp/log")" -le 1025
memory() # no role grows with the names
{
	local child kib roles=0
	for child in $(cat "/proc/$pid/task/$pid/children"); do
		kib=$(awk '/^Pss:/ { print $2 }' "/proc/$child/smaps_rollup")
		[ "$kib" -lt 40000 ] || return 1
		roles=$((roles + 1))
	done
	[ $roles -ge 5 ]
}
if [ "$(id -u)" != 0 ]; then
	echo "a role's memory is for root to see: it is not looked at"
elif ! "$build/tests/crash/scenario" sanitized; then
	want "each role holds less than 40 MB" memory
fi

most=0
have()
{
	find "$tmp/got" -type f | wc -l
}
take() # as the agency: all that stands there of ours; were there too many?
{
	local standing
	standing=$(find "$tmp/b/out" -maxdepth 1 -name 'f*' | tee "$tmp/list" |
	    wc -l)
	[ "$standing" -le "$most" ] || most=$standing
	[ "$standing" = 0 ] || xargs mv -t "$tmp/got" <"$tmp/list"
	[ "$(have)" -ge "$n" ]
}
more() # than before
{
	take || [ "$(have)" -gt "$before" ]
}
while before=$(have) && [ "$before" -lt "$n" ] && within $say_patience more; do
	: # what it takes in all is no claim
done
want "all $n files come out" take
want "at most 50 stood there at once, found $most" test "$most" -le 50
want "the window was used, found $most" test "$most" -ge 10
let_go() # which is after they were taken in, and may be after they went out
{
	[ -z "$(find "$tmp/a/in" -type f)" ]
}
want "no file stays in the drop folder" within $say_patience let_go
books()
{
	local i
	for i in $(seq "$n"); do
		[ "$(cat "$tmp/got/f$i")" = "file $i" ] || return 1
	done
}
want "each has its own bytes" books
want "others' names stand as they did" test \
    "$(find "$tmp/b/out" -name 'old-*' | wc -l)" = "$names"
kill -TERM "$pid"
wait "$pid"
want "the set ends well" test $? = 0
pid=
finish
