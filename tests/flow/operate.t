#!/bin/sh
# operate.t: what an operator does, on a real gateway: counted first, done when
# he is sure, told who it was, the filer told of what he will not get, and the
# same while the daemon runs and while it is stopped.
ENTREPOT_SRC=${ENTREPOT_SRC:-$(cd "$(dirname "$0")/../.." && pwd)}
ENTREPOT_BUILD=${ENTREPOT_BUILD:-$ENTREPOT_SRC/build}
. "$ENTREPOT_SRC/tests/flow/gate.sh"
tmp=$(mktemp -d "${TMPDIR:-/tmp}/entrepot-operate.XXXXXX") || exit 1
trap 'gate_down; rm -rf "$tmp"' EXIT
data=$src/tests/data
number=510120241120000001
entrepot=$build/entrepot

# says STATUS PATTERN VERB...
says()
{
	status=$1
	pattern=$2
	shift 2
	"$entrepot" "$@" >"$tmp/out" 2>&1
	got=$?
	cat "$tmp/out"
	[ $got = "$status" ] && grep -Eq -- "$pattern" "$tmp/out"
}

# filed N NAME: the import declaration under another number
filed()
{
	sed "s/$number/51012024112000000$1/g" \
	    "$data/cusdec-d96b-import.edi" >"$tmp/$2"
	gate_drop "$tmp/$2" "$2"
	gate_until "$entrepot" cat --reply=taken "$2"
}

ids() # FILTER
{
	"$entrepot" queue --json "$@" -l |
	    sed -n 's/.*"id":"\([^"]*\)".*/\1/p'
}

gate_make "$tmp/gate"
out=$gate/customs/OutBox
gate_up set || { echo "0 passed, 1 failed"; exit 1; }

# --- a partner's doors ---
want "a partner's delivery is paused" \
    says 0 '^customs delivery: paused$' pause --delivery --why noon customs
want "safe to repeat" says 0 '^customs delivery: already paused$' \
    pause --delivery customs
want "nobody we know is one sentence" \
    says 2 "^entrepot pause: no partner 'nobody'$" pause nobody
filed 1 one.edi
gate_until says 0 ' delivery +ready +customs ' queue -l state=ready
want "nothing goes out to it" sh -c '[ -z "$(ls "$1")" ]' - "$out"

# --- hold, release ---
want "without a word nothing is meant" says 2 'say which: an id, a filter' hold
want "a mistake is pointed at" says 2 '^ {5}\^$' hold 'age=2h'
want "counted first" \
    says 1 '^1 delivery of 1 leg would be held: --yes does it$' \
    hold partner=customs kind=declaration,legs
want "and nothing done" says 0 'ready +customs' queue -l state=ready
want "held" says 0 '^1 delivery of 1 leg held$' \
    hold --yes --why "ship late" partner=customs
want "safe to repeat" says 1 '^nothing to be held$' hold --yes partner=customs
want "why tells who and his words" \
    says 0 'held by uid=[0-9]+: ship late' why "$(ids state=held)"
want "all asks for its number" \
    says 1 '^1 delivery of 1 leg would be released: --yes=all-1 does it$' \
    release --yes all
want "another number is not sure" says 1 'would be released' \
    release --yes=all-2 all
want "the partner's door opens" says 0 '^customs delivery: open$' \
    resume --delivery customs
want "what is held stays" sh -c '[ -z "$(ls "$1")" ]' - "$out"
want "all is released" says 0 '^1 delivery of 1 leg released$' \
    release --yes=all-1 all
gate_until ls "$out/I_510120241120000001_t-1.zip"
want "and goes out" ls "$out/I_510120241120000001_t-1.zip"

# --- an agency that lost its file ---
want "what stands there is not over" says 1 '^nothing to be delivered again$' \
    redo --deliver --same --yes partner=customs state=published
mv "$out/I_510120241120000001_t-1.zip" "$tmp/first.zip"
gate_until says 0 ' picked +customs' queue -l what=delivery state=picked
want "one word alone is a slip" says 2 '--deliver and --same go together' \
    redo --deliver --yes partner=customs
want "it is counted first" \
    says 1 '^1 delivery of 1 leg would be delivered again' \
    redo --deliver --same partner=customs state=picked
want "then delivered again" says 0 '^1 delivery of 1 leg delivered again$' \
    redo --deliver --same --yes --why "disk of theirs" \
    partner=customs state=picked
gate_until ls "$out/I_510120241120000001_t-1.zip"
want "the same bytes under the same name" \
    cmp "$tmp/first.zip" "$out/I_510120241120000001_t-1.zip"

# --- a pause outlives the daemon ---
"$entrepot" pause customs acme >/dev/null
gate_down
gate_up || { echo "no daemon after the pause"; failed=$((failed + 1)); }
cp "$data/cusdec-d96b-import.edi" "$gate/acme/in/wait.edi"
want "queue tells who is paused, and by whom" \
    says 0 '^customs: delivery is paused since 20.* by uid=[0-9]+$' queue
"$entrepot" resume --delivery acme >/dev/null
# A second partner's file goes through meanwhile: intake is at work.
cp "$data/examples/receipt.xml" "$gate/customs/InBox/r.tmp"
"$entrepot" resume --intake customs >/dev/null
mv "$gate/customs/InBox/r.tmp" "$gate/customs/InBox/Receipt_1.xml"
gate_until says 0 receipt queue what=receipt -l
want "the paused filer's file still stands there" ls "$gate/acme/in/wait.edi"
want "intake opens again" says 0 '^acme intake: open$' resume --intake acme
gate_until "$entrepot" cat --reply wait.edi

# --- cancel ---
filed 2 two.edi
gate_until says 0 ' ready +customs' queue -l state=ready
want "cancelled" says 0 '^1 delivery of 1 leg cancelled$' \
    cancel --yes partner=customs what=delivery
gate_until "$entrepot" cat --reply=status two.edi
want "the filer is told" \
    says 0 'cancelled' cat --reply=status two.edi
want "the leg says who" says 0 'cancelled by uid=' \
    show "$(ids what=leg state=cancelled)"
filed 2 two-again.edi
want "and may file the number again" \
    says 0 '"filing".*"state":"taken"' show --json two-again.edi
want "replies are not lost by the way" \
    says 1 '^nothing to be cancelled$' cancel --yes partner=acme

# --- redo ---
gate_drop "$data/cusdec-five-mistakes.edi" five.edi
gate_until "$entrepot" cat --reply=findings five.edi
five=$(ids what=filing state=refused)
want "a refused filing is read again" \
    says 0 '^1 filing read again$' redo --yes state=refused what=filing
gate_until ls "$gate/acme/out/five.002.findings"
want "its filer reads the findings again" \
    cmp "$gate/acme/out/five.001.findings" "$gate/acme/out/five.002.findings"
want "it is the same filing" \
    test "$five" = "$(ids what=filing state=refused)"
want "what was taken and is out is not read again" \
    says 1 '^nothing to be read again$' redo --yes state=done number=one.edi

# --- receipts ---
receipt=$(ids what=receipt)
leg=$(ids what=leg state=bound | head -1)
want "an answer is attached by hand" \
    says 0 '^1 receipt attached$' receipt --yes attach "$receipt" "$leg"
want "and is the leg's" says 0 'answered|final' show "$leg"
want "nothing is left to attach" \
    says 1 '^nothing to be attached$' receipt --yes attach "$receipt" "$leg"

# --- a refused file that no name gives to one delivery ---
want "whose a refused file is, is said of one delivery" \
    says 2 'refuse wants the id of a delivery' receipt refuse state=picked
want "and not of what is no delivery" \
    says 1 '^nothing to be refused$' receipt --yes refuse "$leg"

# --- without a daemon ---
"$entrepot" resume customs >/dev/null
filed 3 three.edi
for n in 2 3; do
	gate_until ls "$out/I_51012024112000000${n}_t-1.zip"
done
want "what waits can be held and released" sh -c '
	"$1" pause --delivery customs' - "$entrepot"
filed 4 four.edi
gate_until says 0 ' ready +customs' queue -l state=ready
gate_down
want "a stopped gateway is operated in the same words" \
    says 0 '^1 delivery of 1 leg held$' hold --yes partner=customs
want "and resumed" says 0 '^customs delivery: open$' \
    resume --delivery customs
gate_up || failed=$((failed + 1))
want "the daemon knows" says 0 'held +customs' queue -l state=held
want "and goes on" says 0 '^1 delivery' release --yes state=held
gate_until ls "$out/I_510120241120000004_t-1.zip"
want "it went out" ls "$out/I_510120241120000004_t-1.zip"

# --- a person says whose a refused file is ---
mv "$out/I_510120241120000004_t-1.zip" "$tmp/refused.zip"
four="what=delivery state=picked number=I_510120241120000004_t-1.zip"
gate_until says 0 ' picked +customs' queue -l $four
four=$(ids $four)
want "it is counted first" \
    says 1 '^1 delivery of 1 leg would be refused: --yes does it$' \
    receipt refuse "$four"
want "then it has failed" says 0 '^1 delivery of 1 leg refused$' \
    receipt --yes --why "they telephoned" refuse "$four"
want "and tells why" says 0 'refused by uid=[0-9]+: they telephoned' show "$four"
want "its filer is told" gate_until \
    says 0 'undeliverable' cat --reply=status four.edi
want "it is not refused twice" says 1 '^nothing to be refused$' \
    receipt --yes refuse "$four"

# --- what was done, and by whom ---
want "each act stands in the chain with who it was" \
    says 0 'operator.hold by=uid=[0-9]+ what=delivery n=1 why="ship late" ids=' \
    audit operator.hold
want "so does a pause" says 0 'partner.paused partner=customs what=delivery by=uid=' \
    audit partner.paused
want "the chain is whole" says 0 '^head [0-9]+:[0-9a-f]{64}$' audit verify
want "journal, bodies and counters agree while the daemon runs" \
    says 0 ': all agree$' spool verify
gate_down
want "and without it" says 0 ': all agree$' spool verify

# --- who may what: asked as somebody else, whom the kernel names ---
other() # VERB...: as the user nobody
{
	setpriv --reuid nobody --regid nogroup --clear-groups "$entrepot" "$@"
}
if [ "$(id -u)" = 0 ] && chmod 755 "$tmp" "$gate" && other --version \
    >/dev/null 2>&1; then
	mkdir -m 755 "$gate/run"
	sed -i "s|^mappings|control \"$gate/run/control\"\n&|" "$gate/conf"
	gate_up || failed=$((failed + 1))
	want "a stranger does not even get in" sh -c '! "$@"' - \
	    setpriv --reuid nobody --regid nogroup --clear-groups \
	    "$entrepot" queue
	gate_down
	echo 'allow operate to user nobody' >>"$gate/conf"
	gate_up || failed=$((failed + 1))
	want "who may operate may look" other queue
	other pause --delivery customs >"$tmp/other" 2>&1
	want "and operate" grep -q '^customs delivery: paused$' "$tmp/other"
	want "which is told of him" \
	    says 0 "partner.paused .*by=uid=$(id -u nobody)" audit
	want "but not configure" sh -c '"$@" 2>&1 |
	    grep "needs the right to configure, which this user does not"' - \
	    setpriv --reuid nobody --regid nogroup --clear-groups \
	    "$entrepot" reload
	want "nor audit" sh -c '"$@" 2>&1 | grep "needs the right to audit"' - \
	    setpriv --reuid nobody --regid nogroup --clear-groups \
	    "$entrepot" audit
	gate_down
fi
finish
