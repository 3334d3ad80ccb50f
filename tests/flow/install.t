#!/bin/sh
# install: what "make install" puts down is whole, works from where it stands,
# and "make uninstall" takes all of it away again.
src=$(cd "${ENTREPOT_SRC:-$(dirname "$0")/../..}" && pwd) || exit 1
made=${ENTREPOT_BUILD:-$src/build}
tmp=$(mktemp -d "${TMPDIR:-/tmp}/entrepot-install.XXXXXX") || exit 1
trap 'gate_down; rm -rf "$tmp"' EXIT
root=$tmp/root
ENTREPOT_SRC=$src ENTREPOT_BUILD=$tmp/tools # as installed
. "$src/tests/flow/gate.sh"

# A make of its own: not part of the one that runs this test.
run_make()
{
	env -u MAKEFLAGS -u MAKELEVEL -u MFLAGS make -s -C "$made" "$@"
}
var() { run_make --eval="print-var: ; @echo \$($1)" print-var; }

want "make install" run_make install DESTDIR="$root"
prefix=$(var prefix)
bin=$root$(var bindir) sbin=$root$(var sbindir) man=$root$(var mandir)
data=$root$(var pkgdatadir) doc=$root$(var docdir)

### all there
for f in "$bin/entrepot" "$sbin/entrepotd" "$doc/examples/entrepot.conf" \
    "$root$prefix/lib/systemd/system/entrepot.service" \
    "$root$prefix/lib/sysusers.d/entrepot.conf" \
    "$root$prefix/lib/tmpfiles.d/entrepot.conf" \
    "$root$(var datarootdir)/bash-completion/completions/entrepot" \
    "$data/simulate/result.xml"; do
	want "$f is there" [ -s "$f" ]
done
for page in "$src"/man/*.[0-9]; do
	name=${page##*/}
	want "page $name is installed" cmp "$page" "$man/man${name##*.}/$name"
done
(cd "$src/mappings" && find codes directory formats rules tables -type f |
    sort) >"$tmp/want"
(cd "$data/mappings" && find . -type f | sed 's|^\./||' | sort) >"$tmp/got"
want "the mappings are whole" diff "$tmp/want" "$tmp/got"
want "no file names the folder it was put into" \
    sh -c "! grep -rlF '$root' '$root'"

### it works from there
PATH=$bin:$sbin:$PATH
export PATH
ENTREPOT_MAPPINGS=$data/mappings
export ENTREPOT_MAPPINGS
want "its mappings have the sources' version" [ "$(entrepot map version)" = \
    "$(entrepot map -m "$src/mappings" version)" ]
want "a declaration is converted" entrepot convert --to cn-dec \
    "$src/tests/data/examples/import.edi"
want "its page is found" sh -c "MANPATH='$man' man -w entrepot-convert"
want "the daemon takes the sample configuration" entrepotd -n \
    -f "$doc/examples/entrepot.conf"
sed "s|^spool|mappings \"$data/mappings\"\n&|" \
    "$doc/examples/entrepot.conf" >"$tmp/conf"
want "so does check, with its mappings" entrepot check -f "$tmp/conf"

### and as a gateway: a file in, an answer out, through the set of processes
mkdir "$tmp/tools"
ln -s "$bin/entrepot" "$sbin/entrepotd" "$tmp/tools"
gate_make "$tmp/gate"
sed -i "s|^mappings .*|mappings \"$data/mappings\"|" "$gate/conf"
want "the installed daemon starts" gate_up set
gate_drop "$src/tests/data/examples/import.edi" import.edi
want "the filer gets its first answer" gate_until entrepot cat --reply import.edi
want "the agency gets its message" gate_until sh -c "ls '$gate/customs/OutBox' |
    grep -q ."
gate_down

### the service
unit=$root$prefix/lib/systemd/system/entrepot.service
want "nothing in it was left to fill in" sh -c "! grep -n '@[a-z]*dir@' '$unit'"
for word in ExecStart=$(var sbindir)/entrepotd ExecReload=$(var bindir)/entrepot; do
	want "$word is installed" [ -x "$root$(sed -n "s|^\($word\) .*|\1|p" \
	    "$unit" | cut -d= -f2)" ]
done
want "nothing in it takes openat2 away" sh -c "! grep -q '^RestrictSUIDSGID=' '$unit'"
want "the partners' folders have a place before it starts" \
    grep -q '^d /srv/entrepot ' "$root$prefix/lib/tmpfiles.d/entrepot.conf"
if command -v systemd-analyze >/dev/null; then
	# what its filter lets through is all that the roles ask for
	systemd-analyze syscall-filter 2>/dev/null |
	    sed 's/\x1b\[[0-9;]*m//g' >"$tmp/groups"
	awk -v set=@system-service '
	/^@/ { group = $1; next }
	/^ +[^#]/ { in_group[group] = in_group[group] " " $1 }
	function open_group(g,  i, n, w) {
		n = split(in_group[g], w, " ")
		for (i = 1; i <= n; i++)
			if (w[i] ~ /^@/) open_group(w[i])
			else print w[i]
	}
	END { open_group("@default"); open_group(set) }' "$tmp/groups" |
	    sort -u >"$tmp/allowed"
	sed -n 's/^SystemCallFilter=\([a-z].*\)/\1/p' "$unit" | tr ' ' '\n' \
	    >>"$tmp/allowed"
	sed -n 's/^[A-Z]*(\([a-z0-9_]*\)).*/\1/p' "$src/src/sandbox/calls.def" \
	    >"$tmp/asked"
	want "calls are named" [ "$(wc -l <"$tmp/asked")" -gt 50 ]
	want "each call of the roles passes the service's filter" sh -c \
	    "! grep -vxFf '$tmp/allowed' '$tmp/asked'"
	want "the unit is sound" sh -c "! systemd-analyze verify '$unit' 2>&1 |
	    grep -v -e 'not executable' -e \"'man \""
fi

### and away
want "make uninstall" run_make uninstall DESTDIR="$root"
want "no file is left" [ -z "$(find "$root" ! -type d)" ]

finish
