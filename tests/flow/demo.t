#!/bin/sh
# demo.t: the demo runs and ends well, and its judge can also say no.
src=${ENTREPOT_SRC:-$(cd "$(dirname "$0")/../.." && pwd)}
tmp=$(mktemp -d "${TMPDIR:-/tmp}/entrepot-demo-t.XXXXXX") || exit 1
trap 'rm -rf "$tmp"' EXIT
. "$src/tests/flow/say.sh"
TMPDIR=$tmp sh "$src/tests/demo/demo.sh" --keep >"$tmp/said" 2>&1
status=$?
[ $status = 0 ] || cat "$tmp/said"
want "the demo ends well" test $status = 0
dir=$(sed -n 's/^kept: //p' "$tmp/said")
want "it says where its folder is" test -d "$dir"
if [ ! -d "$dir" ]; then
	finish
fi
say_log=$dir/gateway.log
want "a pipe gets no colours" sh -c '! grep -q "$(printf "\033")" "$1"' - "$tmp/said"
judge()
{
	sh "$src/tests/demo/expect.sh" "$dir" >/dev/null 2>&1
}
want "its judge agrees a second time" judge
doubled=$dir/customs/SentBox/I_510120241120000001_t-1.zip
cp "$doubled" "$doubled.2"
want "a doubled delivery is seen" sh -c '! "$@"' - sh "$src/tests/demo/expect.sh" "$dir" >/dev/null
rm "$doubled.2"
mv "$dir/acme/out/order-2.001.findings" "$tmp/"
want "missing findings are seen" sh -c '! "$@"' - sh "$src/tests/demo/expect.sh" "$dir" >/dev/null 2>&1
finish
