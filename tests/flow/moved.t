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
moves() # ROLE N: so many were told by it
{
	[ "$(grep -c "^$1.moved" "$tmp/log")" -ge "$2" ]
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
gate_until moves deliver 2 || exit 1
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

# Away for a while, and the same again: to be opened anew it needs a role that
# was started since.
mv "$tmp/customs/OutBox" "$tmp/customs/OutBox.3"
mv "$tmp/acme/in" "$tmp/acme/in.3"
gate_until moves deliver 3 || exit 1
gate_until moves intake 2 || exit 1
mv "$tmp/acme/in.3" "$tmp/acme/in"
file 5 5.edi
gate_until test -f "$tmp/acme/out/5.001.taken" || exit 1
gate_until sh -c "'$build/entrepot' why 510120241120000005 |
    grep -q \"folder '$tmp/customs/OutBox': No such file or directory\"" ||
    exit 1
mv "$tmp/customs/OutBox.3" "$tmp/customs/OutBox"
comes customs/OutBox 5
is "it comes when the same folder is back" "$(names customs/OutBox)" "3 4 5 "

# Started with a folder that is not the one delivered to: it stands there open,
# and is used from when its owner says so.
gate_down
rm "$tmp/customs/.entrepot/.ours" "$tmp/customs/OutBox"/I_*
gate_up set || exit 1
gate_until said deliver.other_folder || exit 1
: >"$tmp/customs/.entrepot/.ours"
file 6 6.edi
comes customs/OutBox 6
is "what is emptied on purpose is used again" "$(names customs/OutBox)" "6 "
gate_until sh -c "[ -z \"\$(find '$tmp/acme/in' -type f)\" ]"
is "nothing was left where it came" $? 0
is "what went with folders is there" "$(find "$tmp/customs" -name 'I_*' | wc -l |
    tr -d ' ')" 3

# Both lose the side folder, in whose place the roles make none from behind
# their walls: those are started again.
rm "$tmp"/customs/OutBox/I_*
for n in 3 4 5 6; do
	gate_until sh -c "'$build/entrepot' why $n.edi | grep -q 'is picked'" ||
	    exit 1
done
mv "$tmp/customs/.entrepot" "$tmp/customs/was"
rmdir "$tmp/acme/in/.taken"
file 7 7.edi
comes customs/OutBox 7
is "without their side folders they go on" "$(names customs/OutBox)" "7 "
gate_down
is "the spool agrees" "$("$build/entrepot" spool verify >/dev/null 2>&1 &&
    echo yes)" yes
finish
