# gate.sh, sourced: a gateway of one filer and one agency for scripts.
#
# gate_make DIR	writes DIR/conf, folders and an empty spool
# gate_up [SET]	starts entrepotd --one, or its set of processes, and waits until
#	it answers
# gate_again [SET]	the same after kill -9: a child of the one that died may hold
#	the spool's lock for a moment
# gate_drop FILE NAME	puts a file into the filer's folder, by rename
# gate_answer AGENCY STEPS	a simulated agency answers what stands there, once
# gate_until COMMAND...	runs it until it succeeds, as long as say.sh has patience
# gate_swap A B	two names trade places at one moment: between two steps the
#	gateway, which makes its folders, may be quicker
# gate_none FILTER...	the queue was told, and nothing of that is in it
# gate_rests	nothing moves by itself: all is read, and all that may go is out
# gate_down	ends the daemon; its log is DIR/log
src=$(cd "${ENTREPOT_SRC:?}" && pwd) # plain, as the configuration wants it
build=${ENTREPOT_BUILD:?}
gate= gate_pid=
umask 022 # partners and roles are other users, in some tests
. "$src/tests/flow/say.sh"

gate_make()
{
	gate=$1 say_log=$1/log
	mkdir -p "$gate/acme/in" "$gate/acme/out" "$gate/customs/OutBox" \
	    "$gate/customs/InBox" "$gate/customs/SentBox" \
	    "$gate/customs/FailBox"
	mkdir -m 700 "$gate/spool"
	cat >"$gate/conf" <<.
spool "$gate/spool" { reserve 1M }
mappings "$src/mappings"

filer acme {
	name "Chengdu Acme Imports" "成都某某进出口有限公司"
	folder "$gate/acme" complete on rename
	accept un-cusdec-d96b
	reply taken, findings, status as csv-status
}
agency customs {
	name "Customs" "海关"
	folder "$gate/customs" layout import-client
	submit declaration as cn-dec window 500 batch 1
	expect technical within 30m, decision within 48h
	retry every 1m doubling upto 1h for 3d
}
.
	ENTREPOT_CONF=$gate/conf
	export ENTREPOT_CONF
}

gate_answer()
{
	echo "for each: $2" >"$tmp/.script"
	"$build/entrepot" simulate -f "$gate/conf" \
	    -t "$src/tests/data/simulate" --script "$tmp/.script" --once \
	    "$1" >/dev/null
}

gate_until()
{
	within $say_patience "$@" >/dev/null 2>&1 && return
	echo "never: $*"
	[ ! -f "$gate/log" ] || cat "$gate/log"
	return 1
}

gate_start()
{
	gate_how=--one
	[ $# = 0 ] || gate_how=
	"$build/entrepotd" -f "$gate/conf" $gate_how 2>>"$gate/log" &
	gate_pid=$!
}

gate_again()
{
	say_clock
	gate_end=$((say_now + say_patience))
	while [ "$say_now" -le $gate_end ]; do
		gate_start "$@"
		until grep -q "^daemon.ready .*pid=$gate_pid\b" "$gate/log" ||
		    ! kill -0 "$gate_pid" 2>/dev/null; do
			sleep 0.05
		done
		kill -0 "$gate_pid" 2>/dev/null && return 0
		wait "$gate_pid"
		say_clock
	done
	return 1
}

gate_up()
{
	gate_start "$@"
	gate_until grep -q "^daemon.ready .*pid=$gate_pid\b" "$gate/log" || return 1
	gate_until "$build/entrepot" queue
}

gate_drop()
{
	cp "$1" "$gate/acme/in/$2.tmp" && mv "$gate/acme/in/$2.tmp" \
	    "$gate/acme/in/$2"
}

gate_swap()
{
	python3 -c 'import ctypes, os, sys
a, b = map(os.fsencode, sys.argv[1:])
libc, here, exchange = ctypes.CDLL(None), -100, 2
sys.exit(libc.renameat2(here, a, here, b, exchange) != 0)' "$1" "$2"
}

gate_none()
{
	gate_items=$("$build/entrepot" queue --json -l "$@" 2>/dev/null) ||
	    return 1
	case $gate_items in
	*'"row":"item"'*) return 1 ;;
	esac
}

gate_rests()
{
	gate_none what=delivery state=planned,ready,staged &&
	    gate_none what=arrival state=taken,accepted
}

gate_down()
{
	[ -n "$gate_pid" ] || return 0
	kill "$gate_pid" 2>/dev/null
	wait "$gate_pid" 2>/dev/null
	gate_pid=
}
