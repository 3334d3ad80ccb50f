#!/bin/sh
# replay: every message of the test data and of the mappings' cases goes through
# the whole pipeline as it is and changed at random; nothing may fall over.
src=${ENTREPOT_SRC:-$(cd "$(dirname "$0")/../.." && pwd)}
fuzz=${ENTREPOT_BUILD:-$src/build}/tests/fuzz/fuzz_convert
tries=${ENTREPOT_FUZZ_TRIES:-60}
passed=0 failed=0
for f in "$src"/tests/data/*.edi "$src"/tests/data/*/*.xml \
    "$src"/tests/data/*/*.edi "$src"/mappings/cases/*/*.in; do
	[ -f "$f" ] || continue
	if ENTREPOT_SRC=$src "$fuzz" -n "$tries" "$f" >/dev/null; then
		passed=$((passed + 1))
	else
		echo "$f: the pipeline fell over"
		failed=$((failed + 1))
	fi
done
echo "$passed passed, $failed failed"
[ $failed = 0 ] && [ $passed -gt 0 ]
