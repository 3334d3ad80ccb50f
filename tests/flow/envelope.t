#!/bin/sh
# envelope.t: interchanges are for whom they say, from whom they say, and whole:
# addresses of the configuration in all that is written, and what a filer's
# CONTRL answers to each mistake of UNB, UNH, UNT and UNZ.
src=${ENTREPOT_SRC:-$(cd "$(dirname "$0")/../.." && pwd)}
ENTREPOT_SRC=$src
ENTREPOT_BUILD=${ENTREPOT_BUILD:-$src/build}
. "$src/tests/flow/gate.sh"
tmp=$(mktemp -d "${TMPDIR:-/tmp}/entrepot-envelope.XXXXXX") || exit 1
trap 'gate_down; rm -rf "$tmp"' EXIT

drop() # FILE FOLDER NAME
{
	cp "$1" "$gate/$2/$3.tmp" && mv "$gate/$2/$3.tmp" "$gate/$2/$3"
}
# "1.1 VALUE" of the segments with this tag, on one line: said FILE MESSAGE TAG
said()
{
	LC_ALL=C awk -f "$src/tests/flow/edifact.awk" "$1" | awk -F'\t' \
	    -v m="$2" -v tag="$3" '$1 == m && $3 == tag { printf "%s%s=%s",
	    (n++ ? " " : ""), $4, $5 }'
}
# The interchange of the sample under another number: filing NUMBER REFERENCE
filing()
{
	sed "s/510120241120000001/$1/; s/IC24112001/$2/; s/ENTREPOT:ZZ/5101GATE:ZZ/" \
	    "$src/tests/data/cusdec-d96b-import.edi"
}

gate_make "$tmp/gate"
mkdir -p "$gate/harbour/in" "$gate/harbour/out" "$gate/quay/in" "$gate/quay/out"
cat >"$gate/conf" <<.
spool "$gate/spool" { reserve 1M }
mappings "$src/mappings"
interchange from 5101GATE qualifier ZZ
filer acme {
	folder "$gate/acme"
	interchange to 5101980002 qualifier ZZ
	accept un-cusdec-d96b
	reply taken, status as un-cusres-d96b
	reply control as un-contrl-s4
}
agency harbour {
	folder "$gate/harbour"
	interchange to HARBOUR qualifier 14
	submit declaration as un-cusdec-d21a
}
agency quay {
	folder "$gate/quay"
	interchange from OURS-AT-QUAY
	submit declaration as un-cusdec-d96b
}
.
gate_up || finish

# --- all that is written carries the addresses of the configuration ---
filing 510120241120000001 IC1 >"$tmp/one.edi"
drop "$tmp/one.edi" acme/in one.edi
await "the reply" test -f "$gate/acme/out/one.002.taken"
await "the harbour's delivery" sh -c 'ls "$1"/harbour/out/*' - "$gate"
await "the quay's delivery" sh -c 'ls "$1"/quay/out/*' - "$gate"
address() # FILE
{
	said "$1" 0 UNB | tr ' ' '\n' | grep '^[23]\.' | paste -sd' '
}
is "a reply is from us to the filer" "$(address "$gate/acme/out/one.002.taken")" \
    "2.1=5101GATE 2.2=ZZ 3.1=5101980002 3.2=ZZ"
is "so is a CONTRL" "$(address "$gate/acme/out/one.001.control")" \
    "2.1=5101GATE 2.2=ZZ 3.1=5101980002 3.2=ZZ"
is "a delivery is from us to the agency" "$(address "$gate"/harbour/out/*)" \
    "2.1=5101GATE 2.2=ZZ 3.1=HARBOUR 3.2=14"
is "to one partner from another address, without one of its own under its name" \
    "$(address "$gate"/quay/out/*)" "2.1=OURS-AT-QUAY 3.1=quay"

# --- each mistake of an envelope: its answer ---
# answer NAME EDIT: UCI 4 to 7 of the CONTRL that answers the edited filing
mkdir "$tmp/asked"
answer()
{
	: >"$tmp/asked/$1"
	set -- "$1" "$2" "$(ls "$tmp/asked" | wc -l)"
	filing 5101202411200009$(printf %02d "$3") "IC9$3" | sed "$2" \
	    >"$tmp/$1.edi"
	drop "$tmp/$1.edi" acme/in "$1.edi"
	await "the CONTRL for $1" test -f "$gate/acme/out/$1.001.control"
	said "$gate/acme/out/$1.001.control" 1 UCI | tr ' ' '\n' |
	    grep '^[4567]\.' | paste -sd' '
}
is "an interchange for somebody else is refused: 7 at UNB, S003" \
    "$(answer other '/^UNB/s/5101GATE/7900/')" "4.1=4 5.1=7 6.1=UNB 7.1=4"
is "which goes from us, not from whom it was sent to" \
    "$(address "$gate/acme/out/other.001.control")" \
    "2.1=5101GATE 2.2=ZZ 3.1=5101980002 3.2=ZZ"
is "and says what it answers" "$(said "$gate/acme/out/other.001.control" 1 UCI |
    tr ' ' '\n' | grep '^[123]\.' | paste -sd' ')" \
    "1.1=IC91 2.1=5101980002 2.2=ZZ 3.1=7900 3.2=ZZ"
is "the right name under another qualifier is somebody else" \
    "$(answer qualifier '/^UNB/s/5101GATE:ZZ/5101GATE:14/')" \
    "4.1=4 5.1=7 6.1=UNB 7.1=4"
is "one from somebody else: 23 at S002" \
    "$(answer sender '/^UNB/s/5101980002/5101980009/')" \
    "4.1=4 5.1=23 6.1=UNB 7.1=3"
is "a version that there is not: 2" \
    "$(answer version '/^UNB/s/UNOW:4/UNOW:7/')" "4.1=4 5.1=2 6.1=UNB 7.1=2 7.2=2"
is "a character set that nobody knows: 46" \
    "$(answer set '/^UNB/s/UNOW:4/UNOZ:4/')" "4.1=4 5.1=46 6.1=UNB 7.1=2 7.2=1"
is "no such day: 12" \
    "$(answer day '/^UNB/s/20241120/20241131/')" "4.1=4 5.1=12 6.1=UNB 7.1=5 7.2=1"
is "a time of three digits: 40" \
    "$(answer time '/^UNB/s/:1030/:103/')" "4.1=4 5.1=40 6.1=UNB 7.1=5 7.2=2"
is "no time: 13" \
    "$(answer notime '/^UNB/s/:1030//')" "4.1=4 5.1=13 6.1=UNB 7.1=5 7.2=2"
is "a test indicator that is none: 25" \
    "$(answer test "/^UNB/s/\\(IC9[0-9]*\\)'/\\1++++++3'/")" \
    "4.1=4 5.1=25 6.1=UNB 7.1=12"
is "an element behind the last: 16" \
    "$(answer more "/^UNZ/s/'/+1'/")" "4.1=4 5.1=16 6.1=UNZ 7.1=4"
is "a count that is no number: 37" \
    "$(answer count "/^UNZ/s/+1+/+one+/")" "4.1=4 5.1=37 6.1=UNZ 7.1=2"
is "what is wrong with one message leaves the interchange: 7" \
    "$(answer message '/^UNH/s/:UN/:UN:EAN0081/')" "4.1=7"
is "and is told of the message, at UNH" \
    "$(said "$gate/acme/out/message.001.control" 1 UCM)" \
    "1.1=1 2.1=CUSDEC 2.2=D 2.3=96B 2.4=UN 3.1=4 4.1=39 5.1=UNH 6.1=3 6.2=5"
is "a message that could not be named there refuses the interchange" \
    "$(answer noagency '/^UNH/s/:UN//')" "4.1=4 5.1=13 6.1=UNH 7.1=3 7.2=4"
is "none of them is filed, the one with a wrong message is refused" \
    "$("$build/entrepot" track --json '5101202411200009*' |
	sed -n 's/.*"what":"\([^"]*\)".*"state":"\([^"]*\)".*/\1 \2/p')" \
    "filing refused"

# --- the next interchange of a file is not the one before ---
{
	filing 510120241120000071 IC71 | sed '/^UNB/s/20241120/20241320/'
	filing 510120241120000072 IC72
} >"$tmp/pair.edi"
drop "$tmp/pair.edi" acme/in pair.edi
await "the reply to the second" sh -c 'cat "$1"/acme/out/pair.*.taken |
    grep -q 510120241120000072' - "$gate"
is "the first is refused, the second acknowledged" \
    "$(cat "$gate"/acme/out/pair.*.control | tr "'" '\n' | sed -n 's/^UCI+//p' |
	sed 's/+[^+]*:ZZ//g' | sort | paste -sd' ')" \
    "IC71+4+12+UNB+5:1 IC72+7"

# --- answers of agencies, too ---
answered() # SENDER RECEIVER
{
	cat <<.
UNB+UNOC:3+$1+$2+241121:0900+900001'
UNH+R1+CUSRES:D:21A:UN'
BGM+962+790120241000000001+11'
DTM+137:202411210900:203'
GEI+6+1:ZZZ'
RFF+ABO:510120241120000001'
UNT+6+R1'
UNZ+1+900001'
.
}
answered HARBOUR:14 7900:ZZ >"$tmp/a1.edi"
drop "$tmp/a1.edi" harbour/in a1.edi
await "the holding of an answer for somebody else" \
    grep -q 'receipt.held' "$gate/log"
is "an answer for somebody else decides nothing" \
    "$(ls "$gate/acme/out" | grep -c '^one.*status')" 0
answered HARBOUR:14 5101GATE:ZZ >"$tmp/a2.edi"
drop "$tmp/a2.edi" harbour/in a2.edi
await "the status" sh -c 'ls "$1"/acme/out/one.*.status' - "$gate"
is "one for us is passed on" "$(said "$gate"/acme/out/one.003.status 1 RFF |
    grep -c 510120241120000001)" 1

finish
