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
[ $failed = 0 ] || sed 's/^/  gateway: /' "$gate/log"
echo "$passed passed, $failed failed"
[ $failed = 0 ]
