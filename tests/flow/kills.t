#!/usr/bin/env python3
"""kills.t - kill -9 of each role, the supervisor among them, at random moments
while two filers' files are forwarded to two agencies, a third filer declares
and the customs answer. The ledger outside agrees in the end: what was offered
stood once in front of the right one and nobody else, with its bytes; each
declaration was answered once at each step; the spool and the audit chain agree.
As root, where an image may be mounted, the spool stands on an ext4 of its own
and the power is cut, too: the file system is shut down with its log unwritten,
and mounted again. Then the same with a gateway that answers before it commits,
and with one that does not sync its files: both must be found.

KILLS: how many in all (KILLS=600 by hand); KILLS_SEED: of what went before;
KILLS_DAEMON, KILLS_WAIT, KILLS_ONLY: another program, so many seconds for what
must come, only these roles.
Closes with "N passed, N failed".
"""
import collections
import difflib
import fcntl
import io
import os
import random
import re
import shutil
import signal
import struct
import subprocess
import sys
import tempfile
import time
import zipfile

SRC = os.path.realpath(os.environ.get("ENTREPOT_SRC") or os.path.join(
    os.path.dirname(os.path.abspath(__file__)), "../.."))
BUILD = os.environ.get("ENTREPOT_BUILD") or os.path.join(SRC, "build")
DAEMON = os.environ.get("KILLS_DAEMON") or os.path.join(BUILD, "entrepotd")
TOOL = os.path.join(BUILD, "entrepot")

# role, what it holds when it dies; "supervisor" takes all others with it
ROLES = [
    ("spool", "batches that were not committed"),
    ("intake", "files between the folder and the spool"),
    ("convert", "children at work"),
    ("deliver", "files staged and not published"),
    ("query", "questions half answered"),
    ("supervisor", "the whole set"),
    ("power", "what was not synced is gone, the whole set with it"),
]
FILERS = ("alpha", "beta", "acme")
SHUTDOWN = 2 << 30 | 4 << 16 | ord("X") << 8 | 125  # EXT4_IOC_SHUTDOWN
NO_LOG_FLUSH = 2
WAIT_S = int(os.environ.get("KILLS_WAIT") or 300)  # before something that must come is given up
SMALL = os.environ.get("ENTREPOT_SMOKE") or subprocess.call(
    [BUILD + "/tests/crash/scenario", "sanitized"]) == 0
KILLS = int(os.environ.get("KILLS") or (7 if SMALL else 21))
SEED = int(os.environ.get("KILLS_SEED") or
           (random.SystemRandom().getrandbits(32) if "KILLS" in os.environ
            else 1128))
# A gateway that loses, doubles or forgets: what the ledger says of it, or it
# says itself that its journal forgot what its bodies remember.
FOUND = re.compile(rb"^not so: .*(each of its|have each of|told as)|"
                   rb"the journal is older than the bodies", re.M)

# Of a role whose end nobody asks about: it stands in the log alone.
SANITIZER = re.compile(r"^.*(?:ERROR: \w+Sanitizer|: runtime error: ).*"
                       r"(?:\n.*){,30}", re.M)

passed = failed = 0


def say(sentence, ok, *more):
    global passed, failed
    if ok:
        passed += 1
        return
    failed += 1
    print("not so: %s" % sentence)
    for m in more[:20]:
        print("  %s" % (m,))


def signal_send(pid, what):
    try:
        os.kill(pid, what)
    except ProcessLookupError:
        pass  # died by itself


class World:
    CONF = """spool "{0}/spool" {{ reserve 1M }}
mappings "{1}/mappings"
filer acme {{
	folder "{0}/acme" complete on rename
	accept un-cusdec-d96b
	reply taken, findings, status as csv-status language en
}}
filer alpha {{ folder "{0}/alpha"; forward to north }}
filer beta {{ folder "{0}/beta"; forward to south }}
agency customs {{
	folder "{0}/customs" layout import-client
	submit declaration as cn-dec
}}
agency north {{ folder "{0}/north" }}
agency south {{ folder "{0}/south" }}
"""

    def __init__(self, top):
        self.top = top
        self.log = top + "/log"
        for f in ("acme/in", "acme/out", "alpha/in", "beta/in", "north/out",
                  "south/out", "customs/OutBox", "customs/InBox",
                  "customs/SentBox", "customs/FailBox"):
            os.makedirs(os.path.join(top, f))
        os.mkdir(top + "/spool", 0o700)
        self.image = self.disk_new()
        with open(top + "/conf", "w") as f:
            f.write(self.CONF.format(top, SRC))
        open(self.log, "w").close()
        self.process = None
        with open(SRC + "/tests/data/cusdec-d96b-import.edi") as f:
            self.sample = f.read()
        with open(SRC + "/tests/data/dec/c01-2-in-Successed.xml") as f:
            self.stored = f.read()
        self.offers = {}  # (agency, name): bytes
        self.numbers = []
        self.n = 0
        self.got = collections.defaultdict(list)  # agency: (name, bytes)
        self.answered = set()

    # --- the spool's disk ---

    def disk_new(self):
        """An ext4 for the spool; None: not to be had here."""
        if not ALONE:
            return None
        image = self.top + "/disk"
        with open(image, "wb") as f:
            f.truncate(192 << 20)
        try:
            made = subprocess.call(["mkfs.ext4", "-q", "-F", image],
                                   stderr=subprocess.DEVNULL)
        except FileNotFoundError:
            return None
        if made != 0 or not self.mount(image):
            return None
        shutil.rmtree(self.top + "/spool/lost+found")
        os.chmod(self.top + "/spool", 0o700)
        return image

    def mount(self, image):
        return subprocess.call(["mount", "-o", "loop", image,
                                self.top + "/spool"],
                               stderr=subprocess.DEVNULL) == 0

    def unmount(self):
        until = time.monotonic() + WAIT_S
        while subprocess.call(["umount", self.top + "/spool"],
                              stderr=subprocess.DEVNULL) != 0:
            if time.monotonic() > until:
                return False
            time.sleep(0.05)  # a role is still dying
        return True

    def mount_again(self):
        until = time.monotonic() + WAIT_S
        while not self.mount(self.image):
            if time.monotonic() > until:
                return False
            time.sleep(0.05)  # somebody looks at the loop device
        return True

    def cut(self):
        """The power: nothing more gets to the disk, and all is dead.

        All stand still before: a sync under way when the journal is shut
        down returns as if it were done, and nobody may act on that.
        """
        all = []
        while True:
            new = [p for p in self.family() if p not in all]
            if not new:
                break
            for pid in new:
                signal_send(pid, signal.SIGSTOP)
            all += new
        fd = os.open(self.top + "/spool", os.O_RDONLY)
        fcntl.ioctl(fd, SHUTDOWN, struct.pack("I", NO_LOG_FLUSH))
        os.close(fd)
        for pid in all:
            signal_send(pid, signal.SIGKILL)
        self.process.wait()
        return self.unmount() and self.mount_again() and self.start()

    def family(self):
        """The supervisor, its roles, their children."""
        all = [self.process.pid]
        for pid in all:
            try:
                with open("/proc/%d/task/%d/children" % (pid, pid)) as f:
                    all += [int(p) for p in f.read().split()]
            except OSError:
                pass  # it died meanwhile
        return all

    # --- the gateway ---

    def said(self):
        with open(self.log, encoding="utf-8", errors="replace") as f:
            return f.read()

    def ready(self, role):
        """The youngest process of a role, and how often it was said."""
        what = r"^daemon\.ready .*pid=(\d+)" if role == "supervisor" else \
            r"^role\.ready role=%s pid=(\d+) " % role
        all = re.findall(what, self.said(), re.M)
        return (int(all[-1]) if all else 0), len(all)

    def start(self):
        before = self.ready("supervisor")[1]
        until = time.monotonic() + WAIT_S
        while time.monotonic() < until:
            with open(self.log, "a") as log:
                self.process = subprocess.Popen(
                    [DAEMON, "-f", self.top + "/conf"], stderr=log, stdout=log)
            while self.process.poll() is None and time.monotonic() < until:
                if self.ready("supervisor")[1] > before:
                    return True
                self.live()
            # Its predecessor's roles may still be dying.
            self.live()
        return False

    def stop(self):
        self.process.terminate()
        try:
            return self.process.wait(WAIT_S)
        except subprocess.TimeoutExpired:
            self.process.kill()
            return -1

    def kill(self, role, dice):
        if role == "power":
            return self.cut()
        pid, n = self.ready(role)
        if role == "supervisor":
            self.process.kill()
            self.process.wait()
            return self.start()
        if pid in self.family():  # it may have died with the one before
            signal_send(pid, signal.SIGKILL)
        if dice.random() < 0.3:
            return True  # the next one dies before this one is back
        until = time.monotonic() + WAIT_S
        while self.ready(role)[1] <= n and time.monotonic() < until:
            self.live()
        return self.ready(role)[1] > n

    # --- those outside ---

    def put(self, folder, name, data):
        with open(self.top + "/w.tmp", "wb") as f:
            f.write(data)
        os.rename(self.top + "/w.tmp", os.path.join(self.top, folder, name))

    def offer(self, kind, dice):
        self.n += 1
        if kind == "acme":
            number = "5101202411%08d" % self.n
            self.numbers.append(number)
            self.put("acme/in", "d%d.edi" % self.n, self.sample.replace(
                "510120241120000001", number).replace(
                    "IC24112001", "IC%08d" % self.n).encode())
            return
        name = "f%d" % self.n
        data = ("%s of %s\n" % (name, kind)).encode() * dice.choice((0, 1, 400))
        self.offers[("north" if kind == "alpha" else "south", name)] = data
        self.put(kind + "/in", name, data)

    def take(self, agency, folder):
        path = os.path.join(self.top, folder)
        for name in os.listdir(path):
            if name.startswith("."):
                continue
            with open(os.path.join(path, name), "rb") as f:
                self.got[agency].append((name, f.read()))
            os.unlink(os.path.join(path, name))

    def live(self):
        """One turn of everybody outside: they fetch, and the customs answer."""
        self.take("north", "north/out")
        self.take("south", "south/out")
        self.take("customs", "customs/OutBox")
        for name, _ in self.got["customs"]:
            number = name.split("_")[1]
            if number in self.answered:
                continue
            self.answered.add(number)
            platform = "I%017d" % int(number[-8:])
            self.put("customs/InBox", "Receipt_%s.xml" % number,
                     self.stored.replace("510120240615000001", number).replace(
                         "I20241310000000001", platform).encode())
        time.sleep(0.01)

    def replies(self):
        """What acme was told: how often each number was taken, and stored."""
        taken, stored = collections.Counter(), collections.Counter()
        for name in os.listdir(self.top + "/acme/out"):
            if name.startswith("."):
                continue
            with open(os.path.join(self.top, "acme/out", name),
                      encoding="utf-8-sig") as f:
                for line in f:
                    for number in set(re.findall(r"5101202411\d{8}", line)):
                        if line.startswith("status,"):
                            stored[number] += 1
                        elif line.startswith("taken,"):
                            taken[number] += 1
        return taken, stored

    def left(self, filer):
        """What of his is not let go of."""
        return [n for _, _, n in os.walk(self.top + "/" + filer + "/in") if n]

    def done(self):
        """All that is owed has come."""
        taken, stored = self.replies()
        return (sum(len(x) for x in self.got.values()) >=
                len(self.offers) + len(self.numbers) and
                all(stored[n] and taken[n] for n in self.numbers) and
                not any(self.left(f) for f in FILERS))

    def settle(self):
        until = time.monotonic() + WAIT_S
        while not self.done() and time.monotonic() < until:
            self.live()
        return self.done()


def ledger(w):
    for agency in ("north", "south"):
        want = sorted((n, b) for (a, n), b in w.offers.items() if a == agency)
        have = sorted(w.got[agency])
        say("%s has each of its %d files once, with its bytes" % (
            agency, len(want)), have == want and want,
            *["%s: %d bytes" % (n, len(b)) for n, b in have
              if (n, b) not in want],
            *["missing %s" % n for n, b in want if (n, b) not in have])
    have = collections.Counter(n.split("_")[1] for n, _ in w.got["customs"])
    say("customs have each of %d declarations once" % len(w.numbers),
        have == collections.Counter(w.numbers) and w.numbers,
        *[(n, have[n]) for n in set(have) | set(w.numbers) if have[n] != 1])
    bodies = set()
    for name, raw in w.got["customs"]:
        with zipfile.ZipFile(io.BytesIO(raw)) as z:
            xml = b"".join(z.read(n) for n in z.namelist())
        number = name.split("_")[1].encode()
        say("%s speaks of itself" % name, number in xml)
        bodies.add(re.sub(rb"<SignDate>\d+", b"<SignDate>",
                          xml.replace(number, b"NUMBER")))
    two = [b.decode("utf-8").replace("><", ">\n<").split("\n")
           for b in bodies][:2]
    say("they are alike but for their number", len(bodies) == 1,
        *difflib.unified_diff(*two, lineterm="", n=0)
        if len(two) == 2 else ())
    taken, stored = w.replies()
    say("each declaration was told as taken once",
        taken == collections.Counter(w.numbers),
        *[(n, taken[n]) for n in w.numbers if taken[n] != 1])
    say("each was told as received once",
        stored == collections.Counter(w.numbers),
        *[(n, stored[n]) for n in w.numbers if stored[n] != 1])
    for f in FILERS:
        say("nothing is left behind in %s/in" % f, not w.left(f), *w.left(f))
    for words in (["spool", "verify"], ["audit", "verify"]):
        run = subprocess.run([TOOL, *words, "-f", w.top + "/conf"],
                             stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        say("entrepot %s agrees" % " ".join(words), run.returncode == 0,
            run.stdout.decode("utf-8", "replace")[-2000:])


def bad_one(bug, sentence, only):
    """A gateway with this fault does not get away: not for long, as when it
    is killed is a matter of chance."""
    env = dict(os.environ, KILLS_DAEMON=BUILD + "/tests/crash/bad_daemon",
               SCENARIO_BUG=bug, KILLS="18", KILLS_WAIT="15", KILLS_ONLY=only)
    for _ in range(12):
        run = subprocess.run([sys.executable, os.path.abspath(__file__)],
                             env=env, stdout=subprocess.PIPE,
                             stderr=subprocess.STDOUT)
        found = run.returncode == 1 and FOUND.search(run.stdout)
        if found:
            break
    say("a gateway that %s is found" % sentence, found,
        run.stdout.decode("utf-8", "replace")[-4000:])


def alone():
    """In a mount table of its own: whoever else copies the common one would
    keep a disk whose power was cut, and its next mount would be that one."""
    words = ["unshare", "--mount", "--propagation", "private"]
    try:
        if subprocess.call([*words, "true"], stderr=subprocess.DEVNULL) != 0:
            return False
    except FileNotFoundError:
        return False
    os.environ["KILLS_ALONE"] = "1"
    os.execvp(words[0], [*words, sys.executable, os.path.abspath(__file__)])


def main():
    dice = random.Random(SEED)
    top = os.path.realpath(tempfile.mkdtemp(prefix="entrepot-kills."))
    w = World(top)
    env = {"ENTREPOT_CONF": top + "/conf"}
    os.environ.update(env)
    died = collections.Counter()
    roles = [r for r, _ in ROLES if (r != "power" or w.image) and
             r in (os.environ.get("KILLS_ONLY") or r)]
    try:
        say("the set comes up", w.start())
        # Undisturbed, for the others to be alike.
        w.offer("acme", dice)
        say("a declaration goes through", w.settle())
        for i in range(KILLS):
            role = roles[i % len(roles)]
            for _ in range(dice.randrange(1, 5)):
                w.offer(dice.choice(("alpha", "beta", "acme")), dice)
            ask = subprocess.Popen([TOOL, "queue"], stdout=subprocess.DEVNULL,
                                   stderr=subprocess.DEVNULL)
            # As many turns of those outside as the dice say, then it dies.
            for _ in range(dice.randrange(0, 12)):
                w.live()
            say("%s is back after it was killed" % role, w.kill(role, dice))
            died[role] += 1
            say("a question asked meanwhile ends", ask.wait(WAIT_S) >= 0)
            if failed:
                break
        if not failed:
            w.settle()
        for _ in range(20):  # what comes too often comes now
            w.live()
        say("the set ends well", w.stop() == 0)
        say("no sanitizer complains", not SANITIZER.search(w.said()),
            *SANITIZER.findall(w.said()))
        ledger(w)
        print("killed: %s; %d files and %d declarations; KILLS_SEED=%d" % (
            ", ".join("%s %d" % (r, died[r]) for r in roles),
            len(w.offers), len(w.numbers), SEED))
        if failed:
            print(w.said()[-6000:])
    finally:
        if w.process and w.process.poll() is None:
            w.process.kill()
            w.process.wait()
        if w.image and not w.unmount():
            subprocess.call(["umount", "-l", top + "/spool"])
        shutil.rmtree(top)
    if "KILLS_DAEMON" not in os.environ:
        bad_one("commit-late", "commits after it has answered", "")
        if w.image:
            bad_one("no-sync", "does not sync its files", "power")
        else:
            print("no image may be mounted here: the power is not cut")
    print("%d passed, %d failed" % (passed, failed))
    sys.exit(1 if failed else 0)


ALONE = "KILLS_ALONE" in os.environ or alone()
main()
