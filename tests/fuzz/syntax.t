#!/bin/sh
# syntax: the test data goes through each syntax by itself, as it is and changed
# at random; what must hold of every tree, place and archive is asked each time.
src=${ENTREPOT_SRC:-$(cd "$(dirname "$0")/../.." && pwd)}
bin=${ENTREPOT_BUILD:-$src/build}/tests/fuzz
tries=${ENTREPOT_FUZZ_TRIES:-150}
ENTREPOT_SRC=$src
export ENTREPOT_SRC
passed=0 failed=0
run()
{
	name=$1
	shift
	for f; do
		[ -f "$f" ] || continue
		if "$bin/fuzz_$name" -n "$tries" "$f" >/dev/null; then
			passed=$((passed + 1))
		else
			echo "$f: fuzz_$name fell over"
			failed=$((failed + 1))
		fi
	done
}
data=$src/tests/data
run text "$data"/dec-edge/*.xml "$data"/erp-drop/* "$data"/edifact-edge/z0*
run edifact "$data"/*.edi "$data"/edifact/* "$data"/edifact-edge/*
run xml "$data"/dec/*.xml "$data"/dec-edge/*.xml
run csv "$data"/erp-drop/*
run json "$data"/json/*.json "$data"/erp-drop/decl.json
run zip "$data"/dec/*.zip "$data"/erp-drop/decl.json
echo "$passed passed, $failed failed"
[ $failed = 0 ] && [ $passed -gt 0 ]
