#!/bin/sh
# demo.sh [--keep]: two filers, three agencies, three formats, one release.
#
# A temporary spool, the gateway, and the simulated agencies; then a clean
# declaration, the same again, one with five planted mistakes, and a table of
# six whose answers come in every order. A line is printed for each thing as it
# happens. The exit status is that of expect.sh, which looks at the files by
# itself. --keep leaves the folder.
src=$(cd "$(dirname "$0")/../.." && pwd) || exit 1
build=${ENTREPOT_BUILD:-$src/build}
keep=
case ${1:-} in
'') ;;
--keep) keep=1 ;;
*)
	echo "usage: demo.sh [--keep]" >&2
	exit 2
	;;
esac
tmp=$(mktemp -d "${TMPDIR:-/tmp}/entrepot-demo.XXXXXX") || exit 1
daemon='' agencies=''
clean()
{
	for pid in $agencies $daemon; do
		kill "$pid" 2>/dev/null && wait "$pid" 2>/dev/null
	done
	[ -n "$keep" ] || rm -rf "$tmp"
}
trap clean EXIT
trap 'exit 1' HUP INT TERM PIPE
if [ -t 1 ]; then
	bold=$(printf '\033[1m') dim=$(printf '\033[2m')
	green=$(printf '\033[32m') red=$(printf '\033[31m')
	blue=$(printf '\033[34m') plain=$(printf '\033[0m')
else
	bold='' dim='' green='' red='' blue='' plain=''
fi

started=$(date +%s%N)
step() # COLOUR WHO WHAT DETAIL
{
	ms=$((($(date +%s%N) - started) / 1000000))
	printf '%s%3d.%03d s%s  %s%-10s%s %-28s %s\n' "$dim" $((ms / 1000)) \
	    $((ms % 1000)) "$plain" "$1" "$2" "$plain" "$3" "$4"
}
title()
{
	printf '\n%s%s%s\n' "$bold" "$*" "$plain"
}
stuck()
{
	step "$red" demo "waited too long" "$*"
	sed 's/^/    gateway: /' "$tmp/gateway.log"
	for name in customs inspection peer; do
		sed "s/^/    $name: /" "$tmp/$name.log"
	done
	exit 1
}
# Until the command succeeds; in the end what happened is shown.
await() # WHAT COMMAND...
{
	what=$1 tries=0
	shift
	until "$@" >/dev/null 2>&1; do
		tries=$((tries + 1))
		[ $tries -lt 6000 ] || stuck "$what"
		kill -0 "$daemon" 2>/dev/null || stuck "$what: the gateway ended"
		sleep 0.05
	done
}
drop() # FILER SOURCE NAME
{
	cp "$src/tests/data/$2" "$tmp/$1/in/$3.tmp" &&
	    mv "$tmp/$1/in/$3.tmp" "$tmp/$1/in/$3"
}
play() # AGENCY: it is simulated
{
	"$build/entrepot" simulate -f "$tmp/entrepot.conf" \
	    -t "$src/tests/data/simulate" --script "$tmp/$1.script" "$1" \
	    >"$tmp/$1.log" 2>&1 &
	agencies="$agencies $!"
}

mkdir "$tmp/spool" "$tmp/customs" "$tmp/customs/OutBox" "$tmp/customs/InBox"
for name in acme xinguo inspection maritime peer; do
	mkdir "$tmp/$name" "$tmp/$name/in" "$tmp/$name/out" || exit 1
done
cp -R "$src/mappings" "$tmp/mappings" || exit 1
chmod -R u+w "$tmp/mappings"
# the configuration and the rules of etc/, as an installation has them: who gets
# it, who waits, what releases it
sed -e "s|/var/spool/entrepot|$tmp/spool|; s|/srv/entrepot|$tmp|" \
    -e "s|reserve 2G; keep 400 days|reserve 1M; keep 10 days|" \
    -e "/^spool/a mappings \"$tmp/mappings\"" "$src/etc/import.conf" \
    >"$tmp/entrepot.conf"
cp "$src/etc/import.rules" "$tmp/mappings/rules/" || exit 1
# order-1 of acme: customs wait for the inspection; released is heard before
# reviewed, and reviewed is heard twice. The six of xinguo: every order of three.
# Each agency's word comes when those before it were told, whatever the machine.
cat >"$tmp/customs.script" <<.
for number 510120241120000001: out-of-order; response ok; \
7 when "$tmp/told.customs.L"; L when "$tmp/told.customs.J"; \
J twice when "$tmp/told.customs.P"; P when "$tmp/told.customs.R"; \
R when "$tmp/told.customs.0"
for number 510120241122000001: response ok; P when "$tmp/go.1"
for number 510120241122000002: response ok; P when "$tmp/go.1"
for number 510120241122000003: response ok; P when "$tmp/go.2"
for number 510120241122000004: response ok; P when "$tmp/go.3"
for number 510120241122000005: response ok; C; P when "$tmp/go.2"
for number 510120241122000006: response ok; P when "$tmp/go.3"
.
cat >"$tmp/inspection.script" <<.
for number 510120241120000001: response ok; \
C when "$tmp/told.inspection.stored"; P when "$tmp/told.inspection.inspection"
for number 510120241122000001: response ok; P when "$tmp/go.2"
for number 510120241122000002: response ok; P when "$tmp/go.3"
for number 510120241122000003: response ok; P when "$tmp/go.1"
for number 510120241122000004: response ok; P when "$tmp/go.1"
for number 510120241122000005: response ok; P when "$tmp/go.3"
for number 510120241122000006: response ok; C; P when "$tmp/go.2"
.
cat >"$tmp/peer.script" <<.
for number 510120241120000001: L; P when "$tmp/told.peer.1"
for number 510120241122000001: L; P when "$tmp/go.3"
for number 510120241122000002: L; P when "$tmp/go.2"
for number 510120241122000003: L; P when "$tmp/go.3"
for number 510120241122000004: L; P when "$tmp/go.2"
for number 510120241122000005: L; P when "$tmp/go.1"
for number 510120241122000006: L; P when "$tmp/go.1"
.

title "The gateway between two filers and three agencies"
"$build/entrepotd" -f "$tmp/entrepot.conf" 2>"$tmp/gateway.log" &
daemon=$!
await "the gateway's start" grep -q '^daemon.ready' "$tmp/gateway.log"
step "$blue" gateway "is ready" "a process a role, each behind its walls"
play customs
play inspection
play peer

# A filer's replies as they come: what they say, once each. Of a table's many
# answers only the word of each filing is shown.
seen=' '
replies_tell() # FILER STEM
{
	for f in "$tmp/$1"/out/"$2".*; do
		[ -f "$f" ] || continue
		case $seen in *" $f "*) continue ;; esac
		seen="$seen$f "
		sh "$src/tests/demo/replies.sh" "$f" >"$tmp/replies"
		while IFS='	' read -r file agency state detail; do
			case $1/$agency/$state in
			xinguo/-/released) ;;
			xinguo/*) continue ;;
			esac
			case $state in
			refused | held) colour=$red ;;
			inspection) colour=$blue ;;
			*) colour=$green ;;
			esac
			[ "$agency" = - ] || state="$agency: $state"
			step "$colour" "$1" "<- $file" "$state  $detail"
		done <"$tmp/replies"
	done
}
# So many rows of this stem's replies say this.
rows() # COUNT FILER STEM TEXT
{
	count=$(cat "$tmp/$2"/out/"$3".* 2>/dev/null | grep -a -c "$4")
	replies_tell "$2" "$3" >&3
	[ "$count" -ge "$1" ]
}
# So many agencies' releases are told of the table.
releases() # COUNT
{
	count=$(sh "$src/tests/demo/orders.sh" "$tmp"/xinguo/out/orders.*.status |
	    awk '{ n += NF - 2 } END { print n + 0 }')
	replies_tell xinguo orders >&3
	[ "$count" -ge "$1" ]
}
# Of order-1 what the agency says, one after the other.
hear() # AGENCY WORD...
{
	speaker=$1
	shift
	for word; do
		await "$speaker's word $word" \
		    rows 1 acme order-1 ",$speaker,.*,$word,"
		: >"$tmp/told.$speaker.$word"
	done
}
told() # AGENCY: its number for the first it got
{
	awk '$1 == "received" { print $5; exit }' "$tmp/$1.log"
}
exec 3>&1

title "One declaration, three agencies: wine, so customs wait for the inspection"
drop acme cusdec-d96b-import.edi order-1.edi
step "$green" acme "-> order-1.edi" "CUSDEC D.96B, three goods items"
await "the reply 'taken'" rows 1 acme order-1 ',taken,taken'
await "the inspection's pick-up" grep -q '^received' "$tmp/inspection.log"
step "$blue" inspection "<- sw-xml" "number $(told inspection)"
await "the peer's pick-up" grep -q '^received' "$tmp/peer.log"
step "$blue" peer "<- un-cusdec-d21a" "number $(told peer)"
hear inspection stored inspection released
hear peer 1 8
await "customs' pick-up" grep -q '^received' "$tmp/customs.log"
step "$blue" customs "<- cn-dec" "number $(told customs), in it the inspection's"
# six answers of customs, each told once though one is sent twice
hear customs 0 R P J L 7
await "the release" rows 1 acme order-1 ',,released,released,'

title "The same once more, and one with five mistakes"
drop acme cusdec-d96b-import.edi order-1-again.edi
step "$green" acme "-> order-1-again.edi" "the same once more"
await "the earlier answers" rows 6 \
    acme order-1-again ',customs,.*,\(0\|7\|L\|J\|P\|R\),'
drop acme cusdec-five-mistakes.edi order-2.edi
step "$green" acme "-> order-2.edi" "five mistakes in it"
await "the findings" rows 5 acme order-2 '^findings,'

title "A table in GB18030: six declarations, answers in every order"
drop xinguo demo/orders.csv orders.csv
step "$green" xinguo "-> orders.csv" "six declarations, in GB18030"
for turn in 1 2 3; do
	: >"$tmp/go.$turn"
	await "what each agency says in turn $turn" releases $((6 * turn))
done
await "the six releases" rows 6 xinguo orders ',,released,released,'

title "In which order the three released each, and what the filer heard last"
sh "$src/tests/demo/orders.sh" "$tmp"/xinguo/out/orders.*.status

title "The five mistakes, with their places"
sh "$src/tests/demo/replies.sh" --findings "$tmp/acme/out/order-2.001.findings" |
    sed 's/^/  /'

number=$(sed -n 's/^BGM+[^+]*+\([^+]*\)+.*/\1/p' \
    "$src/tests/data/cusdec-d96b-import.edi")
if "$build/entrepot" help | grep -q '^show '; then
	title "Declaration $number: its legs, and what was answered"
	"$build/entrepot" show -f "$tmp/entrepot.conf" "$number" 2>/dev/null |
	    grep -E '^ *(filing|leg) [0-9A-Z-]+:|receipt |items_|status ' |
	    sed 's/^/  /'
fi

title "Where the gross mass that customs got comes from"
"$build/entrepot" convert -m "$src/mappings" --to cn-dec --trace \
    "$src/tests/data/cusdec-d96b-import.edi" 2>&1 >/dev/null |
    sed -n "s|$src/||; /\/GrossWet /s/^/  /p"

title "Do the files hold what they should?"
for pid in $agencies; do
	kill "$pid" && wait "$pid" 2>/dev/null
done
agencies=
kill "$daemon" && wait "$daemon" 2>/dev/null
daemon=
sh "$src/tests/demo/expect.sh" "$tmp"
status=$?

title "To look further"
where=DIR
[ -z "$keep" ] || where=$tmp
# as it can be pasted where the demo was called
near()
{
	case $1 in
	"$PWD"/*) printf '%s' "${1#"$PWD"/}" ;;
	*) printf '%s' "$1" ;;
	esac
}
entrepot=$(near "$build/entrepot")
echo "  $entrepot show -f $where/entrepot.conf $number"
echo "  $entrepot track -f $where/entrepot.conf $number"
echo "  $entrepot why -f $where/entrepot.conf order-2.edi"
echo "  $entrepot convert -m $(near "$src/mappings") --to sw-xml" \
    "$(near "$src/tests/data/cusdec-d96b-import.edi")"
if [ -n "$keep" ]; then
	printf '\nkept: %s\n' "$tmp"
else
	echo "  (DIR is what './bootstrap demo --keep' leaves)"
fi
exit $status
