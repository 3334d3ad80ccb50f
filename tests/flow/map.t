#!/bin/sh
# map: what the verbs say of the mappings is held against the files themselves,
# counted here by other means.
src=${ENTREPOT_SRC:-$(cd "$(dirname "$0")/../.." && pwd)}
entrepot=${ENTREPOT_BUILD:-$src/build}/entrepot
ENTREPOT_MAPPINGS=$src/mappings
export ENTREPOT_MAPPINGS
tmp=$(mktemp -d "${TMPDIR:-/tmp}/entrepot-map.XXXXXX") || exit 1
trap 'rm -rf "$tmp"' EXIT
. "$src/tests/flow/say.sh"

# map STATUS ARGUMENT...: runs the verb; out and err are in $tmp
map()
{
	want=$1
	shift
	"$entrepot" map "$@" >"$tmp/out" 2>"$tmp/err"
	got=$?
	want "map $* exits $want, not $got" [ $got = "$want" ]
	[ $got = "$want" ] || head -5 "$tmp/err"
}

out_has() { want "'$1' is said" grep -q -- "$1" "$tmp/out"; }
err_has() { want "'$1' is told" grep -q -- "$1" "$tmp/err"; }

mappings_copy()
{
	rm -rf "$tmp/m"
	mkdir "$tmp/m"
	for d in codes directory formats rules tables; do
		cp -R "$src/mappings/$d" "$tmp/m"
	done
}

### calls that cannot be understood
map 2
err_has '^usage: entrepot map'
map 2 fly
err_has "^entrepot map: no verb 'fly'"
map 2 coverage
err_has '^usage: entrepot map coverage \[--all\] \[--strict\] FORMAT$'
map 2 coverage no-such
err_has "no format 'no-such' in $src/mappings"
map 2 -m "$tmp" coverage cn-dec
err_has "there are no mappings in '$tmp'"

### coverage
# of an interface page: all rows of the table
map 0 coverage cn-dec
rows=$(grep -vc -e '^#' -e '^block' "$src/mappings/tables/dec-4.8.tsv")
out_has "^cn-dec: $rows of $rows in table dec-4.8: "
map 0 --json coverage cn-dec
want "each row of the table is told once" \
    [ "$(grep -c '"how"' "$tmp/out")" = "$rows" ]
# of a message: the leaves of each segment at each of its places
leaves=$(awk -F '\t' '
FNR == 1 { file++ }
/^#/ { next }
file == 1 {
	# a composite without components is none: the row with a component counts
	key = $2 "\t" $4
	if ($5 != "") { if (!(key in parts)) n[$2] += 0; parts[key]++; n[$2]++ }
	else whole[key] = $2
	next
}
$1 == "CUSDEC" && $5 == "segment" && $4 != "UNT" { places[$4]++ }
END {
	for (k in whole) if (!(k in parts)) n[whole[k]]++
	for (s in places) total += places[s] * n[s]
	print total
}' "$src/mappings/tables/edifact-d96b-segments.tsv" \
    "$src/mappings/tables/edifact-d96b-messages.tsv")
map 1 --json coverage un-cusdec-d96b
told=$(sed -n 's/.*"table":"CUSDEC:D:96B","of":\([0-9]*\).*/\1/p' "$tmp/out")
service=$(grep -c '"block":"UN[SH]"' "$tmp/out")
want "the leaves of CUSDEC are $leaves and $service of UNH and UNS, told $told" \
    [ "$((leaves + service))" = "$told" ]
# what is taken out of a format is missing, with its place
mappings_copy
sed '/^    GrossWet /d' "$src/mappings/formats/cn-dec.fmt" \
    >"$tmp/m/formats/cn-dec.fmt"
map 1 -m "$tmp/m" coverage cn-dec
line=$(grep -n '^DecHead	GrossWet	' "$src/mappings/tables/dec-4.8.tsv" |
    cut -d: -f1)
out_has "^unbound  DecHead  *GrossWet  *n..19  *tables/dec-4.8.tsv:$line\$"
out_has "^cn-dec: $((rows - 1)) of $rows .* 1 unbound$"
# what is dropped is told, and strict does not count it
sed 's/^    GrossWet .*/    GrossWet -/' "$src/mappings/formats/cn-dec.fmt" \
    >"$tmp/m/formats/cn-dec.fmt"
map 0 -m "$tmp/m" coverage cn-dec
line=$(grep -n '^    GrossWet -' "$tmp/m/formats/cn-dec.fmt" | cut -d: -f1)
out_has "^dropped  DecHead  *GrossWet  *n..19  *formats/cn-dec.fmt:$line\$"
map 1 -m "$tmp/m" --strict coverage cn-dec
# without a table it is the document; the standard form has all of it
map 0 coverage sw-xml
out_has '^sw-xml: \([0-9]*\) of \1 in document declaration: \1 bound, 0 dropped'
map 1 coverage csv-declaration
out_has '^unbound  container  *(all [0-9]*)  *-  *directory/common.dir:[0-9]*$'

### formats
map 0 formats
out_has '^cn-dec  *declaration  *xml  *dec-4.8  *Single Window'
out_has '^sw-xml  *declaration  *xml  *-  '
map 0 --json formats
want "each file of formats is one" [ "$(grep -vc '"name":"sw-xml' "$tmp/out")" = \
    "$(ls "$src"/mappings/formats/*.fmt | wc -l)" ]

### element
map 0 element declaration.gross_mass
said=$(sed -n 's/^  said *directory\///p' "$tmp/out")
sed -n "${said#*:}p" "$src/mappings/directory/${said%:*}" >"$tmp/line"
for word in "gross_mass dec..19.5 unit KGM" "Gross mass" 毛重; do
	want "$said says $word" grep -q "$word" "$tmp/line"
done
out_has '^  english  Gross mass$'
out_has '^  chinese  毛重$'
out_has '^  type     dec..19.5$'
out_has '^  unit     KGM$'
map 0 element declaration.entry_number
out_has '^  key      declaration.customs$'
map 0 element item.origin
out_has '^  codes    country, [0-9]* rows, complete; columns code .* iso3 '
map 0 --json element '$sender'
out_has '"keys":"transmission.interchange transmission.message"'
# one name, several elements; a shared group's once, with its places
map 0 --json element customs_code
want "a shared element is told once" [ "$(wc -l <"$tmp/out")" = 1 ]
out_has 'declaration.importer.customs_code declaration.exporter.customs_code'
map 1 element no_such_thing
err_has "^entrepot map: the directory has no element 'no_such_thing'$"

### uses: each line that is named has the wire's name in it, and each line of a
# format that has the element's is named
map 0 --json uses item.commodity
sed -n 's/.*"what":"\([^"]*\)","place":"\(formats[^"]*\)".*"way":"both","how":"\([^"]*\)".*/\2 \3/p' \
    "$tmp/out" | while read -r place how; do
	leaf=${how%% code *}
	sed -n "${place#*:}p" "$src/mappings/${place%:*}" |
	    grep -qF "${leaf##*/}" || echo "$place has no ${leaf##*/}"
done >"$tmp/wrong"
want "each place has the wire's name: $(cat "$tmp/wrong")" [ ! -s "$tmp/wrong" ]
(cd "$src/mappings" && grep -n '[! ]commodity\b' formats/*.fmt | grep -v ': *#' |
    cut -d: -f1,2 | sort -u) >"$tmp/want"
sed -n 's/.*"place":"\(formats[^"]*\)".*"way":"both".*/\1/p' "$tmp/out" |
    sort -u >"$tmp/got"
want "the lines with commodity are those: $(diff "$tmp/want" "$tmp/got")" \
    cmp -s "$tmp/want" "$tmp/got"
map 0 uses declaration.office
out_has '^rule  *rules/declaration.rules:[0-9]*  *office  *at  *require customs$'
head=$(grep -n -m1 '^code' "$src/mappings/codes/customs-office.tsv" | cut -d: -f1)
out_has "^codes  *codes/customs-office.tsv:$head  *-  *both  *column cn\$"
# a receipt's key is the declaration's own element
map 0 uses declaration.entry_number
out_has '^cn-dec-result  *formats/.*  about.entry_number  '
map 0 uses declaration.direction
out_has '^cn-dec  .*  looks  DecMessage/DecHead/TradeCode condition$'
map 1 uses no_such_thing

### schema: what is written is valid, anything else is not
validates() # SCHEMA FILE
{
	xmllint --noout --schema "$1" "$2"
}
refuses() # SCHEMA FILE
{
	xmllint --noout --schema "$1" "$2" 2>&1 | grep -q 'fails to validate'
}
map 0 schema declaration
cp "$tmp/out" "$tmp/declaration.xsd"
map 0 schema receipt
cp "$tmp/out" "$tmp/receipt.xsd"
leaves=$("$entrepot" map --json coverage sw-xml | grep -c '"how"')
elements=$(grep -c '<xs:element ' "$tmp/declaration.xsd")
groups=$(grep -c '<xs:complexType' "$tmp/declaration.xsd")
want "$elements elements, $groups of them groups, make $leaves leaves" \
    [ $((elements - groups)) = "$leaves" ]
for f in "$src"/tests/data/dec/c0?-1-out*.xml \
    "$src"/mappings/cases/cn-dec/every-*.in \
    "$src/tests/data/cusdec-d96b-import.edi" \
    "$src/tests/data/cusdec-d96b-eu.edi"; do
	"$entrepot" convert --to sw-xml "$f" >"$tmp/sw.xml" 2>/dev/null
	want "${f##*/} in the standard form is valid" \
	    validates "$tmp/declaration.xsd" "$tmp/sw.xml"
done
for f in "$src"/tests/data/dec/c0?-?-in-*.xml; do
	"$entrepot" convert --to sw-xml-receipt "$f" >"$tmp/re.xml" 2>/dev/null
	want "${f##*/} in the standard form is valid" \
	    validates "$tmp/receipt.xsd" "$tmp/re.xml"
done
"$entrepot" convert --to sw-xml "$src"/tests/data/dec/c03-1-out*.xml \
    >"$tmp/sw.xml" 2>/dev/null
# each change, alone, makes it invalid
while read -r change; do
	sed "$change" "$tmp/sw.xml" >"$tmp/bad.xml"
	want "the schema refuses $change" refuses "$tmp/declaration.xsd" \
	    "$tmp/bad.xml"
done <<'EOF'
s|</declaration>|<nonsense>1</nonsense></declaration>|
0,/<item>/s|<item>|<item><nonsense/>|
0,/<item>/s|<item>|<item colour="red">|
0,/<currency>/s|<currency>.*</currency>|<currency>XXY</currency>|
s|<gross_mass>.*</gross_mass>|<gross_mass>heavy</gross_mass>|
s|<gross_mass>.*</gross_mass>|<gross_mass>1.123456</gross_mass>|
s|<number>\(51.*\)</number>|<number>\1</number><number>\1</number>|
0,/<commodity>/s|<commodity>.*</commodity>|<commodity>12345678901</commodity>|
s|urn:entrepot:sw-xml:1|urn:entrepot:sw-xml:2|
EOF
cp "$src/tests/data/edifact/CONTRL-ack.edi" "$tmp/contrl"
ok "an answer about an interchange is not written as one about a filing" \
    sh -c "'$entrepot' convert --to sw-xml-receipt '$tmp/contrl' 2>&1 |
    grep -q 'E0310: this is a receipt about a transmission, the format wanted'"
map 1 schema transmission
err_has "no document kind 'transmission', want one of declaration, receipt$"

### lost: tests/golden holds it against conversions, here are its words
map 1 lost un-cusdec-d96b cn-dec
out_has '^lost  *item.gross_mass  *Gross mass of the item  *-  *formats/un-cusdec'
out_has '^lost  *transport.name  .*when transport.mode = air  '
out_has '^refused  *item  *Goods item  *more than 50  '
out_has '^un-cusdec-d96b to cn-dec: [0-9]* lost, [0-9]* lost in some cases, '
map 0 lost cn-dec sw-xml
map 2 lost cn-dec cn-dec-result
err_has "^entrepot map: 'cn-dec' is of document declaration, 'cn-dec-result' of"

### test: the folder of the installed formats' own cases, and a user's
map 0 test "$src/mappings/cases"
out_has '^[0-9]* passed, 0 failed$'
cases=$tmp/cases
mkdir -p "$cases/un-cusdec-d96b"
cp "$src"/mappings/cases/un-cusdec-d96b/import.* "$cases/un-cusdec-d96b"
out=$cases/un-cusdec-d96b/import.cn-dec.out
map 0 test "$cases"
# a line of what is wanted is another: shown, and nothing is touched
sed -i 's|<GrossWet>.*</GrossWet>|<GrossWet>1</GrossWet>|' "$out"
cp "$out" "$tmp/changed"
map 1 test "$cases"
out_has "^$out: differs$"
out_has '^  - *<GrossWet>1</GrossWet>$'
out_has '^  + *<GrossWet>2585.792</GrossWet>$'
out_has ' passed, 1 failed$'
want "nothing is written without --accept" cmp "$tmp/changed" "$out"
map 0 test --accept "$cases"
out_has "^$out: written$"
want "what is accepted is what is given" \
    cmp "$src/mappings/cases/un-cusdec-d96b/import.cn-dec.out" "$out"
want "no other name is left behind" [ "$(ls -A "$cases/un-cusdec-d96b")" = \
    "$(ls "$src/mappings/cases/un-cusdec-d96b" | grep '^import\.')" ]
map 0 test "$cases"
# findings and values, too
for end in find values; do
	f=$cases/un-cusdec-d96b/import.$end
	[ -f "$f" ] || continue
	printf 'code\nE9999\n' >"$f"
	map 1 test "$cases"
	map 0 test --accept "$cases"
	map 0 test "$cases"
done
# a message alone: what it gives becomes what it should give
mkdir "$tmp/own"
cp "$src/tests/data/cusdec-d96b-eu.edi" "$tmp/own/eu.in"
map 1 test "$tmp/own"
out_has '^.*/eu.find: nothing is expected yet, --accept writes what it gives$'
map 0 test --accept "$tmp/own"
"$entrepot" convert --to sw-xml "$tmp/own/eu.in" >"$tmp/sw.xml" 2>/dev/null
want "NAME.out is the standard form" cmp "$tmp/own/eu.out" "$tmp/sw.xml"
map 0 test "$tmp/own"
# another mapping, another outcome: the cases notice a moved binding
mappings_copy
sed -i 's/^    GrossWet gross_mass/    GrossWet net_mass/
s/^    NetWt net_mass/    NetWt gross_mass/' "$tmp/m/formats/cn-dec.fmt"
map 1 -m "$tmp/m" test "$cases"
touch "$cases/un-cusdec-d96b/import.no-such.out"
map 1 test "$cases"
out_has "there is no format 'no-such'"
map 2 test "$tmp/none"
err_has "$tmp/none: no such folder"
mkdir "$tmp/empty"
map 2 test "$tmp/empty"
err_has "no case in '$tmp/empty', want files NAME.in"

# an answer about an interchange has no standard form: its record is kept
mkdir "$tmp/answers"
cp "$src/tests/data/edifact/CONTRL-ack.edi" "$tmp/answers/ack.in"
map 0 test --accept "$tmp/answers"
out_has 'ack.values: written'
ok "no form is written of it" [ ! -e "$tmp/answers/ack.out" ]
map 0 test "$tmp/answers"

### new: a skeleton of each syntax loads, and knows every line of its sample
# skeleton SAMPLE: formats/mine.fmt of a copy from which the sample's own went
skeleton()
{
	mappings_copy
	"$entrepot" map new --from "$1" mine >"$tmp/m/formats/mine.fmt" \
	    2>"$tmp/err"
	want "a skeleton is made of ${1##*/}" [ -s "$tmp/m/formats/mine.fmt" ]
	for f in $2; do
		rm "$tmp/m/formats/$f.fmt"
	done
	sed -i 's/^answers .*//;s/^leg .*//' "$tmp/m"/formats/un-cusres*.fmt \
	    "$tmp/m"/rules/*.rules
	want "it loads" "$entrepot" map -m "$tmp/m" formats
	# what no line knows would be the finding E0105 or E0106
	"$entrepot" convert -m "$tmp/m" --from mine --to sw-xml "$1" \
	    >"$tmp/out" 2>"$tmp/err"
	want "it knows every line of ${1##*/}" \
	    sh -c "! grep -E 'not expected|unmapped' '$tmp/err'"
}
sed 's/DecMessage/OurMessage/' "$src"/tests/data/dec/c03-1-out*.xml \
    >"$tmp/sample.xml"
skeleton "$tmp/sample.xml"
fmt=$tmp/m/formats/mine.fmt
want "an attribute is one" grep -q '^  @Version -  # 4.8  cn-dec: "4.8"\|^  @Version -  # 4.8' "$fmt"
want "a known name is suggested" grep -q \
    '^    GrossWet -  # .*  cn-dec: gross_mass decimals ..5$' "$fmt"
# every element of the sample has its line
grep -oE '<[A-Za-z]+' "$tmp/sample.xml" | cut -c2- | sort -u >"$tmp/want"
grep -oE '^ *[A-Za-z]+' "$fmt" | tr -d ' ' | sort -u >"$tmp/got"
want "no element is missing: $(comm -23 "$tmp/want" "$tmp/got" | tr '\n' ' ')" \
    [ -z "$(comm -23 "$tmp/want" "$tmp/got")" ]
skeleton "$src/tests/data/erp-drop/decl.json"
skeleton "$src/tests/data/erp-drop/decl-gbk.csv"
want "a heading is quoted, and known" grep -q \
    '^  "商品编码" -  # 8517130000  ' "$fmt"
want "the sample's encoding comes first" grep -q '^encoding GB18030, UTF-8$' "$fmt"
skeleton "$src/tests/data/edifact/APERAK-error.edi" \
    "$(cd "$src/mappings/formats" && ls | sed -n 's/^\(un-aperak.*\)\.fmt/\1/p')"
# a sample as the one installed: it is said that a guard is wanted
map 0 new --from "$src/tests/data/cusdec-d96b-import.edi" mine
cp "$tmp/out" "$tmp/m/formats/mine.fmt"
want "segments are parted by what other formats part them by" grep -q \
    '^LOC\[3227 "22"\]$' "$tmp/out"
map 2 -m "$tmp/m" formats
err_has "'UNH' begins like format 'mine'"
map 1 new --from "$src/tests/data/dec-edge/e04-truncated.xml"
err_has 'e04-truncated.xml: line 142: premature end of data'
map 1 new --from /dev/null
map 1 new --from "$src/tests/data/dec-edge/e08-entity-expansion.xml"
skeleton "$src/tests/data/edifact/CODECO-gateout.edi"
sed 's/CODECO:D:21A/CODECO:D:95A/' "$src/tests/data/edifact/CODECO-gateout.edi" \
    >"$tmp/older.edi"
map 1 new --from "$tmp/older.edi"
err_has 'there is no table of message CODECO:D:95A in tables'
{
	printf '\357\273\277'
	sed 's/^UNT+[0-9]*/UNT+99/' "$src/tests/data/cusdec-d96b-import.edi"
} >"$tmp/marked.edi"
map 0 new --from "$tmp/marked.edi" mine
out_has 'syntax edifact table CUSDEC:D:96B'
map 0 new --from "$src/tests/data/edifact/CONTRL-ack.edi" mine
out_has 'syntax edifact table CONTRL:3'
sed '/^UNT/,$d' "$src/tests/data/cusdec-d96b-import.edi" >"$tmp/short.edi"
map 1 new --from "$tmp/short.edi"
err_has 'UNT is missing, want the trailer of message'
printf 'ISA*00*          *00~GS*RO~' >"$tmp/sample.x12"
map 1 new --from "$tmp/sample.x12"
err_has 'its first line has no comma, semicolon or tab'
map 2 new
err_has 'no sample, want --from FILE$'
map 2 new --from "$tmp/none"
map 2 new --from "$tmp/sample.xml" 'Not a name'
map 2 new --from "$tmp/sample.xml" --document nothing

finish
