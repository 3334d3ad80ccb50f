#!/bin/bash
# misbehave.t - filers and agencies whose software has gone wrong, beside one of
# each that has not: half files, storms of repeats, tricks with names and links;
# receipts that contradict, repeat, belong to somebody else's declaration or to
# none, and answers cut off. The ledger outside: each declaration stood in the
# agency's box once, each filer has his own replies and nobody else's, and what
# was decided stays so.
src=${ENTREPOT_SRC:-$(cd "$(dirname "$0")/../.." && pwd)}
build=${ENTREPOT_BUILD:-$src/build}
export ENTREPOT_SRC=$src ENTREPOT_BUILD=$build
. "$src/tests/flow/gate.sh"
tmp=$(mktemp -d "${TMPDIR:-/tmp}/entrepot-misbehave.XXXXXX") || exit 1
tmp=$(cd "$tmp" && pwd -P)
trap 'gate_down; rm -rf "$tmp"' EXIT
sample=$src/tests/data/cusdec-d96b-import.edi
storm=${MISBEHAVE_STORM:-20}

declaration() # NUMBER: the sample under this
{
	sed "s/510120241120000001/$1/g; s/IC24112001/IC${1#510120}/g" "$sample"
}
drop() # FILER NAME < BYTES
{
	cat >"$tmp/w.tmp" && mv "$tmp/w.tmp" "$tmp/$1/in/$2"
}
# The client's box is emptied into got/, a second one of a name beside the first.
pick()
{
	for f in "$tmp"/customs/OutBox/*; do
		[ -f "$f" ] || continue
		to=$tmp/got/${f##*/}
		while [ -e "$to" ]; do
			to=$to.again
		done
		mv "$f" "$to"
	done
}
has() # NUMBER: it was got
{
	pick
	[ -n "$(find "$tmp/got" -name "I_$1*")" ]
}
empty() # FILER: nothing waits to be taken, but what nobody offers
{
	[ -z "$(find "$tmp/$1/in" -maxdepth 1 -name '*.edi')" ]
}
told() # FILER STEM PATTERN
{
	cat "$tmp/$1/out"/$2.* 2>/dev/null | grep -q "$3"
}
# result NUMBER ENTRY CHANNEL MINUTE: a receipt for the platform's number
result()
{
	sed "s/I20241310000000001/$1/; s/790120241000000001/$2/
	    s/<CHANNEL>L/<CHANNEL>$3/; s/T10:42:11/T10:$4:11/" \
	    "$src/tests/data/dec/c01-4-in-Receipt_L.xml"
}
stored() # NUMBER PLATFORM
{
	sed "s/510120240615000001/$1/; s/I20241310000000001/$2/" \
	    "$src/tests/data/dec/c01-2-in-Successed.xml"
}
answer() # FOLDER < BYTES: until it is taken; all under one name
{
	cat >"$tmp/w.tmp" && mv "$tmp/w.tmp" "$tmp/$1/Receipt_1.xml"
	gate_until test ! -e "$tmp/$1/Receipt_1.xml"
}

gate_make "$tmp"
mkdir -p "$tmp/got" "$tmp/honest/in" "$tmp/honest/out" "$tmp/port/in" \
    "$tmp/port/out"
cat >>"$tmp/conf" <<.
filer honest {
	folder "$tmp/honest" complete on rename
	accept un-cusdec-d96b
	reply taken, findings, status as csv-status language en
}
agency port {
	folder "$tmp/port"
	submit declaration as cn-dec
}
.
gate_up set || exit 1

# 1. Half files: cut at every 97th byte, and one that is never renamed.
declaration 510120241120000001 >"$tmp/whole"
size=$(stat -c %s "$tmp/whole")
halves=0
for at in $(seq 97 400 "$size"); do
	halves=$((halves + 1))
	head -c "$at" "$tmp/whole" | drop acme "half$at.edi"
done
head -c 500 "$tmp/whole" >"$tmp/acme/in/never.edi.tmp"
declaration 510120241120000101 | drop honest one.edi
gate_until has 510120241120000101
is "an honest filer's file goes out meanwhile" $? 0
gate_until empty acme
is "half files are taken" $? 0
refused()
{
	[ "$(grep -l refused "$tmp"/acme/out/half*.* 2>/dev/null |
	    sed 's/.*half\([0-9]*\).*/\1/' | sort -u | wc -l)" = "$halves" ]
}
gate_until refused
is "each of $halves halves is refused with findings" $? 0
is "a file that was never renamed stays" \
    "$(stat -c %s "$tmp/acme/in/never.edi.tmp")" 500
has 510120241120000001
is "no half went out" $? 1

# 2. A storm: the same file under many names, and under one name again.
for i in $(seq "$storm"); do
	drop acme "storm$i.edi" <"$tmp/whole"
done
gate_until has 510120241120000001
is "the stormed one goes out" $? 0
for i in 1 2 3; do
	drop acme same.edi <"$tmp/whole"
	gate_until empty acme
done
answered()
{
	[ "$(find "$tmp/acme/out" -name 'storm*' | sed 's/.*storm\([0-9]*\).*/\1/' |
	    sort -u | wc -l)" = "$storm" ]
}
gate_until answered
is "each of $storm repeats is answered" $? 0

# 3. Names and links.
long=$(printf 'n%.0s' $(seq 240)).edi
declaration 510120241120000002 | drop acme "$long"
declaration 510120241120000003 | drop acme "-rf *;\$(id).edi"
declaration 510120241120000004 | drop acme $'caf\xe9.edi'
declaration 510120241120000005 >"$tmp/outside.edi"
ln -s "$tmp/outside.edi" "$tmp/acme/in/link.edi"
ln "$tmp/outside.edi" "$tmp/acme/in/hard.edi"
ln -s /etc/passwd "$tmp/acme/in/passwd.edi"
mkfifo "$tmp/acme/in/pipe.edi"
mkdir "$tmp/acme/in/folder.edi"
declaration 510120241120000006 >"$tmp/acme/in/"$'two\nlines.edi'
: | drop acme empty.edi
declaration 510120241120000102 | drop honest two.edi
for k in 2 3; do
	gate_until has "51012024112000000$k"
	is "a name that is only odd goes out ($k)" $? 0
done
gate_until has 510120241120000102
is "the honest filer goes on" $? 0
has 510120241120000005
is "nothing behind a link goes out" $? 1
is "the linked file is where it was" "$(stat -c %h "$tmp/outside.edi")" 2
is "nobody read the password file" "$(grep -rls root: "$tmp/acme/out" \
    "$tmp/got" "$tmp/spool/bodies")" ""
is "the log has one line an event" \
    "$(grep -c '^lines.edi' "$tmp/log")" 0

# 4. Answers. One declaration each is stored under a platform number.
P1=I20241310000000001 P2=I20241310000000002 E1=790120241000000001
stored 510120241120000001 $P1 | answer customs/InBox
stored 510120241120000101 $P2 | answer customs/InBox
result $P1 $E1 P 50 | answer customs/InBox
gate_until told acme 'storm*' released
is "a decision is told" $? 0
for i in $(seq "$storm"); do
	result $P1 $E1 P 50 | answer customs/InBox
done
for c in Z K; do # returned, after it was released
	result $P1 $E1 $c 40 | answer customs/InBox
done
result I29999999999999999 799999999999999999 P 50 | answer customs/InBox
result $P2 790120241000000002 L 55 | head -c 200 | answer customs/InBox
printf '\377\376\000garbage' | answer customs/InBox
result $P2 790120241000000002 P 56 | answer port/in
is "another agency's answer is taken" $? 0
declaration 510120241120000103 | drop honest three.edi
gate_until has 510120241120000103
is "filings go on behind it" $? 0
told honest one released
is "another agency releases nothing that is not its own" $? 1
result $P2 790120241000000002 P 57 | answer customs/InBox
gate_until told honest one released
is "the right one does" $? 0
is "a storm of one receipt was told once" \
    "$(cat "$tmp"/acme/out/*.status | grep -c ',P,海关')" 1

# 5. The ledger.
pick
is "nothing stood in the box twice" \
    "$(find "$tmp/got" -name '*.again' | wc -l)" 0
for n in 001 002 003 101 102 103; do
	is "number $n was got once" "$(find "$tmp/got" \
	    -name "I_510120241120000$n*" | wc -l)" 1
done
is "the honest filer has no word of another's number" \
    "$(cat "$tmp"/honest/out/* | grep -c '510120241120000001')" 0
is "nor the other way" \
    "$(cat "$tmp"/acme/out/* | grep -c '5101202411200001')" 0
is "no role died" "$(grep -c 'role.ended' "$tmp/log")" 0
gate_down
finish
