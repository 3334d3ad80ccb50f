#!/bin/sh
# shim.t - the crash tools are themselves tested: the shim counts what strace
# counts, dies and fails where it is told, and a planted bug is found.
build=${ENTREPOT_BUILD:-$(cd "$(dirname "$0")/../../build" && pwd)}
src=${ENTREPOT_SRC:-$(cd "$(dirname "$0")/../.." && pwd)}
shim=$build/tests/crash/shim.so
probe=$build/tests/crash/probe
every=$build/tests/crash/every
tmp=$(mktemp -d "${TMPDIR:-/tmp}/entrepot-shim.XXXXXX") || exit 1
tmp=$(cd "$tmp" && pwd -P)
trap 'rm -rf "$tmp"' EXIT
ASAN_OPTIONS=verify_asan_link_order=0
export ASAN_OPTIONS
passed=0 failed=0

ok() # NAME STATUS: 0 is good
{
	if [ "$2" = 0 ]; then
		passed=$((passed + 1))
	else
		failed=$((failed + 1))
		echo "not so: $1"
	fi
}

same() # NAME FOUND WANTED
{
	[ "$2" = "$3" ]
	ok "$1: found '$2', want '$3'" $?
}

# The last line of a run of every, whatever it printed before.
points()
{
	"$every" -s "$shim" "$@" >"$tmp/points" 2>&1
	status=$?
	last=$(tail -n 1 "$tmp/points")
}

# 1. The same run counted by both. LeakSanitizer does not work under ptrace.
mkdir "$tmp/a"
kinds=$(sed -n 's/^CALL(\([a-z0-9_]*\),.*/\1/p' "$src/tests/crash/calls.def" |
    paste -sd, -)
ASAN_OPTIONS=$ASAN_OPTIONS:detect_leaks=0 strace -f -y -o "$tmp/strace" \
    -e trace="$kinds" -E LD_PRELOAD="$shim" -E ENTREPOT_CRASH_UNDER="$tmp/a" \
    -E ENTREPOT_CRASH_LOG="$tmp/log" -E ENTREPOT_CRASH_COUNT="$tmp/count" \
    "$probe" run "$tmp/a" >/dev/null
same "probe under strace and shim" "$?" 0
# A call counts if it names the folder or what is in it; opens only if they
# make or empty; descriptors of what has no name end in "(deleted)".
grep -F "$tmp/a" "$tmp/strace" | grep -vE ' (open|openat|openat2)\(.*' |
    grep -v '^[0-9]* *[a-z0-9_]*([0-9]*<[^>]*>(deleted)' >"$tmp/seen"
grep -F "$tmp/a" "$tmp/strace" | grep -E ' (open|openat|openat2)\(' |
    grep -E 'O_CREAT|O_TRUNC' >>"$tmp/seen"
count=$(cat "$tmp/count")
same "steps counted by the shim and by strace" "$count" \
    "$(wc -l <"$tmp/seen" | tr -d ' ')"
sed 's/^[0-9]* *\([a-z0-9_]*\)(.*/\1/' "$tmp/seen" | sort >"$tmp/seen.names"
awk '{ print $2 }' "$tmp/log" | sort >"$tmp/log.names"
diff "$tmp/seen.names" "$tmp/log.names"
ok "each kind of call is counted alike" $?
[ "$count" -gt 60 ]
ok "a small program has more than 60 steps, found $count" $?
for call in openat openat2 pwrite64 write fdatasync fsync renameat2 mkdirat \
    ftruncate unlinkat; do
	grep -q "^$call\$" "$tmp/log.names"
	ok "the probe makes a $call" $?
done

# 2. Dying.
mkdir "$tmp/b"
LD_PRELOAD=$shim ENTREPOT_CRASH_AT=1 "$probe" run "$tmp/b" >/dev/null
same "status when dying" "$?" 137
[ ! -e "$tmp/b/bodies" ]
ok "the step at which it dies is not carried out" $?
LD_PRELOAD=$shim ENTREPOT_CRASH_AT=1:after "$probe" run "$tmp/b" >/dev/null
same "status when dying behind the step" "$?" 137
[ -d "$tmp/b/bodies" ]
ok "with :after it is carried out" $?
n=$(awk '$2 == "write" && /body-1[.]new/ { print $1; exit }' "$tmp/log")
rm -rf "$tmp/b" && mkdir "$tmp/b"
LD_PRELOAD=$shim ENTREPOT_CRASH_AT=$n:half ENTREPOT_CRASH_UNDER=$tmp/b \
    "$probe" run "$tmp/b" >/dev/null
same "half a write" "$(cat "$tmp/b/bodies/body-1.new")" "bod"
setsid sh -c "sleep 600 & LD_PRELOAD=$shim ENTREPOT_CRASH_AT=1 \
    ENTREPOT_CRASH_GROUP=1 $probe run $tmp/b; echo lived >$tmp/lived" \
    2>/dev/null
[ ! -e "$tmp/lived" ]
ok "the whole group dies when told" $?

# 3. Failing.
rm -rf "$tmp/b" && mkdir "$tmp/b"
said=$(LD_PRELOAD=$shim ENTREPOT_FAIL_AT=$n:ENOSPC ENTREPOT_CRASH_UNDER=$tmp/b \
    "$probe" run "$tmp/b" 2>&1)
same "an error at one step" "$said" \
    "probe: body-1: write: No space left on device"
rm -rf "$tmp/b" && mkdir "$tmp/b"
said=$(LD_PRELOAD=$shim ENTREPOT_FAIL_AT=$n:SHORT ENTREPOT_CRASH_UNDER=$tmp/b \
    "$probe" run "$tmp/b" 2>&1 | tail -n 1)
same "a short write is gone on with" "$said" "took 3"
same "and nothing is missing" "$(cat "$tmp/b/bodies/body-1")" "body-1"
LD_PRELOAD=$shim ENTREPOT_FAIL_AT=1:ENOSUCH "$probe" run "$tmp/b" 2>/dev/null
same "an error without meaning" "$?" 2

# 4. One count for several processes.
for i in 1 2; do
	rm -rf "$tmp/b" && mkdir "$tmp/b"
	LD_PRELOAD=$shim ENTREPOT_CRASH_COUNTER=$tmp/shared \
	    ENTREPOT_CRASH_UNDER=$tmp/b ENTREPOT_CRASH_COUNT=$tmp/sum \
	    "$probe" run "$tmp/b" >/dev/null
done
same "steps of both processes" "$(cat "$tmp/sum")" $((2 * count))

# 5. Every point: what keeps its order survives, what does not is found.
for mode in before half after; do
	points -m $mode -n "$count" -- ::: "$probe" run {} ::: "$probe" check {}
	same "every step, $mode" "$last" "$count passed, 0 failed"
	[ $status = 0 ] || cat "$tmp/points"
done
for error in ENOSPC ENOSPC:forever EIO EIO:forever EMFILE SHORT EINTR; do
	points -f $error -n "$count" -- ::: "$probe" run {} ::: \
	    "$probe" check {}
	same "every step, $error" "$last" "$count passed, 0 failed"
	[ $status = 0 ] || cat "$tmp/points"
done
points -- ::: "$probe" wrong {} ::: "$probe" check {}
same "exit status with a planted bug" "$status" 1
grep -q 'CHECK failed' "$tmp/points"
ok "a row committed before its file is found" $?
sed -n 's/.*kept in \(.*\)\*$/\1/p' "$tmp/points" | while read -r kept; do
	rm -rf "$kept" "$kept.said" "$kept.log" "$kept.count"
done
points -x 5 -n 6 -- ::: "$probe" run {} ::: "$probe" check {}
same "a battery that shrank" "$status" 1
points -- ::: true ::: true
same "a program without steps" "$status" 1

echo "$passed passed, $failed failed"
[ $failed = 0 ]
