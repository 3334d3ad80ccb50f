#!/bin/sh
# json.t: what every verb prints with --json is one object a line, of a row and
# with members that entrepot-rows(7) names; no verb that asks the gateway is
# without it.
ENTREPOT_SRC=${ENTREPOT_SRC:-$(cd "$(dirname "$0")/../.." && pwd)}
ENTREPOT_BUILD=${ENTREPOT_BUILD:-$ENTREPOT_SRC/build}
. "$ENTREPOT_SRC/tests/flow/gate.sh"
tmp=$(mktemp -d "${TMPDIR:-/tmp}/entrepot-json.XXXXXX") || exit 1
trap 'gate_down; rm -rf "$tmp"' EXIT
passed=0 failed=0
entrepot=$build/entrepot
data=$src/tests/data

# rows "ROW ..." VERB...: these rows at the least, each as the page has it
rows()
{
	wanted=$1
	shift
	"$entrepot" "$@" --json >"$tmp/out" 2>"$tmp/err"
	if python3 - "$src/man/entrepot-rows.7" "$tmp/out" "$wanted" <<'.'
import json, re, sys
page, out, wanted = sys.argv[1:]
known, row = {}, None
for line in open(page, encoding="utf-8"):
    if m := re.match(r"\.Ss (\w+)$", line):
        row = known.setdefault(m[1], {"row"})
    elif m := re.match(r"\.It Ql (\w+)$", line):
        row.add(m[1])
seen, wrong = set(), []
for line in open(out, encoding="utf-8"):
    one = json.loads(line)
    name = one.get("row")
    seen.add(name)
    if name not in known:
        wrong.append("no row %r in the manual" % name)
        continue
    for key, value in one.items():
        if key not in known[name]:
            wrong.append("row %s: no member %r in the manual" % (name, key))
        if isinstance(value, (dict, list)):
            wrong.append("row %s: %r is not flat" % (name, key))
wrong += ["no row %r" % r for r in wanted.split() if r not in seen]
if wrong:
    print("\n".join(sorted(set(wrong))))
sys.exit(bool(wrong))
.
	then
		passed=$((passed + 1))
	else
		failed=$((failed + 1))
		echo "not so: $* --json is as the manual has it"
		cat "$tmp/err"
		head -n 3 "$tmp/out"
	fi
}

# Members that no scene below happens to bring about: each that the questions'
# columns and rows can have is on the page.
if python3 - "$src" >"$tmp/err" <<'.'
import re, sys
src = sys.argv[1]
read = lambda name: open(src + "/" + name, encoding="utf-8").read()
known = set(re.findall(r"^\.It Ql (\w+)$", read("man/entrepot-rows.7"), re.M))
inner = {"next_t", "due_t", "late_t", "wait_t"} # become moments
has = set(re.findall(r"AS '[TNIWF] (\w+)'", read("spool/view_sql.def"))) - inner
has |= set(re.findall(r'time_field\(\s*p, t, "\w+", "(\w+)"',
    read("src/daemon/query.c"))) - {"late"} # never told
has |= set(re.findall(r'(?:json|put)_\w+\(\s*b, "(\w+)"',
    read("src/daemon/query_rows.c"))) - {"row"}
assert len(has) > 60, has
print("\n".join("no member %r in the manual" % m for m in sorted(has - known)))
sys.exit(not has <= known)
.
then
	passed=$((passed + 1))
else
	failed=$((failed + 1))
	echo "not so: entrepot-rows(7) has every member"
	cat "$tmp/err"
fi

gate_make "$tmp"
gate_up set || { echo "0 passed, 1 failed"; exit 1; }
gate_drop "$data/cusdec-d96b-import.edi" one.edi
gate_until ls "$gate/customs/OutBox/I_510120241120000001_t-1.zip"
gate_drop "$data/cusdec-five-mistakes.edi" five.edi
gate_until "$entrepot" cat --reply=findings five.edi
cp "$data/examples/receipt.xml" "$gate/customs/InBox/r.tmp"
mv "$gate/customs/InBox/r.tmp" "$gate/customs/InBox/Receipt_1.xml"
gate_until sh -c '"$1" queue -l what=receipt | grep -q parked' - "$entrepot"
"$entrepot" simulate -f "$gate/conf" -t "$data/simulate" --once customs \
    >/dev/null 2>&1
gate_until sh -c '"$1" show --json one.edi | grep -q "\"row\":\"answer\""' - \
    "$entrepot"
"$entrepot" pause --delivery customs >/dev/null
sed 's/510120241120000001/510120241120000002/g' \
    "$data/cusdec-d96b-import.edi" >"$tmp/two"
gate_drop "$tmp/two" two.edi
gate_until sh -c '"$1" queue -l state=ready | grep -q customs' - "$entrepot"

rows "status role verdict" status
rows "count pause" queue
rows "item" queue -l
rows "item" queue -l state=picked,published,done,final,answered,refused,matched
rows "thing state answer" show one.edi
rows "thing state" show five.edi
for kind in arrival filing leg delivery receipt; do
	id=$("$entrepot" queue --json -l what=$kind \
	    state=done,taken,answered,final,picked,published,parked,ready |
	    sed -n 's/.*"id":"\([^"]*\)".*/\1/p' | head -n 1)
	rows "thing" show "$id"
done
rows "thing" why two.edi
rows "item" track 510120241120000001
rows "would" hold partner=customs
rows "operated" hold --yes partner=customs
rows "would" release all
rows "operated" release --yes state=held
rows "would" cancel what=delivery partner=customs
rows "would" redo what=filing state=refused
rows "would" receipt discard what=receipt
rows "operated" pause acme
rows "operated" resume acme
rows "event" audit
rows "checked" audit verify
rows "checked" spool verify
rows "reload" reload
gate_down
python3 - "$gate/spool/journal" <<'.'
import sqlite3, sys
with sqlite3.connect(sys.argv[1]) as db:
    db.execute("UPDATE tally SET n = n + 1 WHERE what = 'leg'")
.
rows "checked fault" spool verify
# of the verbs that ask the gateway all but cat, whose bytes are no rows
for verb in $(sed -n 's/^VERB("\([a-z-]*\)".*/\1/p' "$src/src/cli/verbs.def"); do
	case $verb in
	cat | help | partner | simulate) continue ;;
	esac
	if "$entrepot" "$verb" --help | grep -q -- --json; then
		passed=$((passed + 1))
	else
		failed=$((failed + 1))
		echo "not so: $verb has --json"
	fi
done
finish
