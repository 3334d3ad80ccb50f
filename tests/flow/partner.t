#!/bin/sh
# partner.t: entrepot partner make: what is printed, what is made, and that
# each side can work with what the other has put there.
src=${ENTREPOT_SRC:-$(cd "$(dirname "$0")/../.." && pwd)}
build=${ENTREPOT_BUILD:-$src/build}
tmp=$(mktemp -d "${TMPDIR:-/tmp}/entrepot-partner.XXXXXX") || exit 1
tmp=$(cd "$tmp" && pwd -P)
trap 'rm -rf "$tmp"' EXIT
. "$src/tests/flow/say.sh"
say_log=$tmp/log
make()
{
	"$build/entrepot" partner make -f "$tmp/conf" "$@" 2>"$tmp/err"
}
cd "$tmp" || exit 1
me=$(id -un) group=$(id -g)
cat >conf <<.
spool "$tmp/spool"
filer acme { folder "$tmp/it's" ; accept cn-dec; reply none }
agency client { folder "$tmp/client" layout import-client; submit declaration as cn-dec }
agency other { folder "$tmp/other" refused back owner games
	submit declaration as cn-dec }
agency deep { folder "$tmp/far/away/deep"; submit declaration as cn-dec }
agency nobodys { folder "$tmp/n" owner no-such-user
	submit declaration as cn-dec }
.
is "the commands of a plain channel" "$(make acme)" \
    "install -d -m 2770 -o $me -g $group '$tmp/it'\\''s'
install -d -m 2770 -o $me -g $group '$tmp/it'\\''s/in'
install -d -m 2770 -o $me -g $group '$tmp/it'\\''s/out'
install -d -m 00700 -o $me -g $group '$tmp/it'\\''s/in/.taken'
install -d -m 00700 -o $me -g $group '$tmp/it'\\''s/out/.entrepot'"
make acme | sh
printed=$(find "it's" -printf '%P %u %m\n' | sort)
rm -r "it's"
make --apply acme
is "they are made" $? 0
is "as they were printed" "$(find "it's" -printf '%P %u %m\n' | sort)" "$printed"
make --apply acme
is "a second time changes nothing" "$?$(find "it's" -printf '%P %u %m\n' | sort)" \
    "0$printed"
(umask 077 && make --apply deep)
is "with what is missing above, whatever the mask" \
    "$? $(stat -c '%a' far far/away far/away/deep | tr '\n' ' ')" "0 755 755 2770 "
rm -r far
make --apply client
is "an import client's boxes" "$(find client -printf '%P %m\n' | LC_ALL=C sort |
    tr '\n' ',')" \
    " 2770,.entrepot 700,.taken 700,FailBox 2770,InBox 2770,OutBox 2770,SentBox 2770,"
mv client/FailBox kept && mkdir away && ln -s "$tmp/away" client/FailBox
before=$(stat -c %a away)
make --apply client
is "nor is one below it" "$? $(stat -c %a away) $(cat err)" \
    "1 $before entrepot partner: '$tmp/client/FailBox': folder 'FailBox': Not a directory"
rm -r client && ln -s "it's" client
make --apply client
is "no link is followed" "$? $(cat err)" \
    "1 entrepot partner: open '$tmp/client': Not a directory"
make --apply nobodys
is "an owner that is not there is told" "$? $(cat err)" \
    "1 entrepot partner: no user 'no-such-user'"
make --apply nobody
is "as is a partner" "$? $(cat err)" \
    "1 entrepot partner: no partner 'nobody' in '$tmp/conf'"
make acme client
is "and a call that cannot be understood" $? 2
is "access lists are printed" "$(make other | grep -c "^setfacl -m u:$me:rwx,u:games:rwx,d:u:$me:rwX,d:u:games:rwX $tmp/other")" 4
if [ "$(id -u)" = 0 ] && getent passwd games >/dev/null; then
	chmod 755 "$tmp"
	make --apply other
	status=$?
	if command -v setfacl >/dev/null; then
		is "they are set" $status 0
		su -s /bin/sh games -c "umask 077; echo x >'$tmp/other/in/a'"
		is "what the partner makes can be read by us" \
		    "$(getfacl -cp other/in/a | grep -c "^user:$me:rw")" 1
		(umask 077; echo x >other/out/b)
		is "what we make the partner can take away" \
		    "$(su -s /bin/sh games -c "rm '$tmp/other/out/b'" 2>&1)" ""
		# its owner puts a link in the place of in/ at the last moment
		rm -r other && mkdir victim shim
		cat >shim/setfacl <<.
#!/bin/sh
case \$(readlink /proc/self/fd/3) in
*/other/in) mv "$tmp/other/in" "$tmp/other/was"
	ln -s "$tmp/victim" "$tmp/other/in" ;;
esac
exec $(command -v setfacl) "\$@"
.
		chmod 755 shim/setfacl
		PATH=$tmp/shim:$PATH make --apply other
		is "who may write is set on what was opened" \
		    "$(getfacl -cp victim | grep -c games) $(getfacl -cp other/was |
			grep -c '^user:games:rwx')" "0 1"
		rm other/in && mv other/was other/in
		make --apply other
	else
		is "without setfacl that is told" "$status $(grep -c 'install acl' err)" "1 1"
	fi
	is "what is ours alone is ours alone" \
	    "$(stat -c '%u %a' other/in/.taken other/out/.entrepot | sort -u)" "0 700"
fi
finish
