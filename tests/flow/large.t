#!/bin/sh
# large.t: a large file travels with its declaration through the set of
# processes, none of which may have so much memory of its own: what intake
# copies is held once, shared with the spool, and only while it is taken.
. "${ENTREPOT_SRC:-$(cd "$(dirname "$0")/../.." && pwd)}/tests/flow/gate.sh"
tmp=$(mktemp -d "${TMPDIR:-/tmp}/entrepot-large.XXXXXX") || exit 1
trap 'gate_down; rm -rf "$tmp"' EXIT
mib=${1:-96} own=${2:-40}

declaration() # NUMBER FILE
{
	sed "s/510120240615000001/$1/; /<\/DecMessage>/d" \
	    "$src/tests/data/dec/c01-1-out-I_510120240615000001.xml"
	echo "<EdocRealation><EdocID>$2</EdocID>"
	echo "<EdocCode>00000001</EdocCode>"
	echo "<EdocFomatType>US</EdocFomatType></EdocRealation>"
	echo "</DecMessage>"
}
sum()
{
	sha256sum | cut -d' ' -f1
}

gate_make "$tmp/g"
sed -i "s/accept un-cusdec-d96b/accept cn-dec\n\tlimit ${mib}M\n\tattachments pdf within 2h/" "$tmp/g/conf"
# a sanitizer's own memory counts, too
if ! "$build/tests/crash/scenario" sanitized; then
	ulimit -S -d $((own * 1024))
fi
gate_up set || { echo "$passed passed, $((failed + 1)) failed"; exit 1; }
{
	echo head
	head -c $((mib * 1048576 - 10)) /dev/zero
	echo tail
} >"$tmp/big.pdf"
want=$(sum <"$tmp/big.pdf")
gate_drop "$tmp/big.pdf" big.pdf
declaration L1 big.pdf >"$tmp/l1.xml"
gate_drop "$tmp/l1.xml" l1.xml
gate_until test -e "$tmp/g/customs/OutBox/I_L1_t-1.zip"
is "every byte arrives" \
    "$(unzip -p "$tmp/g/customs/OutBox/I_L1_t-1.zip" big.pdf | sum)" "$want"
kept=$(cat "$tmp/g/spool/bodies/"* | wc -c)
is "the spool has them once" $((kept / 1048576 / mib)) 1
is "nobody died of it" "$(grep -c 'role.ended\|role.died' "$tmp/g/log")" 0
gate_down
[ $failed = 0 ] || sed 's/^/  gateway: /' "$gate/log"
finish
