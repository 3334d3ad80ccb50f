#!/bin/sh
# samples.t: every sample of tests/data/samples.tsv is read: the valid ones
# without a finding, the others with those that stand there, at their places.
# A file of these folders that is not in the table is a failure, too.
src=${ENTREPOT_SRC:-$(cd "$(dirname "$0")/../.." && pwd)}
build=${ENTREPOT_BUILD:-$src/build}
passed=0 failed=0
tab=$(printf '\t')

# "E0114 error 210:18" of each finding, hints too; "-" without.
found() # FILE
{
	"$build/entrepot" convert -m "$src/mappings" --to "$2" "$1" 2>&1 >/dev/null |
	    sed -n 's/^[^:]*:\([0-9]*:[0-9]*\): \([a-z]*\) \(E[0-9]*\):.*/\3 \2 \1/p
		s/^[^:]*: \([a-z]*\) \(E[0-9]*\):.*/\2 \1 -/p' |
	    tr '\n' ';' | sed 's/;$//; s/^$/-/'
}
while IFS=$tab read -r file to want; do
	case $file in '#'* | file) continue ;; esac
	got=$(found "$src/tests/data/$file" "$to")
	[ -n "$got" ] || got=-
	if [ "$got" = "$want" ] && [ -f "$src/tests/data/$file" ]; then
		passed=$((passed + 1))
	else
		failed=$((failed + 1))
		printf '%s:\n  got:  %s\n  want: %s\n' "$file" "$got" "$want"
	fi
done <"$src/tests/data/samples.tsv"
for folder in dec dec-edge erp-drop edifact edifact-edge; do
	for f in "$src/tests/data/$folder"/*; do
		name=$folder/$(basename "$f")
		grep -q "^$name$tab" "$src/tests/data/samples.tsv" || {
			echo "$name is not in tests/data/samples.tsv"
			failed=$((failed + 1))
		}
	done
done
echo "$passed passed, $failed failed"
[ $failed = 0 ]
