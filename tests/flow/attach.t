#!/bin/sh
# attach.t: files that a declaration names travel with it: out of the package it
# came in, into the package of the agency; nothing else does.
. "${ENTREPOT_SRC:-$(cd "$(dirname "$0")/../.." && pwd)}/tests/flow/gate.sh"
tmp=$(mktemp -d "${TMPDIR:-/tmp}/entrepot-attach.XXXXXX") || exit 1
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

gate_make "$tmp/g"
sed -i 's/accept un-cusdec-d96b/accept cn-dec\n\tattachments pdf, jpg within 2s/' "$tmp/g/conf"
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
[ $failed = 0 ] || sed 's/^/  gateway: /' "$gate/log"
echo "$passed passed, $failed failed"
[ $failed = 0 ]
