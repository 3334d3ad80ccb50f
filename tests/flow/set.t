#!/bin/bash
# set.t - the gateway as a set of processes: walls, reload, a second daemon, and
# a role that dies at file-changing calls in turn (SET_POINTS: how many; 200 by
# hand). What was offered must come out once, with its bytes. Deaths at any
# moment are in kills.t.
src=${ENTREPOT_SRC:-$(cd "$(dirname "$0")/../.." && pwd)}
build=${ENTREPOT_BUILD:-$src/build}
daemon=$build/entrepotd
points=${SET_POINTS:-16}
tmp=$(mktemp -d "${TMPDIR:-/tmp}/entrepot-set.XXXXXX") || exit 1
tmp=$(cd "$tmp" && pwd -P)
pid= left=
trap 'kill -9 $pid $left 2>/dev/null; rm -rf "$tmp"' EXIT
. "$src/tests/flow/say.sh"
say_log=$tmp/log

said() # PATTERN: in the daemon's log
{
	grep -q "$1" "$tmp/log"
}

world()
{
	rm -rf "$tmp/a" "$tmp/b" "$tmp/c" "$tmp/spool" "$tmp/got"
	mkdir -p "$tmp/a/in" "$tmp/b/out" "$tmp/c" "$tmp/spool" "$tmp/got"
	cat >"$tmp/conf" <<.
spool "$tmp/spool" { reserve 1M }
filer here { folder "$tmp/a"; forward to there }
agency there { folder "$tmp/b" }
.
}

start()
{
	anew
	"$daemon" -f "$tmp/conf" >>"$tmp/log" 2>&1 &
	pid=$!
	within $say_patience said daemon.ready
}

stop() # its exit status
{
	local status
	kill -TERM "$pid"
	wait "$pid"
	status=$?
	pid=
	return $status
}

put() # FOLDER NAME: whole at once; its bytes are its name, many times
{
	yes "$2" | head -c 3000 >"$tmp/w"
	mv "$tmp/w" "$tmp/$1/in/$2"
}

# The other side takes what stands there; a name twice is kept as proof.
pick()
{
	local f
	for f in "$tmp"/b/out/*; do
		[ -e "$f" ] || continue
		if [ -e "$tmp/got/${f##*/}" ]; then
			mv "$f" "$tmp/got/${f##*/}.twice"
		else
			mv "$f" "$tmp/got/"
		fi
	done
}

got() # COUNT
{
	pick
	[ "$(find "$tmp/got" -type f | wc -l)" -ge "$1" ]
}

books() # COUNT: so many files, none twice, all with their bytes
{
	local f
	[ "$(find "$tmp/got" -type f | wc -l)" = "$1" ] || return 1
	for f in "$tmp"/got/*; do
		yes "${f##*/}" | head -c 3000 | cmp -s - "$f" || return 1
	done
}

role_pid() # ROLE: the youngest that is ready
{
	sed -n "s/^role.ready role=$1 pid=\([0-9]*\) .*/\1/p" "$tmp/log" |
	    tail -n 1
}

# 1. Walls: every role tries what must not work.
world
"$daemon" -f "$tmp/conf" --try-sandbox >"$tmp/log" 2>&1
tries=$?
if grep -q 'act=connect result=refused' "$tmp/log" &&
    "$build/tests/crash/scenario" sanitized; then
	: # no seccomp there, so some acts work
elif ! grep -q WORKED "$tmp/log" || [ -n "$CI" ]; then
	want "no role does what it must not" [ $tries = 0 ]
	for role in spool intake convert deliver; do
		for act in open-outside connect ptrace kill exec; do
			want "$role cannot $act" said \
			    "role=$role act=$act result=refused"
		done
	done
else
	"$build/tests/crash/scenario" sanitized ||
	    want "no role does what it must not" false
fi

# 2. A file goes through; a second daemon is refused.
world
want "the set comes up" start
put a one
want "a file comes out" within $say_patience got 1
"$daemon" -f "$tmp/conf" >"$tmp/second" 2>&1
want "a second daemon on the spool is refused" [ $? = 1 ]
want "it says why" grep -q "in use by another process" "$tmp/second"

# 3. Reload: a wrong one changes nothing, a right one is there whole.
cp "$tmp/conf" "$tmp/conf.good"
echo 'flier x { }' >>"$tmp/conf"
kill -HUP "$pid"
want "a wrong configuration is refused" within $say_patience said 'daemon.reload rc=refused'
want "its mistake is told" said "unknown keyword 'flier'"
put a two
want "the running one goes on" within $say_patience got 2
{
	cat "$tmp/conf.good"
	echo "filer more { folder \"$tmp/c\"; forward to there }"
} >"$tmp/conf"
kill -HUP "$pid"
want "a right one is taken" within $say_patience said 'daemon.reload rc=ok gen=2'
want "a new filer has its folder" within $say_patience test -d "$tmp/c/in/.taken"
put c three
want "and its files come out" within $say_patience got 3
want "the old filer's too" put a four
want "both" within $say_patience got 4
want "the set ends well when told" stop
want "the set comes up again" start
want "the generations go on across a start" \
    said "role.ready role=convert pid=$(role_pid convert) gen=3"
want "the set ends well again" stop
want "the books are right" books 4

# 4. A role outlives its supervisor: the next set begins when it has ended.
ended() # PID: it works no more, whether or not somebody has asked how it ended
{
	! grep -q '^State:[[:blank:]]*[^XZ[:blank:]]' "/proc/$1/status" 2>/dev/null
}
world
want "the set comes up for one that is killed" start
left=$(role_pid deliver) others=
for role in spool intake convert query; do
	others="$others $(role_pid $role)"
done
kill -STOP "$left"
kill -9 "$pid"
wait "$pid" 2>/dev/null
for other in $others; do
	want "the others end by themselves" within $say_patience ended "$other"
done
anew
"$daemon" -f "$tmp/conf" >>"$tmp/log" 2>&1 &
pid=$!
want "the next one tells who has not ended" within $say_patience \
    said "role=spool .*process $left works for this spool still"
want "and has nobody at work" [ "$(grep -c ^role.ready "$tmp/log")" = 0 ]
kill -CONT "$left"
left=
want "then it comes up" within $say_patience said daemon.ready
put a one
want "and a file comes out" within $say_patience got 1
want "the books are right after that" books 1
want "it ends well" stop

# 5. A reload that fails while the old ones finish: they are none the less the
# ones that work on. (Were this test slower than a reload's patience, the new
# ones would: the file comes out all the same.)
world
want "the set comes up for a reload that fails" start
left=$(role_pid deliver)
kill -STOP "$left" # it is told to finish, and does not
kill -HUP "$pid"
next_ready()
{
	local role
	for role in intake convert deliver query; do
		said "role.ready role=$role .* gen=2 " || return 1
	done
}
want "the next generation is ready" within $say_patience next_ready
kill -9 "$(role_pid convert)"
want "one of it ends" within $say_patience said "role.ended role=convert"
left=
put a one
want "a file comes out after that" within $say_patience got 1
want "the books are right when a reload failed" books 1
want "the set ends well after it" stop

# 6. A role dies at its file-changing calls in turn; the others go on.
one_point() # N
{
	local last
	world
	rm -f "$tmp/counter"
	export LD_PRELOAD=$build/tests/crash/shim.so
	export ENTREPOT_CRASH_UNDER=$tmp ENTREPOT_CRASH_COUNTER=$tmp/counter
	export ASAN_OPTIONS=verify_asan_link_order=0
	[ "$1" = 0 ] || export ENTREPOT_CRASH_AT=$1
	anew
	"$daemon" -f "$tmp/conf" >>"$tmp/log" 2>&1 &
	pid=$!
	unset LD_PRELOAD ENTREPOT_CRASH_UNDER ENTREPOT_CRASH_COUNTER
	unset ENTREPOT_CRASH_AT
	within $say_patience said daemon.ready || return 1
	put a p1
	put a p2
	put a p3
	within $say_patience got 3 || return 1
	stop || return 1
	books 3
}
want "the set runs under the shim" one_point 0
steps=$(od -An -t u8 "$tmp/counter" | tr -d ' ')
want "it has more than 100 steps, found $steps" [ "${steps:-0}" -gt 100 ]
died=0
for i in $(seq "$points"); do
	n=$((1 + (i - 1) * steps / points))
	# What comes together takes fewer steps: then once more, nearer.
	for try in 1 2 3 4 5; do
		want "dying at step $n loses and doubles nothing" one_point "$n"
		[ -z "$pid" ] || { kill -9 "$pid" && wait "$pid"; } 2>/dev/null
		pid=
		! said 'status=137' || break
		n=$((n * 3 / 4 + 1))
	done
	! said 'status=137' || died=$((died + 1))
done
want "all points were reached: $died of $points" [ $died = $points ]

finish
