#!/bin/sh
# corpus: each target's recorded inputs are replayed, and some changed; at least
# 200 for each, which still come as far as was recorded, to as many kinds; what a
# harness makes itself is taken, all of it. Of the readers and languages whose
# inputs chance does not make 100 at least are written by hand and taken, others
# have one mistake each, told in the sentence that stands with them (seeds/NAME).
# No harness is without a corpus, recorded edges, a planted fault and a place in
# the battery.
src=${ENTREPOT_SRC:-$(cd "$(dirname "$0")/../.." && pwd)}
bin=${ENTREPOT_BUILD:-$src/build}/tests/fuzz
ENTREPOT_SRC=$src
export ENTREPOT_SRC
passed=0 failed=0
# as_recorded NAME SAID: nine of ten inputs come past the first door as before,
# to each kind that was reached
as_recorded()
{
	echo "$2" | tail -n 1 | awk -v name="$1" '
	NR == FNR {
		taken = $6
		kinds = $8
		next
	}
	$1 == name { found = $5 > 0 && taken >= $5 * 0.9 && kinds >= $6 }
	END { exit !found }' - "$src/tests/fuzz/corpus/edges.tsv"
}
for pack in "$src"/tests/fuzz/corpus/*.pack; do
	name=${pack##*/} name=${name%.pack}
	tries=1
	[ "$name" != claim ] || tries=200
	n=$(wc -l <"$pack")
	byhand=
	[ ! -f "$src/tests/fuzz/seeds/$name" ] ||
	    byhand="-t $src/tests/fuzz/seeds/$name"
	# shellcheck disable=SC2086 # two words or none
	said=$("$bin/fuzz_$name" -n "$tries" -p "$pack" $byhand 2>&1)
	if [ $? = 0 ] && [ "$n" -ge 200 ] && echo "$said" | tail -n 1 |
	    grep -q "^[0-9]* files, $tries changes each"
	then
		passed=$((passed + n))
	else
		failed=$((failed + 1))
		echo "$name: $n inputs, want 200 that pass: $said"
	fi
	if as_recorded "$name" "$said"; then
		passed=$((passed + 1))
	else
		failed=$((failed + 1))
		echo "$name has gone stale, want what corpus/edges.tsv says: $said"
		echo "(tests/fuzz/battery grow SECONDS SEEDS $name)"
	fi
	said=$("$bin/fuzz_$name" -m 2>&1 | tail -n 1)
	if echo "$said" | awk '{ exit !($1 == $6 && ($1 == 0 || $8 == $10)) }'
	then
		passed=$((passed + 1))
	else
		failed=$((failed + 1))
		echo "$name: not all that is made is taken, to each kind: $said"
	fi
done
for name in conf fmt dir codes rules json script xml convert; do
	said=$("$bin/fuzz_$name" -t "$src/tests/fuzz/seeds/$name" 2>&1)
	if [ $? = 0 ] && echo "$said" | awk 'END { exit !($6 >= 100) }'; then
		passed=$((passed + 1))
	else
		failed=$((failed + 1))
		echo "$name: want 100 taken that were written by hand: $said"
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
