#!/bin/sh
# convert: the verb's exit status and streams: 0 with a message on standard
# output, 1 with findings and nothing written, 2 when the call is wrong.
src=${ENTREPOT_SRC:-$(cd "$(dirname "$0")/../.." && pwd)}
convert="${ENTREPOT_BUILD:-$src/build}/entrepot convert"
data=$src/tests/data
ENTREPOT_MAPPINGS=$src/mappings
export ENTREPOT_MAPPINGS
tmp=$(mktemp -d "${TMPDIR:-/tmp}/entrepot-convert.XXXXXX") || exit 1
trap 'rm -rf "$tmp"' EXIT
passed=0 failed=0

# expect NAME STATUS OUT-LINES ARGUMENT...: "-" lines: none, "+": some
expect()
{
	name=$1 status=$2 lines=$3
	shift 3
	$convert "$@" >"$tmp/out" 2>"$tmp/err"
	got=$?
	case $lines in
	-) [ ! -s "$tmp/out" ] && said=yes || said=no ;;
	*) [ -s "$tmp/out" ] && said=yes || said=no ;;
	esac
	if [ $got = "$status" ] && [ $said = yes ]; then
		passed=$((passed + 1))
	else
		echo "$name: exit $got, want $status"
		cat "$tmp/err"
		failed=$((failed + 1))
	fi
}

expect "a declaration becomes customs' message" 0 + \
    --from un-cusdec-d96b --to cn-dec "$data/cusdec-d96b-import.edi"
# a direction mark and an escape sequence in a value, told of in a finding
sed "s/MUSTERSTRASSE 1/A$(printf '\033')[31mB$(printf '\342\200\256')/" \
    "$data/cusdec-d96b-import.edi" >"$tmp/marks.edi"
expect "a value with control characters is refused" 1 - \
    --from un-cusdec-d96b --to cn-dec "$tmp/marks.edi"
if LC_ALL=C grep -q "B.xe2.x80.xae" "$tmp/err" &&
    ! LC_ALL=C grep -q "$(printf '\342\200\256\|\033')" "$tmp/err"; then
	passed=$((passed + 1))
else
	echo "what a finding shows leads a terminal"
	failed=$((failed + 1))
fi
expect "three messages of an interchange become three" 0 + \
    --to cn-dec "$data/cusdec-d96b-export.edi"
[ "$(grep -c '<DecMessage' "$tmp/out")" = 3 ] || failed=$((failed + 1))
expect "customs' message becomes the standard form" 0 + \
    --from cn-dec --to sw-xml "$data/dec/c01-1-out-I_510120240615000001.xml"
cp "$tmp/out" "$tmp/sw.xml"
expect "the standard form is read and written the same" 0 + \
    --to sw-xml "$tmp/sw.xml"
cmp "$tmp/out" "$tmp/sw.xml" || failed=$((failed + 1))
expect "a GB2312 receipt becomes the standard form" 0 + \
    --to sw-xml-receipt "$data/dec/c07-in-old-DEC_DATA-gb2312-R.xml"
expect "mistakes refuse the whole file" 1 - \
    --to cn-dec "$data/cusdec-five-mistakes.edi"
[ "$(wc -l <"$tmp/err")" = 5 ] || failed=$((failed + 1))
expect "another format than the one named is refused" 1 - \
    --from un-cusdec-d96b --to cn-dec "$tmp/sw.xml"
sed 's/SAMPLE GMBH/SAMPLE *GMBH*/' "$data/cusdec-d96b-import.edi" >"$tmp/star.edi"
expect "a star is no repetition of what we write" 0 + \
    --to un-cusdec-d21a "$tmp/star.edi"
cp "$tmp/out" "$tmp/star2.edi"
expect "and is read again" 0 + --from un-cusdec-d21a --to sw-xml "$tmp/star2.edi"
grep -q 'SAMPLE \*GMBH\*' "$tmp/out" || failed=$((failed + 1))
expect "an entity bomb is refused" 1 - \
    --to sw-xml "$data/dec-edge/e08-entity-expansion.xml"
expect "a declaration is no receipt" 1 - \
    --to csv-status "$data/cusdec-d96b-import.edi"
grep -q "this is a declaration, the format wanted is of a receipt" \
    "$tmp/err" || failed=$((failed + 1))
expect "each part of a reply is a message of its own" 0 + --from csv-status \
    --to un-cusres-d96b "$src/mappings/cases/csv-status/two-filings.in"
[ "$(grep -c '^UNH' "$tmp/out")" = 2 ] && grep -q '^UNZ+2+' "$tmp/out" &&
    grep -q ':510120240700000006' "$tmp/out" || failed=$((failed + 1))
# what went nowhere is told value by value, and nothing else is
expect "a trace tells what is lost" 0 + --trace --json --to cn-dec \
    "$data/cusdec-d96b-import.edi"
grep -o '"lost":"[^"]*"' "$tmp/err" | sed 's/"lost":"//;s/"//;s/\[[0-9]*\]//g' |
    sort -u >"$tmp/lost"
"${convert% convert}" map --json lost un-cusdec-d96b cn-dec |
    sed -n 's/.*"what":"lost","element":"\([^"]*\)".*/\1/p' | sort -u >"$tmp/told"
[ -s "$tmp/lost" ] && [ -z "$(comm -23 "$tmp/lost" "$tmp/told")" ] &&
    grep -q '^invoice.amount$' "$tmp/lost" || failed=$((failed + 1))
! grep -q '^item.commodity$' "$tmp/lost" || failed=$((failed + 1))
# a name of the wire is not translated, though its end is a word of ours
sed 's/<AgentName>.*</<AgentName></;s/<DecGNo>1</<DecGNo>A</' \
    "$src/mappings/cases/cn-dec/every-import.in" >"$tmp/nameless.xml"
expect "findings are told in Chinese, too" 1 - --json --to cn-dec \
    "$tmp/nameless.xml"
grep -q '"zh":"缺少 DecMessage/DecHead/AgentName，应为名称"' "$tmp/err" &&
    grep -q '"zh":"DecMessage/EcoRelation/DecGNo 为“A”，应为商品项的序号"' \
	"$tmp/err" || failed=$((failed + 1))
cat >"$tmp/parts.xml" <<'EOF'
<declaration xmlns="urn:entrepot:sw-xml:1"><number>A1</number><item>
<sequence>1</sequence><commodity>8542319091</commodity><spec>a|b</spec>
<spec>c</spec></item></declaration>
EOF
expect "a list's member that holds the separator is not written as two" 1 - \
    --to csv-declaration "$tmp/parts.xml"
grep -q "E0117: .*is 'a|b', row/item.spec wants a text without '|'" "$tmp/err" ||
    failed=$((failed + 1))
sed 's/a|b/a-b/' "$tmp/parts.xml" >"$tmp/part.xml"
expect "another one is" 0 + --to csv-declaration "$tmp/part.xml"
grep -q 'a-b|c' "$tmp/out" || failed=$((failed + 1))
expect "an empty file is refused" 1 - --to sw-xml /dev/null
expect "a format that is not there" 2 - --to nothing "$tmp/sw.xml"
expect "a file that is not there" 2 - --to sw-xml "$tmp/none"
expect "no target" 2 - "$tmp/sw.xml"
echo "$passed passed, $failed failed"
[ $failed = 0 ] && [ $passed -gt 0 ]
