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
names() # FOLDER PATTERN: how many files
{
	find "$dir/$1" -type f -name "$2" | wc -l | tr -d ' '
}
# A column of all rows of these files, by its heading, sorted.
column() # HEADING FILES...
{
	heading=$1
	shift
	LC_ALL=C awk -v heading="$heading" '
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
		for (i = 1; i <= n; i++) if (head[i] == heading) at = i
		next
	}
	{ cells($0, row); print row[at] }' "$@" | sort | tr '\n' ' '
}
out=$dir/acme/out

is "the filer's folder was emptied" "$(names acme/in '*')" 0
is "customs has taken what was delivered" "$(names customs/OutBox '*')" 0
is "customs' answers were taken" "$(names customs/InBox '*')" 0
is "customs got one package, though the file was sent twice" \
    "$(names customs/SentBox '*')" 1
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
is "with three goods items" \
    "$(printf '%s' "$xml" | grep -o '<DecList>' | wc -l | tr -d ' ')" 3

is "the clean file was answered 'taken'" \
    "$(column Status "$out"/order-1.001.taken)" "taken "
is "every answer was told once, repeats and disorder notwithstanding" \
    "$(column "Agency's code" "$out"/order-1.*.status)" "0 7 J L P R "
is "the answers told all carry the filer's number" "$(column Reference \
    "$out"/order-1.*.status | tr ' ' '\n' | grep . | sort -u)" \
    510120241120000001
is "the last word is that it is closed" "$(column Outcome \
    "$out"/order-1.*.status | grep -o closed)" closed
is "the same file again was answered with the same" "$(column \
    "Agency's code" "$out"/order-1-again.*.status)" "0 7 J L P R "
is "under the filing of the first" "$(column Filing \
    "$out"/order-1-again.*)" "$(column Filing "$out"/order-1.*)"
is "the third file has findings and nothing else" \
    "$(find "$out" -name 'order-2.*' | sed 's/.*\///')" order-2.001.findings
is "all five mistakes are told at once" "$(grep -o ',E0[0-9]*,' \
    "$out"/order-2.001.findings | tr -d , | sort | tr '\n' ' ')" \
    "E0103 E0109 E0110 E0112 E0113 "
is "with line and column" "$(grep -o ',E0[0-9]*,[0-9]*,[0-9]*,' \
    "$out"/order-2.001.findings | cut -d , -f 3,4 | sort -n | tr '\n' ' ')" \
    "16,9 57,8 78,14 86,1 105,7 "
echo "$passed passed, $failed failed"
[ $failed = 0 ]
