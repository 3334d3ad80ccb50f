#!/bin/sh
# bundle.t: two bundles of mappings, one of them from a moment on: the real set
# of processes changes over by itself, what was begun is ended with the old one,
# a kill and a reload between them, and what is wrong in the one to come is told.
src=$(cd "${ENTREPOT_SRC:-$(dirname "$0")/../..}" && pwd)
ENTREPOT_SRC=$src
. "$src/tests/flow/gate.sh"
tmp=$(mktemp -d "${TMPDIR:-/tmp}/entrepot-bundle.XXXXXX") || exit 1
player=
clean()
{
	[ -z "$player" ] || kill "$player" 2>/dev/null
	gate_down
	rm -rf "$tmp"
}
trap clean EXIT
trap 'exit 1' HUP INT TERM

yes()
{
	"$@" >/dev/null 2>&1 && echo yes || echo no
}
run() # entrepot with both outputs
{
	"$build/entrepot" "$@" 2>&1
}
version() # FOLDER
{
	"$build/entrepot" map -m "$tmp/$1" version | cut -c 1-64
}
file() # NUMBER NAME: a declaration of that number
{
	sed "s/510120241120000001/$1/g" \
	    "$src/tests/data/cusdec-d96b-import.edi" >"$tmp/order"
	gate_drop "$tmp/order" "$2"
}
heading() # STEM KIND: the first column of its replies
{
	cat "$tmp/acme/out/$1".*."$2" 2>/dev/null | sed -n '1s/,.*//p'
}
leg() # NUMBER: the mappings that its leg records
{
	"$build/entrepot" show --json "$1" | grep '"what":"leg","id"' | sed -n 's/.*"mapping":"\([0-9a-f]*\)".*/\1/p' |
	    sort -u | tr '\n' ' '
}
events()
{
	"$build/entrepot" audit --json 2>/dev/null | grep -c "$1"
}
past() # is the moment over?
{
	test "$(date +%s)" -ge "$moment"
}

gate_make "$tmp"
cp -R "$src/mappings" "$tmp/old" && chmod -R u+w "$tmp/old"
cp -R "$tmp/old" "$tmp/new"
# what a filer and an agency see of the new one: a heading, a name
sed -i 's/"Reply" \/kind/"Reply 2" \/kind/' "$tmp/new/formats/csv-status.fmt"
sed -i "s|^mappings .*|mappings \"$tmp/old\", \"$tmp/new\"|" "$tmp/conf"
old=$(version old) new=$(version new)
is "one line more is another version" "$(yes test "$old" != "$new")" yes

# Neither has a date: which would it be?
is "two that begin together are refused" "$(run check | tail -1)" \
    "entrepot check: the mappings in '$tmp/old' and '$tmp/new' are valid from the same time on, want another 'valid from' in the file 'bundle' of one of them"
echo 'valid from 2099-13-01' >"$tmp/new/bundle"
is "a date that is none has its place" "$(run check)" \
    "$tmp/new/bundle:1:12: error: found '2099-13-01', want a date like 2027-01-01"
echo 'valid from 2099-01-01' >"$tmp/new/bundle"
echo 'valid from 2098-01-01' >"$tmp/old/bundle"
is "one must hold today" "$(run check)" \
    "entrepot check: no mappings are valid before 2098-01-01T00:00:00.000Z, those in '$tmp/old'"
rm "$tmp/old/bundle"
is "a date is no part of the version" "$(version new)" "$new"
sed -i 's/"Reply 2" \/kind/"Reply 2" \/knid/' "$tmp/new/formats/csv-status.fmt"
is "what is wrong in the one to come is told today" "$(run check |
    sed "s|$tmp/||; s/: error.*//")" new/formats/csv-status.fmt:7:16
sed -i 's/"Reply 2" \/knid/"Reply 2" \/kind/' "$tmp/new/formats/csv-status.fmt"

# moment_set SECONDS: from then on, so many from now
moment_set()
{
	moment=$(($(date +%s) + $1))
	date -u -d "@$moment" +'valid from %Y-%m-%d %H:%M:%S' >"$tmp/new/bundle"
	from=$(date -u -d "@$moment" +%Y-%m-%dT%H:%M:%S.000Z)
}
moment_set 3600
is "a check tells both and their dates" "$(run check -v | grep '^mappings')" \
    "mappings $old in $tmp/old
mappings $new in $tmp/new from $from"
is "so does map version" "$(run map version -f "$tmp/conf" | tr -s ' ')" \
    "$old now - $tmp/old
$new later $from $tmp/new"

# What is seen before that moment is seen in time, or all of it once more with
# more time.
for seconds in 6 30 150 750; do
	moment_set $seconds
	gate_up set || exit 1
	comes=$(run status | sed -n 's/^then *//p' | cut -c 1-21)
	file 510120241120000001 first.edi
	gate_until test -f "$tmp/acme/out/first.001.taken" || exit 1
	before="$(heading first taken), $(leg 510120241120000001)"
	before="$before, $(events mapping.turned)"
	past || break
	gate_down
	rm -rf "$tmp/spool" "$tmp"/acme/out/* "$tmp"/customs/OutBox/*
	mkdir -m 700 "$tmp/spool"
done
is "the status says what comes" "$comes" \
    "mappings $(echo "$new" | cut -c 1-12)"
is "before the date the old one answers, its leg says so, nothing has turned" \
    "$before" "Reply, $old , 0"

gate_until past || exit 1
file 510120241120000002 second.edi
gate_until test -f "$tmp/acme/out/second.001.taken" || exit 1
is "from the date on the new one answers" "$(heading second taken)" "Reply 2"
is "and its leg says so too" "$(leg 510120241120000002)" "$new "
is "the turn stands in the chain, once" "$(events "mapping.turned mapping=$new")" 1
is "it is one generation" "$(events generation.loaded)" 1
is "map version says what holds now" "$(run map version -f "$tmp/conf" |
    awk '{ print $2 }' | tr '\n' ' ')" "before now "

# Killed, and up again: the answers to both find their own.
kill -9 "$gate_pid"
wait "$gate_pid" 2>/dev/null
gate_pid=
gate_again set || exit 1
"$build/entrepot" simulate -f "$tmp/conf" -t "$src/tests/data/simulate" \
    customs >"$tmp/player.log" 2>&1 &
player=$!
gate_until sh -c "ls '$tmp'/acme/out/first.*.status" || exit 1
gate_until sh -c "ls '$tmp'/acme/out/second.*.status" || exit 1
is "an old leg's answer is told as the file was read" \
    "$(heading first status)" Reply
is "a new one's with the new mappings" "$(heading second status)" "Reply 2"
kill "$player"
wait "$player" 2>/dev/null
player=

# A reload with a mistake in one to come: refused, the running one goes on.
cp -R "$tmp/new" "$tmp/third"
echo 'valid from 2099-01-01' >"$tmp/third/bundle"
echo 'nonsense' >>"$tmp/third/formats/cn-dec.fmt"
cp "$tmp/conf" "$tmp/conf.two"
sed -i "s|^mappings .*|mappings \"$tmp/old\", \"$tmp/new\", \"$tmp/third\"|" \
    "$tmp/conf"
is "a reload with it is refused" "$(yes "$build/entrepot" reload)" no
file 510120241120000003 third.edi
gate_until test -f "$tmp/acme/out/third.001.taken" || exit 1
is "the running ones go on" "$(heading third taken)" "Reply 2"
cp "$tmp/conf.two" "$tmp/conf"

# Without the old one: what it began is ended with what was valid then.
sed -i "s|^mappings .*|mappings \"$tmp/new\"|" "$tmp/conf"
is "a reload without the old one is good" "$(run reload)" "generation 3 holds"
is "its leg says for ever what wrote it" "$(leg 510120241120000001)" "$old "
gate_down
finish
