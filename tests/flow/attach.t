#!/bin/sh
# attach.t: files that a declaration names travel with it, out of the package it
# came in or from beside it, into the package of the agency; nothing else does. A
# declaration waits for its files, and is refused when they do not come.
. "${ENTREPOT_SRC:-$(cd "$(dirname "$0")/../.." && pwd)}/tests/flow/gate.sh"
tmp=$(mktemp -d "${TMPDIR:-/tmp}/entrepot-attach.XXXXXX") || exit 1
trap 'gate_down; rm -rf "$tmp"' EXIT

put() # FILE NAME [FILER]: from beta
{
	cp "$1" "$tmp/g/${3:-beta}/in/$2.tmp" &&
	    mv "$tmp/g/${3:-beta}/in/$2.tmp" "$tmp/g/${3:-beta}/in/$2"
}
waiting() # NAME: of an arrival
{
	"$build/entrepot" show --json "$1" | grep -q waiting
}
stands() # PATTERN
{
	ls $1
}
# A declaration NUMBER that names FILE ...
declaration() # NUMBER FILE ...
{
	sample=$src/tests/data/dec/c01-1-out-I_510120240615000001.xml
	number=$1
	shift
	sed "s/510120240615000001/$number/; /<\/DecMessage>/d" "$sample"
	for f; do
		echo "<EdocRealation><EdocID>$f</EdocID>"
		echo "<EdocCode>00000001</EdocCode>"
		echo "<EdocFomatType>US</EdocFomatType></EdocRealation>"
	done
	echo "</DecMessage>"
}
pack() # ZIP FILE ...
{
	(cd "$tmp/p" && python3 -c '
import sys, zipfile
with zipfile.ZipFile(sys.argv[1], "w", zipfile.ZIP_DEFLATED) as z:
	for f in sys.argv[2:]:
		z.write(f)' "$@")
}
listed() # ZIP
{
	python3 -c '
import sys, zipfile
print(" ".join(zipfile.ZipFile(sys.argv[1]).namelist()))' "$1"
}
content() # ZIP NAME: its digest
{
	python3 -c '
import hashlib, sys, zipfile
z = zipfile.ZipFile(sys.argv[1])
print(hashlib.sha256(z.read(sys.argv[2])).hexdigest())' "$1" "$2"
}

once() # FILE: how often its bytes stand in the spool
{
	python3 -c '
import os, sys
want = open(sys.argv[1], "rb").read(100)
folder = sys.argv[2]
def found(name):
	try:
		return open(os.path.join(folder, name), "rb").read().count(want)
	except FileNotFoundError: # replies come and go beside it
		return 0
print(sum(map(found, os.listdir(folder))))' "$1" "$tmp/g/spool/bodies"
}
delivery() # NAME: its id
{
	"$build/entrepot" track --json "$1" | grep '"what":"delivery"' |
	    sed 's/.*"id":"\([^"]*\)".*/\1/' | head -n 1
}
gone() # FILE
{
	[ ! -e "$1" ]
}

gate_make "$tmp/g"
sed -i 's/accept un-cusdec-d96b/accept cn-dec\n\tattachments pdf, jpg within 2h/' "$tmp/g/conf"
mkdir -p "$tmp/g/beta/in" "$tmp/g/beta/out" "$tmp/g/hasty/in" "$tmp/g/hasty/out"
cat >>"$tmp/g/conf" <<.
filer beta {
	folder "$tmp/g/beta" complete on rename
	accept cn-dec
	attachments pdf within 2h
	reply none
}
filer hasty {
	folder "$tmp/g/hasty" complete on rename
	accept cn-dec
	attachments pdf, jpg within 2s
	reply taken, findings, status as csv-status
}
.
gate_up || { echo "$passed passed, $((failed + 1)) failed"; exit 1; }
mkdir "$tmp/p" "$tmp/p/papers"
head -c 200000 /dev/urandom >"$tmp/p/invoice.pdf"
head -c 5000 /dev/urandom >"$tmp/p/papers/list.PDF"
echo other >"$tmp/p/other.jpg"

declaration A1 invoice.pdf list.PDF >"$tmp/p/a1.xml"
pack "$tmp/a1.zip" a1.xml invoice.pdf papers/list.PDF other.jpg
gate_drop "$tmp/a1.zip" a1.zip
gate_until stands "$tmp/g/customs/OutBox/I_A1_t-1.zip"
box=$tmp/g/customs/OutBox/I_A1_t-1.zip
is "the message and the files it names stand in the package" \
    "$(listed "$box")" "I_A1_t-1.xml invoice.pdf list.PDF"
is "a file goes byte for byte" "$(content "$box" invoice.pdf)" \
    "$(sha256sum "$tmp/p/invoice.pdf" | cut -d' ' -f1)"
is "another program finds it whole" "$(unzip -tqq "$box" && echo yes)" yes
is "one from a folder, too" "$(content "$box" list.PDF)" \
    "$(sha256sum "$tmp/p/papers/list.PDF" | cut -d' ' -f1)"
gate_until stands "$tmp/g/acme/out/a1.*.taken"
is "nobody complains of the files" "$(stands "$tmp/g/acme/out/a1.*" | wc -l)" 1

# names nothing: nothing travels
declaration A2 >"$tmp/p/a2.xml"
pack "$tmp/a2.zip" a2.xml invoice.pdf
gate_drop "$tmp/a2.zip" a2.zip
gate_until stands "$tmp/g/customs/OutBox/I_A2_t-1.zip"
is "what is not named stays" "$(listed "$tmp/g/customs/OutBox/I_A2_t-1.zip")" \
    "I_A2_t-1.xml"
# beside it: the declaration first, then its file
declaration A3 A3-invoice.pdf >"$tmp/p/a3.xml"
gate_drop "$tmp/p/a3.xml" a3.xml
gate_until waiting a3.xml
is "a declaration waits for the file it names" \
    "$(stands "$tmp/g/customs/OutBox/I_A3*" 2>/dev/null)" ""
gate_drop "$tmp/p/invoice.pdf" A3-invoice.pdf
gate_until stands "$tmp/g/customs/OutBox/I_A3_t-1.zip"
is "the file stands in the package" \
    "$(listed "$tmp/g/customs/OutBox/I_A3_t-1.zip")" "I_A3_t-1.xml A3-invoice.pdf"
is "as it was dropped" \
    "$(content "$tmp/g/customs/OutBox/I_A3_t-1.zip" A3-invoice.pdf)" \
    "$(sha256sum "$tmp/p/invoice.pdf" | cut -d' ' -f1)"

# the file first, under the declaration's stem; it is that declaration's alone
gate_drop "$tmp/p/other.jpg" a4.photo.jpg
declaration A4 photo.jpg >"$tmp/p/a4.xml"
gate_drop "$tmp/p/a4.xml" a4.xml
gate_until stands "$tmp/g/customs/OutBox/I_A4_t-1.zip"
is "STEM.NAME is its file, too" \
    "$(listed "$tmp/g/customs/OutBox/I_A4_t-1.zip")" "I_A4_t-1.xml photo.jpg"

# a file that is another's, and one that never comes
put "$tmp/p/other.jpg" h4.photo.jpg hasty
declaration A5 photo.jpg never.pdf >"$tmp/p/a5.xml"
put "$tmp/p/a5.xml" a5.xml hasty
gate_until stands "$tmp/g/hasty/out/a5.*.findings"
is "what never came is said, each file" \
    "$(grep -o "E0306[^\"]*" "$tmp"/g/hasty/out/a5.*.findings |
	grep -o 'photo.jpg\|never.pdf' | sort -u | tr '\n' ' ')" \
    "never.pdf photo.jpg "
is "and nothing is sent" "$(stands "$tmp/g/customs/OutBox/I_A5*" 2>/dev/null)" ""
is "files get no reply of their own" \
    "$(stands "$tmp/g/acme/out" | grep -c 'photo\|invoice')" 0

# two in one package: who has his file goes, who waits does not hold him
declaration C1 >"$tmp/p/c1.xml"
declaration C2 c2.pdf >"$tmp/p/c2.xml"
pack "$tmp/c.zip" c1.xml c2.xml
put "$tmp/c.zip" c.zip
gate_until stands "$tmp/g/customs/OutBox/I_C1_t-1.zip"
gate_until waiting c.zip
is "one that waits holds no other" \
    "$(stands "$tmp/g/customs/OutBox/I_C2*" 2>/dev/null)" ""
filing=$("$build/entrepot" show --json c.zip | grep '"what":"filing"' |
    grep waiting | sed 's/.*"id":"\([^"]*\)".*/\1/' | head -n 1)
is "why names the file and tells how long yet" \
    "$("$build/entrepot" why "$filing" |
	grep -c 'waits [4-7][0-9][0-9][0-9] s more for files that it names: c2.pdf')" 1
put "$tmp/p/invoice.pdf" c2.pdf
gate_until stands "$tmp/g/customs/OutBox/I_C2_t-1.zip"
is "and goes when its file came" \
    "$(listed "$tmp/g/customs/OutBox/I_C2_t-1.zip")" "I_C2_t-1.xml c2.pdf"
is "the other went once" "$(stands "$tmp/g/customs/OutBox/I_C1*" | wc -l)" 1

# a file that nobody names is reported, once
put "$tmp/p/other.jpg" stray.jpg hasty
gate_until stands "$tmp/g/hasty/out/stray.*.findings"
gate_until stands "$tmp/g/hasty/out/h4.*.findings"
is "what nobody named is told" \
    "$(grep -o "E0321[^\"]*'stray.jpg' within 2 s" \
	"$tmp"/g/hasty/out/stray.*.findings | wc -l)" 1
is "and stands in the chain" \
    "$("$build/entrepot" audit | grep -c 'arrival.unclaimed .*partner=hasty')" 2

# what waits goes on waiting through a stop
declaration B1 B1.pdf >"$tmp/p/b1.xml"
put "$tmp/p/b1.xml" b1.xml
gate_until waiting b1.xml
gate_down
gate_up || failed=$((failed + 1))
is "it still waits" "$(waiting b1.xml && echo yes)" yes
put "$tmp/p/invoice.pdf" B1.pdf
gate_until stands "$tmp/g/customs/OutBox/I_B1_t-1.zip"
is "and takes its file along" \
    "$(listed "$tmp/g/customs/OutBox/I_B1_t-1.zip")" "I_B1_t-1.xml B1.pdf"
# an agency that takes plain files finds them beside the message; one that wants
# none gets the message alone, and the filer is told
gate_down
mkdir -p "$tmp/g/desk/in" "$tmp/g/desk/out" "$tmp/g/bare/in" "$tmp/g/bare/out"
cat >>"$tmp/g/conf" <<.
agency desk {
	folder "$tmp/g/desk" layout plain refused no
	submit declaration as sw-xml window 2
}
agency bare {
	folder "$tmp/g/bare"
	submit declaration as un-cusdec-d21a attachments none
}
.
mkdir "$tmp/g/desk/no"
gate_up || failed=$((failed + 1))
declaration A7 invoice.pdf >"$tmp/p/a7.xml"
pack "$tmp/a7.zip" a7.xml invoice.pdf
gate_drop "$tmp/a7.zip" a7.zip
gate_until stands "$tmp/g/acme/out/a7.*.findings"
is "what does not travel is said" \
    "$(grep -o "the file 'invoice.pdf', bare takes no files" \
	"$tmp"/g/acme/out/a7.*.findings)" \
    "the file 'invoice.pdf', bare takes no files"
gate_until stands "$tmp/g/bare/out/*.edi"
is "the agency that wants none has the message alone" \
    "$(stands "$tmp/g/bare/out" | grep -vc '\.edi$')" 0
gate_until stands "$tmp/g/desk/out/sw-xml-*.xml"
stem=$(stands "$tmp/g/desk/out/sw-xml-*.xml")
stem=${stem%.xml}
is "beside the message stands its file" \
    "$(sha256sum <"$stem.invoice.pdf")" "$(sha256sum <"$tmp/p/invoice.pdf")"
is "and nothing else" "$(stands "$tmp/g/desk/out" | wc -l)" 2
gate_until stands "$tmp/g/customs/OutBox/I_A7_t-1.zip"
is "the other agency has it" \
    "$(listed "$tmp/g/customs/OutBox/I_A7_t-1.zip")" "I_A7_t-1.xml invoice.pdf"
# one body for all of them, in their package and beside the message
head -c 3000 /dev/urandom >"$tmp/p/once.pdf"
rm "$tmp/g/desk/out"/*
declaration A8 once.pdf >"$tmp/p/a8.xml"
gate_drop "$tmp/p/once.pdf" a8.once.pdf
gate_drop "$tmp/p/a8.xml" a8.xml
gate_until stands "$tmp/g/customs/OutBox/I_A8_t-1.zip"
gate_until stands "$tmp/g/desk/out/sw-xml-*.xml"
stem=$(stands "$tmp/g/desk/out/sw-xml-*.xml")
stem=${stem%.xml}
is "what came beside stands beside" "$(sha256sum <"$stem.once.pdf")" \
    "$(sha256sum <"$tmp/p/once.pdf")"
is "and in the package" \
    "$(content "$tmp/g/customs/OutBox/I_A8_t-1.zip" once.pdf)" \
    "$(sha256sum <"$tmp/p/once.pdf" | cut -d' ' -f1)"
is "the spool has it once" "$(once "$tmp/p/once.pdf")" 1
"$build/entrepot" cat "$(delivery I_A8_t-1.zip)" >"$tmp/cat.zip"
is "cat shows the package as it went" "$(sha256sum <"$tmp/cat.zip")" \
    "$(sha256sum <"$tmp/g/customs/OutBox/I_A8_t-1.zip")"

# another file under its name, late or by mistake, takes nothing of it back
echo another >"$tmp/another"
mv "$tmp/another" "$tmp/g/desk/no/${stem##*/}.xml"
gate_until grep -q 'delivery.unclear .*partner=desk' "$gate/log"
is "what stands is known from what was refused before" \
    "$(stands "$stem.xml" | wc -l) $(stands "$stem.once.pdf" | wc -l)" "1 1"
# refused with one of its names: the others are taken back
mv "$stem.once.pdf" "$tmp/g/desk/no/"
gate_until gone "$stem.xml"
gate_until stands "$tmp/g/acme/out/a8.*.status"
is "its filer is told" "$(grep -c undeliverable "$tmp"/g/acme/out/a8.*.status)" 1
"$build/entrepot" redo --deliver --same --yes "$(delivery "${stem##*/}.xml")" >/dev/null
gate_until stands "$stem.xml"
is "the same again has all of it" "$(sha256sum <"$stem.once.pdf")" \
    "$(sha256sum <"$tmp/p/once.pdf")"
is "from the same bytes" "$(once "$tmp/p/once.pdf")" 1
"$build/entrepot" spool -f "$gate/conf" verify >"$tmp/verify" 2>&1
is "the spool agrees with itself" $? 0
gate_down
[ $failed = 0 ] || sed 's/^/  gateway: /' "$gate/log"
finish
