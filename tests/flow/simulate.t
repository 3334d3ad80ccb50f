#!/bin/sh
# simulate.t: the simulated agency on a folder of its own, no gateway.
src=${ENTREPOT_SRC:-$(cd "$(dirname "$0")/../.." && pwd)}
build=${ENTREPOT_BUILD:-$src/build}
tmp=$(mktemp -d "${TMPDIR:-/tmp}/entrepot-simulate.XXXXXX") || exit 1
pid='' line=''
trap '[ -z "$pid" ] || kill "$pid" 2>/dev/null; rm -rf "$tmp"' EXIT
. "$src/tests/flow/say.sh"
say_log=$tmp/log

cat >"$tmp/conf" <<.
spool "$tmp/spool"
agency customs { folder "$tmp/c" layout import-client
	submit declaration as cn-dec }
.
fresh()
{
	rm -rf "$tmp/c"
	mkdir -p "$tmp/c/OutBox"
}
drop() # NAME NUMBER
{
	printf '<DecMessage><IEFlag>I</IEFlag><SeqNo/><ClientSeqNo>%s</ClientSeqNo></DecMessage>\n' \
	    "$2" >"$tmp/c/OutBox/$1.tmp"
	mv "$tmp/c/OutBox/$1.tmp" "$tmp/c/OutBox/$1"
}
simulate()
{
	printf '%s\n' "$script" >"$tmp/script"
	"$build/entrepot" simulate -f "$tmp/conf" -t "$src/tests/data/simulate" \
	    --script "$tmp/script" "$@" customs >"$tmp/out" 2>&1
}
count() # WANT PATTERN
{
	[ "$(find "$tmp/c/InBox" -name "$2" | wc -l)" = "$1" ]
}
channels() # the codes in the order in which the answers were written
{
	[ "$(awk '$1 == "answered" { printf "%s ", $3 }' "$tmp/out")" = "$1" ]
}

fresh
drop I_A_t-1.xml A
script='for each: accepts'
want "what stands there is answered and the run ends" simulate --once
want "the file is kept in SentBox" test -f "$tmp/c/SentBox/I_A_t-1.xml"
want "the import's answer has the file's name" count 1 'Successed_I_A_t-1_*.xml'
want "five receipts follow" count 5 'Receipt_*.xml'
want "nothing is left half written" count 0 '*.tmp'
want "the course is the usual one" channels '0 7 L J P R '

drop I_A_t-1.xml A
want "the same again is answered again" simulate --once
want "the second file is kept beside the first" \
    test -f "$tmp/c/SentBox/I_A_t-1.xml.2"
want "with a number of its own" test "$(cat "$tmp"/c/InBox/Successed_* |
    grep '<SeqNo>' | sort -u | wc -l)" = 2

fresh
drop I_A_t-1.xml A
script='for 1: out-of-order; response ok; 7; L; J twice; P'
want "a disordered run ends" simulate --once
want "results come last one first, repeats together" channels '0 P J J L 7 '
want "their dates are those of the usual order" test "$(grep -h NOTICE_DATE \
    $(awk '$1 == "answered" && $3 ~ /[7LJP]/ { print "'"$tmp/c/InBox"'/" $4 }' \
	"$tmp/out" | tac) | sort -c 2>&1)" = ""

fresh
drop I_A_t-1.xml A
drop I_B_t-1.xml B
drop I_C_t-1.xml C
script='for number B: fails C134
for 1: never
for each: response ok; Z half'
want "rules are chosen by number and by text" simulate --once
want "a client failure moves the file to FailBox" \
    test -f "$tmp/c/FailBox/I_B_t-1.xml"
want "and names it Failed" count 1 'Failed_I_B_t-1_*.xml'
want "a document whose rule is never is not answered" count 0 '*_I_A_t-1_*'
want "half a file is half a file" sh -c \
    '! grep -q "</DEC_RESULT>" "$1"/c/InBox/Receipt_*.xml' - "$tmp"

fresh
drop I_A_t-1.xml A
drop I_B_t-1.xml B
script='batch 5
for each: accepts'
want "answers are gathered in packages" simulate --once
want "twelve answers make three packages" count 3 'Receipt_batch_*.zip'
want "and no single files" count 0 '*.xml'

fresh
mkfifo "$tmp/fifo"
script='for each: accepts'
printf '%s\n' "$script" >"$tmp/script"
"$build/entrepot" simulate -f "$tmp/conf" -t "$src/tests/data/simulate" \
    --script "$tmp/script" --until 2 customs >"$tmp/fifo" 2>&1 &
pid=$!
exec 3<"$tmp/fifo"
drop I_A_t-1.xml A
read -r first <&3
drop I_B_t-1.xml B
cat <&3 >"$tmp/out"
wait "$pid"
status=$?
pid=
want "a running one notices what is delivered, and ends after two" \
    test "$status" = 0
want "it says what it took" test "${first#received     1  I_A_t-1.xml}" != "$first"
want "both are answered whole" count 12 '*.xml'

fresh
printf 'for number A: response ok; P when "%s"\nfor each: 7\n' "$tmp/go" \
    >"$tmp/script"
"$build/entrepot" simulate -f "$tmp/conf" -t "$src/tests/data/simulate" \
    --script "$tmp/script" --until 2 customs >"$tmp/fifo" 2>&1 &
pid=$!
exec 3<"$tmp/fifo"
drop I_A_t-1.xml A
read -r first <&3
drop I_B_t-1.xml B
until [ "${line#answered     2}" != "$line" ]; do
	read -r line <&3 || break
	echo "$line"
done >"$tmp/out"
: >"$tmp/go"
cat <&3 >>"$tmp/out"
wait "$pid"
pid=
want "an answer waits for its file" channels '0 7 P '

printf 'for each: accepts\n' >"$tmp/script"
want "a partner that is no agency is refused with status 1" sh -c '
	"$1/entrepot" simulate -f "$2/conf" nobody 2>"$2/out"
	[ $? = 1 ] && grep -q "'\''nobody'\'' is no agency" "$2/out"' - "$build" "$tmp"
want "a call without agency is refused with status 2" sh -c '
	"$1/entrepot" simulate -f "$2/conf" 2>/dev/null; [ $? = 2 ]' - "$build" "$tmp"

finish
