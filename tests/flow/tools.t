#!/bin/sh
# tools.t: the verbs that look into a spool, on a real gateway: while its daemon
# runs and after it was stopped they say the same.
ENTREPOT_SRC=${ENTREPOT_SRC:-$(cd "$(dirname "$0")/../.." && pwd)}
ENTREPOT_BUILD=${ENTREPOT_BUILD:-$ENTREPOT_SRC/build}
. "$ENTREPOT_SRC/tests/flow/gate.sh"
tmp=$(mktemp -d "${TMPDIR:-/tmp}/entrepot-tools.XXXXXX") || exit 1
trap 'gate_down; rm -rf "$tmp"' EXIT
data=$src/tests/data
number=510120241120000001

# run STATUS VERB...: what it said is in $tmp/out, $tmp/err
run()
{
	status=$1
	shift
	"$build/entrepot" "$@" >"$tmp/out" 2>"$tmp/err"
	got=$?
	cat "$tmp/out" "$tmp/err"
	[ $got = "$status" ]
}

# says STATUS PATTERN VERB...: a line of its output is like this
says()
{
	pattern=$2
	status=$1
	shift 2
	run "$status" "$@" && grep -Eq -- "$pattern" "$tmp/out" "$tmp/err"
}

# one_sentence STATUS WORDS VERB...: nothing but that on standard error
one_sentence()
{
	words=$2
	status=$1
	shift 2
	run "$status" "$@" && [ ! -s "$tmp/out" ] &&
	    [ "$(wc -l <"$tmp/err")" = 1 ] && grep -Fq "$words" "$tmp/err"
}

id_of() # WHAT KEY
{
	"$build/entrepot" track --json "$2" |
	    sed -n 's/.*"what":"'"$1"'","id":"\([^"]*\)".*/\1/p' | head -1
}

# The tool reads its own copy; the daemon's has a mistake.
refused_reload()
{
	one_sentence 1 "is not taken" reload -f "$tmp/conf"
}

gate_make "$tmp/gate"
want "without a spool the tools say so" \
    says 2 "spool '.*'" queue

gate_up || { echo "0 passed, 1 failed"; exit 1; }
gate_down
while :; do "$build/entrepot" queue; done >/dev/null 2>&1 &
looking=$!
want "tools that look do not keep a daemon from starting" gate_up
kill $looking
wait $looking 2>/dev/null
gate_drop "$data/cusdec-d96b-import.edi" import.edi
gate_drop "$data/cusdec-five-mistakes.edi" five.edi
gate_until "$build/entrepot" cat --reply=taken import.edi
gate_until "$build/entrepot" cat --reply=findings five.edi
gate_until says 0 " delivery +published +customs .*I_${number}_t-1.zip" queue -l

want "a running gateway with nothing held is fine" says 0 '^ok$' status
want "status tells that the daemon runs" says 0 '"daemon":true' status --json
want "age thresholds are the caller's" says 0 '^ok$' status -w 0 -c 0
want "what waits is counted by partner and state" \
    says 0 '^customs +leg +bound +1 ' queue
want "and listed with its file name" \
    says 0 " delivery +published +customs .*I_${number}_t-1.zip" queue -l
want "a partner's only" says 0 '^acme' queue partner=acme
want "nothing of the others" sh -c '! "$1" queue partner=acme | grep customs' - \
    "$build/entrepot"
want "a state of no kind is refused" \
    says 2 "no state 'lost', entrepot-states.7." queue state=lost
want "and pointed at" says 2 '^ {17}\^' queue what=leg state=lost
want "a kind that is none is refused" \
    says 2 "'ship' is no kind of thing" queue what=ship
want "a filter finds by the number and lists" \
    says 0 " leg +bound +customs " queue number=5101* what=leg
want "by letters of any text" \
    says 0 " delivery .*I_${number}_t-1.zip" queue text~"i_$number"
want "by what it carries and how old it is" \
    says 0 " delivery .* customs " queue kind=legs "age<1h" partner=cust*
want "nothing is as old" sh -c '[ -z "$("$1" queue age\>1h)" ]' - \
    "$build/entrepot"

leg=$(id_of leg $number)
filing=$(id_of filing $number)
arrival=$(id_of arrival import.edi)
five=$(id_of arrival five.edi)
want "the number finds the leg and the filing" test -n "$leg" -a -n "$filing"
want "the file's name finds the arrival" test -n "$arrival"
want "a text that nothing is known by: status 1, nothing said" sh -c '
	said=$("$1" track 47-11 2>&1); [ $? = 1 ] && [ -z "$said" ]' - \
    "$build/entrepot"

for as in "$filing" "$(echo "$filing" | tr -d -)" \
    "$(echo "$filing" | tr A-Z a-z)" $number; do
	want "a thing is shown by '$as'" \
	    says 0 "filing $filing: taken" show "$as"
done
for state in '"arrival","state":"taken"' '"arrival","state":"accepted"' \
    '"arrival","state":"done"' '"filing","state":"taken"' \
    '"leg","state":"written"' '"leg","state":"bound"' \
    '"delivery","state":"planned"' '"delivery","state":"ready"' \
    '"delivery","state":"staged"' '"delivery","state":"published"'; do
	want "show --json has $state with its time" says 0 \
	    "\"row\":\"state\",\"what\":$state,.*\"at\":\"20..-..-..T" \
	    show --json $number
done
want "every line of it is an object" sh -c '
	"$1" show --json "$2" | grep -vq "^{\"row\":.*}$" && exit 1 || :' - \
    "$build/entrepot" "$arrival"
want "a delivery names the legs it carries" \
    says 0 "leg $leg: bound" show "$(id_of delivery "I_${number}_t-1.zip")"

for key in 999-00001111 bill=999-00001111 contract=ht-2024-001 \
    date=2024-11-20 importer=91510100MATEST0011; do
	want "a filing is tracked by $key" says 0 "$filing +filing" track $key
done
want "not under another name" sh -c '
	"$1" track contract=999-00001111; [ $? = 1 ]' - "$build/entrepot"
want "a partner's only" says 0 "$filing" track -p acme 999-00001111
want "and nobody else's" sh -c '"$1" track -p customs 999-00001111; [ $? = 1 ]' \
    - "$build/entrepot"
wrong=$(echo "$filing" | sed 's/0$/2/; t; s/.$/0/')
want "a misread id is one sentence and status 2" \
    one_sentence 2 "is no id: a letter is wrong" show "$wrong"
# Of the 32 check letters one is right.
unused()
{
	for c in 0 1 2 3 4 5 6 7 8 9 A B C D E F G H J K M N P Q R S T V W X \
	    Y Z; do
		"$build/entrepot" show 0000000-000100$c 2>&1 |
		    grep "nothing has the id '0000000-000100$c'" && return
	done
	return 1
}
want "an id that nothing has is told from a misread one" unused
want "an unknown text is one sentence and status 2" \
    one_sentence 2 "nothing is known by 'no such'" why "no such"
gate_drop "$data/cusdec-d96b-import.edi" again.edi
gate_until "$build/entrepot" cat --reply again.edi
want "a repeat leaves the number to the filing that holds it" \
    says 0 "filing $filing: taken" show $number
want "and tells of the other" \
    says 0 "^1 other is known by it: 'entrepot track' lists them" show $number
want "control bytes come out escaped" \
    one_sentence 2 "nothing is known by 'a\\x1b[31m'" \
    show "$(printf 'a\033[31m')"

want "the arrival's bytes come out as they came" sh -c '
	"$1" cat "$2" | cmp - "$3"' - "$build/entrepot" "$arrival" \
    "$data/cusdec-d96b-import.edi"
want "what was sent is the message" \
    says 0 '<DecMessage ' cat --sent "$filing"
want "a delivery is what lies in the folder" sh -c '
	"$1" cat "$2" | cmp - "$3"' - "$build/entrepot" \
    "$(id_of delivery "I_${number}_t-1.zip")" \
    "$gate/customs/OutBox/I_${number}_t-1.zip"
want "the reply is the file in out" sh -c '
	"$1" cat --reply=taken "$2" | cmp - "$3"' - "$build/entrepot" \
    "$arrival" "$gate/acme/out/import.001.taken"
want "five mistakes, five findings" sh -c '
	[ $("$1" cat --findings "$2" | wc -l) = 5 ]' - "$build/entrepot" "$five"
want "a trace leads to the input" says 0 'DecHead/IEFlag' cat --trace "$leg"
want "what is not there is one sentence" \
    one_sentence 2 "has no leg" cat --sent "$five"

want "why a filing waits: its leg and its delivery" \
    says 0 "leg $leg \(customs\) is bound .*: sent, no answer yet" \
    why "$filing"
want "why a file was refused: the first error and how many" \
    says 0 "line 16 column 9: DTM.*; 5 errors in all" why "$five"
want "in Chinese too" says 0 '报文有误' why --zh "$five"

# What was asked of the daemon is the same without it, when nothing moves.
gate_until gate_rests
same()
{
	"$build/entrepot" "$@" | sed 's/"age":[0-9]*,//g'
}
for verb in queue show track; do
	case $verb in
	queue) same queue -l --json ;;
	show) same show --json "$arrival" ;;
	track) same track --json $number ;;
	esac >"$tmp/up.$verb"
done

answered()
{
	"$build/entrepot" simulate -f "$gate/conf" -t "$data/simulate" --once \
	    customs && gate_until sh -c '"$1" show "$2" |
	    grep -q "leg .*: \(answered\|final\)"' - "$build/entrepot" "$leg"
}

gate_down
want "a stopped daemon is critical" \
    says 2 '^critical: no daemon runs' status
for verb in queue show track; do
	case $verb in
	queue) same queue -l --json ;;
	show) same show --json "$arrival" ;;
	track) same track --json $number ;;
	esac >"$tmp/down.$verb"
	want "without a daemon $verb says the same" \
	    diff "$tmp/up.$verb" "$tmp/down.$verb"
done
want "nothing to reload" \
    one_sentence 1 "no daemon runs: it reads the configuration" reload

gate_up
want "one process says at once that it cannot reload" \
    one_sentence 1 "the daemon runs as one process, which cannot reload" reload
want "answers come back" answered
want "each answer stands with its time" says 0 \
    '"row":"answer","what":"leg".*"at":"20..-..-..T' show --json "$leg"
want "a leg names its generation and the version of its mappings" says 0 \
    '"generation":[1-9][0-9]*,"mapping":"[0-9a-f]{64}"' show --json "$leg"
want "why tells the answer that counts" says 0 "; receipt '" why "$leg"
gate_down

# A set of processes: the roles, and a new generation of them.
gate_up set
# the fourth start of this spool, and each began a generation
want "status tells every role and what it gave up" \
    says 0 '^convert +ready +[1-9][0-9]* +4 +0 +[a-z]' status
want "a reload is told when the new generation holds" \
    says 0 '^generation 5 holds$' reload
want "and the new generation answers" \
    says 0 '^query +ready +[1-9][0-9]* +5 ' status
cp "$gate/conf" "$tmp/conf"
echo 'filer nobody {' >>"$gate/conf"
"$build/entrepot" queue -f "$tmp/conf" >/dev/null
want "a reload of a wrong configuration says so" \
    run 2 reload
want "a configuration that only the daemon finds wrong is told, too" \
    refused_reload
cp "$tmp/conf" "$gate/conf"
echo 'node 7' >>"$gate/conf"
want "what wants a new start is told as that" \
    one_sentence 1 "spool, node or user cannot change at a reload" reload
cp "$tmp/conf" "$gate/conf"
sed "s/accept un-cusdec-d96b/accept un-cusdec-d96z/" "$tmp/conf" >"$gate/conf"
want "a mistake against the mappings is told with its place" says 1 \
    "conf:[0-9]+:[0-9]+: error: no format 'un-cusdec-d96z'" reload
cp "$tmp/conf" "$gate/conf"
want "nothing changed by it" says 0 '^intake +ready +[1-9][0-9]* +5 ' status
gate_down

# check
want "a right configuration: status 0, nothing said" sh -c '
	said=$("$1" check -f "$2/conf" 2>&1); [ $? = 0 ] && [ -z "$said" ]' - \
    "$build/entrepot" "$gate"
sed 's/accept un-cusdec-d96b/accept un-cusdec-d96z/; s/batch 1/batch x/' \
    "$gate/conf" >"$tmp/wrong"
want "a wrong one: status 1, a line a mistake" sh -c '
	"$1" check -f "$2" >"$3"; [ $? = 1 ] &&
	grep -q "^$2:[0-9]*:[0-9]*: error: " "$3"' - "$build/entrepot" \
    "$tmp/wrong" "$tmp/mistakes"
sed 's/accept un-cusdec-d96b/accept un-cusdec-d96z/' "$gate/conf" >"$tmp/wrong"
want "a format that is not there is found" \
    says 1 "wrong:[0-9]+:[0-9]+: error: no format 'un-cusdec-d96z'" \
    check -f "$tmp/wrong"
# what shares a file has an envelope for it
envelope() # FORMAT-AND-OPTIONS SENTENCE
{
	sed "s/submit declaration as cn-dec.*/submit declaration as $1/;
	    s/layout import-client//" "$gate/conf" >"$tmp/enveloped"
	want "found: $1" says 1 "enveloped:[0-9]+:[0-9]+: error: $2\$" \
	    check -f "$tmp/enveloped"
}
envelope "un-cusdec-d21a batch 3 zip" \
    "format 'un-cusdec-d21a' goes in an interchange, want it without 'zip'"
envelope "sw-xml batch 3" "3 messages of 'sw-xml' share no file, want 'zip' with them"
sed 's/submit declaration as cn-dec/submit declaration as un-cusdec-d96b/' \
    "$gate/conf" >"$tmp/enveloped"
want "an interchange is nothing that an import client takes" says 1 \
    "error: format 'un-cusdec-d96b' goes in an interchange, and an import client takes archives" \
    check -f "$tmp/enveloped"
want "with -v there is a caret" says 1 '^ +\^$' check -v -f "$tmp/wrong"
want "a file that is not there: status 1" \
    one_sentence 1 "/nowhere" check -f /nowhere/entrepot.conf
for verb in check status queue show cat track why reload; do
	want "$verb with an option that is none: usage, status 2" \
	    says 2 "^usage: entrepot $verb" $verb --what x
done
# a sentence for each way to call a verb wrongly
wrong() # SENTENCE VERB...
{
	sentence=$1
	shift
	want "wrong: $*" says 2 "^entrepot $1: $sentence\$" "$@"
}
for option in -x -f; do
	"$build/entrepotd" $option >"$tmp/out" 2>&1
	is "entrepotd $option is a wrong call" $? 2
	grep -q "^entrepotd: \(no option '-x'\|-f FILE has no value here\)\$" "$tmp/out"
	is "and it says what is wrong with $option" $? 0
done
wrong "no option '-x'" queue -x
wrong "no option '--nosuch'" queue --nosuch
wrong "no option '-x'" queue -lx
wrong "-n wants a number, found 'x'" audit -n x
wrong "-n LAST has no value here" audit -n
wrong "--head wants SEQ:HASH as verify printed it, found 'x'" \
    audit --head x verify
wrong "--head goes with verify" audit --head "1:$(printf '%064d' 0)" text
wrong "-w wants a number, found '5m'" status -w 5m
wrong "too much stands here: 'b'" track a b
wrong "nothing stands here, want ID" show
wrong "want attach, refuse or discard, found 'keep'" receipt keep x
wrong "want verify, found 'x.x1b'" spool "x$(printf '\033')"
wrong "too little stands here, want make PARTNER" partner make
wrong "--sent and --trace exclude each other" cat --sent --trace x
wrong "--to FORMAT is missing" convert x
wrong "no key to look for" why ''

# killed, and started again before the kernel has taken it apart
gate_up || failed=$((failed + 1))
for turn in 1 2 3; do
	kill -9 $gate_pid
	killed=$gate_pid
	gate_again || failed=$((failed + 1))
	wait $killed 2>/dev/null
done
want "a daemon that was killed does not keep the next one from starting" \
    "$build/entrepot" queue
gate_down
finish
