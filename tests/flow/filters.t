#!/bin/sh
# filters.t: each word of the filter language in each verb that takes one: what
# a verb would meet is what a reckoning of its own over all things says; a
# mistake in any of them is pointed at; and at a terminal nothing is done before
# somebody was sure.
ENTREPOT_SRC=${ENTREPOT_SRC:-$(cd "$(dirname "$0")/../.." && pwd)}
ENTREPOT_BUILD=${ENTREPOT_BUILD:-$ENTREPOT_SRC/build}
. "$ENTREPOT_SRC/tests/flow/gate.sh"
tmp=$(mktemp -d "${TMPDIR:-/tmp}/entrepot-filters.XXXXXX") || exit 1
trap 'gate_down; rm -rf "$tmp"' EXIT
entrepot=$build/entrepot
data=$src/tests/data

filed() # N
{
	sed "s/510120241120000001/51012024112000000$1/g" \
	    "$data/cusdec-d96b-import.edi" >"$tmp/file"
	gate_drop "$tmp/file" "f$1.edi"
	gate_until "$entrepot" cat --reply=taken "f$1.edi"
}

gate_make "$tmp"
gate_up || { echo "0 passed, 1 failed"; exit 1; }
filed 1
gate_until ls "$gate/customs/OutBox/I_510120241120000001_t-1.zip"
rm "$gate/customs/OutBox/I_510120241120000001_t-1.zip"
gate_until sh -c '"$1" queue -l state=picked | grep -q customs' - "$entrepot"
gate_drop "$data/cusdec-five-mistakes.edi" five.edi
gate_until "$entrepot" cat --reply=findings five.edi
cp "$data/examples/receipt.xml" "$gate/customs/InBox/r.tmp"
mv "$gate/customs/InBox/r.tmp" "$gate/customs/InBox/Receipt_1.xml"
gate_until sh -c '"$1" queue -l what=receipt | grep -q parked' - "$entrepot"
filed 2
gate_until ls "$gate/customs/OutBox/I_510120241120000002_t-1.zip"
"$entrepot" pause --delivery customs >/dev/null
filed 3
filed 4
gate_until sh -c 'test "$("$1" queue -l state=ready | grep -c customs)" = 2' \
    - "$entrepot"
held=$("$entrepot" queue --json -l state=ready partner=customs |
    sed -n 's/.*"id":"\([^"]*\)".*/\1/p' | head -n 1)
"$entrepot" hold --yes --why "ship late" "$held" >/dev/null
gate_down # nothing moves by itself; the tools read the spool themselves
say_hear
[ ! -s "$tmp/.heard" ] || { say_not "no sanitizer complains" "$tmp/.heard"; exit 1; }

python3 - "$entrepot" "$src" <<'.'
import fnmatch, json, os, pty, re, select, subprocess, sys, time
entrepot, src = sys.argv[1:]
passed = failed = 0

def run(*words):
    p = subprocess.run([entrepot, *words], capture_output=True, text=True)
    return p.returncode, p.stdout, p.stderr

def check(good, sentence, *more):
    global passed, failed
    passed, failed = passed + bool(good), failed + (not good)
    if not good:
        print("not so:", sentence, *more)

def rows(*words):
    status, out, err = run("queue", "-l", "--json", *words)
    return [r for r in map(json.loads, out.splitlines()) if r["row"] == "item"]

states = {}
for line in run("help", "states")[1].splitlines():
    machine, state = line.split()[:2]
    states.setdefault(machine, []).append(state)
every = [r for m, all_ in states.items()
    for r in rows("what=" + m, "state=" + ",".join(all_))]
waits = {r["id"] for r in rows()}
check({r["what"] for r in every} == set(states), "there is one of each kind")
check(len({(r["what"], r["state"]) for r in every}) >= 8,
    "in eight states at the least", {(r["what"], r["state"]) for r in every})

may = {}
for verb, machine, state in re.findall(r"MAY\((\w+), (\w+), (\w+)\)",
        open(src + "/spool/operate.def", encoding="utf-8").read()):
    may.setdefault(verb, set()).add((machine, state.lower()))

def meets(verb, r, term):
    if verb == "queue":
        return True
    if (r["what"], r["state"]) not in may[verb]:
        return False
    if verb == "retry" and r["state"] == "ready":
        return "why" in r
    if verb == "redo" and r["what"] == "arrival" and r["state"] == "done":
        return "outcome" in r
    if verb == "cancel" and r["what"] == "delivery" and r["carries"] != "legs":
        return term.startswith(("kind", "id"))
    return True

def passes(r, term):
    word, op, values = re.match(r"(\w+)(!=|[=<>~])(.*)", term).groups()
    values = values.split(",")
    if word == "age":
        edge = int(values[0][:-1]) * {"s": 1, "h": 3600}[values[0][-1]]
        return r["age"] < edge if op == "<" else r["age"] > edge
    text = {"partner": r["partner"], "state": r["state"], "what": r["what"],
        "id": r["id"], "number": r.get("name", ""),
        "kind": r.get("carries", r.get("document", ""))}
    if word == "text":
        return any(values[0].lower() in r.get(k, "").lower()
            for k in ("name", "why", "outcome", "filer"))
    hit = any(fnmatch.fnmatchcase(text[word], v) for v in values)
    return hit == (op == "=")

def expected(verb, terms):
    stated = any(t.startswith(("state", "id")) for t in terms)
    return sum(1 for r in every if (stated or r["id"] in waits)
        and all(passes(r, t) for t in terms) and meets(verb, r, terms[0]))

def told(verb, terms):
    if verb == "queue":
        return len(rows(*terms))
    words = ["receipt", "discard"] if verb == "discard" else [verb]
    status, out, err = run(*words, "--json", *terms)
    lines = [json.loads(line) for line in out.splitlines()]
    if status == 2:
        return "status 2: " + err
    return lines[0]["n"] if lines else 0

ids = sorted({r["what"]: r["id"] for r in every}.values())
terms = [["partner=customs"], ["partner=acme"], ["partner!=customs"],
    ["partner=cus*"], ["partner=customs,acme"], ["partner=nobody"],
    ["age<1h"], ["age>1h"], ["age<1h", "partner=customs"],
    ["text~ship LATE"], ["text~nowhere at all"], ["number=*0003"],
    ["number=five.edi"], ["number!=five.edi", "what=arrival"],
    ["kind=legs", "what=delivery"], ["kind!=legs", "what=delivery"],
    ["kind=declaration", "what=filing", "state=refused"]]
terms += [["what=" + m] for m in states] + [["what!=" + m] for m in states]
terms += [["what=" + m, "state=" + s] for m in states for s in states[m]]
terms += [["state=" + s] for s in ("ready", "held", "refused", "parked", "done")]
terms += [["state!=held"], ["state!=ready,held", "what=delivery"]]
terms += [["id=" + i] for i in ids]
for verb in ("queue", "hold", "release", "retry", "cancel", "redo", "discard"):
    for t in terms:
        want, got = expected(verb, t), told(verb, t)
        check(want == got, verb, t, "is", want, "not", got)

# a mistake: status 2, the place
for verb in ("queue", "hold", "release", "retry", "cancel", "redo", "receipt"):
    words = [verb] + (["discard"] if verb == "receipt" else [])
    for wrong in ("colour=red", "state=redy", "age=2h", "age>2 weeks",
            "partner", "text~", "what=ship", "id=XYZ"):
        status, out, err = run(*words, wrong)
        check(status == 2 and out == "" and "^" in err.splitlines()[-1]
            and err.startswith("entrepot " + verb + ": "),
            words, wrong, "is pointed at", status, err)

# at a terminal: counted, nothing done; a word for all; nothing is asked
def typed(*words):
    pid, fd = pty.fork()
    if pid == 0:
        os.execv(entrepot, ["entrepot", *words])
    said, end = b"", time.monotonic() + 300
    while time.monotonic() < end and select.select([fd], [], [], 300)[0]:
        try:
            said += os.read(fd, 65536)
        except OSError:
            break
    os.close(fd)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), \
        said.decode().replace("\r\n", "\n")

check(typed("hold", "partner=customs", "kind=legs") == (1,
    "1 delivery of 1 leg would be held: --yes does it\n"),
    "hold tells what it would do", typed("hold", "partner=customs", "kind=legs"))
status, said = typed("release", "all")
check(status == 1 and
    said == "1 delivery of 1 leg would be released: --yes=all-1 does it\n",
    "all wants its word", said)
check(typed("release", "--yes", "all")[0] == 1, "--yes alone is not for all")
check(typed("release", "--yes=all-2", "all")[0] == 1, "nor another number")
check(len(rows("state=held")) == 1, "and nothing was done")
check(typed("release", "--yes=all-1", "all") ==
    (0, "1 delivery of 1 leg released\n"), "with it it is done")
check(typed("release", "--yes=all-1", "all") ==
    (1, "nothing to be released\n"), "once")
print("%d passed, %d failed" % (passed, failed))
sys.exit(failed > 0)
.
