#!/bin/bash
# crowd.t: two thousand files into one folder at once, a window that is never
# passed, beside a folder full of names that are none of ours
# (CROWD_NAMES: how many; 1,000,000 by hand).
src=${ENTREPOT_SRC:-$(cd "$(dirname "$0")/../.." && pwd)}
build=${ENTREPOT_BUILD:-$src/build}
n=2000 names=${CROWD_NAMES:-5000}
if [ -n "$ENTREPOT_SMOKE" ] || "$build/tests/crash/scenario" sanitized; then
	n=300
fi
tmp=$(mktemp -d "${TMPDIR:-/tmp}/entrepot-crowd.XXXXXX") || exit 1
tmp=$(cd "$tmp" && pwd -P)
pid=
trap '[ -z "$pid" ] || kill -9 "$pid" 2>/dev/null; rm -rf "$tmp"' EXIT
. "$src/tests/flow/say.sh"
say_log=$tmp/log

mkdir -p "$tmp/a/in" "$tmp/b/out" "$tmp/spool" "$tmp/got" "$tmp/w"
cat >"$tmp/conf" <<.
spool "$tmp/spool" { reserve 1M }
mappings "$src/mappings"
filer here { folder "$tmp/a"; forward to there }
agency there {
	folder "$tmp/b"
	submit declaration as cn-dec window 50
}
.
# What the agency never cleared away: nobody's business.
seq -f "$tmp/b/out/old-%.0f" "$names" | xargs touch
for i in $(seq "$n"); do
	echo "file $i" >"$tmp/w/f$i"
done
"$build/entrepotd" -f "$tmp/conf" >"$tmp/log" 2>&1 &
pid=$!
want "the gateway comes up" within 60 grep -q daemon.ready "$tmp/log"
find "$tmp/w" -type f -exec mv -t "$tmp/a/in" {} +

most=0
take() # as the agency: all that stands there of ours; were there too many?
{
	local standing
	standing=$(find "$tmp/b/out" -maxdepth 1 -name 'f*' | tee "$tmp/list" |
	    wc -l)
	[ "$standing" -le "$most" ] || most=$standing
	[ "$standing" = 0 ] || xargs mv -t "$tmp/got" <"$tmp/list"
	[ "$(find "$tmp/got" -type f | wc -l)" -ge "$n" ]
}
want "all $n files come out" within 300 take
want "at most 50 stood there at once, found $most" test "$most" -le 50
want "the window was used, found $most" test "$most" -ge 10
want "no file stays in the drop folder" test -z "$(find "$tmp/a/in" -type f)"
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
echo "$passed passed, $failed failed"
[ $failed = 0 ]
