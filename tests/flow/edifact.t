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
	$3 == tag && $4 == at && ($5 "") == (word "") { ours[++n] = key }
	END { for (i = 1; i <= n; i++) printf "%s%s", (i > 1 ? " " : ""), said[ours[i]] }'
}
filed() # GLOB: the one file, or nothing
{
	set -- $1
	[ -f "$1" ] && echo "$1"
}

gate_make "$tmp/gate"
mkdir -p "$gate/broker/in" "$gate/broker/out" "$gate/table/in" "$gate/table/out" "$gate/narrow/in" \
    "$gate/narrow/out" "$gate/harbour/in" "$gate/harbour/out"
cat >"$gate/conf" <<.
spool "$gate/spool" { reserve 1M }
mappings "$src/mappings"
filer acme {
	folder "$gate/acme"
	accept un-cusdec-d96b
	reply taken, findings, status as un-cusres-d96b
	reply control as un-contrl
}
filer broker {
	folder "$gate/broker"
	accept un-cusdec-d96b
	reply status as un-cusres-d96b
	reply control as un-contrl-s4
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
	submit declaration as un-cusdec-d21a batch 3 test yes
}
.
gate_up || finish

# --- a filer who writes GB18030 reads GB18030 ---
sed 's/UNOW:4/UNOX:4/' "$src/tests/data/cusdec-d96b-import.edi" |
    iconv -f utf-8 -t gb18030 >"$tmp/one.edi"
drop "$tmp/one.edi" acme/in one.edi
await "the first reply" test -f "$gate/acme/out/one.002.taken"
r=$gate/acme/out/one.002.taken
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

# --- its interchange is acknowledged, and nothing in it named ---
r=$gate/acme/out/one.001.control
is "an interchange that keeps the syntax is acknowledged" \
    "$(values "$r" 1 | grep '^UC')" "UCI 1.1 IC24112001
UCI 2.1 5101980002
UCI 2.2 ZZ
UCI 3.1 ENTREPOT
UCI 3.2 ZZ
UCI 4.1 7"

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
await "the status" test -f "$gate/acme/out/one.003.status"
r=$gate/acme/out/one.003.status
is "the answer reaches the filer" "$(held "$r" GIS 1.2 STA 1.1)" ACC
is "with the number that customs gave" "$(held "$r" RFF 1.1 ABT 1.2)" \
    790120241000000001
is "and the indicator" "$(held "$r" GIS 1.2 '' 1.1)$(values "$r" 1 |
    grep -x 'GIS 1.1 1')" "GIS 1.1 1"
is "when it happened there" "$(held "$r" DTM 1.1 137 1.2)" 20241121090000

# --- findings of a file, and of the agency ---
drop "$src/tests/data/cusdec-five-mistakes.edi" acme/in bad.edi
await "the findings" test -f "$gate/acme/out/bad.002.findings"
r=$gate/acme/out/bad.002.findings
is "all mistakes of a file at once" "$(values "$r" 1 | grep -c '^ERC 1.1')" 5
is "their number is told" "$(held "$r" CNT 1.1 55 1.2)" 5
is "each with its segment" "$(values "$r" 1 | sed -n 's/^ERP 2.2 //p' |
    paste -sd' ')" "$(awk -F'\t' 'NR > 2 { print $5 }' \
    "$src/tests/data/cusdec-five-mistakes.find.tsv" | paste -sd' ')"
is "the state is refused" "$(held "$r" GIS 1.2 STA 1.1)" REF
is "as a response not accepted" "$(values "$r" 1 | sed -n 's/^BGM 3.1 //p')" 27

r=$gate/acme/out/bad.001.control
is "what breaks the syntax is named by segment and element, the tag being 1" \
    "$(values "$r" 1 | sed -n '/^UC[^I]/p')" "UCM 1.1 1
UCM 2.1 CUSDEC
UCM 2.2 D
UCM 2.3 96B
UCM 2.4 UN
UCM 3.1 4
UCS 1.1 14
UCD 1.1 12
UCD 2.1 2
UCD 2.2 2
UCS 1.1 55
UCD 1.1 12
UCD 2.1 3
UCD 2.2 1
UCS 1.1 76
UCD 1.1 37
UCD 2.1 4
UCD 2.2 2
UCS 1.1 84
UCD 1.1 13
UCD 2.1 3
UCD 2.2 1"
sed 's/^UNZ+1+.*/UNZ+1+OTHER'"'"'/; s/IC24112001/IC24112003/' \
    "$src/tests/data/cusdec-d96b-import.edi" >"$tmp/unz.edi"
drop "$tmp/unz.edi" acme/in unz.edi
await "the rejection" test -f "$gate/acme/out/unz.001.control"
is "a broken envelope rejects the interchange, at its trailer" \
    "$(values "$gate/acme/out/unz.001.control" 1 | grep '^UCI [1456]' |
	cut -d' ' -f3 | paste -sd' ')" "IC24112003 4 28 UNZ"
await "its findings" test -f "$gate/acme/out/unz.002.findings"
sed 's/^UNB.*/UNB+UNOC:3+5101980002:ZZ+ENTREPOT:ZZ+241120:1030+IC77'"'"'/; s/^UNZ.*/UNZ+1+IC77'"'"'/' \
    "$src/tests/data/edifact/CONTRL-ack.edi" >"$tmp/control.edi"
drop "$tmp/control.edi" acme/in control.edi
await "the taking of a CONTRL" grep -q 'name="control.edi"' "$gate/log"

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
await "the refusal" test -f "$gate/acme/out/two.003.status"
r=$gate/acme/out/two.003.status
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

# --- an agency's CONTRL, by the numbers of our envelope ---
await "what the narrow one filed" \
    sh -c 'grep -q 510120241120000010 "$1"/harbour/out/*' - "$gate"
await "what the tables filed" gate_rests # theirs may take longer
rm -f "$gate"/harbour/out/*
{
	echo "UNB+UNOW:4+BROKER+ENTREPOT+20241120:1030+IC55'"
	for n in 1 2 3; do
		sed -n '/^UNH/,/^UNT/p' "$src/tests/data/cusdec-d96b-import.edi" |
		    sed "s/^UNH+1+/UNH+M$n+/; s/^\\(UNT.*\\)+1'/\\1+M$n'/
		    s/510120241120000001/51012024112000002$n/"
	done
	echo "UNZ+3+IC55'"
} >"$tmp/three.edi"
drop "$tmp/three.edi" broker/in three.edi
await "a delivery of three" sh -c 'ls "$1"/harbour/out/*' - "$gate"
d=$(filed "$gate/harbour/out/*")
number=$(values "$d" 0 | sed -n 's/^UNB 5.1 //p')
is "three messages share an interchange, numbered from one" "$(values "$d" |
    sed -n 's/^UNH 1.1 //p' | paste -sd' ')" "1 2 3"
cat >"$tmp/contrl.edi" <<.
UNB+UNOC:3+HARBOUR+ENTREPOT+241121:0900+900007'
UNH+C1+CONTRL:D:3:UN'
UCI+$number+ENTREPOT+harbour+7'
UCM+2+CUSDEC:D:21A:UN+4'
UCS+5+15'
UCS+9'
UCD+39+3:2'
UNT+7+C1'
UNZ+1+900007'
.
drop "$tmp/contrl.edi" harbour/in c1.edi
for n in 1 2 3; do
	await "what it says of $n" sh -c 'cat "$1"/broker/out/three.*.status |
	    grep -q "51012024112000002$2"' - "$gate" $n
done
states=$(for n in 1 2 3; do
	for r in "$gate"/broker/out/three.*.status; do
		LC_ALL=C awk -f "$src/tests/flow/edifact.awk" "$r" |
		    awk -F'\t' -v want=51012024112000002$n '
			$3 == "GIS" && $4 == "1.1" { is = $5 }
			$3 == "GIS" && $4 == "1.2" { if ($5 == "STA") state[$1] = is }
			$3 == "RFF" && ($5 "") == (want "") { print state[$1] }'
	done
done | paste -sd' ')
is "the message that is named is refused, the others are accepted" "$states" \
    "ACC REF ACC"
is "with the agency's codes and places" "$(cat "$gate"/broker/out/three.*.status |
    tr "'" '\n' | grep -E '^ER[PC]' | paste -sd' ')" \
    "ERP++:5 ERC+15::ZZZ ERP++:9 ERC+39::ZZZ"
cat >"$tmp/unknown.edi" <<.
UNB+UNOC:3+HARBOUR+ENTREPOT+241121:0900+900008'
UNH+C1+CONTRL:D:3:UN'
UCI+4711+ENTREPOT+harbour+4+28'
UNT+3+C1'
UNZ+1+900008'
.
drop "$tmp/unknown.edi" harbour/in c2.edi
await "its being put aside" grep -q 'receipt.held.*no interchange or message' "$gate/log"
is "no CONTRL was answered" "$(ls "$gate"/acme/out | grep -c '^control')" 0

# --- a test filing is a test filing all the way, and back ---
ls "$gate/harbour/out" >"$tmp/before"
sed "/^UNB/s/+IC24112001'/+IC56++++++1'/; s/510120241120000001/510120241120000056/
s/^UNZ+1+IC24112001/UNZ+1+IC56/" "$src/tests/data/cusdec-d96b-import.edi" \
    >"$tmp/trial.edi"
drop "$tmp/trial.edi" acme/in trial.edi
await "the delivery of a test filing" sh -c '
    [ "$(ls "$1/harbour/out" | wc -l)" -gt "$(wc -l <"$2")" ]' - "$gate" "$tmp/before"
d=$(ls "$gate/harbour/out" | grep -v -x -F -f "$tmp/before")
is "the interchange of a test filing says so" \
    "$(values "$gate/harbour/out/$d" 0 | grep '^UNB 11')" "UNB 11.1 1"
await "the reply to the test" test -f "$gate/acme/out/trial.002.taken"
is "so does the reply to it" \
    "$(values "$gate/acme/out/trial.002.taken" 0 | grep '^UNB 11')" "UNB 11.1 1"
is "other deliveries do not" "$(cat "$tmp/before" | while read -r f; do
    values "$gate/harbour/out/$f" 0 | grep '^UNB 11'
done)" ""

# --- each broken interchange has its code of 0085 ---
syntax_codes() # FILE
{
	"$build/entrepot" convert -m "$src/mappings" --to sw-xml --json \
	    "$src/tests/data/edifact-edge/$1" 2>&1 >/dev/null |
	    sed -n 's/.*"syntax":\([0-9]*\).*/\1/p' | paste -sd' '
}
is "a missing trailer is 13" "$(syntax_codes z01-no-UNT.edi)" 13
is "a wrong count is 29" "$(syntax_codes z02-UNT-count.edi)" 29
is "a reference that differs is 28" "$(syntax_codes z03-UNZ-reference.edi)" 28
is "a short UNA is 22" "$(syntax_codes z04-short-UNA.edi)" 22
is "an end without its character is 13, and so is the trailer it took along" \
    "$(syntax_codes z05-release-at-end.edi)" "13 13"

finish
