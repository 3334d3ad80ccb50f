#!/bin/bash
# why.t: faults, each brought about in the real daemon, and each found in the
# sentence of `entrepot why` (and of `show`) with the particulars of the moment:
# errno's words, the remote's words, who did it, the next try.
src=${ENTREPOT_SRC:-$(cd "$(dirname "$0")/../.." && pwd)}
build=${ENTREPOT_BUILD:-$src/build}
export ENTREPOT_SRC=$src ENTREPOT_BUILD=$build
. "$src/tests/flow/gate.sh"
tmp=$(mktemp -d "${TMPDIR:-/tmp}/entrepot-why.XXXXXX") || exit 1
tmp=$(cd "$tmp" && pwd -P)
trap 'gate_down; rm -rf "$tmp"' EXIT
number=510120241120000001
entrepot=$build/entrepot

# told SENTENCE STATE PATTERN KEY: why tells the state and why in one line, and
# show has the same words.
told()
{
	if within $say_patience both_say "$2.*$3" "$3" "$4"; then
		passed=$((passed + 1))
	else
		"$entrepot" why "$4" >"$tmp/.said" 2>&1
		say_not "why and show tell $1" "$tmp/.said"
	fi
}

both_say() # WHY SHOWN KEY
{
	says "$1" why "$3" && says "$2" show "$3"
}

says() # PATTERN VERB...
{
	pattern=$1
	shift
	"$entrepot" "$@" 2>&1 | grep -Eq -- "$pattern"
}

# file N NAME: the import declaration under number N
file()
{
	sed "s/$number/5101202411200000$1/g" \
	    "$src/tests/data/cusdec-d96b-import.edi" >"$tmp/file"
	gate_drop "$tmp/file" "$2"
	gate_until "$entrepot" cat --reply=taken "$2"
}

name() # N
{
	echo "I_5101202411200000$1_t-1.zip"
}

gate_make "$tmp"
sed -i 's/window 500/window 4/; s/retry .*/retry every 1s upto 1s for 1h/' \
    "$tmp/conf"
out=$tmp/customs/OutBox

# 1, 2: the disk of the agency's folder is full, its folder forbids it
for errno in ENOSPC EACCES; do
	LD_PRELOAD=$build/tests/crash/shim.so ENTREPOT_CRASH_UNDER=$tmp/customs \
	    ENTREPOT_FAIL_AT=1:$errno:forever
	export LD_PRELOAD ENTREPOT_CRASH_UNDER ENTREPOT_FAIL_AT
	export ASAN_OPTIONS=verify_asan_link_order=0
	daemon=$build/entrepotd
	"$daemon" -f "$tmp/conf" --one 2>>"$tmp/log" &
	gate_pid=$!
	unset LD_PRELOAD ASAN_OPTIONS
	gate_until grep -q "^daemon.ready .*pid=$gate_pid\b" "$tmp/log"
	case $errno in
	ENOSPC) n=11 words='No space left on device' ;;
	EACCES) n=12 words='Permission denied' ;;
	esac
	file $n $errno.edi
	told "$errno" 'delivery .*(ready|failed)' "$words" $errno.edi
	[ $errno = EACCES ] || told "when it is tried again" \
	    'delivery .*ready' 'next.try +20' $errno.edi
	gate_down
done

# what waits for them is soon given up now
sed -i 's/for 1h$/for 3s/' "$tmp/conf"
gate_up || { echo "$passed passed, 1 failed"; exit 1; }
gate_until ls "$out/$(name 11)" "$out/$(name 12)"

# 3: the folder is gone; 4: so long that it is given up
: >"$tmp/none"
want "the folder's place is a file's" gate_swap "$tmp/none" "$out"
rm -r "$tmp/none"
file 13 gone.edi
told "that the folder is none" 'delivery .*(ready|failed)' 'Not a directory' \
    gone.edi
told "that it was given up" 'delivery .*failed' 'Not a directory' gone.edi
told "what its filer is told" 'leg .*answered' 'undeliverable' gone.edi
rm "$out"

# 5: the name is taken
"$entrepot" retry --yes partner=customs >/dev/null
gate_until ls "$out"
: >"$out/$(name 14)"
file 14 taken.edi
told "that the name is taken" 'delivery .*held' \
    'another file stands under the name' taken.edi
rm -f "$out"/I_*

# 6: the window is full
gate_until sh -c '[ -z "$("$1" queue partner=customs state=published)" ]' - \
    "$entrepot"
for n in 31 32 33 34; do
	file $n w$n.edi
	gate_until ls "$out/$(name $n)"
done
file 35 w35.edi
told "that the window is full" 'delivery .*ready' \
    '4 files stand in its folder, the window is 4' w35.edi
rm -f "$out"/I_*
gate_until ls "$out/$(name 35)"
rm -f "$out"/I_*

# 7, 8: paused, held by an operator
"$entrepot" pause --why "night shift" --delivery customs >/dev/null
file 18 paused.edi
told "who paused the partner, and why" 'delivery .*ready' \
    'customs is paused since 20.* by uid=[0-9]+: night shift' paused.edi
"$entrepot" hold --yes --why "ship is late" state=ready partner=customs \
    >/dev/null
told "who holds it, and why" 'delivery .*held' \
    'held by uid=[0-9]+: ship is late' paused.edi

# 9: what stands behind it in its lane
"$entrepot" resume customs >/dev/null

# 10: refused with findings
gate_drop "$src/tests/data/cusdec-five-mistakes.edi" five.edi
gate_until "$entrepot" cat --reply=findings five.edi
told "that it has errors" 'filing .*refused' 'it has errors' five.edi
says 'line 16 column 9: DTM.*; 5 errors in all' why five.edi ||
    { echo "not so: why tells the first place"; failed=$((failed + 1)); }

# the same of an envelope, which refuses all of its file
sed "/^UNB/s/IC24112001/IC2411200123456789/" \
    "$src/tests/data/cusdec-d96b-import.edi" >"$tmp/file"
gate_drop "$tmp/file" envelope.edi
gate_until "$entrepot" cat --reply=findings envelope.edi
told "that its envelope has errors" \
    'arrival .* is done .*refused whole' 'its envelope has errors' envelope.edi
says "its envelope has errors; E[0-9]+ line [0-9]+ column [0-9]+: .*UNB" why \
    envelope.edi ||
    { echo "not so: why tells the place in the envelope"; failed=$((failed + 1)); }

# 11: an answer that nothing is known of
cp "$src/tests/data/examples/receipt.xml" "$tmp/customs/InBox/r.tmp"
mv "$tmp/customs/InBox/r.tmp" "$tmp/customs/InBox/Receipt_1.xml"
gate_until says parked queue -l what=receipt
told "that none of its keys is known" 'receipt .*parked' 'keys are unknown' \
    "$("$entrepot" queue --json -l what=receipt |
	sed -n 's/.*"id":"\([^"]*\)".*/\1/p')"

# 12: a number that is used, with other content
sed "s/$number/510120241120000031/g; s/HT-2024-001/HT-OTHER/" \
    "$src/tests/data/cusdec-d96b-import.edi" >"$tmp/file"
gate_drop "$tmp/file" other.edi
gate_until "$entrepot" cat --reply=findings other.edi
told "that the number was filed with other content" 'filing .*refused' \
    'filed before with other content' other.edi

# 13, 14: what the agency answered, in its code and its words
"$entrepot" simulate -f "$tmp/conf" -t "$src/tests/data/simulate" --once \
    customs >/dev/null 2>&1
file 36 answered.edi
gate_until ls "$out/$(name 36)"
"$entrepot" simulate -f "$tmp/conf" -t "$src/tests/data/simulate" --once \
    customs >/dev/null 2>&1
told "what the agency answered" 'leg .*(answered|final)' \
    'the agency answered: [a-z]+' answered.edi
finish
