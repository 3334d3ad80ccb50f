#!/bin/sh
# synced.t - files that are synced together are whole when their file system
# died in the next moment, its log unwritten; files that are not are lost, so
# that the test can fail. As root, where an image may be mounted.
build=${ENTREPOT_BUILD:-$(cd "$(dirname "$0")/../../build" && pwd)}
src=${ENTREPOT_SRC:-$(cd "$(dirname "$0")/../.." && pwd)}
tmp=$(mktemp -d "${TMPDIR:-/tmp}/entrepot-synced.XXXXXX") || exit 1
PATH=$PATH:/usr/sbin:/sbin
. "$src/tests/flow/say.sh"

leave()
{
	umount -l "$tmp/disk" 2>/dev/null
	rm -rf "$tmp"
}
trap leave EXIT

# What is on the disk, as the next start would find it: the log is played on a
# copy, whoever holds the mount still. Sizes of the files, one a line.
sizes()
{
	cp "$tmp/image" "$tmp/copy" && e2fsck -fy "$tmp/copy" >/dev/null 2>&1
	debugfs -R "ls -p /x" "$tmp/copy" 2>/dev/null |
	    awk -F/ '$6 ~ /^f[0-9]/ { print $7 }'
}

# A fresh file system dies behind the files; what is then on its disk: "sizes".
dies() # HOW
{
	truncate -s 64M "$tmp/image" && mkdir -p "$tmp/disk"
	if ! mkfs.ext4 -q -F "$tmp/image" 2>/dev/null ||
	    ! mount -o loop "$tmp/image" "$tmp/disk" 2>/dev/null; then
		echo "no image can be mounted here: not tried"
		finish
	fi
	mkdir "$tmp/disk/x" && sync -f "$tmp/disk"
	"$build/tests/crash/synced" "$tmp/disk/x" "$1"
	status=$?
	[ $status -eq 77 ] && echo "no file system dies here: not tried" && finish
	is "its file system died ($1)" $status 0
	sizes >"$tmp/sizes"
	umount -l "$tmp/disk"
	rm -f "$tmp/image" "$tmp/copy"
}

# The kernel may have its own moment for all of them just then; not each time.
all=69
for turn in 1 2 3 4 5; do
	[ "$all" -lt 69 ] && break
	dies none
	all=$(grep -c '^5000$' "$tmp/sizes")
done
want "what was not synced is not all there" test "$all" -lt 69
dies all
is "all that were synced together are there" "$(wc -l <"$tmp/sizes")" 69
is "and whole" "$(sort -u "$tmp/sizes")" 5000
finish
