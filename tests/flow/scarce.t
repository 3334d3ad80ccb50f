#!/bin/bash
# scarce.t - what the machine runs out of, and gets back: disk and inodes of the
# spool and of an agency's folder, descriptors of every role; a clock that goes
# a year on, two back and on again; reloads while files come in. Each time the
# ledger outside says: all that was offered came out once, with its bytes,
# without an operator. SCARCE_FILES: how many each time.
src=${ENTREPOT_SRC:-$(cd "$(dirname "$0")/../.." && pwd)}
build=${ENTREPOT_BUILD:-$src/build}
daemon=$build/entrepotd
files=${SCARCE_FILES:-8}
tmp=$(mktemp -d "${TMPDIR:-/tmp}/entrepot-scarce.XXXXXX") || exit 1
tmp=$(cd "$tmp" && pwd -P)
pid=
clean()
{
	[ -z "$pid" ] || kill -9 "$pid" 2>/dev/null
	for m in "$tmp/spool" "$tmp/b"; do
		! mountpoint -q "$m" || umount "$m" 2>/dev/null || umount -l "$m"
	done
	rm -rf "$tmp"
}
trap clean EXIT
. "$src/tests/flow/say.sh"
say_log=$tmp/log

said()
{
	grep -q "$1" "$tmp/log"
}
# small FOLDER OPTIONS: a file system of its own; false: not to be had
small()
{
	mount -t tmpfs -o "mode=700,$2" none "$1" 2>/dev/null
}
world()
{
	for m in "$tmp/spool" "$tmp/b"; do
		! mountpoint -q "$m" || umount "$m" 2>/dev/null || umount -l "$m"
	done
	rm -rf "$tmp/more" "$tmp/a" "$tmp/b" "$tmp/c" "$tmp/spool" "$tmp/got" "$tmp/w"
	mkdir -p "$tmp/a/in" "$tmp/b" "$tmp/c" "$tmp/spool" "$tmp/got"
	cat >"$tmp/conf" <<.
spool "$tmp/spool" { reserve 64K }
filer here { folder "$tmp/a"; forward to there }
agency there { folder "$tmp/b"; retry every 1s doubling upto 2s for 1h }
.
	n=0 both=1
}
start()
{
	mkdir -p "$tmp/b/out"
	anew
	"$daemon" -f "$tmp/conf" >>"$tmp/log" 2>&1 &
	pid=$!
	within $say_patience said daemon.ready
}
stop()
{
	local status
	kill -TERM "$pid"
	wait "$pid"
	status=$?
	pid=
	return $status
}
offer() # COUNT
{
	local k
	for k in $(seq "$1"); do
		n=$((n + 1))
		yes "f$n" | head -c 3000 >"$tmp/w"
		mv "$tmp/w" "$tmp/a/in/f$n"
	done
}
pick()
{
	local f
	for f in "$tmp"/b/out/* "$tmp"/c/out/*; do
		[ -e "$f" ] || continue
		[ "$f" = "${f#"$tmp/c"}" ] || both=2
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
books() # all that was offered, once, with its bytes
{
	local f
	[ "$(find "$tmp/got" -type f | wc -l)" = "$n" ] || return 1
	for f in "$tmp"/got/*; do
		yes "${f##*/}" | head -c 3000 | cmp -s - "$f" || return 1
	done
	[ -z "$(find "$tmp/a/in" -type f)" ]
}
none_in() # nothing waits to be taken
{
	[ -z "$(find "$tmp/a/in" -maxdepth 1 -type f)" ]
}
roles() # their process ids
{
	sed -n 's/^role.ready role=[a-z]* pid=\([0-9]*\) .*/\1/p' "$tmp/log"
}

# 1. The spool's disk is full, then its inodes; files wait in the folder.
world
if small "$tmp/spool" size=12m; then
	want "the set comes up on a small disk" start
	offer 2
	want "files come out" within $say_patience got 2
	dd if=/dev/zero of="$tmp/spool/ballast" bs=64k >/dev/null 2>&1
	offer "$files"
	want "a full disk is told" within $say_patience said \
	    'rc=later\|^intake.waits .* MiB free'
	want "nobody died of it" test "$(grep -c 'role.ended' "$tmp/log")" = 0
	pick
	rm "$tmp/spool/ballast"
	want "all comes out when there is room again" within $say_patience got "$n"
	want "it ends well" stop
	want "the books are right after a full disk" books

	world
	small "$tmp/spool" size=64m,nr_inodes=400
	want "the set comes up with few inodes" start
	for i in $(seq 400); do
		: >"$tmp/spool/i$i" || break
	done 2>/dev/null
	offer "$files"
	want "the daemon lives without inodes" kill -0 "$pid"
	pick
	rm -f "$tmp"/spool/i*
	want "all comes out when there are inodes again" within $say_patience got "$n"
	want "it ends well" stop
	want "the books are right after inodes ran out" books

	# 2. The agency's folder has no room and no inodes; deliveries wait.
	for limit in size=256k size=1m,nr_inodes=30; do
		world
		small "$tmp/b" "$limit"
		mkdir "$tmp/b/out"
		want "the set comes up" start
		offer 1
		want "one comes out" within $say_patience got 1
		if [ "$limit" = size=256k ]; then
			dd if=/dev/zero of="$tmp/b/ballast" bs=4k \
			    >/dev/null 2>&1
		else
			for i in $(seq 40); do
				: >"$tmp/b/i$i" || break
			done 2>/dev/null
		fi
		offer "$files"
		want "they are accepted all the same" within $say_patience none_in
		rm -f "$tmp/b/ballast" "$tmp"/b/i*
		want "all comes out after $limit" within $say_patience got "$n"
		want "it ends well" stop
		want "the books are right after $limit" books
	done
else
	echo "no file system may be mounted here: full disks are left out"
fi

# 3. No role can open anything more, then it can again.
world
want "the set comes up" start
offer 1
want "one comes out" within $say_patience got 1
for p in $(roles); do
	prlimit --pid "$p" --nofile=3:1024
done
offer "$files"
want "that there are none is told" within $say_patience said "Too many open files"
want "the daemon lives without descriptors" kill -0 "$pid"
want "and none of its roles ended" test "$(grep -c 'role.ended' "$tmp/log")" = 0
for p in $(roles); do
	prlimit --pid "$p" --nofile=1024:1024 2>/dev/null
done
want "all comes out when there are descriptors again" within $say_patience got "$n"
want "it ends well" stop
want "the books are right after descriptors ran out" books

# 4. The clock goes a year on, two back, one on; files before, between, after.
if ! "$build/tests/crash/scenario" sanitized; then
	world
	year=$((365 * 24 * 3600))
	tell() # SECONDS
	{
		python3 -c 'import struct, sys
f = open(sys.argv[1], "r+b")
f.write(struct.pack("<q", int(sys.argv[2])))' "$tmp/clock" "$1"
	}
	head -c 8 /dev/zero >"$tmp/clock"
	small "$tmp/b" size=256k
	export ENTREPOT_CLOCK=$tmp/clock
	export LD_PRELOAD=$build/tests/crash/clock.so
	want "the set comes up under a clock of ours" start
	unset LD_PRELOAD ENTREPOT_CLOCK
	for jump in 0 $year -$year 0; do
		offer 2
		tell "$jump"
		offer 2
		want "files come out at $jump s" within $say_patience got "$n"
	done
	# Deliveries that have no room wait for an hour at most: one of ours.
	if dd if=/dev/zero of="$tmp/b/ballast" bs=4k count=4096 \
	    >/dev/null 2>&1; then
		echo "no small disk here: nothing waits while the clock jumps"
		rm "$tmp/b/ballast"
	fi
	offer 2
	want "they are accepted" within $say_patience none_in
	tell "$year"
	for k in 1 2 3; do # each is a turn of the spool a year on
		offer 1
		want "more are accepted" within $say_patience none_in
	done
	rm -f "$tmp/b/ballast"
	want "what waited comes out a year on" within $say_patience got "$n"
	tell 0
	want "the clock was believed" said accepted
	want "nothing expired" test "$(grep -c expired "$tmp/log")" = 0
	want "it ends well" stop
	want "the books are right after the clock's jumps" books
	tell $((5 * year))
	export ENTREPOT_CLOCK=$tmp/clock
	export LD_PRELOAD=$build/tests/crash/clock.so
	want "it starts five years later" start
	unset LD_PRELOAD ENTREPOT_CLOCK
	offer 2
	want "and goes on" within $say_patience got "$n"
	want "it ends well" stop
	want "the books are right five years later" books
fi

# 5. Reloads while files come in: nothing is dropped, nothing goes elsewhere.
world
for k in one two; do
	cat >"$tmp/conf.$k" <<-.
	spool "$tmp/spool" { reserve 64K }
	filer here { folder "$tmp/a"; forward to $k }
	filer more { folder "$tmp/more"; forward to $([ $k = one ] && echo two || echo one) }
	agency one { folder "$tmp/b" }
	agency two { folder "$tmp/c" }
	.
done
mkdir -p "$tmp/more" "$tmp/c/out"
cp "$tmp/conf.one" "$tmp/conf"
want "the set comes up" start
for i in 1 2 3 4; do
	offer "$((files / 2))"
	cp "$tmp/conf.$([ $((i % 2)) = 1 ] && echo two || echo one)" "$tmp/conf"
	kill -HUP "$pid"
	offer "$((files / 2))"
	want "generation $((i + 1)) is there" within $say_patience said \
	    "daemon.reload rc=ok gen=$((i + 1))"
done
want "all comes out" within $say_patience got "$n"
want "it ends well" stop
want "the books are right after reloads under load" books
want "both agencies had some of it" test "$both" = 2

finish
