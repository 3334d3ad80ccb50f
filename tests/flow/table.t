#!/bin/sh
# table.t: a table of several declarations: each is a filing of its own. The one
# with a mistake is refused alone; the table filed again with its row corrected
# files that one and answers the others; rows may stand apart, in GB18030 too.
. "${ENTREPOT_SRC:-$(cd "$(dirname "$0")/../.." && pwd)}/tests/flow/gate.sh"
tmp=$(mktemp -d "${TMPDIR:-/tmp}/entrepot-table.XXXXXX") || exit 1
trap 'gate_down; rm -rf "$tmp"' EXIT

gate_make "$tmp/g"
mkdir -p "$tmp/g/desk/in" "$tmp/g/desk/out"
cat >"$tmp/g/conf" <<.
spool "$tmp/g/spool" { reserve 1M }
mappings "$src/mappings"
filer acme {
	folder "$tmp/g/acme" complete on rename
	accept csv-declaration
	reply taken, findings as csv-status
}
agency desk {
	folder "$tmp/g/desk" layout plain
	submit declaration as sw-xml window 500 batch 1
}
.
gate_up || { echo "$passed passed, $((failed + 1)) failed"; exit 1; }

head='number;direction;importer.name;item.sequence;item.commodity;item.name;item.quantity;item.uom;item.price;item.currency;item.total;item.origin;item.destination'
row() # NUMBER ITEM CURRENCY
{
	echo "$1;I;成都示例;$2;8542319091;集成电路;10;007;1.5;$3;15.00;DEU;CHN"
}
stands() # PATTERN
{
	ls $1
}
sent() # TEXT
{
	grep -q "$1" "$tmp"/g/desk/out/*
}
delivered() # how many of a number stand in the agency's folder
{
	grep -l "<number>$1</number>" "$tmp"/g/desk/out/* 2>/dev/null | wc -l
}
delivered_text()
{
	cat $(grep -l "<number>$1</number>" "$tmp"/g/desk/out/*)
}
column() # FILE N: that column of a reply's rows
{
	sed 1d "$1" | tr -d '\r' | cut -d, -f"$2" | sort -u | tr '\n' ' '
}

{ echo "$head"; row D1 1 USD; row D2 1 XQZ; row D1 2 USD; row D3 1 USD; } >"$tmp/t1"
gate_drop "$tmp/t1" t1.csv
gate_until stands "$tmp/g/acme/out/t1.*.findings"
gate_until sent "<number>D3"
gate_until sent "<number>D1"
reply=$(ls "$tmp"/g/acme/out/t1.*.findings)
is "only the filing with the mistake is refused" "$(column "$reply" 5)" "D2 "
is "its row is named" "$(column "$reply" 19)" "3 "
is "its column is named" "$(column "$reply" 23)" "item[1].currency "
is "the refused one goes nowhere" "$(delivered D2)" 0
is "rows that stand apart are one declaration" \
    "$(delivered_text D1 | grep -o '<sequence>.' | tr '\n' ' ')" \
    "<sequence>1 <sequence>2 "
gate_until stands "$tmp/g/acme/out/t1.*.taken"
is "the others are taken" "$(column "$(ls "$tmp"/g/acme/out/t1.*.taken)" 5)" "D1 D3 "

# the corrected table: the row of D2 alone is new
{ echo "$head"; row D1 1 USD; row D2 1 USD; row D1 2 USD; row D3 1 USD; } |
    iconv -f UTF-8 -t GB18030 >"$tmp/t2"
gate_drop "$tmp/t2" t2.csv
gate_until sent "<number>D2"
gate_until stands "$tmp/g/acme/out/t2.*.taken"
is "the corrected one is taken, the others were" \
    "$(sed 1d "$tmp"/g/acme/out/t2.*.taken | cut -d, -f5,9 | tr '\n' ' ')" \
    "D1,repeat D2,taken D3,repeat "
is "the corrected one is filed" "$(delivered D2)" 1
is "the first is not filed again" "$(delivered D1)" 1
is "nor is the third" "$(delivered D3)" 1
is "GB18030 is read" "$(delivered_text D2 | grep -o '<name>[^<]*' | head -1)" \
    "<name>成都示例"

# one row of it, alone, once more; and a row that is too short beside a good one
{ echo "$head"; row D2 1 USD; } >"$tmp/t3"
gate_drop "$tmp/t3" t3.csv
gate_until stands "$tmp/g/acme/out/t3.*.taken"
{ echo "$head"; row D4 1 USD; echo "D5;I"; } >"$tmp/t4"
gate_drop "$tmp/t4" t4.csv
gate_until stands "$tmp/g/acme/out/t4.*.findings"
gate_until sent "<number>D4"
is "an unchanged row is not filed again" "$(delivered D2)" 1
is "a row too short refuses its own" \
    "$(column "$(ls "$tmp"/g/acme/out/t4.*.findings)" 5)" "D5 "
is "with one sentence" "$(sed 1d "$tmp"/g/acme/out/t4.*.findings | wc -l)" 1
is "nothing else was sent" "$(ls "$tmp/g/desk/out" | wc -l)" 4

# the corrected row comes alone, from another program: commas and a mark; what
# stood beside it is left alone. A table with tabs, and a heading with commas in
# it: the separator is the heading's, whatever the cells hold.
{ echo "$head"; row D6 1 U1D; row D7 1 USD; } >"$tmp/t5"
gate_drop "$tmp/t5" t5.csv
gate_until stands "$tmp/g/acme/out/t5.*.findings"
gate_until sent "<number>D7"
{ printf '\357\273\277'; { echo "$head"; row D6 1 USD; } | tr ';' ','; } >"$tmp/t6"
gate_drop "$tmp/t6" t6.csv
gate_until sent "<number>D6"
gate_until stands "$tmp/g/acme/out/t6.*.taken"
is "a corrected row alone is filed" "$(delivered D6)" 1
is "and its neighbour of before is not filed again" "$(delivered D7)" 1
is "the reply names the one row" \
    "$(sed 1d "$tmp"/g/acme/out/t6.*.taken | cut -d, -f5,9 | tr '\n' ' ')" \
    "D6,taken "
{ echo "$head"; row D8 1 USD | sed 's/集成电路/集成电路;散装,一级/'; } |
    awk -v OFS='\t' 'NR == 1 { gsub(";", "\t") }
	NR == 2 { sub(";散装", "@"); gsub(";", "\t"); sub("@", ";散装") } 1' >"$tmp/t7"
gate_drop "$tmp/t7" t7.csv
gate_until sent "<number>D8"
is "tabs are sniffed from the heading, a cell keeps its semicolon and comma" \
    "$(delivered_text D8 | grep -o '<name>集成[^<]*')" "<name>集成电路;散装,一级"

# two tables that look alike cannot both be a partner's
mkdir "$tmp/alike" && cp -r "$src/mappings" "$tmp/alike/mappings"
sed 's/^format csv-declaration /format csv-twin /' \
    "$src/mappings/formats/csv-declaration.fmt" \
    >"$tmp/alike/mappings/formats/csv-twin.fmt"
sed "s#mappings \".*#mappings \"$tmp/alike/mappings\"#
s/accept csv-declaration/accept csv-declaration, csv-twin/" "$tmp/g/conf" >"$tmp/alike/conf"
"$build/entrepot" check -f "$tmp/alike/conf" >"$tmp/alike/said" 2>&1
is "formats that look alike are refused for one partner" $? 1
is "both are named" "$(grep -c "'csv-twin' looks from outside like 'csv-declaration'" \
    "$tmp/alike/said")" 1
[ $failed = 0 ] || sed 's/^/  gateway: /' "$gate/log"
finish
