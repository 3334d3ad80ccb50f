#!/bin/bash
# why_more.t: what stands in one sentence when several things bear upon it: only
# the legs that are waited for, the answer that counts and the one that speaks
# against it, what keeps a delivery now and not what kept it before, what was
# wrong with an answer that could not be read.
src=${ENTREPOT_SRC:-$(cd "$(dirname "$0")/../.." && pwd)}
build=${ENTREPOT_BUILD:-$src/build}
export ENTREPOT_SRC=$src ENTREPOT_BUILD=$build
. "$src/tests/flow/gate.sh"
. "$src/tests/flow/legs.sh"
tmp=$(mktemp -d "${TMPDIR:-/tmp}/entrepot-more.XXXXXX") || exit 1
tmp=$(cd "$tmp" && pwd -P)
trap 'gate_down; rm -rf "$tmp"' EXIT
entrepot=$build/entrepot
export TZ=UTC-8
moment='20[0-9-]{8} [0-9:]{8} \+0800'

prints() # PATTERN VERB...
{
	pattern=$1
	shift
	"$entrepot" "$@" 2>&1 | grep -Eq -- "$pattern"
}

told() # SENTENCE PATTERN KEY [OPTION...]
{
	sentence=$1 pattern=$2
	shift 2
	if gate_until prints "$pattern" why "$@" >/dev/null; then
		passed=$((passed + 1))
	else
		"$entrepot" why "$@" >"$tmp/.said" 2>&1
		say_not "why tells $sentence: $pattern" "$tmp/.said"
	fi
}

not_told() # SENTENCE PATTERN KEY: what stands there by now says no such thing
{
	if prints "$2" why "$3"; then
		"$entrepot" why "$3" >"$tmp/.said" 2>&1
		say_not "why does not tell $1: $2" "$tmp/.said"
	else
		passed=$((passed + 1))
	fi
}

receipt() # NUMBER CODE TEXT TIME NAME: customs say it of the platform's number
{
	cat >"$tmp/.receipt" <<.
<?xml version="1.0" encoding="UTF-8"?>
<DEC_RESULT><CUS_CIQ_NO>$1</CUS_CIQ_NO><ENTRY_ID></ENTRY_ID>
<NOTICE_DATE>$4</NOTICE_DATE><CHANNEL>$2</CHANNEL><NOTE>$3</NOTE></DEC_RESULT>
.
	cp "$tmp/.receipt" "$gate/customs/InBox/$5.tmp"
	mv "$gate/customs/InBox/$5.tmp" "$gate/customs/InBox/$5"
}

legs_make "$tmp" <<.
rules declaration
leg customs to customs as cn-dec in client-zip
leg ciq to inspection as sw-xml when contract_number = "WAIT-1" | "WAIT-2"
leg port to port as un-cusdec-d21a when contract_number = "WAIT-1" | "WAIT-2"
hold customs until @ciq.outcome = released within 3h then wait
  when contract_number = "WAIT-1"
hold customs until @ciq.outcome = released within 3h then end
  when contract_number = "WAIT-2"
release when @customs.outcome = released
.
legs_folders port quiet closer
sed -i -e 's/submit declaration as cn-dec/& window 2/' \
    -e '/submit declaration as cn-dec/a retry every 1s upto 1s for 1h' "$gate/conf"
cat >>"$gate/conf" <<.
agency port {
	folder "$gate/port"
	submit declaration as un-cusdec-d21a batch 50 within 1h
}
filer quiet {
	folder "$gate/quiet" complete on quiet 1s
	accept un-cusdec-d96b
	reply none
}
filer closer {
	folder "$gate/closer" complete on close
	accept un-cusdec-d96b
	reply none
}
.
want "the gateway comes up" gate_up
[ $failed = 0 ] || finish

# --- only the leg that is waited for, by its rule; how long it may ---
file 21 wait.edi -e s/HT-2024-001/WAIT-1/
told "the leg that is waited for alone, and when the filer is told" \
    "leg .*\(customs\) is waiting .*: leg [0-9A-Z-]+ of inspection, which is bound; its filer is told $moment \(in (2h|3h|1[78][0-9]m)\)$" \
    wait.edi
told "the same in Chinese" \
    "等待其他机构回执：inspection 的 [0-9A-Z-]+（已装入发送批次）；$moment .*告知申报方" \
    wait.edi --zh
file 22 ends.edi -e s/HT-2024-001/WAIT-2/
told "when it is given up" "of inspection, which is bound; it is given up $moment" \
    ends.edi
want "show has the moment for programs" prints '"waits_until":"20' show --json \
    ends.edi
told "that a delivery waits for more documents" \
    'delivery .*\(port\) is open .*further documents go into it' wait.edi

open=$("$entrepot" queue --json -l what=delivery state=open partner=port |
    sed -n 's/.*"id":"\([^"]*\)".*/\1/p' | head -n 1)
want "show tells since when it is open, and no state that it was not in" sh -c '
	[ "$("$1" show --json "$2" | grep "\"row\":\"state\",\"what\":\"delivery\"" |
	    sed "s/.*\"state\":\"\([a-z]*\)\".*/\1/")" = open ]' - "$entrepot" "$open"

# --- cancelled: by its filer, by an operator ---
file 22 gone.edi -e s/HT-2024-001/WAIT-2/ -e "s/^\(BGM.*\)+9'/\1+1'/"
told "that a leg was taken back, and not that an agency failed" \
    'leg .*\(customs\) is cancelled .*: cancelled before it was sent' gone.edi
not_told "of an agency that answered" 'cancelled .*the agency answered' gone.edi
"$entrepot" pause --delivery customs >/dev/null
file 23 never.edi
gate_until "$entrepot" cat --reply=taken never.edi
gate_until prints customs queue -l what=delivery state=ready partner=customs
"$entrepot" cancel --yes --why "wrong ship" partner=customs state=ready >/dev/null
told "who cancelled it, and why" \
    'delivery .*\(customs\) is cancelled .*cancelled by uid=[0-9]+: wrong ship' \
    never.edi
told "the leg's share of it" 'leg .*\(customs\) is cancelled .*before it was sent' \
    never.edi
"$entrepot" resume customs >/dev/null

# --- what keeps it now, not what kept it before ---
: >"$gate/customs/away"
want "the folder's place is a file's" gate_swap "$gate/customs/away" \
    "$gate/customs/OutBox"
for n in 31 32 33; do
	file $n w$n.edi
	gate_until "$entrepot" cat --reply=taken w$n.edi # one after the other
done
for n in 31 32 33; do
	told "errno's words while they hold" \
	    'delivery .* is ready .*Not a directory' w$n.edi
done
want "and its own again" gate_swap "$gate/customs/away" "$gate/customs/OutBox"
rm "$gate/customs/away"
gate_until sh -c "[ \$(ls '$gate/customs/OutBox' | wc -l) = 2 ]"
for n in 31 32 33; do # whichever was tried first
	[ -f "$gate/customs/OutBox/I_5101202411200000${n}_t-1.zip" ] &&
	    out=w$n.edi || left=w$n.edi
done
told "that the window is full, though it failed before" \
    'delivery .* is ready .*2 files stand in its folder, the window is 2' $left
told "that one stands there" 'delivery .* is published ' $out
not_told "an error that is over" 'is published .*Not a directory' $out
rm "$gate/customs/OutBox"/I_*
gate_until sh -c "ls '$gate/customs/OutBox' | grep -q ."

# --- a file its agency's client put back ---
left=$(ls "$gate/customs/OutBox")
mv "$gate/customs/OutBox/$left" "$gate/customs/FailBox/"
told "that the partner put its file among the refused" \
    'leg .*\(customs\) is answered .*the partner put its file among the refused' \
    "w$(echo "$left" | sed 's/.*000\(3.\)_.*/\1/').edi"

# --- the answer that counts, and what speaks against it ---
file 41 said.edi
gate_until ls "$gate/customs/OutBox/I_510120241120000041_t-1.zip"
gate_answer customs 'response ok; 7'
gate_until prints "'7'" why said.edi
platform=$("$entrepot" show --json said.edi | grep -o 'platform=[A-Z0-9]*' |
    sed 's/platform=//;q')
want "the platform's number is learned" [ -n "$platform" ]
receipt "$platform" P "let go" 2030-01-02T03:04:05 Receipt_p.xml
told "the answer that counts" \
    "the agency answered: released; receipt 'P' \(released\) \"let go\" of $moment" \
    said.edi
told "what a filing whose legs all said so is" 'filing .*taken; its status is released' \
    said.edi
told "the same in Chinese" 'filing .*已接受；状态：已放行' said.edi --zh
told "what its leg says, in Chinese" '机构已答复：已放行; receipt' said.edi --zh
# it comes later and happened before: it says nothing of why
receipt "$platform" L "older" 2030-01-01T00:00:00 Receipt_l.xml
gate_until prints '"effect":"late"' show --json said.edi
told "the one that counts when a late one came behind it" \
    "released; receipt 'P' \(released\) \"let go\" of $moment \([^)]*\); file" said.edi
# an escape sequence and a direction mark in an agency's words
receipt "$platform" Z "$(printf 'back \302\233 31m \342\200\256 words')" \
    2030-01-03T00:00:00 Receipt_z.xml
told "what speaks against it, its words escaped" \
    "released; receipt 'P' .*; against it receipt 'Z' \(returned[^)]*\) \"back \\\\xc2\\\\x9b 31m \\\\xe2\\\\x80\\\\xae words\"" \
    said.edi
want "the log tells who contradicts himself, and in which file" grep -q \
    '^receipt.contradicts leg=[0-9A-Z-]* agency=customs arrival=[0-9A-Z-]* ' \
    "$gate/log"
receipt "$platform" '@' "nobody knows" 2030-01-04T00:00:00 Receipt_u.xml
told "a code that no list has" "with a code that no list has receipt '@'" said.edi

# --- answers that match nothing, that cannot be read ---
receipt I000000000000000001 P "whose" 2030-01-01T00:00:00 Receipt_w.xml
gate_until prints parked queue -l what=receipt
parked=$("$entrepot" queue --json -l what=receipt state=parked |
    sed -n 's/.*"id":"\([^"]*\)".*/\1/p')
told "by which keys it is not known" \
    'receipt .* is parked .*its keys are unknown: .*platform=I000000000000000001' \
    "$parked"
leg=$("$entrepot" show --json $out | sed -n \
    's/.*"what":"leg","id":"\([^"]*\)".*"partner":"customs".*/\1/p' | head -n 1)
"$entrepot" receipt --yes attach "$parked" "$leg" >/dev/null
told "the leg that an answer was given to" \
    "  leg $leg \(customs\) is .*" "$parked"
printf '<DEC_RESULT><CHANNEL>P</DEC_RESULT>' >"$tmp/.receipt"
cp "$tmp/.receipt" "$gate/customs/InBox/Receipt_b.tmp"
mv "$gate/customs/InBox/Receipt_b.tmp" "$gate/customs/InBox/Receipt_b.xml"
gate_until prints held queue -l what=receipt
held=$("$entrepot" queue --json -l what=receipt state=held |
    sed -n 's/.*"id":"\([^"]*\)".*/\1/p')
told "what in it could not be read, and where" \
    'receipt .* is held .*it could not be read; E[0-9]{4} line 1 column [0-9]+: ' \
    "$held"
want "the log tells whose it is" grep -q \
    "^receipt.held receipt=$held partner=customs arrival=[0-9A-Z-]* why=" "$gate/log"
want "cat has the findings of an answer" prints '"code":"E' cat --findings "$held"
want "and those of the file it came in" prints '"code":"E' cat --findings \
    Receipt_b.xml

# --- show: each line at its column, a sentence once, no tab escaped ---
"$entrepot" show --json said.edi >"$tmp/.rows"
"$entrepot" show said.edi >"$tmp/.shown"
want "values of show stand in one column" awk '
	/^ *[a-z_]+ +[^ ]/ && !/^ *(arrival|filing|leg|delivery|receipt) [0-9A-Z]+-/ {
		match($0, /^ */); in_ = RLENGTH
		if (substr($0, in_ + 16, 1) != " " || substr($0, in_ + 17, 1) == " ")
			{ print; bad = 1 } }
	END { exit bad }' "$tmp/.shown"
want "what an interchange is of is readable" grep -Eq \
    '^ *interchange +ICsaid 5101980002 ZZ ENTREPOT ZZ 4$' "$tmp/.shown"
for thing in arrival filing leg delivery; do
	"$entrepot" show "$(sed -n "s/.*\"what\":\"$thing\",\"id\":\"\([^\"]*\)\".*/\1/p" \
	    "$tmp/.rows" | head -n 1)" >"$tmp/.shown"
	want "a sentence of why a thing stands, of a $thing" awk '
		/^ *(arrival|filing|leg|delivery) [0-9A-Z]+-/ { n = 0 }
		/^ *why / { if (++n > 1) { print; bad = 1 } }
		END { exit bad }' "$tmp/.shown"
done

# --- a file that is not whole yet, by its partner's rule ---
head -c 1500 "$src/tests/data/cusdec-d96b-import.edi" >"$gate/quiet/in/half.edi"
told "that its end is not there" \
    "file 'half.edi' stands in the folder of quiet .*: its end is not there" half.edi
exec 7>"$gate/closer/in/open.edi"
head -c 1500 "$src/tests/data/cusdec-d96b-import.edi" >&7
told "that somebody writes it" \
    "stands in the folder of closer .*: somebody has it open for writing" open.edi
exec 7>&-
told "that nobody does any more, and its end is not there" \
    "stands in the folder of closer .*: its end is not there" open.edi
if [ "$(id -u)" = 0 ] && id games >/dev/null 2>&1; then
	cp "$src/tests/data/cusdec-d96b-import.edi" "$gate/other.edi"
	chown games "$gate/other.edi" && mv "$gate/other.edi" "$gate/acme/in"
	told "that it is of another user than its folder" \
	    "acme .*: it belongs to games: in this folder only files of root are taken" \
	    other.edi
fi
: >"$gate/acme/in/some.tmp"
told "that its name is no final one" "acme .*: its name says that it is not whole yet" \
    some.tmp
rm "$gate"/*/in/*.*

# --- nothing is nothing ---
mkdir "$gate/acme/in/folder"
if "$entrepot" why '' >"$tmp/.said" 2>&1; then
	say_not "an empty word means nothing" "$tmp/.said"
else
	passed=$((passed + 1))
fi
gate_down
finish
