#!/bin/sh
# demo.sh [--keep]: one filer, one agency, a real declaration and its answers.
#
# A temporary spool, the gateway, and the simulated agency; then a clean
# declaration, the same again, and one with five planted mistakes. A line is
# printed for each thing as it happens. The exit status is that of expect.sh,
# which looks at the files by itself. --keep leaves the folder.
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
daemon='' agency=''
clean()
{
	for pid in $agency $daemon; do
		kill "$pid" 2>/dev/null && wait "$pid" 2>/dev/null
	done
	[ -n "$keep" ] || rm -rf "$tmp"
}
trap clean EXIT
trap 'exit 1' HUP INT TERM
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
	printf '%s%3d.%03d s%s  %s%-8s%s %-32s %s\n' "$dim" $((ms / 1000)) \
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
	sed 's/^/    agency:  /' "$tmp/agency.log"
	exit 1
}
# Until the command succeeds; at most 15 s, then what happened is shown.
await() # WHAT COMMAND...
{
	what=$1 tries=0
	shift
	until "$@" >/dev/null 2>&1; do
		tries=$((tries + 1))
		[ $tries -lt 300 ] || stuck "$what"
		kill -0 "$daemon" 2>/dev/null || stuck "$what: the gateway ended"
		sleep 0.05
	done
}
drop() # SOURCE NAME
{
	cp "$src/tests/data/$1" "$tmp/acme/in/$2.tmp" &&
	    mv "$tmp/acme/in/$2.tmp" "$tmp/acme/in/$2"
}

mkdir "$tmp/spool" "$tmp/acme" "$tmp/acme/in" "$tmp/acme/out" "$tmp/customs" \
    "$tmp/customs/OutBox" "$tmp/customs/InBox" || exit 1
cat >"$tmp/entrepot.conf" <<.
spool "$tmp/spool" { reserve 1M; keep 10 days }
mappings "$src/mappings"

filer acme {
	name "Chengdu Acme Imports" "成都某某进出口有限公司"
	folder "$tmp/acme" complete on rename
	accept un-cusdec-d96b
	reply taken, findings, status as csv-status language zh
}
agency customs {
	name "Customs" "海关"
	folder "$tmp/customs" layout import-client
	submit declaration as cn-dec window 500 batch 1
	expect technical within 30m, decision within 48h
}
.
cat >"$tmp/agency.script" <<.
# customs answers one declaration: released is heard before reviewed, and
# reviewed is heard twice
for 1: out-of-order; response ok after 0.3; 7 after 0.3; L after 0.3; \
J twice after 0.3; P after 0.3; R after 0.3
.

title "The gateway between a filer and an agency"
"$build/entrepotd" -f "$tmp/entrepot.conf" --one 2>"$tmp/gateway.log" &
daemon=$!
await "the gateway's start" grep -q '^daemon.ready' "$tmp/gateway.log"
step "$blue" gateway "is ready" "spool, intake, convert, deliver"
"$build/entrepot" simulate -f "$tmp/entrepot.conf" \
    -t "$src/tests/data/simulate" --script "$tmp/agency.script" customs \
    >"$tmp/agency.log" 2>&1 &
agency=$!

# The filer's replies as they come: what they say, once each.
seen=' '
replies_tell() # STEM
{
	for f in "$tmp"/acme/out/"$1".*; do
		[ -f "$f" ] || continue
		case $seen in *" $f "*) continue ;; esac
		seen="$seen$f "
		sh "$src/tests/demo/replies.sh" "$f" >"$tmp/replies"
		while IFS='	' read -r file state detail; do
			case $state in
			refused | held) colour=$red ;;
			*) colour=$green ;;
			esac
			step "$colour" acme "<- $file" "$state  $detail"
		done <"$tmp/replies"
	done
}
# So many rows of this stem's replies say this.
rows() # COUNT STEM TEXT
{
	count=$(cat "$tmp"/acme/out/"$2".* 2>/dev/null | grep -c "$3")
	replies_tell "$2" >&3
	[ "$count" -ge "$1" ]
}
exec 3>&1

drop cusdec-d96b-import.edi order-1.edi
step "$green" acme "-> order-1.edi" "CUSDEC D.96B, three goods items"
await "the reply 'taken'" rows 1 order-1 ',taken,taken'
await "customs' pick-up" grep -q '^received' "$tmp/agency.log"
step "$blue" customs "<- $(awk '$1 == "received" { print $3; exit }' \
    "$tmp/agency.log")" "DecMessage, gets number $(awk '$1 == "received" {
    print $5; exit }' "$tmp/agency.log")"
# six answers, each told once though one is sent twice
await "the answers" rows 6 order-1 '^status,'

drop cusdec-d96b-import.edi order-1-again.edi
step "$green" acme "-> order-1-again.edi" "the same once more"
await "the earlier answers" rows 6 order-1-again '^status,'

drop cusdec-five-mistakes.edi order-2.edi
step "$green" acme "-> order-2.edi" "five mistakes in it"
await "the findings" rows 5 order-2 '^findings,'

title "What the filer has now"
(cd "$tmp/acme/out" && ls -l | awk 'NR > 1 { printf "  %6d  %s\n", $5, $NF }')

title "The five mistakes, with their places"
sh "$src/tests/demo/replies.sh" --findings "$tmp/acme/out/order-2.001.findings" |
    sed 's/^/  /'

number=$(sed -n 's/^BGM+[^+]*+\([^+]*\)+.*/\1/p' \
    "$src/tests/data/cusdec-d96b-import.edi")
if "$build/entrepot" help | grep -q '^show '; then
	title "The time line of declaration $number"
	"$build/entrepot" show -f "$tmp/entrepot.conf" "$number" |
	    sed 's/^/  /'
fi

title "Where the gross mass that customs got comes from"
"$build/entrepot" convert -m "$src/mappings" --to cn-dec --trace \
    "$src/tests/data/cusdec-d96b-import.edi" 2>&1 >/dev/null |
    sed -n "s|$src/||; /\/GrossWet /s/^/  /p"

title "Do the files hold what they should?"
kill "$agency" && wait "$agency" 2>/dev/null
agency=
kill "$daemon" && wait "$daemon" 2>/dev/null
daemon=
sh "$src/tests/demo/expect.sh" "$tmp"
status=$?

title "To look further"
where=DIR
[ -z "$keep" ] || where=$tmp
echo "  entrepot track -f $where/entrepot.conf $number"
echo "  entrepot why -f $where/entrepot.conf order-2.edi"
echo "  entrepot convert -m mappings --to sw-xml tests/data/cusdec-d96b-import.edi"
if [ -n "$keep" ]; then
	printf '\nkept: %s\n' "$tmp"
else
	echo "  (DIR is what './bootstrap demo --keep' leaves)"
fi
exit $status
