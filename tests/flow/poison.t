#!/bin/bash
# poison.t - a message that kills whoever reads it, through the real set of
# processes: after its third death it alone is held, its neighbours in the same
# interchange and other files go on, and `why` tells. Then a package that is
# too large for convert's memory, without any fault planted; and one whose
# child never ends (ENTREPOT_BATTERY: it costs nine seconds of the machine).
src=${ENTREPOT_SRC:-$(cd "$(dirname "$0")/../.." && pwd)}
build=${ENTREPOT_BUILD:-$src/build}
export ENTREPOT_SRC=$src ENTREPOT_BUILD=$build
. "$src/tests/flow/gate.sh"
tmp=$(mktemp -d "${TMPDIR:-/tmp}/entrepot-poison.XXXXXX") || exit 1
tmp=$(cd "$tmp" && pwd -P)
trap 'gate_down; rm -rf "$tmp"' EXIT

# message PLACE NUMBER CONTRACT: one of the sample under these
message()
{
	sed -n '/^UNH/,/^UNT/p' "$src/tests/data/cusdec-d96b-import.edi" |
	    sed "s/^UNH+1+/UNH+$1+/; s/^\(UNT+[0-9]*\)+1'/\1+$1'/
		s/510120241120000001/$2/; s/HT-2024-001/$3/"
}
# interchange REFERENCE < messages
interchange()
{
	cat >"$tmp/messages"
	sed -n 1p "$src/tests/data/cusdec-d96b-import.edi"
	sed -n "2s/IC24112001/$1/p" "$src/tests/data/cusdec-d96b-import.edi"
	cat "$tmp/messages"
	echo "UNZ+$(grep -c ^UNH "$tmp/messages")+$1'"
}
deaths() # how often a child was told dead
{
	grep -c '^convert.died' "$tmp/log"
}
out_has() # NUMBER
{
	[ -n "$(find "$tmp/customs/OutBox" -name "I_$1*")" ]
}
held()
{
	"$build/entrepot" queue 2>/dev/null | grep -q held ||
	    "$build/entrepot" status 2>/dev/null | grep -q '^held *[1-9]'
}
told() # STEM PATTERN
{
	cat "$tmp"/acme/out/"$1".* 2>/dev/null | grep -q "$2"
}

gate_make "$tmp"
sed -i 's/accept un-cusdec-d96b/accept un-cusdec-d96b, cn-dec, csv-declaration, erp-decl-json/' "$tmp/conf"
mkdir -p "$tmp/other/in" "$tmp/other/out"
cat >>"$tmp/conf" <<.
filer other {
	folder "$tmp/other" complete on rename
	accept un-cusdec-d96b
	reply taken, findings, status as csv-status language en
}
.
mkdir "$tmp/bad"
ln -s "$build/entrepot" "$tmp/bad/entrepot"
ln -s "$build/tests/crash/bad_daemon" "$tmp/bad/entrepotd"

# 1. The third of five messages kills its reader.
{
	message 1 510120241120000011 HT-1
	message 2 510120241120000012 HT-2
	message 3 510120241120000013 POISON-ABORT
	message 4 510120241120000014 HT-4
	message 5 510120241120000015 HT-5
} | interchange IC1 >"$tmp/poison.edi"
message 1 510120241120000021 HT-21 | interchange IC2 >"$tmp/clean.edi"
build=$tmp/bad
gate_up set || exit 1
build=$ENTREPOT_BUILD
gate_drop "$tmp/poison.edi" poison.edi
cp "$tmp/clean.edi" "$tmp/other/in/.w" && mv "$tmp/other/in/.w" \
    "$tmp/other/in/clean.edi"
for n in 11 12 14 15 21; do
	gate_until out_has "5101202411200000$n"
	is "number $n goes out" $? 0
done
is "the poisoned one does not" "$(out_has 510120241120000013; echo $?)" 1
is "it died three times" "$(deaths)" 3
is "each time at the third message" "$(grep '^convert.died' "$tmp/log" |
    grep -c 'at filing 3"')" 3
gate_until held
is "it is held" $? 0
is "why tells what happened" "$("$build/entrepot" why poison.edi |
    grep 'filing .* is held' | grep -c 'killed by signal [0-9]* at filing 3')" 1
is "and only of the one" "$("$build/entrepot" why poison.edi |
    grep -c 'is held')" 1
gate_until told poison 510120241120000015
is "the filer is told of the fifth" $? 0
out=$(find "$tmp/customs/OutBox" -type f | wc -l)
is "five files stand in the agency's box" "$out" 5
gate_drop "$tmp/clean.edi" again.edi
gate_until told again .
is "the gateway goes on" $? 0

# 2. Memory without end: a limit ends it, and it is held, too.
if ! "$build/tests/crash/scenario" sanitized; then
	message 1 510120241120000031 POISON-EAT | interchange IC3 \
	    >"$tmp/eat.edi"
	gate_drop "$tmp/eat.edi" eat.edi
	gate_until sh -c "'$build/entrepot' why eat.edi | grep -q 'is held'"
	is "a message that eats all memory is held" $? 0
fi
if [ -n "$ENTREPOT_BATTERY" ]; then
	message 1 510120241120000032 POISON-SPIN | interchange IC4 \
	    >"$tmp/spin.edi"
	gate_drop "$tmp/spin.edi" spin.edi
	gate_until sh -c "'$build/entrepot' why spin.edi | grep -q 'is held'" ||
	    gate_until sh -c "'$build/entrepot' why spin.edi |
		grep -q 'is held'"
	is "a message that never ends is held" $? 0
fi

# 3. One row of a table, one object of a list, the first of them even: the
# others are read and told of, and it dies no oftener than others.
table() # NUMBER CONTRACT ...
{
	echo 'number;direction;office;contract_number;item.sequence;item.commodity'
	while [ $# -gt 0 ]; do
		echo "$1;I;7900;$2;1;8542319091"
		shift 2
	done
}
list() # NUMBER CONTRACT ...
{
	sep='['
	while [ $# -gt 0 ]; do
		printf '%s{"clientSeqNo":"%s","contrNo":"%s","items":[]}' \
		    "$sep" "$1" "$2"
		sep=,
		shift 2
	done
	echo ']'
}
numbers() # those of declarations in standard input; ids may look like them
{
	sed 's/[0-9A-Z]\{7\}-[0-9A-Z]\{7\}/ID/g' |
	    grep -o '\b[TL][0-9][0-9]*\b' | sort -u | paste -sd' '
}
told_of() # STEM NUMBERS
{
	[ "$(cat "$tmp/acme/out/$1".* 2>/dev/null | numbers)" = "$2" ]
}
table T11 POISON-ABORT T12 C2 T13 C3 >"$tmp/first.csv"
table T21 C1 T22 POISON-ABORT T23 C3 >"$tmp/second.csv"
list L1 C1 L2 POISON-ABORT L3 C3 >"$tmp/list.json"
for f in first.csv second.csv list.json; do
	before=$(deaths)
	gate_drop "$tmp/$f" "$f"
	gate_until sh -c "'$build/entrepot' why $f | grep -q 'is held'"
	is "one of $f is held" $? 0
	is "after three deaths" $(($(deaths) - before)) 3
	others=$(tr '{' '\n' <"$tmp/$f" | grep -v POISON | numbers)
	gate_until told_of "${f%.*}" "$others"
	is "the others of $f are told of" "$(cat "$tmp/acme/out/${f%.*}".* |
	    numbers)" "$others"
done
gate_down

# 4. The shipped program, and a package of one million bytes that holds more
# than convert may have: nothing dies, and yet it must not be tried for ever.
if ! "$build/tests/crash/scenario" sanitized; then
	gate_up set || exit 1
	before=$(deaths)
	python3 - "$tmp/big.zip" <<-.
	import random, sys, zipfile
	random.seed(1)
	z = zipfile.ZipFile(sys.argv[1], "w", zipfile.ZIP_DEFLATED)
	for n in range(12):
	    noise = "".join(random.choice("abcdef") for i in range(150000))
	    z.writestr("I_%d.xml" % n, "<DecMessage><!--" + noise +
	        " " * 7800000 + "--></DecMessage>")
	z.close()
	.
	is "the package is made" $? 0
	gate_drop "$tmp/big.zip" big.zip
	gate_until sh -c "'$build/entrepot' why big.zip | grep -q 'is held'"
	is "a package beyond convert's memory is held" $? 0
	is "why says so" "$("$build/entrepot" why big.zip |
	    grep -c 'is held.*no memory for the archive')" 1
	is "it was tried three times" $(($(deaths) - before)) 3
	message 1 510120241120000041 HT-41 | interchange IC5 >"$tmp/last.edi"
	gate_drop "$tmp/last.edi" last.edi
	gate_until out_has 510120241120000041
	is "files behind it go out" $? 0
	gate_down
fi

finish
