#!/bin/sh
# sample.t: etc/import.conf and etc/import.rules as an installation would use
# them. A filer's defaults fill what his table leaves out; dangerous goods have a
# leg of their own, which sees what its rule lists and, read by somebody who knows
# nothing of rules, no more; a check across elements; release by all four.
src=${ENTREPOT_SRC:-$(cd "$(dirname "$0")/../.." && pwd)}
build=${ENTREPOT_BUILD:-$src/build}
tmp=$(mktemp -d "${TMPDIR:-/tmp}/entrepot-sample.XXXXXX") || exit 1
tmp=$(cd "$tmp" && pwd -P)
. "$src/tests/flow/gate.sh"
trap 'gate_down; rm -rf "$tmp"' EXIT

gate=$tmp/gate say_log=$tmp/gate/log
mkdir "$gate"
for name in acme xinguo inspection maritime peer; do
	mkdir -p "$gate/$name/in" "$gate/$name/out"
done
mkdir -p "$gate/customs/OutBox" "$gate/customs/InBox" "$gate/maps/rules"
mkdir -m 700 "$gate/spool"
for d in codes directory formats tables; do
	ln -s "$src/mappings/$d" "$gate/maps/$d"
done
cp "$src"/mappings/rules/*.rules "$src/etc/import.rules" "$gate/maps/rules/"
sed -e "s|/var/spool/entrepot|$gate/spool|; s|/srv/entrepot|$gate|" \
    -e "s|reserve 2G|reserve 1M|; /^spool/a mappings \"$gate/maps\"" \
    "$src/etc/import.conf" >"$gate/conf"
ENTREPOT_CONF=$gate/conf
export ENTREPOT_CONF
entrepot=$build/entrepot

want "the sample is a configuration" "$build/entrepotd" -n -f "$gate/conf"
want "its mappings and rules are sound" "$entrepot" check -f "$gate/conf"
for name in maritime peer; do
	want "partner make tells the folders of $name" sh -c "
	    '$entrepot' partner make -f '$gate/conf' $name | grep -q '$gate/$name'"
done
want "the gateway comes up" gate_up || true
[ $failed = 0 ] || finish

# orders.py NUMBER NAME: the first order of the demo's table under another
# number, without goods_place, its first item dangerous.
cat >"$tmp/orders.py" <<'.'
import csv, sys
src, number, name, out = sys.argv[1:]
rows = list(csv.reader(open(src, encoding="gb18030", newline="")))
head, rows = rows[0], rows[1:]
first = rows[0][head.index("number")]
rows = [r for r in rows if r[head.index("number")] == first]
for i, r in enumerate(rows):
    r[head.index("number")] = number
    r[head.index("goods_place")] = ""
    r += ["3065", name] if i == 0 else ["", ""]
with open(out, "w", encoding="gb18030", newline="") as f:
    csv.writer(f).writerows([head + ["item.un_number", "item.dangerous_name"]]
        + rows)
.
file() # NUMBER DANGEROUS-NAME STEM
{
	python3 "$tmp/orders.py" "$src/tests/data/demo/orders.csv" "$1" "$2" \
	    "$tmp/order.csv" &&
	    cp "$tmp/order.csv" "$gate/xinguo/in/$3.tmp" &&
	    mv "$gate/xinguo/in/$3.tmp" "$gate/xinguo/in/$3.csv"
}
stands() # FOLDER
{
	[ -n "$(ls "$gate/$1")" ]
}
answer() # AGENCY FOLDER STEPS
{
	gate_until stands "$2" && gate_answer "$1" "$3"
}
says() # NUMBER TEXT
{
	"$entrepot" show --json "$1" | grep '"what":"filing"' | grep -q "$2"
}

n=510120241123000001
file $n 白酒 danger
want "customs gets it" gate_until stands customs/OutBox
want "with the place that the filer's default gives" sh -c "
	unzip -p '$gate'/customs/OutBox/*.zip |
	    grep -q '<GoodsPlace>成都双流机场海关监管区</GoodsPlace>'"
want "which its table does not have" sh -c "
	! iconv -f GB18030 '$tmp/order.csv' | grep -q 双流机场海关"
want "the maritime office gets its share" gate_until stands maritime/out
# Names and values of the delivered bytes against what the agency is to know:
# nobody's rules are read here, only the two files.
cat >"$tmp/seen.py" <<'.'
import csv, sys
import xml.etree.ElementTree as ET
xml, table, number = sys.argv[1:]
may = """number function direction? gross_mass net_mass packages package_kind
    importer/name importer/phone
    item/sequence item/name item/commodity item/quantity item/uom item/un_number
    item/dangerous_name item/gross_mass item/net_mass item/packages
    item/package_kind""".split()
root = ET.parse(xml).getroot()
bad, seen, texts = [], set(), set()
def walk(node, path):
    for c in node:
        p = (path + "/" if path else "") + c.tag.split("}")[-1]
        if len(c):
            walk(c, p)
        elif c.text and c.text.strip():
            seen.add(p)
            texts.add(c.text.strip())
            if p not in may and not p.startswith(("transport/", "container/")):
                bad.append(p)
walk(root, "")
rows = list(csv.reader(open(table, encoding="gb18030", newline="")))
raw = open(xml, encoding="utf-8").read()
shown = ("number", "gross_mass", "net_mass", "packages", "package_kind",
    "importer.name", "function", "direction", "item.sequence", "item.name",
    "item.commodity", "item.quantity", "item.uom", "item.un_number",
    "item.dangerous_name")
secret = set()
for r in rows[1:]:
    for name, text in zip(rows[0], r):
        if name not in shown and not name.startswith("transport.") and \
                len(text) > 3:
            secret.add(text)
open_texts = {t for r in rows[1:] for h, t in zip(rows[0], r)
    if h in shown or h.startswith("transport.")}
leaks = [s for s in secret if s in texts and s not in open_texts]
assert "item/un_number" in seen and "item/dangerous_name" in seen, seen
assert number in texts, texts
for what in ("exporter", "price", "total", "contract", "operator", "agent",
        "<spec", "uscc"):
    if "<" + what.lstrip("<") in raw:
        bad.append(what)
if bad or leaks:
    print("shown without leave:", sorted(set(bad)), leaks)
    sys.exit(1)
.
want "in which nothing stands that it is not to see" python3 "$tmp/seen.py" \
    "$(ls "$gate"/maritime/out/*)" "$tmp/order.csv" $n
want "four legs hold it" gate_until says $n \
    '"held_by":"customs, inspection, dangerous, peer"'
want "customs let go" answer customs customs/OutBox "response ok; P"
want "the peer lets go" answer peer peer/out "P"
want "inspection lets go" answer inspection inspection/out "response ok; P"
want "in the end the dangerous goods alone" gate_until says $n \
    '"held_by":"dangerous"'
answer maritime maritime/out "response ok; P"
want "released when the maritime office lets go" gate_until says $n \
    '"status":"released"'
want "items are counted as keyed once and as delivered" says $n \
    '"items_keyed":[1-9][0-9]*,.*"items_delivered":[1-9][0-9]*'

file 510120241123000002 "" nameless
want "a UN number without a name is an error of this site" gate_until sh -c "
	cat '$gate'/xinguo/out/nameless.*.findings | iconv -f GB18030 |
	    grep -q 'E1901.*有UN编码而无危险货物名称'"

gate_down
finish
