#!/bin/sh
# corpus: each target's recorded inputs are replayed, and some changed; at least
# 200 for each, and no harness is without a corpus, recorded edges, a planted
# fault and a place in the battery.
src=${ENTREPOT_SRC:-$(cd "$(dirname "$0")/../.." && pwd)}
bin=${ENTREPOT_BUILD:-$src/build}/tests/fuzz
ENTREPOT_SRC=$src
export ENTREPOT_SRC
passed=0 failed=0
for pack in "$src"/tests/fuzz/corpus/*.pack; do
	name=${pack##*/} name=${name%.pack}
	tries=1
	[ "$name" != claim ] || tries=200
	n=$(wc -l <"$pack")
	said=$("$bin/fuzz_$name" -n "$tries" -p "$pack" 2>&1)
	if [ $? = 0 ] && [ "$n" -ge 200 ] &&
	    [ "$(echo "$said" | tail -n 1)" = \
		"$n files, $tries changes each" ]; then
		passed=$((passed + n))
	else
		failed=$((failed + 1))
		echo "$name: $n inputs, want 200 that pass: $said"
	fi
done
for harness in "$bin"/fuzz_*; do
	name=${harness##*/fuzz_}
	case $name in *.*) continue ;; esac
	code=$src/tests/fuzz/fuzz_$name.c
	[ -f "$code" ] || code=$src/tests/fuzz/fuzz_language.c
	lacks=
	[ -f "$src/tests/fuzz/corpus/$name.pack" ] || lacks="$lacks, corpus"
	grep -q "^$name	" "$src/tests/fuzz/corpus/edges.tsv" ||
	    lacks="$lacks, recorded edges"
	grep -q 'PLANTED(' "$code" || lacks="$lacks, planted fault"
	"$src/tests/fuzz/battery" names | grep -qx "$name" ||
	    lacks="$lacks, place in the battery"
	if [ -z "$lacks" ]; then
		passed=$((passed + 1))
	else
		failed=$((failed + 1))
		echo "fuzz_$name has no ${lacks#, }"
	fi
done
echo "$passed passed, $failed failed"
[ $failed = 0 ]
