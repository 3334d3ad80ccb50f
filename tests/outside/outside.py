#!/usr/bin/env python3
"""outside.py - every format against what an outsider says of its samples.

    outside.py [-1] [FORMAT ...]     all formats without one; -1: until the first
                                     that is not so
    outside.py --wrong FORMAT ...    prints "wanted ELEMENT" for each value of
                                     its pairs, "wrong ELEMENT" if it is not so;
                                     "refused ELEMENT" for each finding instead
    outside.py --new FORMAT ...      prints the findings of mutations.tsv rows
                                     of FORMAT that say "?", for a person to judge

pairs.tsv      format, sample, how it is read here (and what it is: a row may
               say "if export then ..."; "leaves": every element is what its
               own name says, and no list is needed), origin. The value list
               FORMAT.tsv says, row by row, which element a place of the wire
               means; it was written from the standards and the guides, not from
               the format files, and is read by the small readers below, which
               share no code with the gateway. What `entrepot convert` makes of
               the sample must be these values, each and no other.
mutations.tsv  format, base sample, edit, code, place, element: one mistake in a
               good file must give that finding there. Edits are OLD=>NEW (the
               first one), or cut:N bytes. The place is line:column, or "here":
               where the edit was made. Whoever wrote it there, it must be one
               that follows from the bytes that were changed, or from what the
               last column says: "at TEXT" or "behind TEXT" of the changed file,
               or "end".

A format without a pair, or with fewer than ten mutations, fails; add rows when
you add a format. Closes with "N passed, N failed".
"""
import csv
import io
import json
import os
import re
import subprocess
import sys
import tempfile
import zipfile
import xml.etree.ElementTree as ET

HERE = os.path.dirname(os.path.abspath(__file__))
SRC = os.environ.get("ENTREPOT_SRC") or os.path.dirname(os.path.dirname(HERE))
BUILD = os.environ.get("ENTREPOT_BUILD") or os.path.join(SRC, "build")
HERE = os.path.join(SRC, "tests/outside")
TOOL = os.path.join(BUILD, "entrepot")
GOLDEN = os.path.join(BUILD, "tests/golden/golden")
LEAST = 10
# Formats that the gateway derives from the directory: no file is theirs.
DERIVED = {"sw-xml": "declaration", "sw-xml-receipt": "receipt"}
PLACELESS = ("E1205",)  # something is not there at all

FIRST = False  # the first that is not so ends it
WRONG = False  # elements are printed
passed = failed = 0


def say(sentence, ok, *more):
    global passed, failed
    if ok:
        passed += 1
        return
    failed += 1
    print("not so: " + sentence)
    for m in more:
        print("  " + str(m))
    if FIRST:
        sys.exit(1)


def rows(name):
    with open(os.path.join(HERE, name), encoding="utf-8") as f:
        lines = [l.rstrip("\n") for l in f]
    return [l.split("\t") for l in lines if l and not l.startswith("#")]


# --- code lists, read here once more ---

LISTS = {}


def code(name, column, wire):
    if name not in LISTS:
        with open(os.path.join(SRC, "mappings/codes", name + ".tsv"),
                  encoding="utf-8") as f:
            lines = [l.rstrip("\n") for l in f if not l.startswith("#")]
        head = lines[0].split("\t")
        LISTS[name] = [dict(zip(head, l.split("\t"))) for l in lines[1:] if l]
    plain = prefixed = None
    for r in LISTS[name]:
        for v in r.get(column, "").split():
            marked = v.startswith("!")
            v = v.lstrip("!")
            if v == wire and (plain is None or marked):
                plain = r
            elif v.endswith("*") and wire.startswith(v[:-1]) and not prefixed:
                prefixed = r
    return plain or prefixed


def convert(how, wire):
    """What the wire's text is called inside; None: not given."""
    word = how.split()
    if wire is None or wire == "":
        return None
    if not word or word[0] == "id":
        return wire
    if word[0] == "code":
        for column in word[2].split("|"):
            r = code(word[1], column, wire)
            if r:
                return r["code"]
        return wire
    if word[0] == "attribute":  # of the row the wire's code stands in
        r = code(word[1], word[2], wire)
        return (r or {}).get(word[3]) or None
    if word[0] in ("list", "wrap"):
        return wire
    if word[0] == "int":
        return str(int(wire))
    if word[0] == "day":
        d = re.sub(r"\D", "", wire)
        return "%s-%s-%s" % (d[:4], d[4:6], d[6:8])
    if word[0] == "moment":  # digits only, with the zone of the capital
        d = re.sub(r"\D", "", wire)
        t = "%s-%s-%s" % (d[:4], d[4:6], d[6:8])
        if len(d) > 8:
            t += "T%s:%s" % (d[8:10], d[10:12])
            t += ":" + d[12:14] if len(d) > 12 else ""
            t += "." + d[14:] if len(d) > 14 else ""
            t += "+08:00"
        return t
    if word[0] == "number":
        return wire.replace(",", ".")
    if word[0] == "pick":  # one character
        return convert(" ".join(word[2:]), wire[int(word[1]):int(word[1]) + 1])
    if word[0] == "is":
        return word[1]
    raise SystemExit("how: " + how)


# --- readers: a place of the wire as a list of texts, in a node or all ---

class Xml:
    def __init__(self, raw):
        head = raw[:100].decode("latin-1")
        m = re.search(r'encoding="([^"]+)"', head)
        name = m.group(1) if m else "utf-8"
        try:
            text = raw.decode("gb18030" if name.upper().startswith("GB")
                              else name)
        except UnicodeDecodeError:
            text = raw.decode("gb18030")
        text = re.sub(r"^\ufeff?<\?xml[^>]*\?>", "", text)
        self.root = ET.fromstring(text)
        for e in self.root.iter():
            e.tag = re.sub(r"^\{.*\}", "", e.tag)

    def nodes(self, path, within=None):
        at = [self.root if within is None else within]
        for step in path.split("/"):
            at = [c for e in at for c in e if c.tag == step]
        return at

    def texts(self, path, within=None):
        if path.startswith("@"):
            e = self.root if within is None else within
            return [e.get(path[1:])] if e.get(path[1:]) else []
        path, _, attribute = path.partition("@")
        if path in ("", "."):
            return [within.text or ""]
        out = []
        for e in self.nodes(path.rstrip("/"), within):
            t = e.get(attribute) if attribute else e.text
            t = (t or "").strip()
            if t:
                out.append(t)
        return out


class Edifact:
    def __init__(self, raw):
        try:
            text = raw.decode("utf-8")
        except UnicodeDecodeError:
            text = raw.decode("gb18030")
        c, e, d, r, t = ":+.?'"
        if text.startswith("UNA"):
            c, e, d, r, t = text[3], text[4], text[5], text[6], text[8]
            text = text[9:]
        self.segments = []
        seg, ele, comp, i = [], [], "", 0
        while i < len(text):
            ch = text[i]
            if ch == r and i + 1 < len(text):
                comp += text[i + 1]
                i += 1
            elif ch == c:
                ele.append(comp)
                comp = ""
            elif ch in (e, t):
                ele.append(comp)
                seg.append(ele)
                ele, comp = [], ""
                if ch == t:
                    self.segments.append(seg)
                    seg = []
            elif ch in "\r\n" and not seg and not ele and comp.strip() == "":
                comp = ""
            else:
                comp += ch
            i += 1

    @staticmethod
    def get(seg, place):
        e, _, c = place.partition(".")
        e, c = int(e), int(c or 1)
        return seg[e][c - 1] if e < len(seg) and c <= len(seg[e]) else ""

    def match(self, seg, want):
        m = re.match(r"([A-Z]{3})(?:\[([^\]]*)\])?$", want)
        if not m:
            raise SystemExit("place: " + want)
        if seg[0][0] != m.group(1):
            return False
        for cond in filter(None, (m.group(2) or "").split(",")):
            place, _, values = cond.partition("=")
            if self.get(seg, place) not in values.split("|"):
                return False
        return True

    # "item: CST" groups run from one trigger to the next; "header" before UNS.
    def nodes(self, path, within=None):
        """A trigger "CST>MOA" cuts: each CST with what follows, up to one of
        the segments behind ">" alone or the next of its kind."""
        want, _, upto = path.partition(">")
        seen, out = False, []
        segs = self.segments if within is None else within
        stop = upto.split(",") if upto else []
        for s in segs:
            if s[0][0] == "UNS" and self.get(s, "1") == "D":
                seen = True
                out = [] if want.startswith("CST") and within is None else out
            if self.match(s, want):
                out.append([s])
                continue
            if out and out[-1] is not None:
                if s[0][0] in stop or s[0][0] in ("UNS", "UNT"):
                    out.append(None)
                else:
                    out[-1].append(s)
        return [o for o in out if o is not None]

    def texts(self, path, within=None):
        """"RFF[1.1=ABO] 1.2"; "NAD[1=DT] > RFF[1.1=XA] 1.2": the RFF that
        stands behind that NAD, before the next segment that begins a party."""
        path, _, width = path.partition(" wrap ")
        whole = path.startswith("all ")
        where, _, place = path[4 if whole else 0:].rpartition(" ")
        steps = [w.strip() for w in where.split(" > ")]
        segs = self.segments if within is None else within
        if within is None and not whole:
            head = []
            for s in segs:
                if s[0][0] == "UNS" and self.get(s, "1") == "D":
                    break
                head.append(s)
            segs = head
        out = []
        for i, s in enumerate(segs):
            if not self.match(s, steps[0]):
                continue
            hits = [s]
            if len(steps) > 1:
                hits = []
                for n in segs[i + 1:]:
                    if n[0][0] == s[0][0] or n[0][0] in (
                            "NAD", "TDT", "TOD", "MOA", "UNS", "CST", "DMS",
                            "DOC"):
                        break
                    if self.match(n, steps[1]):
                        hits.append(n)
            for h in hits:
                first, _, last = place.partition("-")
                if last:  # "4.1-4.5": pieces of one text
                    e, c = first.split(".")
                    t = ""
                    for k in range(int(c), int(last.split(".")[1]) + 1):
                        piece = self.get(h, "%s.%d" % (e, k))
                        # A piece that is not full is a line of its own.
                        if t and piece and width and full < int(width):
                            t += "\n"
                        t += piece
                        full = len(piece)
                else:
                    t = self.get(h, place)
                if t != "":
                    out.append(t)
        return out


class Csv:
    """Columns by heading, or by number without one ("plain")."""

    def __init__(self, raw, words=()):
        try:
            text = raw.decode("utf-8-sig")
        except UnicodeDecodeError:
            text = raw.decode("gb18030")
        first = text.split("\n", 1)[0]
        mark = max(",;\t|", key=first.count)
        self.rows = [r for r in csv.reader(io.StringIO(text, newline=""),
                                           delimiter=mark) if r]
        self.head = [h.strip() for h in self.rows[0]]
        if "plain" in words:
            self.head = ["%d" % (i + 1) for i in range(len(self.rows[0]))]
            self.rows.insert(0, self.head)
        self.body = [dict(zip(self.head, r)) for r in self.rows[1:]]

    def documents(self, words):
        by = [w[3:] for w in words if w.startswith("by=")]
        if not by:
            return [self]
        out = {}
        for r in self.body:
            d = out.setdefault(r[by[0]], Csv.__new__(Csv))
            d.body = getattr(d, "body", []) + [r]
        return list(out.values())

    def nodes(self, path, within=None):
        return [[r] for r in self.body]

    def texts(self, path, within=None):
        row = (within or self.body)[0]
        return [row[path]] if row.get(path, "") != "" else []


class Json:
    def __init__(self, raw):
        self.root = json.loads(raw.decode("utf-8-sig"), parse_float=str,
                               parse_int=str)

    def nodes(self, path, within=None):
        at = self.root if within is None else within
        at = at[0] if isinstance(at, list) and path else at
        for step in path.split("/"):
            at = at.get(step, []) if isinstance(at, dict) else []
        return at if isinstance(at, list) else [at]

    def texts(self, path, within=None):
        at = self.root if within is None else within
        at = at[0] if isinstance(at, list) else at
        for step in path.split("/"):
            at = at.get(step) if isinstance(at, dict) else None
        if at is None or at == "":
            return []
        return [str(x) for x in (at if isinstance(at, list) else [at])]


READERS = {"xml": Xml, "edifact": Edifact, "csv": Csv, "json": Json}


def expected(wire, table, env):
    """Rows "[GROUP: PLACE] ELEMENT TAB PLACE TAB HOW" of a value list."""
    out = []

    def one(base, at, element, place, how, within):
        for alt in place.split(" || "):
            found = [convert(how, t) for t in wire.texts(alt.strip(), within)] \
                if alt != "-" else [convert(how, "-")]
            if how.startswith("wrap "):
                found = wire.texts(alt.strip() + " " + how, within)
            if how.startswith("list "):
                found = [x for t in wire.texts(alt.strip(), within)
                         for x in t.split(how[5:])]
            found = [f for f in found if f not in (None, "")]
            if found:
                break
        for i, f in enumerate(found):
            name = element
            if name.endswith("[]"):
                name = name[:-2] + ("[%d]" % (i + 1))
            elif i > 0:
                continue  # one value: the first is meant
            out.append((base + name, f))

    def block(lines, base, within):
        i = 0
        while i < len(lines):
            depth, element, place, how = lines[i]
            if element.endswith(":"):
                j = i + 1
                while j < len(lines) and lines[j][0] > depth:
                    j += 1
                for n, node in enumerate(wire.nodes(place, within)):
                    block(lines[i + 1:j],
                          "%s%s[%d]." % (base, element[:-1], n + 1), node)
                i = j
                continue
            cond = None
            if how.startswith("if "):
                cond, how = how[3:].split(" then ")
            if cond is None or cond in env:
                one(base, 0, element, place, how, within)
            i += 1

    lines = []
    for r in table:
        depth = len(r[0]) - len(r[0].lstrip(" "))
        lines.append((depth, r[0].strip(), r[1], r[2] if len(r) > 2 else ""))
    block(lines, "", None)
    return out


def leaves(e, base=""):
    """A document in the standard form as (path, value), repeats numbered."""
    count, out = {}, []
    tags = [re.sub(r"^\{.*\}", "", c.tag) for c in e]
    for c, t in zip(e, tags):
        count[t] = count.get(t, 0) + 1
        name = base + t
        if len(c):
            out += leaves(c, "%s[%d]." % (name, count[t]))
        else:
            out.append(("%s[%d]" % (name, count[t]), c.text or ""))
    return out


def plain(path):
    return re.sub(r"\[1\]", "", path)


def run(format, file, to, *more):
    return subprocess.run(
        [TOOL, "convert", "-m", SRC + "/mappings", "--from", format, "--to",
         to, *more, file], stdout=subprocess.PIPE, stderr=subprocess.PIPE)


def target(format):
    return {"receipt": "sw-xml-receipt", "reply": "sw-xml-reply"}.get(
        kind(format), "sw-xml")


def kind(format):
    if format in DERIVED:
        return DERIVED[format]
    name = format
    for _ in range(9):
        with open("%s/mappings/formats/%s.fmt" % (SRC, name),
                  encoding="utf-8") as f:
            text = f.read()
        m = re.search(r"^format .*\bdocument ([a-z]+)", text, re.M)
        if m:
            return m.group(1)
        name = re.search(r"\bextends (\S+)", text).group(1)
    return None


def pair(format, sample, how, origin):
    path = os.path.join(SRC, sample)
    words, how = how.split()[1:], how.split()[0]
    with open(path, "rb") as f:
        raw = f.read()
    inside = [w[3:] for w in words if w.startswith("in=")]
    if "zip" in words:
        z = zipfile.ZipFile(io.BytesIO(raw))
        raw = z.read(z.namelist()[0])
    wire = Csv(raw, words) if how == "csv" else READERS[how](raw)
    documents = wire.documents(words) if how == "csv" else [wire]
    if "leaves" in words:  # each element is what its own name says
        want = sorted((plain(p), v) for p, v in leaves(wire.root))
    else:
        want = sorted(("%s%s" % ("#%d." % n if n else "", plain(p)), v)
                      for n, d in enumerate(documents) for p, v in expected(
                          d, rows(format + ".tsv"), set(words)))
    if "around" in words or "record" in words:
        # What the standard form has no place for: the record itself.
        what = ["-t", inside[0]] if "around" in words else ["-r", format]
        made = subprocess.run([GOLDEN, *what, path], stdout=subprocess.PIPE)
        got = sorted((plain(p), v) for p, v in (
            l.split("\t") for l in made.stdout.decode("utf-8").split("\n")
            if l))
        compare(format, sample, want, got)
        return
    made = run(inside[0] if inside else format, path, target(
        inside[0] if inside else format), *["--json"] * WRONG)
    if made.returncode != 0 and WRONG:
        for line in made.stderr.decode("utf-8").split("\n"):
            if line.startswith("{"):
                print("refused", bare(json.loads(line).get("element", "")))
        return
    if made.returncode != 0:
        say("%s reads %s" % (format, sample), False,
            made.stderr.decode("utf-8", "replace")[:2000])
        return
    got = sorted(("%s%s" % ("#%d." % n if n else "", plain(p)), v)
                 for n, x in enumerate(made.stdout.split(b"<?xml")[1:])
                 for p, v in leaves(ET.fromstring(b"<?xml" + x)))
    compare(format, sample, want, got)


def bare(path):
    """The element, whichever of its kind."""
    return re.sub(r"\[\d+\]|^#\d+\.", "", path)


def compare(format, sample, want, got):
    missing = [w for w in want if w not in got]
    extra = [g for g in got if g not in want]
    if WRONG:
        for name, all in ("wanted", want), ("wrong", missing):
            for path, _ in all:
                print(name, bare(path))
        return
    say("%s: %s holds %d values" % (format, sample, len(want)),
        not missing and not extra and want,
        *["wanted %s = %s" % w for w in missing],
        *["found  %s = %s" % g for g in extra])


def unescape(s):
    return re.sub(rb"\\x([0-9a-f]{2})|\\(.)",
                  lambda m: bytes([int(m.group(1), 16)]) if m.group(1) else
                  {b"n": b"\n", b"r": b"\r", b"t": b"\t"}.get(m.group(2),
                                                              m.group(2)),
                  s.encode("utf-8"))


def edit(raw, how):
    """The bytes changed, and where."""
    if how.startswith("cut:"):
        n = int(how[4:])
        return raw[:n], n
    old, new = (unescape(x) for x in how.split("=>"))
    at = raw.find(old)
    if at < 0:
        raise SystemExit("not in the sample: " + how)
    return raw[:at] + new + raw[at + len(old):], at


def line_column(raw, at):
    before = raw[:at]
    line = before.count(b"\n") + 1
    head = before[before.rfind(b"\n") + 1:]
    try:
        raw.decode("utf-8")
        return line, len(head.decode("utf-8", "replace")) + 1
    except UnicodeDecodeError:
        return line, len(head.decode("gb18030", "replace")) + 1


# What ends a token, by the file's kind; a declaration's place is where a token
# begins, never inside one.
ENDS = {".edi": b"+:'\n", ".xml": b"<>\" \n", ".csv": b",;\t\r\n\"",
        ".tsv": b"\t\r\n", ".json": b"{}[],:\"\n "}


def derived(raw, changed, name):
    """The places a finding may have, told from the change alone: where a token
    begins that holds a changed byte, the segment, element or row around it, the
    closing tag that no longer fits, the end of what breaks off."""
    kind = os.path.splitext(name)[1]
    ends = ENDS.get(kind, b"\n")
    first = next((i for i, (a, b) in enumerate(zip(raw, changed)) if a != b),
                 min(len(raw), len(changed)))
    same = 0
    while same < min(len(raw), len(changed)) - first and \
            raw[-1 - same] == changed[-1 - same]:
        same += 1
    last = max(len(changed) - same, first)
    out = {last}
    for i in range(max(first - 2, 0), last + 1):
        while i > 0 and changed[i - 1] not in ends:
            i -= 1
        out.add(i)
    if kind == ".edi":
        out.add(changed.rfind(b"'\n", 0, first) + 2)
        out.add(changed.rfind(b"'", 0, max(first, 1)) + 1)
    elif kind == ".xml":
        out |= {max(changed.rfind(b"<", 0, upto), 0)
                for upto in (first, first + 1)}
        if last == len(changed) or raw[first:].startswith(b"/"):
            out |= {len(changed), len(changed) - 1}
        # A renamed or unclosed element is noticed at the next closing tag.
        out.add(changed.find(b"</", last))
        out.add(changed.find(b">", changed.find(b"</", last)) + 1)
    else:
        out.add(changed.rfind(b"\n", 0, first) + 1)
        # The first row below a heading.
        out.add(changed.find(b"\n", first) + 1)
    if first == len(changed):
        out |= {len(changed)}
    return {"%d:%d" % line_column(changed, at) for at in out if at >= 0}


def told(changed, where):
    """"at TEXT", "behind TEXT", "end": a place that a person tells by what stands
    there, since the mistake shows elsewhere than where it was made."""
    if where == "end":
        return "%d:%d" % line_column(changed, len(changed))
    word, text = where.split(" ", 1)
    text = unescape(text)
    at = changed.find(text)
    if at < 0:
        raise SystemExit("not in the changed sample: " + where)
    return "%d:%d" % line_column(changed, at + (len(text) if word == "behind"
                                                else 0))


def findings(format, raw, name):
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, name)
        with open(path, "wb") as f:
            f.write(raw)
        made = run(format, path, target(format), "--json")
    out = []
    for l in made.stderr.decode("utf-8", "replace").split("\n"):
        if l.startswith("{"):
            out.append(json.loads(l))
    return made.returncode, out


def mutation(format, base, how, want, place, element, shows, show, inside):
    with open(os.path.join(SRC, base), "rb") as f:
        raw = f.read()
    changed, at = edit(raw, how)
    status, found = findings(inside.get(format, format), changed, os.path.basename(base))
    if show:
        if want != "?":
            return
        print("%s\t%s\t%s" % (format, base, how))
        for f in found:
            print("    %s %s %s:%s %s | %s" % (
                f["severity"], f["code"], f.get("line", "-"),
                f.get("column", "-"), f.get("element", ""), f["en"]))
        return
    where = "%d:%d" % line_column(changed, at) if place == "here" else place
    if shows:
        say("%s: %s shows %s" % (format, how, shows),
            where == told(changed, shows), told(changed, shows), where)
    elif place not in ("here", "-"):
        say("%s: %s is told where it was made, or column 7 says where it shows"
            % (format, how), where in derived(raw, changed, base), where,
            sorted(derived(raw, changed, base)))
    else:
        say("%s: %s has a place" % (format, how), place == "here" or
            want in PLACELESS or base.endswith(".zip"))
    hit = [f for f in found if f["code"] == want and
           (where == "-" or where == "%s:%s" % (f.get("line"),
                                                f.get("column"))) and
           (element == "" or element == f.get("element", ""))]
    say("%s: %s gives %s at %s %s" % (format, how, want, where, element),
        len(hit) > 0 and status in (0, 1), *[json.dumps(
            f, ensure_ascii=False) for f in found[:5]])


def main():
    global FIRST, WRONG
    args = sys.argv[1:]
    if args[:1] == ["-1"]:
        FIRST = bool(args.pop(0))
    elif args[:1] == ["--wrong"]:
        WRONG = bool(args.pop(0))
    show = args[:1] == ["--new"]
    names = args[1:] if show else args
    formats = sorted(n[:-4] for n in os.listdir(SRC + "/mappings/formats")
                     if n.endswith(".fmt")) + list(DERIVED)
    names = names or formats
    pairs = [r for r in rows("pairs.tsv") if r[0] in names]
    mutations = [r + [""] * (7 - len(r)) for r in rows("mutations.tsv")
                 if r[0] in names]
    # Envelopes are read around the format of a message ("in=").
    inside = {r[0]: w[3:] for r in reversed(pairs) for w in r[2].split()
              if w.startswith("in=")}
    for r in [] if show else pairs:
        pair(*r)
    if WRONG:
        return
    for r in mutations:
        mutation(*r, show, inside)
    if show:
        return
    for n in names:
        say("%s has an outside pair: a row in tests/outside/pairs.tsv" % n,
            any(r[0] == n for r in pairs))
        have = sum(1 for r in mutations if r[0] == n)
        say("%s has %d mutations in tests/outside/mutations.tsv, has %d" %
            (n, LEAST, have), have >= LEAST)
    print("%d passed, %d failed" % (passed, failed))
    sys.exit(1 if failed or not passed else 0)


main()
