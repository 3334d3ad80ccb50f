#!/bin/sh
# waiting.t: a leg that waits for another's answer, in the real set of processes:
# through kill -9 of the spool, of convert and of all; through a reload with other
# rules; held, released, cancelled and read anew by the operator while it waits.
src=${ENTREPOT_SRC:-$(cd "$(dirname "$0")/../.." && pwd)}
build=${ENTREPOT_BUILD:-$src/build}
tmp=$(mktemp -d "${TMPDIR:-/tmp}/entrepot-waiting.XXXXXX") || exit 1
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
entrepot=$build/entrepot

held() # N NAMES: they hold it, nobody else
{
	gate_until says "$1" "\"held_by\":\"$2\""
}
released() # N
{
	gate_until says "$1" '"status":"released"' &&
	    ! says "$1" '"held_by"'
}

role_pid() # ROLE: the youngest that is ready
{
	sed -n "s/^role.ready role=$1 pid=\([0-9]*\) .*/\1/p" "$gate/log" |
	    tail -n 1
}
role_dies() # ROLE: and another one comes
{
	role_was=$(role_pid "$1")
	kill -9 "$role_was"
	gate_until sh -c "sed -n 's/^role.ready role=$1 pid=\([0-9]*\) .*/\1/p' \
	    '$gate/log' | tail -n 1 | grep -qvx $role_was"
}
leg() # N STATE: its customs leg is that
{
	"$entrepot" show --json "$(number "$1")" | grep '"row":"thing"' |
	    grep '"what":"leg"' | grep '"name":"customs"' |
	    grep -q "\"state\":\"$2\""
}
leg_id() # N
{
	"$entrepot" show --json "$(number "$1")" | grep '"row":"thing"' |
	    grep '"what":"leg"' | grep '"name":"customs"' |
	    sed -n 's/.*"id":"\([^"]*\)".*/\1/p' | head -n 1
}
act() # VERB N: on its waiting leg
{
	"$entrepot" "$1" --yes "$(leg_id "$2")" >/dev/null
}
accepts() # N NUMBER: the inspection, with a number of its own
{
	cat >"$tmp/sw" <<.
<?xml version="1.0" encoding="UTF-8"?>
<receipt xmlns="urn:entrepot:sw-xml:1"><about><number>$(number "$1")</number>
</about><number>$2</number><status>ok</status><outcome>accepted</outcome>
<time>2026-06-20T12:00:00+08:00</time></receipt>
.
	cp "$tmp/sw" "$gate/inspection/in/$2.tmp" &&
	    mv "$gate/inspection/in/$2.tmp" "$gate/inspection/in/$2.xml"
}
customs_got() # TEXT: one package, with it; then it is taken away
{
	gate_until delivered customs || return 1
	[ "$(ls "$gate/customs/OutBox" | wc -l)" = 1 ] &&
	    unzip -p "$gate"/customs/OutBox/*.zip | grep -q "$1" &&
	    rm -f "$gate"/customs/OutBox/*
}
nothing_for_customs()
{
	[ -z "$(ls "$gate/customs/OutBox")" ]
}
waits() # N: dropped, and its customs leg waits
{
	file "$1" "w$1.edi" -e 's/HT-2024-001/WAIT-1/' &&
	    gate_until leg "$1" waiting
}

want "the set comes up" gate_up set || true
[ $failed = 0 ] || finish

# 1. Roles die, then all.
want "customs waits" waits 1
for role in spool convert; do
	want "$role dies and comes back" role_dies $role
	want "it waits on after $role" gate_until leg 1 waiting
done
kill -9 "$gate_pid"
wait "$gate_pid" 2>/dev/null
want "the whole set comes up again" gate_again set
want "it waits on" gate_until leg 1 waiting
want "customs got nothing" nothing_for_customs
accepts 1 CIQ-1
want "and goes with the number when it is told" customs_got \
    '<LicenseNo>CIQ-1</LicenseNo>'

# 2. The answer is there, and convert dies before or after it has written.
want "another one waits" waits 2
accepts 2 CIQ-2
role_dies convert
want "written once, by whichever convert" customs_got \
    '<LicenseNo>CIQ-2</LicenseNo>'

# 3. Other rules while it waits: the new generation writes it.
want "a third one waits" waits 3
sed -i 's/^set licence_number.*/set note = @inspection.number when contract_number = "WAIT-1"/' \
    "$gate/maps/rules/site.rules"
want "a reload" "$entrepot" reload
accepts 3 CIQ-3
want "it is written by the rules as they are now" customs_got \
    '<NoteS>CIQ-3</NoteS>'
want "and says with which generation" sh -c "
	'$entrepot' show --json $(number 3) | grep '\"name\":\"customs\"' |
	    grep -q '\"generation\":[2-9]'"
want "one without a leg for it is for the operator" waits 4
cp "$gate/maps/rules/site.rules" "$tmp/rules"
sed -i '/^leg customs/s/$/ and contract_number != "WAIT-1"/' \
    "$gate/maps/rules/site.rules"
want "a reload takes its leg away" "$entrepot" reload
accepts 4 CIQ-4
want "it is held, and says why" gate_until sh -c "
	'$entrepot' show --json $(number 4) | grep '\"name\":\"customs\"' |
	    grep '\"state\":\"held\"' | grep -q 'do not have this leg any more'"
cp "$tmp/rules" "$gate/maps/rules/site.rules"
want "the rules as they were" "$entrepot" reload
want "it is released" act release 4
want "and goes" customs_got '<NoteS>CIQ-4</NoteS>'

# 4. The operator: hold, release, cancel, redo.
want "a fifth one waits" waits 5
want "it is held" act hold 5
accepts 5 CIQ-5
want "an answer does not move it" gate_until sh -c "
	'$entrepot' show --json $(number 5) | grep '\"name\":\"inspection\"' |
	    grep -q '\"outcome\":\"accepted\"'"
want "it is held still" leg 5 held
want "customs got nothing of it" nothing_for_customs
want "it is released" act release 5
want "and goes with the number" customs_got '<NoteS>CIQ-5</NoteS>'
want "a sixth one waits" waits 6
want "it is cancelled" act cancel 6
accepts 6 CIQ-6
want "its filer is told" gate_until sh -c "
	cat '$gate'/acme/out/w6.*.status | grep -q ',cancelled,'"
want "a seventh one waits" waits 7
"$entrepot" redo --yes "$(leg_id 7)" >/dev/null 2>"$tmp/redo"
accepts 7 CIQ-7
want "read anew or refused, it goes once" customs_got '<NoteS>CIQ-7</NoteS>'
want "and nothing of the sixth" nothing_for_customs
want "the spool is sound" "$entrepot" spool verify -f "$gate/conf"

gate_down
[ $failed = 0 ] || cat "$tmp/redo"
finish
