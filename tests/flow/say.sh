# say.sh, sourced (gate.sh does): what a flow test says of itself, and how it
# waits. $tmp is its folder; a file named by $say_log is shown, its end, with
# what is not so.
#
# want SENTENCE COMMAND...	passed when it succeeds; its words are shown if not
# is SENTENCE GOT WANT	passed when they are the same
# within SECONDS COMMAND...	runs it until it succeeds, its status else
# await WHAT COMMAND...	the same, counted; the test ends if it never comes
# anew	the log begins anew: what was said in it is looked at before
# finish	ends the gateway, if one runs; the last line, and the exit status
#
# What a sanitizer says of a process whose end nobody asks about, as of a role
# that drains, stands in the log alone: it is a failure.
#
# How long is waited for what must come is no claim of a test: $say_patience
# seconds, which a busy machine does not need; when one thing never came the
# others are not waited for so long.
passed=0 failed=0 say_log= say_patience=300

say_not() # SENTENCE [FILE]
{
	failed=$((failed + 1))
	echo "not so: $1"
	[ ! -f "${2:-}" ] || sed 's/^/  /' "$2"
	[ ! -f "$say_log" ] || tail -n 30 "$say_log" | sed 's/^/  gateway: /'
}

want()
{
	say_sentence=$1
	shift
	if "$@" >"$tmp/.said" 2>&1; then
		passed=$((passed + 1))
	else
		say_not "$say_sentence" "$tmp/.said"
	fi
}

is()
{
	if [ "$2" = "$3" ]; then
		passed=$((passed + 1))
	else
		printf '  got:  %s\n  want: %s\n' "$2" "$3" >"$tmp/.said"
		say_not "$1" "$tmp/.said"
	fi
}

say_clock() # seconds that nobody sets
{
	read -r say_now say_idle </proc/uptime
	say_now=${say_now%%.*}
}

within()
{
	say_clock
	say_end=$((say_now + $1))
	shift
	until "$@"; do
		say_clock
		[ "$say_now" -le $say_end ] || {
			say_patience=10
			return 1
		}
		sleep 0.05
	done
}

await()
{
	say_what=$1
	shift
	if within $say_patience "$@" >/dev/null 2>&1; then
		passed=$((passed + 1))
	else
		say_not "$say_what comes"
		finish
	fi
}

say_hear()
{
	[ ! -f "$say_log" ] ||
	    grep -a -A 40 'ERROR: [A-Z][a-z]*Sanitizer\|: runtime error: ' \
		"$say_log" >>"$tmp/.heard"
}

anew()
{
	say_hear
	: >"$say_log"
}

finish()
{
	[ -z "${gate_pid:-}" ] || gate_down
	say_hear
	[ ! -s "$tmp/.heard" ] || say_not "no sanitizer complains" "$tmp/.heard"
	echo "$passed passed, $failed failed"
	[ $failed = 0 ]
	exit
}
