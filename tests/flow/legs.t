#!/bin/sh
# legs.t: one declaration, three agencies in three formats, one release: answers
# in every order; a leg that waits for another's number through kill -9; what
# comes again under the same number reaches only the legs it concerns.
src=${ENTREPOT_SRC:-$(cd "$(dirname "$0")/../.." && pwd)}
build=${ENTREPOT_BUILD:-$src/build}
tmp=$(mktemp -d "${TMPDIR:-/tmp}/entrepot-legs.XXXXXX") || exit 1
. "$src/tests/flow/gate.sh"
. "$src/tests/flow/legs.sh"
trap 'gate_down; rm -rf "$tmp"' EXIT

legs_make "$tmp/gate" <<.
rules declaration
leg customs to customs as cn-dec in client-zip when contract_number != "NO-CUSTOMS"
leg inspection to inspection as sw-xml when gross_mass > 100
hold customs until @inspection.outcome = accepted | released
  when contract_number = "WAIT-1"
set licence_number = @inspection.number when contract_number = "WAIT-1"
see inspection importer, item, gross_mass, marks
.
legs_folders port
cat >>"$gate/conf" <<.
agency port {
	folder "$gate/port"
	submit declaration as un-cusdec-d21a
}
.
entrepot=$build/entrepot

stands() # AGENCY TEXT: a file with it
{
	grep -aqF "$2" "$gate/$1/out"/*
}
nothing() # AGENCY
{
	! delivered "$1" >/dev/null 2>&1
}
says_file() # NAME TEXT
{
	"$entrepot" show --json "$1" | grep '"what":"filing"' | grep -q "$2"
}
legs_are() # NAME OUTCOME N: so many of its legs say so
{
	[ "$("$entrepot" show --json "$1" | grep '"row":"thing"' |
	    grep '"what":"leg"' | grep -c "\"outcome\":\"$2\"")" = "$3" ]
}
# Agencies tell seconds: what was told in the same one speaks of the leg before.
next_second()
{
	second=$(date +%s)
	until [ "$(date +%s)" -gt "$second" ]; do
		sleep 0.05
	done
}
finding() # STEM CODE: its filer reads
{
	gate_until sh -c "cat '$gate/acme/out/$1'.*.findings | grep -q '$2'"
}
held() # N NAMES: they hold it, nobody else
{
	gate_until says "$1" "\"held_by\":\"$2\""
}
released() # N
{
	gate_until says "$1" '"status":"released"' &&
	    ! says "$1" '"held_by"'
}
told() # STEM STATUS: how many rows of the filing itself say so
{
	cat "$gate"/acme/out/"$1".*.status 2>/dev/null |
	    awk -F, -v want="$2" '$1 == "status" && $8 == "" && $9 == want {
		n++ } END { print n + 0 }'
}
is_told() # STEM STATUS: an agency's own row may say so, too, and before
{
	[ "$(told "$1" "$2")" -gt 0 ]
}
told_once() # STEM STATUS
{
	gate_until is_told "$1" "$2" && [ "$(told "$1" "$2")" = 1 ]
}
steps() # AGENCY: the usual course there
{
	case $1 in
	inspection) echo "response ok; P" ;;
	port) echo "L; P" ;;
	*) echo "response ok; L; P" ;;
	esac
}
without() # LIST WORD: "a, b" without it
{
	echo "$1" | sed "s/$2, //; s/, $2\$//; s/^$2\$//"
}

# A child of the one that was killed may hold the lock for a moment.
want "the gateway comes up" gate_up || true
[ $failed = 0 ] || finish

# 1. Answers in every order, one release.
i=10
for order in "customs inspection port" "customs port inspection" \
    "inspection customs port" "inspection port customs" \
    "port customs inspection" "port inspection customs"; do
	i=$((i + 1))
	file $i "order-$i.edi"
	left="customs, inspection, port"
	want "$order: all three hold it" held $i "$left"
	for agency in $order; do
		want "$order: $agency answers" \
		    answer $agency "$(steps $agency)"
		left=$(without "$left" $agency)
		[ -z "$left" ] ||
		    want "$order: then $left" held $i "$left"
	done
	want "$order: released" released $i
	want "$order: told once" told_once "order-$i" released
done
want "values are counted as keyed and as delivered" says 16 \
    '"items_keyed":1[0-9][0-9].*"items_delivered":[23][0-9][0-9]'

# 2. Inspection of two, one notice; then released.
file 20 twice.edi
want "customs inspects" answer customs "response ok; L; C"
want "the port does not" answer port "P"
want "until all have said so there is no notice" \
    held 20 "customs, inspection"
want "inspection inspects, too" answer inspection "response ok; C"
want "both are named" gate_until says 20 '"inspected_by":"customs, inspection"'
want "one notice, for both" gate_until sh -c "
	cat '$gate'/acme/out/twice.*.status |
	    grep -q 'notice of inspection, by: customs, inspection'"
want "and no other" [ "$(cat "$gate"/acme/out/twice.*.status |
    grep -c 'notice of inspection')" = 1 ]

# 3. What each may see.
file 30 light.edi -e 's/KGM:2585.792/KGM:99/; s/KGM:2350.72/KGM:98/'
want "without need there is no inspection" held 30 "customs, port"
want "inspection gets nothing" nothing inspection
want "they release" answer customs "response ok; P"
want "both" answer port "P"
want "without inspection it is released" released 30
file 31 seen.edi
gate_until delivered inspection
seen=$(ls "$gate"/inspection/out/*)
want "inspection sees the goods" grep -q '<commodity>8517130000<' "$seen"
want "and the number, which its answers bear" grep -q \
    "<number>$(number 31)<" "$seen"
want "and not the invoice" sh -c "! grep -q 'INV-2024-0001\|HT-2024' '$seen'"
for agency in inspection port customs; do
	answer $agency "$(steps $agency)"
done
want "released all the same" released 31

# 4. A leg that waits for another's number, through deaths of the gateway.
file 40 wait.edi -e 's/HT-2024-001/WAIT-1/'
want "inspection gets it" gate_until delivered inspection
want "the port gets it" answer port "P"
want "customs waits" gate_until sh -c "'$entrepot' show --json $(number 40) |
    grep '\"what\":\"leg\"' | grep -q '\"state\":\"waiting\".*customs'"
kill -9 "$gate_pid"
wait "$gate_pid" 2>/dev/null
want "customs got nothing" nothing customs
want "it comes up again" gate_again
want "nor after a start" nothing customs
answer inspection "response ok" # received, no decision yet
want "nor for an answer that decides nothing" held 40 "customs, inspection"
want "it waits on" nothing customs
cat >"$tmp/sw" <<.
<?xml version="1.0" encoding="UTF-8"?>
<receipt xmlns="urn:entrepot:sw-xml:1"><about><number>$(number 40)</number>
</about><number>CIQ-77</number><status>ok</status><outcome>accepted</outcome>
<time>2024-11-20T12:00:00+08:00</time></receipt>
.
cp "$tmp/sw" "$gate/inspection/in/a.tmp"
mv "$gate/inspection/in/a.tmp" "$gate/inspection/in/a.xml"
gate_until test ! -e "$gate/inspection/in/a.xml"
kill -9 "$gate_pid"
wait "$gate_pid" 2>/dev/null
want "and once more" gate_again
want "then customs gets it" gate_until delivered customs
want "with the number that inspection gave" sh -c "
	unzip -p '$gate'/customs/OutBox/*.zip |
	    grep -q '<LicenseNo>CIQ-77</LicenseNo>'"
want "customs releases" answer customs "response ok; P"
want "only inspection holds it" held 40 inspection
sed 's/accepted/released/; s/T12/T13/; s/<status>ok/<status>free/' "$tmp/sw" \
    >"$gate/inspection/in/b.tmp"
mv "$gate/inspection/in/b.tmp" "$gate/inspection/in/b.xml"
want "released when it says so" released 40

# 5. Returned by one agency: filed again it goes there alone, and carries the
# number that customs gave, which the filer does not send.
file 50 first.edi
answer inspection "response ok; P"
answer port "P"
want "customs returns it" answer customs "response ok; L; Z"
want "it is returned" gate_until says 50 '"status":"returned"'
file 50 second.edi -e 's/HT-2024-001/HT-2024-002/'
want "customs gets it again" gate_until delivered customs
want "with its own number" sh -c "unzip -p '$gate'/customs/OutBox/*.zip |
    grep -q '<SeqNo>I[0-9][0-9]*</SeqNo>'"
want "and what was corrected" sh -c "unzip -p '$gate'/customs/OutBox/*.zip |
    grep -q HT-2024-002"
want "the others get nothing" nothing inspection
want "neither of them" nothing port
next_second
seq=$(unzip -p "$gate"/customs/OutBox/*.zip |
    sed -n 's/.*<SeqNo>\(I[0-9]*\)<.*/\1/p')
rm -f "$gate"/customs/OutBox/*.zip
sed -e "s/@SEQ_NO@/$seq/; s/@CHANNEL@/P/; s/@NOTE@/free/; s/@[A-Z_]*@//" \
    -e "s/<NOTICE_DATE>/&$(date '+%Y-%m-%d %H:%M:%S')/" \
    "$src/tests/data/simulate/result.xml" >"$gate/customs/InBox/r.tmp"
mv "$gate/customs/InBox/r.tmp" "$gate/customs/InBox/Receipt_$seq.xml"
want "with the answers of before it is released" gate_until sh -c "
	'$entrepot' show second.edi | grep -q '^ *status  *released'"

# 6. Change and cancellation: where they concern somebody.
file 60 plain.edi -e 's/HT-2024-001/NO-CUSTOMS/'
want "two legs" held 60 "inspection, port"
answer inspection "response ok; L"
answer port "L"
file 60 change.edi -e 's/HT-2024-001/NO-CUSTOMS/; s/+9.$/+4'"'"'/' \
    -e 's/INV-2024-0001/INV-2024-0002/'
want "a change that only the port can see goes to it" gate_until delivered port
want "as a change" grep -aqF "+$(number 60)+4'" "$gate"/port/out/*
want "inspection is left alone" nothing inspection
answer port "P"
next_second
file 60 cancel.edi -e 's/HT-2024-001/NO-CUSTOMS/; s/+9.$/+1'"'"'/'
want "a cancellation goes to the port" gate_until delivered port
want "and to inspection" gate_until delivered inspection
want "which says what it is" grep -q '<function>cancel<' \
    "$gate"/inspection/out/*
answer inspection "response ok; D"
answer port "D"
want "both delete it" gate_until legs_are cancel.edi deleted 2
want "and that is what it is" says_file cancel.edi '"status":"deleted"'
file 60 again.edi -e 's/HT-2024-001/NO-CUSTOMS/; s/+9.$/+4'"'"'/'
want "what is no more cannot be changed" finding again E0405
file 61 none.edi -e 's/+9.$/+1'"'"'/'
want "nor what never was" finding none E0405
file 62 told.edi
answer customs "response ok; L"
for agency in port inspection; do # what is not out would be taken back
	gate_until delivered $agency
done
file 62 untold.edi -e 's/+9.$/+4'"'"'/; s/HT-2024-001/HT-2024-003/'
want "an agency whose format cannot say so is asked by its own way" \
    finding untold 'E0407.*leg customs stays'
want "the filer reads it in both languages" finding untold 'customs 维持原状'
want "the port is told of the change" gate_until stands port \
    "+$(number 62)+4'"
want "customs gets nothing more" nothing customs
answer port "P"
answer inspection "response ok; P"
# returned, the change goes there after all, with the number customs gave
file 63 back.edi
answer port "P"
answer inspection "response ok; P"
answer customs "response ok; L; Z"
gate_until says 63 '"status":"returned"'
file 63 mended.edi -e 's/+9.$/+4'"'"'/; s/HT-2024-001/HT-2024-004/'
want "what customs returned is changed there" gate_until delivered customs
want "under its number" sh -c "unzip -p '$gate'/customs/OutBox/*.zip |
    grep -q '<SeqNo>I[0-9][0-9]*</SeqNo>'"
rm -f "$gate"/customs/OutBox/*.zip
gate_until delivered port
rm -f "$gate"/port/out/*

# 7. What is not out yet is taken back: nobody has it in hand.
empty() # AGENCY: what stood there is gone and seen to be gone
{
	gate_until nothing "$1"
}
ready() # N: so many stand ready for agencies, and nobody has one in hand
{
	[ "$("$entrepot" queue --json -l what=delivery state=ready \
	    partner=customs,port,inspection | grep -c '"row":"item"')" = "$1" ]
}
paused() # VERB AGENCY
{
	"$entrepot" "$1" -f "$gate/conf" --delivery "$2" >/dev/null
}
for agency in customs port inspection; do
	empty $agency
	want "$agency is paused" paused pause $agency
done
file 70 early.edi
want "all wait" held 70 "customs, inspection, port"
want "and are wrapped" gate_until ready 3
file 70 late.edi -e 's/+9.$/+4'"'"'/; s/INV-2024-0001/INV-2024-0007/;
    s/KGM:2585.792/KGM:2585.793/'
want "the change is taken" gate_until says_file late.edi \
    '"held_by":"customs, inspection, port"'
want "it is complained about nowhere" sh -c "
	! cat '$gate'/acme/out/late.*.findings 2>/dev/null | grep E040"
for agency in customs port inspection; do
	want "$agency goes on" paused resume $agency
	want "$agency gets it" gate_until delivered $agency
done
want "customs gets what it was changed to" sh -c "
	unzip -p '$gate'/customs/OutBox/*.zip | grep -q '>2585.793<'"
want "once" [ "$(ls "$gate"/customs/OutBox | wc -l)" = 1 ]
want "the port an original, for it has none" grep -aqF \
    "+$(number 70)+9'" "$gate"/port/out/*
want "of what it was changed to" grep -aqF INV-2024-0007 "$gate"/port/out/*
want "once, too" [ "$(ls "$gate"/port/out | wc -l)" = 1 ]
want "inspection, too" grep -q '<function>original<' "$gate"/inspection/out/*
for agency in customs port inspection; do
	answer $agency "$(steps $agency)"
	empty $agency
	want "$agency is paused again" paused pause $agency
done
file 71 soon.edi
want "all wait again" held 71 "customs, inspection, port"
want "and are wrapped again" gate_until ready 3
file 71 never.edi -e 's/+9.$/+1'"'"'/'
want "a cancellation before anything went out ends it" gate_until says_file \
    never.edi '"status":"cancelled"'
want "its filer is told" gate_until sh -c "
	cat '$gate'/acme/out/soon.*.status | grep -q ',cancelled,'"
for agency in customs port inspection; do
	paused resume $agency
done
file 72 after.edi
for agency in customs port inspection; do
	gate_until delivered $agency
	want "$agency gets what comes after it, and nothing of it" sh -c "
		[ \$(ls '$gate'/$agency/[oO]ut* | wc -l) = 1 ]"
	answer $agency "$(steps $agency)"
done
want "which is released" released 72

# 8. What a change adds is new to its agency; where nothing can be told nothing
# is done.
file 80 small.edi -e 's/KGM:2585.792/KGM:99/; s/KGM:2350.72/KGM:98/'
want "without inspection" held 80 "customs, port"
answer customs "response ok; L"
answer port "L"
file 80 grown.edi -e 's/+9.$/+4'"'"'/'
want "the change needs inspection" gate_until delivered inspection
want "for which it is an original" grep -q '<function>original<' \
    "$gate"/inspection/out/*

want "the port gets the change" gate_until stands port "+$(number 80)+4'"
answer inspection "response ok; P"
answer port "P"
file 80 shrunk.edi -e 's/+9.$/+4'"'"'/; s/KGM:2585.792/KGM:99/' \
    -e 's/KGM:2350.72/KGM:98/'
want "one that is not called for any more is named" finding shrunk \
    'leg inspection stays'

gate_down
finish
