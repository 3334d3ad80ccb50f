# legs.sh, sourced after gate.sh: a filer and the agencies that get its
# declarations in their formats, by rules of the test's own.
#
# legs_make DIR <RULES	folders, mappings with these rules besides the shipped
#	ones, DIR/conf of acme, customs and inspection; more is added behind
# legs_folders NAME...	of a partner with in/ and out/
# legs_agencies	the folders of customs, an import client's, and of inspection; the
#	lines of both, for a configuration
# number N; file N NAME [SED...]	a declaration of that number is dropped
# delivered AGENCY; answer AGENCY STEPS	what stands there; it is answered, and
#	the answer is read: what is dropped next finds it
# says N TEXT	`show` of that filing has it
legs_folders()
{
	for d in "$@"; do
		mkdir -p "$gate/$d/in" "$gate/$d/out"
	done
}

legs_agencies()
{
	legs_folders inspection
	mkdir -p "$gate/customs/OutBox" "$gate/customs/InBox" \
	    "$gate/customs/SentBox" "$gate/customs/FailBox"
	cat <<.
agency customs {
	folder "$gate/customs" layout import-client
	submit declaration as cn-dec
}
agency inspection {
	folder "$gate/inspection"
	submit declaration as sw-xml
}
.
}

legs_make()
{
	gate=$1 say_log=$1/log
	legs_folders acme
	mkdir -p "$gate/maps/rules"
	mkdir -m 700 "$gate/spool"
	for d in codes directory formats tables; do
		ln -s "$src/mappings/$d" "$gate/maps/$d"
	done
	cp "$src"/mappings/rules/*.rules "$gate/maps/rules/"
	cat >"$gate/maps/rules/site.rules"
	cat >"$gate/conf" <<.
spool "$gate/spool" { reserve 1M }
mappings "$gate/maps"
filer acme {
	folder "$gate/acme"
	accept un-cusdec-d96b
	reply taken, findings, status as csv-status
}
.
	legs_agencies >>"$gate/conf"
	ENTREPOT_CONF=$gate/conf
	export ENTREPOT_CONF
}

number() # N: its declaration's
{
	printf '5101202411200%05d' "$1"
}

file() # N NAME [SED...]: drops the declaration of that number
{
	legs_as=$2 legs_n=$(number "$1")
	shift 2
	sed -e "s/510120241120000001/$legs_n/g; s/IC24112001/IC$$$legs_as/" \
	    "$@" "$src/tests/data/cusdec-d96b-import.edi" |
	    sed "s/IC$$[^']*/IC${legs_as%.edi}/" >"$tmp/.file"
	gate_drop "$tmp/.file" "$legs_as"
}

delivered() # AGENCY: something stands there for it
{
	case $1 in
	customs) ls "$gate"/customs/OutBox/*.zip ;;
	*) [ -n "$(ls "$gate/$1/out")" ] ;;
	esac
}

all_read() # AGENCY: what it said
{
	[ -z "$(find "$gate/$1/in" "$gate/$1/InBox" -maxdepth 1 -type f \
	    2>/dev/null)" ] && gate_none what=arrival state=taken,accepted
}

answer() # AGENCY STEPS: to what comes there
{
	gate_until delivered "$1" && gate_answer "$1" "$2" &&
	    gate_until all_read "$1"
}

says() # N TEXT: show of that filing has it
{
	"$build/entrepot" show --json "$(number "$1")" |
	    grep '"what":"filing"' | grep -q "$2"
}
