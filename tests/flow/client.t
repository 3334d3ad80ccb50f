#!/bin/sh
# client.t: a filer whose system was made for an import client and gets nothing
# else: what it drops into OutBox comes back as Successed_ or Failed_ with a
# DecImportResponse, and as Receipt_ with a DEC_RESULT, tied by name and number.
src=${ENTREPOT_SRC:-$(cd "$(dirname "$0")/../.." && pwd)}
build=${ENTREPOT_BUILD:-$src/build}
tmp=$(mktemp -d "${TMPDIR:-/tmp}/entrepot-client.XXXXXX") || exit 1
. "$src/tests/flow/gate.sh"
. "$src/tests/flow/legs.sh"
trap 'gate_down; rm -rf "$tmp"' EXIT

gate=$tmp/gate say_log=$tmp/gate/log
mkdir -p "$gate/acme/OutBox" "$gate/acme/InBox" "$gate/acme/SentBox" \
    "$gate/acme/FailBox"
mkdir -m 700 "$gate/spool"
cat >"$gate/conf" <<.
spool "$gate/spool" { reserve 1M }
mappings "$src/mappings"
filer acme {
	folder "$gate/acme" layout import-client
	accept cn-dec
	reply findings, status as cn-dec-response language zh
	reply decision as cn-dec-result
}
.
legs_agencies >>"$gate/conf"
ENTREPOT_CONF=$gate/conf
export ENTREPOT_CONF
entrepot=$build/entrepot

# The filer's system: it knows the client's folders and these two messages, and
# ties what it reads by the stem of its own file. inbox.py STEM prints a line
# for each file of that stem, in the order of the stamps.
cat >"$tmp/inbox.py" <<'.'
import os, re, sys
import xml.etree.ElementTree as ET
box, stem = sys.argv[1], sys.argv[2]
NS = "{http://www.chinaport.gov.cn/dec}"
rows = []
for name in os.listdir(box):
    m = re.fullmatch(r"(Successed|Failed|Receipt)_(.*)_(\d{21})\.xml", name)
    if not m:
        sys.exit("no name of a client: " + name)
    if m.group(2) != stem:
        continue
    root = ET.parse(os.path.join(box, name)).getroot()
    if m.group(1) == "Receipt":
        assert root.tag == "DEC_RESULT", root.tag
        get = lambda t: root.findtext(t) or ""
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d",
            get("NOTICE_DATE")), ET.tostring(root)
        row = ["Receipt", get("CHANNEL"), get("CUS_CIQ_NO"), get("ENTRY_ID"),
            get("NOTE")]
    else:
        assert root.tag == NS + "DecImportResponse", root.tag
        get = lambda t: root.findtext(NS + t) or ""
        row = [m.group(1), get("ResponseCode"), get("SeqNo"),
            get("ClientSeqNo"), get("ErrorMessage")]
    rows.append((m.group(3), row))
for stamp, row in sorted(rows):
    print("\t".join(c.replace("\n", " ") for c in row))
.
inbox() # STEM
{
	python3 "$tmp/inbox.py" "$gate/acme/InBox" "$1"
}
inbox_has() # STEM REGEX
{
	inbox "$1" | grep -q "$2"
}
drop() # FILE NAME: as the filer's system leaves it
{
	cp "$1" "$gate/acme/OutBox/$2.tmp" &&
	    mv "$gate/acme/OutBox/$2.tmp" "$gate/acme/OutBox/$2"
}
stands() # FOLDER
{
	[ -n "$(ls "$gate/$1")" ]
}
answer() # AGENCY FOLDER STEPS
{
	gate_until stands "$2" && gate_answer "$1" "$3"
}

want "the gateway comes up, each role behind its walls" gate_up set || true
[ $failed = 0 ] || finish

# 1. Through to the release: one file each, tied by stem and number.
stem=I_510120240615000001_t-1 number=510120240615000001
drop "$src/tests/data/dec/$stem.zip" "$stem.zip"
want "what was taken moves to SentBox" gate_until test -f \
    "$gate/acme/SentBox/$stem.zip"
want "nothing is claimed before the platform has said so" \
    sh -c "[ -z \"\$(ls '$gate/acme/InBox')\" ]"
want "customs imports it" answer customs customs/OutBox "response ok"
want "then Successed_ says so" gate_until inbox_has $stem \
    "^Successed	0	I[0-9]*	$number	"
seq=$(inbox $stem | awk -F '\t' '$1 == "Successed" { print $3; exit }')
receipt() # CHANNEL TIME NOTE
{
	sed -e "s/@SEQ_NO@/$seq/; s/@CHANNEL@/$1/; s/@NOTE@/$3/" \
	    -e "s/@ENTRY_ID@/790020241000000001/; s/@NOW@/$2/" \
	    -e "s/@[A-Z_]*@//g" "$src/tests/data/simulate/result.xml" \
	    >"$tmp/receipt" &&
	    cp "$tmp/receipt" "$gate/customs/InBox/r.tmp" &&
	    mv "$gate/customs/InBox/r.tmp" "$gate/customs/InBox/Receipt_$1.xml"
}
receipt L 2026-06-15T11:00:00 "taken in"
want "an acceptance is a receipt under that number" gate_until inbox_has $stem \
    "^Receipt	L	$seq	790020241000000001	taken in"
receipt K 2026-06-15T12:00:00 "against guarantee"
want "the very channel that customs told" gate_until inbox_has $stem \
    "^Receipt	K	$seq	"
want "and that inspection holds the goods" inbox_has $stem \
    "against guarantee .*held by: inspection"
want "inspection answers in its own words" answer inspection inspection/out \
    "response ok; P"
want "which are told in the nearest channel" gate_until inbox_has $stem \
    "^Receipt	P	"
want "an answer without words of its own has the outcome's" gate_until inbox_has \
    $stem "	received by the agency's system / 已接收 \[inspection: "
want "then nobody holds it" gate_until inbox_has $stem '\[inspection: released'
kinds()
{
	[ "$(inbox $stem | cut -f 1 | sort | uniq -c | tr -s ' \n' ' ')" = \
	    " 3 Receipt 2 Successed " ]
}
want "one file an answer: two responses, three receipts" gate_until kinds

# 2. What we find: Failed_, with what and where, in the filer's language.
sed 's|<GrossWet>[^<]*<|<GrossWet>1<|' \
    "$src/tests/data/dec/c05-1-out-I_510120240703000005.xml" >"$tmp/bad.xml"
drop "$tmp/bad.xml" I_510120240703000005.xml
want "a mistake is Failed_ with its code" gate_until inbox_has \
    I_510120240703000005 "^Failed	1		510120240703000005	E1201 "
want "in Chinese, with its line" inbox_has I_510120240703000005 \
    '毛重小于净重 ([0-9]*:[0-9]*)'
want "customs gets nothing of it" sh -c "! ls '$gate'/customs/OutBox | grep 703"
sed 's|</DecMessage>||' "$src/tests/data/dec/c05-1-out-I_510120240703000005.xml" \
    >"$tmp/half.xml"
drop "$tmp/half.xml" I_half.xml
want "what cannot be read is Failed_, too" gate_until inbox_has I_half '^Failed	1'

# 3. What the agency's side says: refused, a client without a card, FailBox.
refused()
{
	rm -f "$gate"/customs/OutBox/*
	drop "$src/tests/data/dec/c02-1-out-E_510120240620000002.xml" "$1.xml"
}
refused E_510120240620000002
want "it is fed to customs' client" gate_until stands customs/OutBox
want "which says no" answer customs customs/OutBox "response failed"
want "Failed_ says it to the filer" gate_until inbox_has E_510120240620000002 \
    "^Failed	1		510120240620000002	"
refused E_again
want "the number goes once more" gate_until stands customs/OutBox
out=$(ls "$gate/customs/OutBox")
mv "$gate/customs/OutBox/$out" "$tmp/again"
cp "$src/tests/data/dec/c04-2-in-Failed-Root.xml" "$gate/customs/InBox/x.tmp"
mv "$gate/customs/InBox/x.tmp" \
    "$gate/customs/InBox/Failed_${out%.zip}_202606151200000000001.xml"
want "Root/failCode, tied by its name alone" gate_until inbox_has E_again \
    '^Failed	1		510120240620000002	.*加签失败'
states()
{
	"$build/entrepot" queue -f "$gate/conf" -l what=delivery \
	    partner=customs "number=$out" |
	    grep -Eo 'published|picked|failed' | tr '\n' ' '
}
states_are()
{
	[ "$(states)" = "$1" ]
}
refused E_third
want "and once more, under one name" gate_until stands "customs/OutBox/$out"
differ()
{
	! cmp -s "$1" "$2"
}
want "with other bytes" differ "$tmp/again" "$gate/customs/OutBox/$out"
# The one before comes back late: it is known by its bytes.
mv "$tmp/again" "$gate/customs/FailBox/$out"
want "a late refusal is of the one that it was" gate_until states_are \
    "failed published "
want "FailBox is a refusal" mv "$gate/customs/OutBox/$out" "$gate/customs/FailBox"
want "which its filer hears" gate_until inbox_has E_third \
    '^Failed	1		510120240620000002	.*退回'

# 4. What the client sends while the gateway is down.
refused E_fourth
want "a fourth stands there" gate_until stands "customs/OutBox/$out"
gate_down
mkdir -p "$gate/customs/SentBox"
mv "$gate/customs/OutBox/$out" "$gate/customs/SentBox"
want "the gateway comes up again" gate_up set || true
sent()
{
	"$build/entrepot" show -f "$gate/conf" E_fourth.xml | grep -q '  sent$'
}
want "what went to SentBox meanwhile was sent" gate_until sent

gate_down
[ $failed = 0 ] || { for f in "$gate"/acme/InBox/*; do echo "$f"; cat "$f"
done; }
finish
