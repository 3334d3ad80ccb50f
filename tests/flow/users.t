#!/bin/bash
# users.t - each role as a user of its own: started by root, the set of processes
# hands over, converts and delivers, and a partner reaches nobody's folders but
# its own. The users are those of a passwd file that only this test sees (a mount
# namespace of its own), and no account is made. Without root, or where nothing
# may be mounted, only what one user can try is tried, and said so.
src=${ENTREPOT_SRC:-$(cd "$(dirname "$0")/../.." && pwd)}
build=${ENTREPOT_BUILD:-$src/build}
export ENTREPOT_SRC=$src ENTREPOT_BUILD=$build
if [ -z "$USERS_INSIDE" ] && [ "$(id -u)" = 0 ] &&
    command -v setfacl >/dev/null &&
    unshare -m sh -c 'mount --make-rprivate / && mount --bind /etc/passwd \
	/etc/passwd' 2>/dev/null
then
	USERS_INSIDE=yes exec unshare -m "$0"
fi
. "$src/tests/flow/gate.sh"
# Everybody must be able to pass through to the folders: not below a private one.
tmp=$(TMPDIR=/tmp mktemp -d /tmp/entrepot-users.XXXXXX) || exit 1
tmp=$(cd "$tmp" && pwd -P)
trap 'gate_down; rm -rf "$tmp"' EXIT
role_uid() # ROLE: what it said, and what the kernel says of it
{
	sed -n "s/^role\.ready role=$1 pid=\([0-9]*\) .* uid=\([0-9]*\) .*/\1 \2/p" \
	    "$tmp/log" | tail -n 1 | {
		read -r pid uid
		echo "$uid $(sed -n 's/^Uid:\t//p' "/proc/$pid/status")"
	}
}
sample=$src/tests/data/cusdec-d96b-import.edi
roles="spool intake convert deliver query"

if [ -z "$USERS_INSIDE" ]; then
	echo "no root, no private mounts or no setfacl: one user is all of them"
	me=$(id -u)
	gate_make "$tmp"
	gate_up set || exit 1
	for role in $roles; do
		is "$role runs as who started it" "$(role_uid $role)" \
		    "$me $me	$me	$me	$me"
	done
	gate_drop "$sample" a.edi
	gate_until sh -c "ls '$tmp'/customs/OutBox/I_510120241120000001*"
	is "a declaration comes out" $? 0
	is "the spool is closed to all others" "$(stat -c %a "$tmp/spool")" 700
	finish
fi

# 1. The users: ids that no account of this machine has.
mount --make-rprivate /
first=61000
while cut -d: -f3 /etc/passwd /etc/group | grep -q "^$((first / 10))"; do
	first=$((first + 10))
done
cp /etc/passwd /etc/group "$tmp"
n=$first
for role in spool intake convert deliver; do
	n=$((n + 1))
	echo "_entrepot-$role:x:$n:$n::/:/bin/false" >>"$tmp/passwd"
	echo "_entrepot-$role:x:$n:" >>"$tmp/group"
	eval "uid_$role=$n"
done
uid_query=$uid_spool
for partner in acme beta customs; do
	n=$((n + 1))
	echo "u-$partner:x:$n:$n::/:/bin/sh" >>"$tmp/passwd"
	echo "u-$partner:x:$n:" >>"$tmp/group"
	eval "uid_$partner=$n"
done
mount --bind "$tmp/passwd" /etc/passwd && mount --bind "$tmp/group" /etc/group
is "the users are there" "$(id -u _entrepot-deliver)" "$uid_deliver"
chmod 755 "$tmp"
as() # PARTNER COMMAND...
{
	setpriv --reuid "u-$1" --regid "u-$1" --clear-groups "${@:2}"
}

# 2. Their folders, as the tool makes them; the spool is its role's.
mkdir "$tmp/p"
cat >"$tmp/conf" <<.
spool "$tmp/spool" { reserve 1M }
mappings "$src/mappings"
filer acme {
	folder "$tmp/p/acme" complete on rename owner u-acme
	accept un-cusdec-d96b
	reply taken, findings, status as csv-status language en
}
filer beta {
	folder "$tmp/p/beta" complete on rename owner u-beta
	accept un-cusdec-d96b
	reply taken, findings, status as csv-status language en
}
filer open {
	folder "$tmp/p/open" complete on rename
	accept un-cusdec-d96b
	reply taken as csv-status language en
}
agency customs {
	folder "$tmp/p/customs" layout import-client owner u-customs
	submit declaration as cn-dec
}
.
gate=$tmp
export ENTREPOT_CONF=$tmp/conf
install -d -m 700 -o _entrepot-spool -g _entrepot-spool "$tmp/spool"
for partner in acme beta customs open; do
	"$build/entrepot" partner make --apply $partner
	is "the folders of $partner are made" $? 0
done
is "what is intake's alone" "$(stat -c '%U %a' "$tmp/p/acme/in/.taken")" \
    "_entrepot-intake 700"
is "what is deliver's alone" "$(stat -c '%U %a' "$tmp/p/acme/out/.entrepot")" \
    "_entrepot-deliver 700"

# 3. Each role is its user, by the kernel's word, and none can become another.
gate_up set || exit 1
for role in $roles; do
	eval "uid=\$uid_$role"
	is "$role runs as its user" "$(role_uid $role)" \
	    "$uid $uid	$uid	$uid	$uid"
done
is "none runs as root" "$(grep -c '^role.ready .* uid=0 ' "$tmp/log")" 0
is "the spool's files are its own" "$(find "$tmp/spool" ! -user \
    _entrepot-spool | wc -l)" 0

# 4. Declarations and answers go through, each side as its own user.
drop() # PARTNER FOLDER NAME < BYTES: as that partner, seen whole
{
	as "$1" sh -c "umask 077; cat >'$tmp/p/$1/$2/$3.tmp' &&
	    mv '$tmp/p/$1/$2/$3.tmp' '$tmp/p/$1/$2/$3'"
}
drop acme in a.edi <"$sample"
sed 's/510120241120000001/510120241120000002/; s/IC24112001/IC24112002/' \
    "$sample" | drop beta in b.edi
for k in 1 2; do
	gate_until sh -c "ls '$tmp'/p/customs/OutBox/I_51012024112000000$k*"
	is "declaration $k comes out" $? 0
done
as customs sh -c "cat '$tmp'/p/customs/OutBox/*.zip >/dev/null &&
    rm '$tmp'/p/customs/OutBox/*.zip"
is "the agency reads and takes them" $? 0
sed 's/510120240615000001/510120241120000001/' \
    "$src/tests/data/dec/c01-2-in-Successed.xml" |
    drop customs InBox Receipt_1.xml
sed 's/510120241120000001/510120241120000003/; s/IC24112001/IC24112003/' \
    "$sample" >"$tmp/c.edi"
chown _entrepot-intake "$tmp/c.edi" && mv "$tmp/c.edi" "$tmp/p/open/in"
gate_until sh -c "ls '$tmp'/p/open/out/*.taken"
is "both roles work in a folder that is nobody else's" $? 0
told() # PARTNER PATTERN: in what it can read itself
{
	as "$1" sh -c "cat '$tmp/p/$1'/out/*" | grep -q "$2"
}
gate_until told acme '^status,'
is "the filer reads what the agency answered" $? 0
gate_until told beta '^taken,'
is "and the other filer his own" $? 0
is "nothing of it speaks of the first" "$(as beta sh -c \
    "cat '$tmp'/p/beta/out/*" | grep -c 510120241120000001)" 0

# 5. Nobody reaches what is another's. Each word is tried and must fail, though
# its owner can do it.
cp "$build/entrepot" "$tmp/entrepot" && chmod 755 "$tmp/entrepot"
box_of() # PARTNER
{
	[ $1 = customs ] && echo OutBox || echo out
}
for one in acme beta customs; do
	box=$tmp/p/$one/$(box_of $one)
	setpriv --reuid _entrepot-deliver --regid _entrepot-deliver \
	    --clear-groups sh -c "echo x >'$box/probe'"
	is "what stands for $one it reads" "$(as $one cat "$box/probe")" x
done
for one in acme beta customs; do
	for other in acme beta customs; do
		[ $one != $other ] || continue
		box=$(box_of $other) name=x.$one
		for word in "ls '$tmp/p/$other'" "ls '$tmp/p/$other/$box'" \
		    "cat '$tmp/p/$other/$box/probe'" \
		    "rm '$tmp/p/$other/$box/probe'" \
		    "echo x >'$tmp/p/$other/$box/$name'" \
		    "mv '$tmp/p/$other' '$tmp/p/away'"; do
			as $one sh -c "$word" >/dev/null 2>&1
			is "$one cannot $word" "$([ $? = 0 ] || echo no)" no
		done
		is "and nothing of it is there" \
		    "$(find "$tmp/p/$other/$box" -name "$name")" ""
	done
	for place in "$tmp/spool" "$tmp/spool/journal"; do
		as $one ls "$place/" >/dev/null 2>&1 ||
		    as $one cat "$place" >/dev/null 2>&1
		is "$one cannot look into $place" "$([ $? = 0 ] || echo no)" no
	done
	is "$one has the tools" "$(as $one "$tmp/entrepot" --version | grep -c .)" 1
	as $one "$tmp/entrepot" queue >"$tmp/asked" 2>&1
	is "$one learns nothing from them" \
	    "$([ $? = 0 ] || echo no) $(grep -c customs "$tmp/asked")" "no 0"
	is "$one's own folder is open to it" "$(as $one ls "$tmp/p/$one" \
	    >/dev/null 2>&1; echo $?)" 0
done
is "what stands for a filer it sees" "$(as acme sh -c "ls '$tmp/p/acme/out' | wc -l")" \
    "$(find "$tmp/p/acme/out" -maxdepth 1 -type f | wc -l)"

# 6. The roles among themselves: deliver does not read the spool, and so on.
for pair in "deliver spool" "intake spool" "convert spool" \
    "deliver p/acme/in/.taken" "intake p/acme/out/.entrepot" \
    "convert p/acme" "spool p/acme"; do
	set -- $pair
	setpriv --reuid "_entrepot-$1" --regid "_entrepot-$1" --clear-groups \
	    ls "$tmp/$2/" >/dev/null 2>&1
	is "the user of $1 cannot look into $2" "$([ $? = 0 ] || echo no)" no
done
"$build/entrepot" spool verify >"$tmp/verify" 2>&1
is "the spool agrees" "$? $(tail -n 1 "$tmp/verify" | head -c 200 |
    grep -c .)" "0 1"
finish
