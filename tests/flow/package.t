#!/bin/bash
# package.t - answers in one ZIP package come through the real set of processes,
# walls and all: each is matched as if it had come alone, and a package that is
# no package is put aside without hurting the next.
src=${ENTREPOT_SRC:-$(cd "$(dirname "$0")/../.." && pwd)}
build=${ENTREPOT_BUILD:-$src/build}
export ENTREPOT_SRC=$src ENTREPOT_BUILD=$build
. "$src/tests/flow/gate.sh"
tmp=$(mktemp -d "${TMPDIR:-/tmp}/entrepot-package.XXXXXX") || exit 1
tmp=$(cd "$tmp" && pwd -P)
trap 'gate_down; rm -rf "$tmp"' EXIT
dec=$src/tests/data/dec

answers() # ZIP FILE NAME ...
{
	python3 - "$@" <<-.
	import sys, zipfile
	a = sys.argv[2:]
	z = zipfile.ZipFile(sys.argv[1], "w", zipfile.ZIP_DEFLATED)
	for f, n in zip(a[::2], a[1::2]):
	    z.write(f, n)
	z.close()
	.
}
into() # FILE NAME
{
	cp "$1" "$tmp/customs/InBox/$2.tmp" &&
	    mv "$tmp/customs/InBox/$2.tmp" "$tmp/customs/InBox/$2"
	gate_until test ! -e "$tmp/customs/InBox/$2"
}
told() # WORD
{
	cat "$tmp"/acme/out/c01.*.status 2>/dev/null | grep -q "$1"
}

gate_make "$tmp"
sed -i 's/accept un-cusdec-d96b/accept cn-dec/' \
    "$tmp/conf"
gate_up set || exit 1
gate_drop "$dec"/c01-1-out-I_510120240615000001.xml c01.xml
gate_until sh -c "ls '$tmp/customs/OutBox' | grep -q ."
is "the declaration goes out" $? 0
package=$(ls "$tmp/customs/OutBox")
rm "$tmp/customs/OutBox/$package"
answers "$tmp/a.zip" "$dec"/c01-2-in-Successed.xml \
    "Successed_${package%.zip}_202406151030051200001.xml" \
    "$dec"/c01-3-in-Receipt_7.xml Receipt_1.xml \
    "$dec"/c01-4-in-Receipt_L.xml Receipt_2.xml \
    "$dec"/c01-6-in-Receipt_P.xml Receipt_3.xml
head -c 300 "$tmp/a.zip" >"$tmp/torn.zip"
into "$tmp/torn.zip" torn.zip
is "a torn package is taken" $? 0
into "$tmp/a.zip" answers.zip
is "the package of answers is taken" $? 0
for word in received accepted released; do
	gate_until told "$word"
	is "the filer is told: $word" $? 0
done
is "convert did not die of it" "$(grep -c convert.died "$tmp/log")" 0
gate_until sh -c "'$build/entrepot' why torn.zip | grep -q torn"
"$build/entrepot" why torn.zip >"$tmp/why"
is "the torn one is accounted for" "$(grep -c 'torn.zip' "$tmp/why")" 1
gate_down
finish
