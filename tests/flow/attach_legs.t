#!/bin/sh
# attach_legs.t: files go with the legs that see their names and with no other, not
# in a package and not beside. Without the rule they would go, so it is the rule
# that keeps them. A leg that waited takes them along when it is planned again, by
# the rules of then.
. "${ENTREPOT_SRC:-$(cd "$(dirname "$0")/../.." && pwd)}/tests/flow/gate.sh"
tmp=$(mktemp -d "${TMPDIR:-/tmp}/entrepot-attach_legs.XXXXXX") || exit 1
trap 'gate_down; rm -rf "$tmp"' EXIT

stands() # PATTERN
{
	ls $1
}
declaration() # NUMBER CONTRACT FILE ...: names each FILE
{
	sed "s/510120240615000001/$1/; s/<ContrNo>[^<]*/<ContrNo>$2/
	    /<\/DecMessage>/d" \
	    "$src/tests/data/dec/c01-1-out-I_510120240615000001.xml"
	shift 2
	for f; do
		echo "<EdocRealation><EdocID>$f</EdocID>"
		echo "<EdocCode>00000001</EdocCode>"
		echo "<EdocFomatType>US</EdocFomatType></EdocRealation>"
	done
	echo "</DecMessage>"
}
# One file comes in the package, one beside it.
offer() # NUMBER CONTRACT
{
	declaration "$1" "$2" in.pdf "$1-by.pdf" >"$tmp/p/$1.xml"
	cp "$tmp/in.pdf" "$tmp/p/in.pdf"
	(cd "$tmp/p" && python3 -c '
import sys, zipfile
with zipfile.ZipFile(sys.argv[1], "w", zipfile.ZIP_DEFLATED) as z:
	for f in sys.argv[2:]:
		z.write(f)' "$tmp/$1.zip" "$1.xml" in.pdf)
	gate_drop "$tmp/by.pdf" "$1-by.pdf"
	gate_drop "$tmp/$1.zip" "$1.zip"
}
# What an agency has: each name without its stem, in packages, too, and which
# file's bytes stand under it. Then its folder is empty.
has() # AGENCY
{
	python3 - "$tmp" "$tmp/g/$1/out" <<.
import os, sys, zipfile
known = {open(os.path.join(sys.argv[1], f), "rb").read(): f
    for f in ("in.pdf", "by.pdf")}
said = []
def file(name, data):
    leaked = [f for b, f in known.items() if b in data or b[:40] in data]
    said.append("message" if not leaked and not name.endswith(".pdf")
        else "%s=%s" % (name, leaked and leaked[0]))
for name in sorted(os.listdir(sys.argv[2])):
    path = os.path.join(sys.argv[2], name)
    if name.startswith("."):
        continue
    if name.endswith(".zip"):
        with zipfile.ZipFile(path) as z:
            for i in z.namelist():
                file(i, z.read(i))
    else:
        file(name.split(".", 1)[1] if name.endswith(".pdf") else name,
            open(path, "rb").read())
    os.remove(path)
print(" ".join(sorted(said)))
.
}
# The message stands there last, so what belongs to it does, too.
came() # AGENCY ENDING
{
	gate_until stands "$tmp/g/$1/out/sw-xml-*$2"
}
both() # NUMBER: what who has both files has
{
	echo "$1-by.pdf=by.pdf in.pdf=in.pdf message"
}
accepts() # NUMBER: the port
{
	cat >"$tmp/sw" <<.
<?xml version="1.0" encoding="UTF-8"?>
<receipt xmlns="urn:entrepot:sw-xml:1"><about><number>$1</number>
</about><number>P-$1</number><status>ok</status><outcome>accepted</outcome>
<time>2026-06-20T12:00:00+08:00</time></receipt>
.
	cp "$tmp/sw" "$tmp/g/port/in/$1.tmp" &&
	    mv "$tmp/g/port/in/$1.tmp" "$tmp/g/port/in/$1.xml"
}
waits() # NUMBER: the leg to the bank
{
	"$build/entrepot" show --json "$1" | grep '"name":"bank"' |
	    grep -q '"state":"waiting"'
}
rules() # LINE ...: the site's own
{
	cat >"$tmp/g/maps/rules/site.rules" <<.
rules declaration
leg bank to bank as sw-xml when contract_number = "LATER"
hold bank until @port.outcome = accepted
.
	for line; do
		echo "$line" >>"$tmp/g/maps/rules/site.rules"
	done
}

told() # REPLY: the last digits of the numbers that it says are taken
{
	grep ',taken,' "$1" | grep -o '51012024112000000[0-9]' | sort -u |
	    sed 's/.*\(.\)/\1/' | tr '\n' ' '
}

gate_make "$tmp/g"
mkdir "$tmp/p" "$tmp/g/maps" "$tmp/g/maps/rules"
for d in codes directory formats tables; do
	ln -s "$src/mappings/$d" "$tmp/g/maps/$d"
done
cp "$src"/mappings/rules/*.rules "$tmp/g/maps/rules/"
sed -i "s/accept un-cusdec-d96b/accept cn-dec\n\tattachments pdf within 1h/
	s,^mappings .*,mappings \"$tmp/g/maps\"," "$tmp/g/conf"
for a in desk vault port bank; do
	mkdir -p "$tmp/g/$a/in" "$tmp/g/$a/out"
	zip=
	[ $a != vault ] || zip=zip
	cat >>"$tmp/g/conf" <<.
agency $a {
	folder "$tmp/g/$a" layout plain
	submit declaration as sw-xml $zip
}
.
done
head -c 90000 /dev/urandom >"$tmp/in.pdf"
head -c 300 /dev/urandom >"$tmp/by.pdf"
desk="see desk importer, item, gross_mass, marks, attachment.kind"
vault="see vault importer, item, gross_mass, marks"
rules "$desk" "$vault"
gate_up set || { echo "$passed passed, $((failed + 1)) failed"; exit 1; }

# who sees their names has them, who does not has none
offer 510120241120000001 NOW
came desk .xml
came vault .zip
came port .xml
gate_until stands "$tmp/g/customs/OutBox/*.zip"
is "beside its message one that sees no names has no file" "$(has desk)" message
is "nor has one in its package" "$(has vault)" message
is "another has them both" "$(has port)" "$(both 510120241120000001)"
is "and so has customs in its package" \
    "$(unzip -Z1 "$tmp"/g/customs/OutBox/*.zip | grep -c 'pdf$')" 2
rm -f "$tmp"/g/customs/OutBox/*

# without the rules they have them: nothing else kept them back
rules
want "other rules are read" "$build/entrepot" reload
offer 510120241120000002 NOW
came desk .xml
came vault .zip
came port .xml
is "with no rule they stand beside the message" "$(has desk)" \
    "$(both 510120241120000002)"
is "and in the package" "$(has vault)" "$(both 510120241120000002)"
is "the other has them as before" "$(has port)" "$(both 510120241120000002)"

# a leg that waits takes them along when it is planned again, after a stop, too
offer 510120241120000003 LATER
gate_until waits 510120241120000003
came port .xml
is "who waits has nothing yet" "$(has bank)" ""
gate_down
gate_up set || failed=$((failed + 1))
accepts 510120241120000003
came bank .xml
is "planned later, it has its files" "$(has bank)" "$(both 510120241120000003)"

# by the rules of then: what it may not see any more it does not get
offer 510120241120000004 LATER
gate_until waits 510120241120000004
rules "see bank importer, item, gross_mass, marks"
want "a rule that hides the names is read" "$build/entrepot" reload
accepts 510120241120000004
came bank .xml
is "planned later by that rule, it has none" "$(has bank)" message
offer 510120241120000005 LATER
gate_until waits 510120241120000005
rules
want "and without it again" "$build/entrepot" reload
accepts 510120241120000005
came bank .xml
is "planned later without the rule, it has them" "$(has bank)" \
    "$(both 510120241120000005)"

# two in one package, one of them waits: who is through is told at once, and the
# whole of it again when the other went
rm -f "$tmp/g/desk/out"/*
declaration 510120241120000006 NOW >"$tmp/p/six.xml"
declaration 510120241120000007 NOW late.pdf >"$tmp/p/seven.xml"
(cd "$tmp/p" && python3 -c '
import sys, zipfile
with zipfile.ZipFile(sys.argv[1], "w") as z:
	for f in sys.argv[2:]:
		z.write(f)' "$tmp/two.zip" six.xml seven.xml)
gate_drop "$tmp/two.zip" two.zip
gate_until stands "$tmp/g/acme/out/two.*.taken"
is "the first reply tells who is through" \
    "$(told "$tmp"/g/acme/out/two.*.taken)" "6 "
mv "$tmp"/g/acme/out/two.*.taken "$tmp/"
gate_drop "$tmp/by.pdf" late.pdf
gate_until stands "$tmp/g/acme/out/two.*.taken"
is "the second tells of both" "$(told "$tmp"/g/acme/out/two.*.taken)" "6 7 "
is "and of nothing wrong" "$(stands "$tmp/g/acme/out/two.*" | wc -l)" 1
gate_until stands "$tmp/g/desk/out/sw-xml-*.late.pdf"
gate_until sh -c "[ \$(ls '$tmp/g/desk/out' | grep -c 'xml\$') -ge 2 ]"
is "each went once" "$(ls "$tmp/g/desk/out" | grep -c 'xml$')" 2

"$build/entrepot" spool -f "$gate/conf" verify >"$tmp/verify" 2>&1
is "the spool agrees with itself" $? 0
gate_down
[ $failed = 0 ] || sed 's/^/  gateway: /' "$gate/log"
finish
