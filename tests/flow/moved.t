#!/bin/sh
# moved.t: folders that are moved away and made anew under the real set of
# processes: what comes and what goes uses the folder of that name, each once.
src=$(cd "${ENTREPOT_SRC:-$(dirname "$0")/../..}" && pwd)
ENTREPOT_SRC=$src
. "$src/tests/flow/gate.sh"
tmp=$(mktemp -d "${TMPDIR:-/tmp}/entrepot-moved.XXXXXX") || exit 1
trap 'gate_down; rm -rf "$tmp"' EXIT
trap 'exit 1' HUP INT TERM

file() # NUMBER NAME
{
	sed "s/510120241120000001/51012024112000000$1/g" \
	    "$src/tests/data/cusdec-d96b-import.edi" >"$tmp/order"
	gate_drop "$tmp/order" "$2"
}
names() # FOLDER: what stands there, by the last digit of its number
{
	find "$tmp/$1" -maxdepth 1 -type f -name 'I_*' |
	    sed 's/.*51012024112000000\([0-9]\).*/\1/' | sort | tr '\n' ' '
}
said()
{
	grep -q "^$1" "$tmp/log"
}
comes() # FOLDER NUMBER
{
	gate_until sh -c "ls '$tmp/$1' | grep -q 51012024112000000$2" || exit 1
}

gate_make "$tmp"
sed -i 's/retry every 1m/retry every 1s/; s/upto 1h/upto 2s/' "$tmp/conf"
gate_up set || exit 1
file 1 1.edi
comes customs/OutBox 1

# The agency takes its whole box away and makes another.
mv "$tmp/customs/OutBox" "$tmp/customs/OutBox.old"
mkdir "$tmp/customs/OutBox"
file 2 2.edi
comes customs/OutBox 2
is "what was there stays with who took it" "$(names customs/OutBox.old)" "1 "
is "what comes goes into the folder of that name" "$(names customs/OutBox)" "2 "
is "the move is told" "$(said deliver.moved && echo yes)" yes

# For a while there is none: what is ready waits, and is not put elsewhere.
mv "$tmp/customs/OutBox" "$tmp/customs/OutBox.2"
file 3 3.edi
gate_until test -f "$tmp/acme/out/3.001.taken" || exit 1
gate_until sh -c "[ \$(grep -c '^deliver.moved' '$tmp/log') -ge 2 ]" || exit 1
is "it is not in the folder that went" "$(names customs/OutBox.2)" "2 "
mkdir "$tmp/customs/OutBox"
comes customs/OutBox 3
is "it comes when the folder is there" "$(names customs/OutBox)" "3 "

# The filer does the same with his.
mv "$tmp/acme/in" "$tmp/acme/in.old"
mkdir "$tmp/acme/in"
file 4 4.edi
gate_until test -f "$tmp/acme/out/4.001.taken" || exit 1
comes customs/OutBox 4
is "that is told, too" "$(said intake.moved && echo yes)" yes
gate_until sh -c "[ -z \"\$(find '$tmp/acme/in' -type f)\" ]"
is "nothing was left where it came" $? 0
is "four in three folders" "$(find "$tmp/customs" -name 'I_*' | wc -l |
    tr -d ' ')" 4

# Both lose the side folder, in whose place the roles make none from behind
# their walls: those are started again.
rm "$tmp"/customs/OutBox/I_*
for n in 3 4; do
	gate_until sh -c "'$build/entrepot' why $n.edi | grep -q 'is picked'" ||
	    exit 1
done
mv "$tmp/customs/.entrepot" "$tmp/customs/was"
rmdir "$tmp/acme/in/.taken"
file 5 5.edi
comes customs/OutBox 5
is "without their side folders they go on" "$(names customs/OutBox)" "5 "
gate_down
is "the spool agrees" "$("$build/entrepot" spool verify >/dev/null 2>&1 &&
    echo yes)" yes
finish
