#!/bin/sh
# expect.sh DIR: does the demo's folder hold what it should? Looks at the files
# alone, with nothing of the gateway's; exit 0 only if all is as it should be.
dir=${1:?usage: expect.sh DIR}
passed=0 failed=0
is() # SENTENCE GOT WANT
{
	if [ "$2" = "$3" ]; then
		passed=$((passed + 1))
	else
		failed=$((failed + 1))
		printf 'not so: %s\n  got:  %s\n  want: %s\n' "$1" "$2" "$3"
	fi
}
names() # FOLDER PATTERN: how many files, the gateway's own left out
{
	find "$dir/$1" -type f -name "$2" ! -name '.*' | wc -l | tr -d ' '
}
# A column of the rows of these files that are of this agency ("*": all; "":
# the filing's own word), by its heading, in their order.
column() # HEADING AGENCY FILES...
{
	heading=$1 agency=$2
	shift 2
	LC_ALL=C awk -v heading="$heading" -v agency="$agency" '
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
	FNR == 1 {
		n = cells($0, head)
		for (i = 1; i <= n; i++) {
			if (head[i] == heading) at = i
			if (head[i] == "Agency") who = i
		}
		next
	}
	{ cells($0, row) }
	agency == "*" || row[who] == agency { print row[at] }' "$@" | tr '\n' ' '
}
sorted()
{
	tr ' ' '\n' | grep . | sort | tr '\n' ' '
}
out=$dir/acme/out
table=$dir/xinguo/out

is "the filer's folder was emptied" "$(names acme/in '*')" 0
is "customs has taken what was delivered" "$(names customs/OutBox '*')" 0
is "customs' answers were taken" "$(names customs/InBox '*')" 0
is "customs got one package for each declaration, none twice" \
    "$(names customs/SentBox '*')" 7
is "what went to the inspection was taken" "$(names inspection/out '*')" 0
is "and what went to the peer" "$(names peer/out '*')" 0
is "the inspection got each once" "$(for f in "$dir"/inspection/SentBox/*; do
    tr '>' '\n' <"$f" | sed -n '/<number$/{n;s/<.*//p;q;}'
done | sort | uniq -c | awk '{ print $1 }' | sort | uniq -c | tr -s ' ')" " 7 1"
is "the peer got each once" "$(cat "$dir"/peer/SentBox/* | tr "'" '\n' |
    sed -n 's/^BGM+[^+]*+\([^+]*\)+.*/\1/p' | sort | uniq -c |
    awk '{ print $1 }' | sort | uniq -c | tr -s ' ')" " 7 1"
package=$(find "$dir/customs/SentBox" -name 'I_510120241120000001_t-1.zip')
is "in it is one document of the same stem" \
    "$(unzip -Z1 "$package" | tr '\n' ' ')" "I_510120241120000001_t-1.xml "
xml=$(unzip -p "$package" I_510120241120000001_t-1.xml)
leaf() # NAME: its first text
{
	printf '%s\n' "$xml" | tr -d '\n' |
	    sed -n "s|.*<$1>\([^<]*\)</$1>.*|\1|p"
}
is "in it is a DecMessage" \
    "$(printf '%s' "$xml" | grep -o '<DecMessage ' | wc -l | tr -d ' ')" 1
is "with the filer's number" "$(leaf ClientSeqNo)" 510120241120000001
is "with the gross mass that was declared" "$(leaf GrossWet)" 2585.792
is "with the office that was declared" "$(leaf CustomMaster)" 7900
is "with the number that the inspection gave" "$(leaf CorrelationNo)" \
    "$(awk '$1 == "received" && $4 == "510120241120000001" { print $5 }' \
	"$dir/inspection.log")"
is "with three goods items" \
    "$(printf '%s' "$xml" | grep -o '<DecList>' | wc -l | tr -d ' ')" 3

is "the clean file was answered 'taken'" \
    "$(column Status '*' "$out"/order-1.001.taken)" "taken "
is "customs' answers were told once each, in the order they came" \
    "$(column "Agency's code" customs "$out"/order-1.*.status)" "0 R P J L 7 "
is "so were the inspection's" "$(column "Agency's code" inspection \
    "$out"/order-1.*.status)" "stored inspection released "
is "and those of the peer" \
    "$(column "Agency's code" peer "$out"/order-1.*.status)" "1 8 "
is "the answers told all carry the filer's number" "$(column Reference '*' \
    "$out"/order-1.*.status | tr ' ' '\n' | grep . | sort -u)" \
    510120241120000001
is "the filing was released once, when the last of three had" "$(column \
    Status "" "$out"/order-1.*.status | tr ' ' '\n' | grep -c '^released')" 1
is "and that was the last word about it" "$(column Status "" \
    "$out"/order-1.*.status | awk '{ print $NF }')" released
is "until then it was told who held it" "$(column 'Status text' "" \
    "$out"/order-1.*.status | grep -c 'held by: customs')" 1
is "the same file again was answered with the same" "$(column \
    "Agency's code" '*' "$out"/order-1-again.*.status | sorted)" \
    "$(column "Agency's code" '*' "$out"/order-1.*.status | sorted)"
is "under the filing of the first" \
    "$(column Filing '*' "$out"/order-1-again.* | sort -u | sorted)" \
    "$(column Filing '*' "$out"/order-1.* | sort -u | sorted)"
is "the third file has findings and nothing else" \
    "$(find "$out" -name 'order-2.*' | sed 's/.*\///')" order-2.001.findings
is "all five mistakes are told at once" "$(grep -o ',E0[0-9]*,' \
    "$out"/order-2.001.findings | tr -d , | sort | tr '\n' ' ')" \
    "E0103 E0109 E0110 E0112 E0113 "
is "with line and column" "$(grep -o ',E0[0-9]*,[0-9]*,[0-9]*,' \
    "$out"/order-2.001.findings | cut -d , -f 3,4 | sort -n | tr '\n' ' ')" \
    "16,9 57,8 78,14 86,1 105,7 "
is "the table's replies are in its own code page" "$(cat "$table"/orders.* |
    iconv -f GB18030 -t UTF-8 | grep -c '已放行')" \
    "$(cat "$table"/orders.* | grep -a -c "$(printf '已放行' |
	iconv -f UTF-8 -t GB18030)")"
is "each row of the table was a declaration of its own" "$(column Reference \
    '*' "$table"/orders.*.taken | sorted)" "$(i=1
    while [ $i -le 6 ]; do
	printf '51012024112200000%d ' $i
	i=$((i + 1))
    done)"
is "each was released once" "$(column Status "" "$table"/orders.*.status |
    tr ' ' '\n' | grep -c '^released')" 6
is "in every order of the three agencies" "$(sh "$(dirname "$0")/orders.sh" \
    "$table"/orders.*.status | awk '{ print $2, $3, $4 }' | sort -u | wc -l |
    tr -d ' ')" 6
echo "$passed passed, $failed failed"
[ $failed = 0 ]
