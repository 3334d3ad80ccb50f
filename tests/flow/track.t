#!/bin/sh
# track.t: a declaration is found by whatever people have of it: each of its
# fifty containers, a bill in any spelling, the beginning of a number, a span of
# days; by nobody whose it is not; and what is beyond the bound is counted.
ENTREPOT_SRC=${ENTREPOT_SRC:-$(cd "$(dirname "$0")/../.." && pwd)}
ENTREPOT_BUILD=${ENTREPOT_BUILD:-$ENTREPOT_SRC/build}
. "$ENTREPOT_SRC/tests/flow/gate.sh"
tmp=$(mktemp -d "${TMPDIR:-/tmp}/entrepot-track.XXXXXX") || exit 1
trap 'gate_down; rm -rf "$tmp"' EXIT
entrepot=$build/entrepot
number=510120241120000001

# containers FROM TO: as many segments
containers()
{
	awk -v from="$1" -v to="$2" 'BEGIN {
		for (n = from; n <= to; n++)
			printf "EQD+CN+MSKU%07d+22G1:102:5'\''", n
	}'
}

# filed NAME NUMBER FROM TO [SED]: the import declaration with these boxes
filed()
{
	tr -d '\n' <"$src/tests/data/cusdec-d96b-import.edi" |
	    sed -E "s/$number/$2/g; s/FTX\+AAI/$(containers "$3" "$4")&/; \
		s/UNT\+105/UNT+$((106 + $4 - $3))/; ${5:-}" >"$tmp/$1"
	gate_drop "$tmp/$1" "$1"
	gate_until "$entrepot" cat --reply=taken "$1"
}

# found COUNT KEY...: as many filings
found()
{
	count=$1
	shift
	"$entrepot" track --json "$@" | tee "$tmp/out" |
	    grep -c '"what":"filing"' | grep -qx "$count" && return
	cat "$tmp/out"
	return 1
}

gate_make "$tmp"
gate_up || { echo "0 passed, 1 failed"; exit 1; }
filed fifty.edi 510120241120000011 1 50
filed many.edi 510120241120000012 1001 1600 \
    's/999-00001111/777-1/; s/(DTM.137:)20241120/\120241231/'

want "each of fifty containers finds it" sh -c '
	for n in $(seq -f %07.0f 1 50); do
		"$1" track container=MSKU$n | grep -q " filing " || exit 1
	done' - "$entrepot"
want "in any spelling" found 1 'container=msku 000004-9'
want "a bill too" found 1 'bill=999 00001111'
want "of a beginning all" found 1 'container=MSKU00000*'
want "and with a beginning of two both" found 2 'MSKU0*'
want "a beginning of another key is none" found 0 'bill=MSKU0*'
want "of the filer's number also" found 2 '5101202411200000*'
want "leg and filing" sh -c '"$1" track "5101202411200000*" | grep " leg "' - \
    "$entrepot"
want "a span of days" found 1 date=2024-12-01..2024-12-31
want "a month" found 1 date=2024-12..2024-12
want "a year" found 2 'date=2024*'
want "and the days between have none" found 0 date=2024-11-21..2024-12-30
want "his own only" found 2 -p acme date=2024-01-01..2024-12-31
want "and nobody else's" sh -c '! "$1" track -p customs "date=2024*"' - \
    "$entrepot"
want "of 600 those within the bound are found" found 1 MSKU0001450
want "what is beyond it is counted" sh -c '
	"$1" show --json many.edi | grep -o "\"unsearched\":[0-9]*" |
	    grep -Eqx "\"unsearched\":1[0-9][0-9]"' - "$entrepot"
want "and is no more in a filing that has none" sh -c '
	"$1" show fifty.edi | grep unsearched; [ $? = 1 ]' - "$entrepot"
want "--help lists the names of keys" sh -c '
	"$1" track --help | grep -Eq "^  container +container.number$"' - \
    "$entrepot"
want "a name that is none is told" sh -c '
	said=$("$1" track conatiner=MSKU0000001 2>&1); [ $? = 2 ] &&
	    case $said in *"no key has the name '"'conatiner'"'"*) ;;
	    *) false ;; esac' - "$entrepot"
want "a number that nobody has is none" sh -c '
	said=$("$1" track container=MSKU9 2>&1); [ $? = 1 ] && [ -z "$said" ]' - \
    "$entrepot"
gate_down
want "the same while no daemon runs" found 1 'container=MSKU00000*'
finish
