#!/bin/sh
# edifact.t: EDIFACT on both sides of the real gateway: a filer that declares
# and is told in it, an agency that takes CUSDEC and answers CUSRES. What comes
# out is looked at by a reader of its own (edifact.awk).
src=${ENTREPOT_SRC:-$(cd "$(dirname "$0")/../.." && pwd)}
ENTREPOT_SRC=$src
ENTREPOT_BUILD=${ENTREPOT_BUILD:-$src/build}
. "$src/tests/flow/gate.sh"
tmp=$(mktemp -d "${TMPDIR:-/tmp}/entrepot-edifact.XXXXXX") || exit 1
trap 'gate_down; rm -rf "$tmp"' EXIT
passed=0 failed=0

is() # SENTENCE GOT WANT
{
	if [ "$2" = "$3" ]; then
		passed=$((passed + 1))
	else
		failed=$((failed + 1))
		printf 'not so: %s\n  got:  %s\n  want: %s\n' "$1" "$2" "$3"
	fi
}
finish()
{
	[ $failed = 0 ] || sed 's/^/  gateway: /' "$gate/log"
	echo "$passed passed, $failed failed"
	[ $failed = 0 ]
	exit
}
await() # WHAT COMMAND...
{
	what=$1
	shift
	gate_until "$@" || {
		is "$what comes" no yes
		finish
	}
}
drop() # FILE FOLDER NAME
{
	cp "$1" "$gate/$2/$3.tmp" && mv "$gate/$2/$3.tmp" "$gate/$2/$3"
}
values() # FILE [MESSAGE]: "TAG E.C VALUE", one a line; trailers must be right
{
	LC_ALL=C awk -f "$src/tests/flow/edifact.awk" "$1" >"$tmp/values" || {
		echo "broken trailer"
		return
	}
	awk -F'\t' -v m="$2" 'm == "" || $1 == m { print $3, $4, $5 }' \
	    "$tmp/values"
}
# What stands in an element of the segments that hold a word in another:
# held FILE TAG ELEMENT.COMPONENT WORD ELEMENT.COMPONENT
held()
{
	LC_ALL=C awk -f "$src/tests/flow/edifact.awk" "$1" | LC_ALL=C awk -F'\t' \
	    -v tag="$2" -v at="$3" -v word="$4" -v want="$5" '
	{ key = $1 "." $2 }
	$3 == tag && $4 == want { said[key] = $5 }
	$3 == tag && $4 == at && $5 == word { ours[++n] = key }
	END { for (i = 1; i <= n; i++) printf "%s%s", (i > 1 ? " " : ""), said[ours[i]] }'
}
filed() # GLOB: the one file, or nothing
{
	set -- $1
	[ -f "$1" ] && echo "$1"
}

gate_make "$tmp/gate"
mkdir -p "$gate/table/in" "$gate/table/out" "$gate/narrow/in" \
    "$gate/narrow/out" "$gate/harbour/in" "$gate/harbour/out"
cat >"$gate/conf" <<.
spool "$gate/spool" { reserve 1M }
mappings "$src/mappings"
filer acme {
	folder "$gate/acme"
	accept un-cusdec-d96b
	reply taken, findings, status as un-cusres-d96b
}
filer table {
	folder "$gate/table"
	accept csv-declaration
	reply taken, findings as csv-status
}
filer narrow {
	folder "$gate/narrow"
	accept un-cusdec-d96b
	reply taken, findings as un-cusres-d21a encoding iso-8859-1
}
agency harbour {
	folder "$gate/harbour"
	submit declaration as un-cusdec-d21a
}
.
gate_up || finish

# --- a filer who writes GB18030 reads GB18030 ---
sed 's/UNOW:4/UNOX:4/' "$src/tests/data/cusdec-d96b-import.edi" |
    iconv -f utf-8 -t gb18030 >"$tmp/one.edi"
drop "$tmp/one.edi" acme/in one.edi
await "the first reply" test -f "$gate/acme/out/one.001.taken"
r=$gate/acme/out/one.001.taken
is "a reply comes in the code page of the request" \
    "$(iconv -f gb18030 -t utf-8 "$r" | grep -c 'FTX+AAP+++已接受')" 1
is "and names it" "$(values "$r" 0 | grep '^UNB 1')" "UNB 1.1 UNOX
UNB 1.2 4"
is "sender and receiver are turned round" "$(values "$r" 0 | grep '^UNB [23]')" \
    "UNB 2.1 ENTREPOT
UNB 2.2 ZZ
UNB 3.1 5101980002
UNB 3.2 ZZ"
is "it says which filing was taken" "$(held "$r" RFF 1.1 ABO 1.2)" \
    510120241120000001
is "of which interchange" "$(held "$r" RFF 1.1 ACW 1.2)" IC24112001
is "and its state in three letters" "$(held "$r" GIS 1.2 STA 1.1)" TAK

# --- the agency takes CUSDEC D.21A ---
await "the delivery" sh -c 'ls "$1"/harbour/out/*' - "$gate"
d=$(filed "$gate/harbour/out/*")
values "$d" 1 >"$tmp/said"
is "the agency gets the directory it wants" "$(grep '^UNH 2' "$tmp/said" | cut -d' ' -f3 |
    paste -sd:)" CUSDEC:D:21A:UN
is "the declaration's number" "$(held "$d" RFF 1.1 ABO 1.2)" 510120241120000001
is "every goods item" "$(grep -c '^CST 1.1 [1-9]' "$tmp/said")" \
    "$(grep -c '^CST+[1-9]' "$src/tests/data/cusdec-d96b-import.edi")"
is "the exporter without an identifier" "$(held "$d" NAD 1.1 CZ 2.1)/$(held \
    "$d" NAD 1.1 CZ 4.1)" "/SAMPLE GMBH"
rm "$d"
cat >"$tmp/accepted.edi" <<.
UNB+UNOC:3+HARBOUR+ENTREPOT+241121:0900+900001'
UNH+R1+CUSRES:D:21A:UN'
BGM+962+790120241000000001+11'
DTM+137:202411210900:203'
GEI+6+1:ZZZ'
RFF+ABO:510120241120000001'
RFF+ABT:790120241000000001'
TAX+1+CUD'
MOA+161:1234.50:CNY'
CNT+55:0'
UNT+10+R1'
UNZ+1+900001'
.
drop "$tmp/accepted.edi" harbour/in a1.edi
await "the status" test -f "$gate/acme/out/one.002.status"
r=$gate/acme/out/one.002.status
is "the answer reaches the filer" "$(held "$r" GIS 1.2 STA 1.1)" ACC
is "with the number that customs gave" "$(held "$r" RFF 1.1 ABT 1.2)" \
    790120241000000001
is "and the indicator" "$(held "$r" GIS 1.2 '' 1.1)$(values "$r" 1 |
    grep -x 'GIS 1.1 1')" "GIS 1.1 1"
is "when it happened there" "$(held "$r" DTM 1.1 137 1.2)" 20241121090000

# --- findings of a file, and of the agency ---
drop "$src/tests/data/cusdec-five-mistakes.edi" acme/in bad.edi
await "the findings" test -f "$gate/acme/out/bad.001.findings"
r=$gate/acme/out/bad.001.findings
is "all mistakes of a file at once" "$(values "$r" 1 | grep -c '^ERC 1.1')" 5
is "their number is told" "$(held "$r" CNT 1.1 55 1.2)" 5
is "each with its segment" "$(values "$r" 1 | sed -n 's/^ERP 2.2 //p' |
    paste -sd' ')" "$(awk -F'\t' 'NR > 2 { print $5 }' \
    "$src/tests/data/cusdec-five-mistakes.find.tsv" | paste -sd' ')"
is "the state is refused" "$(held "$r" GIS 1.2 STA 1.1)" REF
is "as a response not accepted" "$(values "$r" 1 | sed -n 's/^BGM 3.1 //p')" 27

sed -e 's/R1/R2/; s/GEI+6+1/GEI+6+2/; s/0900:203/0930:203/' -e '/TAX/d; /MOA/d' \
    -e "s/CNT+55:0'/ERP+2:1'\\
RFF+LI:1'\\
ERC+E015::ZZZ'\\
FTX+AAO+++COMMODITY CODE NOT VALID'\\
CNT+55:1'/; s/UNT+10+R1/UNT+12+R2/" "$tmp/accepted.edi" >"$tmp/refused.edi"
sed 's/510120241120000001/510120241120000009/; s/IC24112001/IC24112009/' \
    "$src/tests/data/cusdec-d96b-import.edi" >"$tmp/two.edi"
drop "$tmp/two.edi" acme/in two.edi
await "the second delivery" sh -c 'ls "$1"/harbour/out/*' - "$gate"
sed -i 's/510120241120000001/510120241120000009/; s/790120241000000001/790120241000000009/' \
    "$tmp/refused.edi"
drop "$tmp/refused.edi" harbour/in a2.edi
await "the refusal" test -f "$gate/acme/out/two.002.status"
r=$gate/acme/out/two.002.status
is "an agency's refusal reaches the filer" "$(held "$r" GIS 1.2 STA 1.1)" REF
is "with its finding" "$(values "$r" 1 | sed -n 's/^ERC 1.1 //p')" E015
is "the goods item it is about" "$(values "$r" 1 | sed -n 's/^ERP 1.2 //p')" 1
is "and its words" "$(held "$r" FTX 1.1 AAO 4.1)" "COMMODITY CODE NOT VALID"

# --- tables follow the same rule; what a page lacks is spelt ---
drop "$src/tests/data/erp-drop/decl-gbk.csv" table/in gbk.csv
await "the table's reply" sh -c 'ls "$1"/table/out/gbk.001.*' - "$gate"
is "a table in GBK is answered in GBK" "$(cat "$gate"/table/out/gbk.* |
    iconv -f gb18030 -t utf-8 | grep -c '状态')" \
    "$(ls "$gate"/table/out/gbk.* | wc -l)"
sed 's/^5101202407/5101202408/' "$src/tests/data/erp-drop/decl-utf8bom.csv" \
    >"$tmp/bom.csv"
drop "$tmp/bom.csv" table/in bom.csv
await "the marked reply" sh -c 'ls "$1"/table/out/bom.001.*' - "$gate"
is "a file with a mark is answered with one" "$(head -c 3 \
    "$(filed "$gate/table/out/bom.001.*")" | od -An -tx1 | tr -d ' ')" efbbbf

sed 's/510120241120000001/510120241120000010/; s/IC24112001/IC24112010/' \
    "$src/tests/data/cusdec-d96b-import.edi" >"$tmp/three.edi"
drop "$tmp/three.edi" narrow/in three.edi
await "the narrow reply" test -f "$gate/narrow/out/three.001.taken"
r=$gate/narrow/out/three.001.taken
is "what the page lacks is written as its number" "$(held "$r" FTX 1.1 AAP 4.1 |
    grep -c '\[U+5DF2\]')" 1
is "and that is a finding" "$(values "$r" 1 | sed -n 's/^ERC 1.1 //p')" E0122

finish
