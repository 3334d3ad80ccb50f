#!/usr/bin/env bash
# completion: the function that bash calls, called as bash does. Every verb and
# every option of every usage must be offered, whoever added it.
src=$(cd "${ENTREPOT_SRC:-$(dirname "$0")/../..}" && pwd) || exit 1
build=${ENTREPOT_BUILD:-$src/build}
tmp=$(mktemp -d "${TMPDIR:-/tmp}/entrepot-completion.XXXXXX") || exit 1
trap 'rm -rf "$tmp"' EXIT
passed=0 failed=0
export ENTREPOT_MAPPINGS=$src/mappings ENTREPOT_CONF=$tmp/conf
PATH=$build:$PATH
# shellcheck source=/dev/null
. "$build/etc/entrepot" || exit 1
cat >"$tmp/conf" <<.
spool "/var/spool/entrepot" { reserve 2G }
filer acme {
}
  agency customs {
}
agency peer window-2 { }
.
cp "$tmp/conf" "$tmp/other"
echo 'agency elsewhere { }' >>"$tmp/other"
cd "$tmp" || exit 1
mkdir folder

# offered WORD...: what is offered for the last word, in COMPREPLY
offered()
{
	COMP_WORDS=(entrepot "$@")
	COMP_CWORD=$#
	COMPREPLY=()
	_entrepot entrepot "${!#}" "${COMP_WORDS[COMP_CWORD - 1]}"
}
# has WANT -- WORD...; is WANTS -- WORD...: exactly these, in any order
has()
{
	local want=$1
	shift 2
	offered "$@"
	if printf '%s\n' "${COMPREPLY[@]}" | grep -qxF -- "$want"; then
		passed=$((passed + 1))
	else
		failed=$((failed + 1))
		echo "FAILED: '$*': '$want' is not among: ${COMPREPLY[*]}"
	fi
}
is()
{
	local want got
	want=$(tr ' ' '\n' <<<"$1" | sort)
	shift 2
	offered "$@"
	got=$(printf '%s\n' "${COMPREPLY[@]}" | sort)
	if [[ $want == "$got" ]]; then
		passed=$((passed + 1))
	else
		failed=$((failed + 1))
		echo "FAILED: '$*': wanted '${want//$'\n'/ }', got" \
		    "'${got//$'\n'/ }'"
	fi
}

verbs=$(sed -n 's/^VERB("\([a-z-]*\)".*/\1/p' "$src/src/cli/verbs.def")
is "$verbs --version" -- ""
is "help hold" -- h
for verb in $verbs; do
	[[ $verb != help ]] || continue
	usage=$(entrepot "$verb" --help 2>&1 </dev/null)
	[[ $usage == *"usage: entrepot $verb"* ]] || {
		echo "FAILED: $verb tells no usage: $usage"
		failed=$((failed + 1))
	}
	[[ $verb != map ]] || continue
	for option in $(grep -oE '(^|[^a-z])--[a-z]+' <<<"$usage" |
	    grep -oE -- '--[a-z]+' | grep -vx -- --help); do
		has "$option" -- "$verb" "$option"
		grep -qE -- "Fl .*${option#-}\b" "$src/man/entrepot-$verb.8" || {
			echo "FAILED: entrepot-$verb(8) has no $option"
			failed=$((failed + 1))
		}
	done
	for option in $(grep -oE '[[ (|]-[a-z]\b' <<<"$usage" | cut -c2-); do
		has "$option" -- "$verb" -
	done
done
# what options and operands take
is "acme customs window-2" -- pause ""
is "acme customs window-2 elsewhere" -- pause -f other ""
has customs -- simulate -f conf cu
has folder -- convert -m f
has conf -- status -f c
formats=$(cd "$src/mappings/formats" && ls cn-*.fmt | sed 's/\.fmt$//')
is "$formats" -- convert --to cn-
has other -- convert --to cn-dec o
is "pause" -- help pau
is "filter" -- help fil
for verb in queue hold release retry cancel redo receipt; do
	while read -r word operators _; do
		has "$word${operators%% *}" -- $verb "$word"
	done < <(entrepot help filter)
done
is "age< age>" -- queue age
is "held" -- hold state = he
is "acme customs window-2" -- hold partner =
is "leg" -- hold what = l
has declaration -- hold kind = ""
is "list" -- hold kind = li
has control -- queue kind =
ENTREPOT_MAPPINGS=$tmp/nowhere is "" -- hold kind = dec # no word of a filter
is "--deliver --help --json --same --why --yes -f" -- redo -
is "attach" -- receipt at
is "verify" -- spool ""
map=$(sed -n 's/^MAP("\([a-z]*\)".*/\1/p' "$src/src/cli/map.def")
is "$map" -- map ""
is "--all --help --json --strict" -- map coverage --
has csv-declaration -- map coverage csv
has sw-xml -- map lost cn-dec sw
is "receipt" -- map schema r
has folder -- map --accept test ""
has cn-dec -- map -m "$src/mappings" coverage cn-d
is "" -- nonsense x

# a bash that somebody sits at: what stands there after a tab
typed() # TEXT WANTED
{
	if python3 - "$build" "$1" "$2" <<'.'
import os, pty, select, sys, time
build, text, wanted = sys.argv[1:]
pid, fd = pty.fork()
if pid == 0:
    os.environ.update(PS1="ready> ", TERM="dumb", INPUTRC="/dev/null")
    os.execvp("bash", ["bash", "--norc", "--noprofile", "-i"])
said = b""
def until(words, last=300):
    global said
    end = time.monotonic() + last
    while words not in said and time.monotonic() < end:
        if select.select([fd], [], [], 0.1)[0]:
            try:
                said += os.read(fd, 65536)
            except OSError:
                break
    return words in said
until(b"ready> ")
os.write(fd, b". '%s/etc/entrepot' && echo so\"\"urced\n" % build.encode())
until(b"sourced\r\nready> ")
said = b""
os.write(fd, text.encode() + b"\t")
good = until(wanted.encode())
os.write(fd, b"\x03\x04exit\n")
os.close(fd)
os.waitpid(pid, 0)
if not good:
    print("typed %r, got %r" % (text, said))
sys.exit(not good)
.
	then
		passed=$((passed + 1))
	else
		failed=$((failed + 1))
		echo "FAILED: '$1' and a tab is not '$2'"
	fi
}
typed "entrepot hold state=he" "entrepot hold state=held"
typed "entrepot queue part" "entrepot queue partner="
typed "entrepot pause win" "entrepot pause window-2"
typed "entrepot redo --del" "entrepot redo --deliver "
typed "entrepot map cov" "entrepot map coverage "
echo "$passed passed, $failed failed"
[[ $failed == 0 ]]
