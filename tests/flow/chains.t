#!/bin/sh
# chains.t: sample chains end to end: a declaration goes out through the real
# gateway, the agency's answers come back in the order of the samples, the
# filer reads what they amount to.
src=${ENTREPOT_SRC:-$(cd "$(dirname "$0")/../.." && pwd)}
build=${ENTREPOT_BUILD:-$src/build}
dec=$src/tests/data/dec
tmp=$(mktemp -d "${TMPDIR:-/tmp}/entrepot-chains.XXXXXX") || exit 1
daemon=
trap '[ -z "$daemon" ] || kill "$daemon" 2>/dev/null; rm -rf "$tmp"' EXIT
. "$src/tests/flow/say.sh"
say_log=$tmp/log

put() # FILE FOLDER NAME
{
	cp "$1" "$tmp/$2/$3.tmp" && mv "$tmp/$2/$3.tmp" "$tmp/$2/$3"
}
stamp=0
stamp_next()
{
	stamp=$((stamp + 1))
	printf '2024061510300512%05d' $stamp
}
# The client takes what stands in its OutBox.
taken=0
package_take() # CHAIN: the package's name in $package
{
	await "the package of $1" sh -c 'ls "$1"/*.zip' - "$tmp/c/OutBox"
	package=$(ls "$tmp/c/OutBox")
	taken=$((taken + 1))
	mkdir "$tmp/sent/$taken"
	mv "$tmp/c/OutBox/$package" "$tmp/sent/$taken/"
}
file_drop() # FILE NAME
{
	put "$1" acme/in "$2"
}
# What came together may be read in any order, so one goes after the other.
is_read() # NAME
{
	[ ! -e "$tmp/c/InBox/$1" ] &&
	    "$build/entrepot" queue -f "$tmp/conf" --json -l what=arrival \
		state=taken,accepted >"$tmp/unread" &&
	    ! grep -q '"row":"item"' "$tmp/unread"
}
response_drop() # PREFIX FILE
{
	name=$1_${package%.zip}_$(stamp_next).xml
	put "$2" c/InBox "$name"
	await "the reading of $name" is_read "$name"
}
receipt_drop() # FILE
{
	name=Receipt_$(stamp_next).xml
	put "$1" c/InBox "$name"
	await "the reading of $name" is_read "$name"
}
# "CODE=OUTCOME" of each status row of a file's replies, in their order.
told() # STEM
{
	for f in "$tmp"/acme/out/"$1".*.status; do
		[ -f "$f" ] && cat "$f"
	done | LC_ALL=C awk '
	function cells(line, c,    n, i, ch, q, s) {
		for (i = 1; i <= length(line); i++) {
			ch = substr(line, i, 1)
			if (ch == "\"") q = !q
			else if (ch == "," && !q) { c[++n] = s; s = "" }
			else s = s ch
		}
		c[++n] = s
		return n
	}
	{ sub(/\r$/, "") }
	/^Reply,/ {
		n = cells($0, head)
		for (i = 1; i <= n; i++) at[head[i]] = i
		next
	}
	/^status,/ {
		cells($0, c)
		printf "%s=%s ", c[at["Agency" "\047" "s code"]], \
		    c[at["Outcome"]]
	}'
}
told_is() # STEM WORDS
{
	[ "$(told "$1")" = "$2" ]
}
await_told() # SENTENCE STEM WORDS: and nothing else
{
	within $say_patience told_is "$2" "$3"
	is "$1" "$(told "$2")" "$3"
}
column_has() # STEM TEXT
{
	cat "$tmp"/acme/out/"$1".* 2>/dev/null | grep -q "$2"
}

mkdir "$tmp/acme" "$tmp/acme/in" "$tmp/acme/out" "$tmp/c" "$tmp/c/OutBox" \
    "$tmp/c/InBox" "$tmp/spool" "$tmp/sent"
cat >"$tmp/conf" <<.
spool "$tmp/spool" { reserve 1M }
mappings "$src/mappings"
filer acme {
	folder "$tmp/acme"
	accept cn-dec
	reply taken, findings, status as csv-status
}
agency customs {
	folder "$tmp/c" layout import-client
	submit declaration as cn-dec
}
.
"$build/entrepotd" -f "$tmp/conf" --one 2>"$tmp/log" &
daemon=$!
await "the gateway" grep -q '^daemon.ready' "$tmp/log"

# c01: imported, declared, accepted, reviewed, released, closed
file_drop "$dec"/c01-1-out-I_510120240615000001.xml c01.xml
package_take c01
is "c01 goes out under its number" "$package" I_510120240615000001_t-1.zip
response_drop Successed "$dec"/c01-2-in-Successed.xml
for answer in 3-in-Receipt_7 4-in-Receipt_L 5-in-Receipt_J 6-in-Receipt_P \
    7-in-Receipt_R; do
	receipt_drop "$dec/c01-$answer.xml"
done
await_told "c01 is told step by step until it is closed" c01 \
    "0=received 7=received L=accepted J=reviewed P=released R=closed "
await "the customs number of c01" column_has c01 790120241000000001

# c02: an export that is picked for inspection, then released
file_drop "$dec"/c02-1-out-E_510120240620000002.xml c02.xml
package_take c02
response_drop Successed "$dec"/c02-2-in-Successed.xml
for answer in 3-in-Receipt_7 4-in-Receipt_L 5-in-Receipt_C 6-in-Receipt_P; do
	receipt_drop "$dec/c02-$answer.xml"
done
await_told "c02 is told of the inspection and of the release after it" c02 \
    "0=received 7=received L=accepted C=inspection P=released "

# c03: refused by the import; the same number may be filed again
file_drop "$dec"/c03-1-out-I_510120240701000003.xml c03.xml
package_take c03
response_drop Failed "$dec"/c03-2-in-Failed.xml
await_told "c03 is told as failed" c03 "1=failed "
is "with the agency's words" "$(cat "$tmp"/acme/out/c03.*.status |
    grep -c '许可证编号不存在')" 1
file_drop "$dec"/c03-1-out-I_510120240701000003.xml c03-again.xml
package_take "c03, filed again"
is "c03 goes out again after its failure" "$package" \
    I_510120240701000003_t-1.zip

# c07: this time it is stored; the old form of receipt speaks by that number
sed 's|<SeqNo>[^<]*</SeqNo>|<SeqNo>000000001234567890</SeqNo>|
s|<ClientSeqNo>[^<]*<|<ClientSeqNo>510120240701000003<|' \
    "$dec"/c01-2-in-Successed.xml >"$tmp/stored.xml"
receipt_drop "$dec"/c07-in-old-DEC_DATA-gb2312.xml
response_drop Successed "$tmp/stored.xml"
receipt_drop "$dec"/c07-in-old-DEC_DATA-gb2312-R.xml
await_told "c07 waits until its number is known, then it is told" c03-again "0=received 7=received R=closed "
await "the customs number of c07" column_has c03-again 790120181000000007

# c04: the client could not sign; the file name is the only link
file_drop "$dec"/c04-1-out-E_510120240702000004.xml c04.xml
package_take c04
response_drop Failed "$dec"/c04-2-in-Failed-Root.xml
await_told "c04 is found by the name of the answer alone" c04 "C134=failed "

# c05: released is heard before reviewed (twice) and declared
file_drop "$dec"/c05-1-out-I_510120240703000005.xml c05.xml
package_take c05
response_drop Successed "$dec"/c05-2-in-Successed.xml
for answer in 3-in-Receipt_P 4-in-Receipt_J 5-in-Receipt_J 6-in-Receipt_7; do
	receipt_drop "$dec/c05-$answer.xml"
done
await_told "c05 is told once for each answer, repeats left out" c05 \
    "0=received P=released J=reviewed 7=received "
sed 's/<PackNo>[0-9]*</<PackNo>7</' \
    "$dec"/c05-1-out-I_510120240703000005.xml >"$tmp/other.xml"
file_drop "$tmp/other.xml" c05-other.xml
await "the refusal of c05 with other content" column_has c05-other E0402
is "a released number does not open again, late answers or not" \
    "$(ls "$tmp/c/OutBox")" ""

# c06: returned, resubmitted under its number, deleted
file_drop "$dec"/c06-1-out-E_510120240704000006.xml c06.xml
package_take c06
response_drop Successed "$dec"/c06-2-in-Successed.xml
receipt_drop "$dec"/c06-3-in-Receipt_Z.xml
await_told "c06 is told as returned" c06 "0=received Z=returned "
file_drop "$dec"/c06-4-out-E_510120240704000006-resubmit.xml c06-again.xml
package_take "c06, resubmitted"
is "the resubmission goes out under the same name" "$package" \
    E_510120240704000006_t-1.zip
is "and carries the number that the platform gave" "$(unzip -p \
    "$tmp/sent/$taken/$package" | grep -c \
    '<SeqNo>E20241310000000006</SeqNo>')" 1
receipt_drop "$dec"/c06-5-in-Receipt_D.xml
await_told "the deletion is told of the resubmission" c06-again "D=deleted "
is "and nothing more of the first" "$(told c06)" "0=received Z=returned "
is "nothing was put aside for the operator" \
    "$(grep -c 'receipt.held' "$tmp/log")" 0

kill "$daemon" && wait "$daemon"
is "the gateway ends cleanly" $? 0
daemon=
finish
