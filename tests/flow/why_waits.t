#!/bin/bash
# why_waits.t: what is waited for, each told by `entrepot why` with the moment's
# particulars: an answer that is due or overdue, a partner's hours, another leg,
# what the agency refused in its own words, a file that was never taken in.
src=${ENTREPOT_SRC:-$(cd "$(dirname "$0")/../.." && pwd)}
build=${ENTREPOT_BUILD:-$src/build}
export ENTREPOT_SRC=$src ENTREPOT_BUILD=$build
. "$src/tests/flow/gate.sh"
. "$src/tests/flow/legs.sh"
tmp=$(mktemp -d "${TMPDIR:-/tmp}/entrepot-waits.XXXXXX") || exit 1
tmp=$(cd "$tmp" && pwd -P)
trap 'gate_down; rm -rf "$tmp"' EXIT
number=510120241120000001
entrepot=$build/entrepot
export TZ=UTC-8 # where the reader is
moment='20[0-9-]{8} [0-9:]{8} \+0800'

prints() # PATTERN VERB...
{
	pattern=$1
	shift
	"$entrepot" "$@" 2>&1 | grep -Eq -- "$pattern"
}

# told SENTENCE PATTERN KEY [OPTION...]
told()
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

legs_make "$tmp" <<.
rules declaration
leg customs to customs as cn-dec in client-zip
leg inspection to inspection as sw-xml when contract_number = "WAIT-1"
hold customs until @inspection.outcome = accepted | released
  when contract_number = "WAIT-1"
leg port to port as un-cusdec-d21a when contract_number = "CLOSED"
.
# a day on which it is closed whatever the time is, and the one behind it
today=$(date -u +%F)
legs_folders port few
sed -i -e '/submit declaration as cn-dec/a expect technical within 1h, decision within 2h' \
    -e '/submit declaration as sw-xml/a expect technical within 1h' "$gate/conf"
cat >>"$gate/conf" <<.
calendar never-today {
	open daily 00:00-24:00
	closed $today..$(date -u -d "$today 1 day" +%F)
}
agency port {
	folder "$gate/port"
	submit declaration as un-cusdec-d21a
	hours never-today
}
filer few {
	folder "$gate/few"
	accept un-cusdec-d96b
	reply taken as csv-status window 1
}
.
want "the gateway comes up" gate_up
[ $failed = 0 ] || finish

# --- a leg that waits for another's answer ---
file 12 wait.edi -e s/HT-2024-001/WAIT-1/
told "whose answer a leg waits for" \
    "leg .*\(customs\) is waiting .*waits for another leg's answer: leg [0-9A-Z-]+ of inspection, which is bound" \
    wait.edi
gate_until prints "\(inspection\) is bound .*is due" why wait.edi

# --- an answer that is due ---
file 11 due.edi
told "by when an answer is due, in the reader's time and from now" \
    "leg .*: sent, no answer yet; its technical answer is due $moment \(in ([45][0-9]|60)m\)" \
    due.edi
told "the same in Chinese" "技术回执应于 $moment \(in [0-9]+m\) 前到达" \
    due.edi --zh
told "which leg a filing's release hangs on" \
    'filing .*taken; its status is [a-z]+, held by customs' due.edi

# --- what the agency said: the code, its row's label, its own words ---
gate_until ls "$gate/customs/OutBox/I_510120241120000011_t-1.zip"
gate_answer customs 'response ok; L "到达海关系统"'
told "the answer's code, the label of its row, the agency's words" \
    "leg .*the agency answered: [a-z]+.*; receipt '[^']+' \([^)]+\).* of $moment" \
    due.edi

# --- a closed calendar ---
file 13 closed.edi -e s/HT-2024-001/CLOSED/
told "by which calendar it is closed, and when it opens" \
    "delivery .*\(port\) is ready .*port is closed by the calendar 'never-today' and opens $moment \(in [0-9]+h\)" \
    closed.edi

# --- a filer that leaves its answers where they are ---
few() # STATE: its answer that is so
{
	few=$("$entrepot" queue --json -l what=delivery partner=few "state=$1" |
	    sed -n 's/.*"id":"\([^"]*\)".*/\1/p' | head -n 1)
	[ -n "$few" ]
}
for n in 16 17; do
	sed "s/$number/5101202411200000$n/g; s/IC24112001/FEW$n/" \
	    "$src/tests/data/cusdec-d96b-import.edi" >"$tmp/few$n"
	mv "$tmp/few$n" "$gate/few/in/few$n.edi"
	gate_until few $([ $n = 16 ] && echo published || echo ready)
done
told "that its answer waits for room in its filer's folder" \
    'delivery .*\(few\) is ready .*: 1 files stand in its folder, the window is 1' "$few"
told "the same in Chinese" '收件目录中已有 1 个文件，上限为 1' "$few" --zh
told "the same of the file that it answers" \
    '^  delivery .*\(few\) is ready .*: 1 files stand in its folder, the window is 1.*; file .few17\.' \
    few17.edi
told "the same in Chinese" '^  delivery .*收件目录中已有 1 个文件，上限为 1' \
    few17.edi --zh
is "what is out is not told to wait" \
    "$("$entrepot" why few16.edi | grep -c '^  delivery .*(few)')" 0
rm "$gate/few/out"/*
told "that it came when the one before was taken" \
    'delivery .*\(few\) is published ' "$few"
is "and then nothing of it" \
    "$("$entrepot" why few17.edi | grep -c '^  delivery .*(few)')" 0

# --- refused by folder ---
file 14 refused.edi
gate_until ls "$gate/customs/OutBox/I_510120241120000014_t-1.zip"
mv "$gate/customs/OutBox/I_510120241120000014_t-1.zip" "$gate/customs/FailBox/"
told "that the agency's client refused the file" \
    'delivery .*\(customs\) is failed .*(refused|FailBox)' refused.edi

# --- a file that is not taken in ---
"$entrepot" pause --intake --why "$(printf 'end of the \033[31myear\nport: well')" acme \
    >/dev/null
file 15 standing.edi
told "that intake is paused, since when, by whom and why, escaped" \
    "file 'standing.edi' stands in the folder of acme since $moment .* not taken in: intake from it is paused since $moment .* by uid=[0-9]+: end of the \\\\x1b\\[31myear\\\\x0aport: well" \
    standing.edi
is "nobody's reason is a line of its own" \
    "$("$entrepot" queue | grep -c -e '^port: well' -e 'x0aport: well$')" 1
for name in "" . ..; do
	"$entrepot" why "$name" >"$tmp/said" 2>&1
	is "'$name' is no file's name" "$? $(grep -c 'stands in' "$tmp/said")" "2 0"
done
ln "$gate/acme/in/standing.edi" "$gate/acme/in/twice.edi"
told "that it has two names" 'it has 2 names' twice.edi
rm "$gate/acme/in/twice.edi"
gate_down
told "that no daemon runs" 'not taken in: (no daemon runs|intake from it is paused)' \
    standing.edi
journal() # SQL
{
	python3 -c 'import sqlite3, sys
with sqlite3.connect(sys.argv[1]) as db:
	db.execute(sys.argv[2])' "$gate/spool/journal" "$1"
}
# --- an answer that never came: as it stands two hours later ---
journal "UPDATE delivery SET due_t = due_t - 7200000 WHERE partner = 'inspection'"
told "that an answer is overdue, and since when" \
    "leg .*\(inspection\) is bound .*; its technical answer is overdue since $moment \([0-9hms]+ ago\)" \
    wait.edi
# and when it was given up
journal "UPDATE leg SET state = 'expired', ended_ms = bound_ms + 3600000
    WHERE agency = 'inspection'"
told "that no answer came, within which time, and that it was told" \
    'leg .*\(inspection\) is expired .*no technical answer came within 1h of its delivery; its filer was told' \
    wait.edi
"$entrepot" why "$(printf 'no\033[2J')" >"$tmp/said" 2>&1
is "what is asked for is told escaped" "$(cat "$tmp/said")" \
    "entrepot why: nothing is known by 'no\\x1b[2J'"
if "$entrepot" why nowhere.edi >"$tmp/said" 2>&1 ||
    ! grep -q "nothing is known by 'nowhere.edi'" "$tmp/said"; then
	failed=$((failed + 1))
	echo "not so: of what is nowhere nothing is known"
else
	passed=$((passed + 1))
fi
if [ "$(id -u)" = 0 ] && chmod 755 "$tmp"; then
	# the gateway is somebody who may not read it
	chown -R nobody "$gate/spool"
	chown daemon "$gate/acme/in" "$gate/acme/in/standing.edi"
	chmod 600 "$gate/acme/in/standing.edi"
	told "who cannot read it, and whose it is" \
	    "it belongs to daemon, its mode is 0600: the gateway, as nobody, cannot read it" \
	    standing.edi
fi
finish
