#!/bin/sh
# channels.t: folders on either side, through the real set of processes: a
# filer whose system feeds an import client, an agency fed through one that
# fails and answers in packages, an agency that takes numbered interchanges,
# one that cannot be reached, and roles with rights of their own.
src=${ENTREPOT_SRC:-$(cd "$(dirname "$0")/../.." && pwd)}
build=${ENTREPOT_BUILD:-$src/build}
data=$src/tests/data
tmp=$(mktemp -d "${TMPDIR:-/tmp}/entrepot-channels.XXXXXX") || exit 1
tmp=$(cd "$tmp" && pwd -P)
daemon=
trap '[ -z "$daemon" ] || kill "$daemon" 2>/dev/null; rm -rf "$tmp"' EXIT
. "$src/tests/flow/say.sh"
say_log=$tmp/log

drop() # FILE FOLDER NAME: whole at once
{
	cp "$1" "$tmp/$2/$3.tmp" && chmod 666 "$tmp/$2/$3.tmp" &&
	    { [ -z "$user" ] || chown "$user" "$tmp/$2/$3.tmp"; } &&
	    mv "$tmp/$2/$3.tmp" "$tmp/$2/$3"
}
one_is() # FOLDER PATTERN: exactly one such file stands there
{
	set -- "$tmp/$1"/$2
	[ $# = 1 ] && [ -f "$1" ]
}
has() # FOLDER PATTERN TEXT
{
	cat "$tmp/$1"/$2 2>/dev/null | grep -q "$3"
}
# An answer's file in a package, as the platform's server sends them.
package() # NAME FILE...
{
	python3 - "$@" <<'.'
import sys, zipfile, os
with zipfile.ZipFile(sys.argv[1], "w", zipfile.ZIP_DEFLATED) as z:
    for name in sys.argv[2:]:
        z.write(name, os.path.basename(name))
.
}

# Started by root, the roles run as another user, who owns all it needs.
user=
[ "$(id -u)" != 0 ] || user=$(getent passwd | cut -d: -f1 | grep -x -e games \
    -e nobody | head -n 1)
mkdir "$tmp/acme" "$tmp/bolt" "$tmp/customs" "$tmp/port" "$tmp/spool" \
    "$tmp/run"
mkdir "$tmp/acme/OutBox" "$tmp/bolt/in" "$tmp/customs/InBox"
[ -z "$user" ] || { chown -R "$user" "$tmp" && chmod 755 "$tmp"; }
cat >"$tmp/conf" <<.
spool "$tmp/spool" { reserve 1M }
control "$tmp/run/control"
mappings "$src/mappings"
${user:+user $user}
filer acme {
	folder "$tmp/acme" layout import-client
	accept cn-dec
	limit 100K
	reply taken, findings, status as csv-status
}
filer bolt {
	folder "$tmp/bolt"
	accept un-cusdec-d96b
	reply taken, findings, status as csv-status
}
agency customs {
	folder "$tmp/customs" layout import-client
	submit declaration as cn-dec
}
agency port {
	folder "$tmp/port" refused returned
	submit declaration as un-cusdec-d96b batch 2 within 1h sequence gapless
}
agency away {
	folder "$tmp/gone/away"
	submit declaration as cn-dec
	retry every 1h for 3d
}
.
"$build/entrepotd" -f "$tmp/conf" 2>"$tmp/log" &
daemon=$!
await "the gateway" grep -q '^daemon.ready' "$tmp/log"

# Rights: each role is that user, and no more.
if [ -n "$user" ]; then
	for role in spool intake convert deliver query; do
		pid=$(sed -n "s/^role.ready role=$role pid=\([0-9]*\) .*/\1/p" \
		    "$tmp/log" | tail -n 1)
		is "$role runs as $user" "$(sed -n \
		    's/^[UG]id:[[:blank:]]*//p' "/proc/$pid/status" | tr '\t' '\n' |
		    sort -u | tr '\n' ' ')" \
		    "$(printf '%s\n%s\n' "$(id -u "$user")" "$(id -g "$user")" |
		    sort -u | tr '\n' ' ')"
	done
fi

# A filer's client: a package in OutBox, as its system leaves it there.
drop "$data/dec/I_510120240615000001_t-1.zip" acme/OutBox \
    I_510120240615000001_t-1.zip
await "SentBox holds what was taken" one_is acme/SentBox \
    I_510120240615000001_t-1.zip
await "the taking is told as the client tells it" one_is acme/InBox \
    'Successed_I_510120240615000001_t-1_[0-9]*.csv'
await "customs' client is fed" one_is customs/OutBox \
    I_510120240615000001_t-1.zip
is "nothing else stands in OutBox" "$(ls -A "$tmp/acme/OutBox")" ""
head -c 200000 /dev/zero >"$tmp/large"
drop "$tmp/large" acme/OutBox I_large.zip
await "FailBox holds what is too large" one_is acme/FailBox I_large.zip
sed 's|</DecMessage>||' "$data/dec/c05-1-out-I_510120240703000005.xml" \
    >"$tmp/half"
drop "$tmp/half" acme/OutBox I_half.xml
await "a broken file is told as the client tells it" one_is acme/InBox \
    'Failed_I_half_[0-9]*.csv'

# Customs' client takes it and answers, three answers in one package.
mkdir "$tmp/answers"
mkdir -p "$tmp/customs/SentBox"
mv "$tmp/customs/OutBox/I_510120240615000001_t-1.zip" "$tmp/customs/SentBox"
await "SentBox says that it was sent" sh -c "'$build/entrepot' show -f '$tmp/conf' \
    510120240615000001 | grep -q '  sent$'"
cp "$data/dec/c01-2-in-Successed.xml" "$tmp/answers/Successed_I_510120240615000001_t-1_202406151030051200001.xml"
cp "$data/dec/c01-3-in-Receipt_7.xml" "$tmp/answers/Receipt_1.xml"
cp "$data/dec/c01-4-in-Receipt_L.xml" "$tmp/answers/Receipt_2.xml"
package "$tmp/answers.zip" "$tmp"/answers/*.xml
drop "$tmp/answers.zip" customs/InBox answers.zip
await "answers in a package are read behind all walls" has acme/InBox \
    'Receipt_I_510120240615000001_t-1_*.csv' 790120241000000001

# It fails with the next one: the filer is told, and it can go once more.
drop "$data/dec/c02-1-out-E_510120240620000002.xml" acme/OutBox \
    E_510120240620000002.xml
await "the next one is fed" one_is customs/OutBox E_510120240620000002_t-1.zip
mv "$tmp/customs/OutBox/E_510120240620000002_t-1.zip" "$tmp/customs/FailBox"
await "what the client could not send is told" has acme/InBox \
    'Receipt_E_510120240620000002_*.csv' undeliverable
is "it is told once" "$(cat "$tmp"/acme/InBox/Receipt_E_* |
    grep -c undeliverable)" 1

# Port gets both of them in one interchange, numbered 1.
await "a full batch goes as an interchange" one_is port/out un-cusdec-d96b-1.edi
is "two messages stand in it" "$(grep -c '^UNH' "$tmp"/port/out/un-cusdec-d96b-1.edi)" 2
is "its end counts them" "$(grep -c "^UNZ+2+1'" \
    "$tmp"/port/out/un-cusdec-d96b-1.edi)" 1
drop "$data/cusdec-d96b-import.edi" bolt/in order.edi
await "the other filer's is fed to customs" one_is customs/OutBox \
    I_510120241120000001_t-1.zip
is "to port it waits for another" "$(ls "$tmp/port/out")" un-cusdec-d96b-1.edi
# It sends the whole interchange back: both filers' legs have failed.
mv "$tmp/port/out/un-cusdec-d96b-1.edi" "$tmp/port/returned"
await "a file sent back is told for each leg in it" has acme/InBox \
    'Receipt_I_510120240615000001_t-1_*.csv' undeliverable

# The agency that is not there holds up nobody and is waited for.
await "all three waiting for it" sh -c "'$build/entrepot' queue -f '$tmp/conf' \
    --json | grep -q '\"state\":\"ready\",\"partner\":\"away\",\"n\":3,'"

kill "$daemon"
wait "$daemon"
is "the set ends well" $? 0
daemon=
finish
