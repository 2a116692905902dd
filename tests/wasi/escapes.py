#!/usr/bin/env python3
"""A hostile guest against the directories that it is granted: escapes.py --wasmc PATH --guest escapes.wasm --mover mover [TEST…].

Each test makes a tree of its own and runs one case of the guest (escapes/*.c), which knows what every call has to answer.
Afterwards everything that was not granted has to be as it was: names, contents, inodes, links, owners, modes and times, those of
last access included.
"""

import argparse
import ctypes
import errno
import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

TIMEOUT_SECONDS = 300
RACE_ROUNDS = 100_000
PUBLIC, SECRET = "public\n", "this is the secret\n"
OPENAT2 = 437  # on every architecture


def fill(directory: Path, text: str):
    """The names that the guest tries everywhere: see escapes/attempts.h."""
    directory.mkdir(exist_ok=True)
    (directory / "file").write_text(text)
    (directory / "link").symlink_to("file")
    (directory / "empty").mkdir()
    (directory / "way").mkdir()
    (directory / "dir").mkdir()
    (directory / "dir" / "inner").write_text(text)
    if text == SECRET:
        (directory / "only-outside").touch()


class Tree:
    """Three directories to be granted, and two outside: one beside them, and the one that holds them all."""

    def __init__(self, holder: Path):
        self.top = holder / "tree"
        self.first, self.second, self.read_only = self.top / "first", self.top / "second", self.top / "read-only"
        self.outside = self.top / "outside"
        fill(self.top, SECRET)
        fill(self.outside, SECRET)
        for granted in (self.first, self.second, self.read_only):
            fill(granted, PUBLIC)
        for real in (self.first, self.read_only):
            fill(real / "real", PUBLIC)
        (self.first / "mine").write_text(PUBLIC)

    def granted(self) -> list[str]:
        """Their numbers begin with 3."""
        names = {self.first: "/first", self.second: "/second", self.read_only: "/read-only:ro"}
        return [option for host, guest in names.items() for option in ("--dir", f"{host}::{guest}")]


class Sealed:
    """All below a directory that the guest must not change, as it was when this was made.

    What the guest was granted for reading may have been accessed, the rest not even that: the times of last access are set back
    here, so that on most systems an access shows."""

    def __init__(self, top: Path, granted: list[Path], readable: Path):
        self.top, self.granted, self.readable = top, granted, readable
        self.contents = self.read()
        for path in self.contents:
            os.utime(path, ns=(0, os.lstat(path).st_mtime_ns), follow_symlinks=False)
        self.status = {path: self.look(path) for path in self.contents}

    def read(self) -> dict[Path, object]:
        """Each path with what it holds: names, a link's text, bytes. Granted directories are there as names only."""
        contents, waiting = {}, [self.top]
        while waiting:
            path = waiting.pop()
            if path.is_symlink():
                contents[path] = os.readlink(path)
            elif path.is_dir():
                contents[path] = sorted(os.listdir(path))
                waiting += [path / name for name in contents[path] if path / name not in self.granted]
            else:
                contents[path] = path.read_bytes()
        return contents

    def look(self, path: Path) -> dict[str, int]:
        found = os.lstat(path)
        fields = ["st_mode", "st_ino", "st_nlink", "st_uid", "st_gid", "st_size", "st_mtime_ns", "st_ctime_ns"]
        if not path.is_relative_to(self.readable):
            fields.append("st_atime_ns")
        return {field: getattr(found, field) for field in fields}

    def changes(self) -> list[str]:
        """Looks before it reads, which would change the times of last access."""
        found = []
        for path, before in self.status.items():
            if not os.path.lexists(path):
                found.append(f"{path} is gone")
                continue
            now = self.look(path)
            found += [f"{path}: {field} was {was}, is {now[field]}" for field, was in before.items() if now[field] != was]
        now = self.read()
        found += [f"{path}: held {was!r}, holds {now.get(path)!r}" for path, was in self.contents.items() if now.get(path) != was]
        return found + [f"{path} is new" for path in now.keys() - self.contents.keys()]


class Attacks(unittest.TestCase):
    """`test_x` runs the guest's case x. The options are the command line's; `artifact` is the guest, compiled once."""

    options: argparse.Namespace
    artifact: Path
    place = None

    def setUp(self):
        holder = tempfile.TemporaryDirectory(prefix="wasmc-escapes-", dir=self.place)
        self.addCleanup(holder.cleanup)
        self.holder = Path(holder.name).resolve()
        self.tree = Tree(self.holder)

    def seal(self):
        """The tree is complete, and the guest's to attack."""
        tree = self.tree
        self.sealed = Sealed(self.holder, [tree.first, tree.second], tree.read_only)

    def start(self, case: str, *arguments, options=(), artifact=None, **surroundings) -> subprocess.Popen:
        self.seal()
        options = [*self.tree.granted(), *options, "--env", "NAME=value"]
        command = [self.options.wasmc, "run", *options, artifact or self.artifact, "--"]
        streams = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE, **surroundings}
        process = subprocess.Popen(list(map(str, [*command, case, *arguments])), cwd=self.tree.outside, text=True, **streams)
        self.addCleanup(self.stop, process)
        return process

    def stop(self, process: subprocess.Popen):
        """Whatever state a test left it in."""
        with process:
            process.kill()

    def finish(self, process: subprocess.Popen) -> str:
        """What the guest said, if all went as it expected and nothing outside has changed."""
        out, err = process.communicate(timeout=TIMEOUT_SECONDS)
        self.assertEqual((process.returncode, err, self.sealed.changes()), (0, "", []), out)
        self.assertRegex(out, r"(?m)^[0-9]+ attempts, 0 failures$")
        if out.startswith("skipped: "):
            self.skipTest(out.splitlines()[0].removeprefix("skipped: "))
        return out

    def attack(self, case: str, *arguments, **how) -> str:
        return self.finish(self.start(case, *arguments, **how))

    def link(self, target, name: str):
        (self.tree.first / name).symlink_to(target)

    def turning(self):
        """"turn" is a directory, "turn-other" a link to one outside; the same for two files."""
        fill(self.tree.first / "turn", PUBLIC)
        (self.tree.first / "turn" / "truncated").touch()
        (self.tree.first / "turn-file").write_text(PUBLIC)
        self.link("../outside", "turn-other")
        (self.tree.first / "turn-empty").touch()
        (self.tree.first / "sent").touch()
        self.link("../outside/file", "turn-file-other")
        self.link("../outside/file", "turn-empty-other")

    def exchange(self, *names: str):
        for name in names:
            one, other, free = (self.tree.first / (name + suffix) for suffix in ("", "-other", "-free"))
            one.rename(free)
            other.rename(one)
            free.rename(other)


class Escapes(Attacks):
    """Those that are decided by what is asked for."""

    def test_every_case_has_a_test(self):
        done = subprocess.run([self.options.wasmc, "run", self.artifact], capture_output=True, text=True, check=True)
        tests = {name.removeprefix("test_") for suite in (Escapes, Races) for name in dir(suite) if name.startswith("test_")}
        self.assertEqual(set(done.stdout.split()), tests - {"every_case_has_a_test", "seal_shows_changes", "proc_granted", "streams_onto_the_code", "cached_code"})

    def test_seal_shows_changes(self):
        """Every kind of change that these tests are to find, made by the host."""
        tree = self.tree
        changes = {
            "content": lambda: (tree.outside / "file").write_text(SECRET.swapcase()),
            "truncation": lambda: os.truncate(tree.read_only / "file", 0),
            "creation": lambda: (tree.top / "new").touch(),
            "above": lambda: (self.holder / "new").touch(),
            "directory": lambda: (tree.outside / "dir" / "new").mkdir(),
            "removal": lambda: (tree.outside / "empty").rmdir(),
            "hard link": lambda: os.link(tree.outside / "file", tree.first / "taken"),
            "replacement": lambda: shutil.copy2(tree.outside / "file", tree.outside / "copy").rename(tree.outside / "file"),
            "rename": lambda: (tree.outside / "file").rename(tree.outside / "moved"),
            "times": lambda: os.utime(tree.outside / "link", (1, 1), follow_symlinks=False),
            "mode": lambda: (tree.outside / "file").chmod(0o600),
        }
        for name, change in changes.items():
            with self.subTest(name):
                shutil.rmtree(tree.top)
                (self.holder / "new").unlink(missing_ok=True)
                self.tree = tree = Tree(self.holder)
                self.seal()
                self.assertEqual(self.sealed.changes(), [])
                self.seal()
                change()
                self.assertNotEqual(self.sealed.changes(), [])

    def test_absolute_paths(self):
        self.attack("absolute_paths", self.tree.first, self.tree.outside)

    def test_dot_dot_chains(self):
        self.attack("dot_dot_chains")

    def test_slashes_and_dots(self):
        self.attack("slashes_and_dots")

    def test_empty_and_nul(self):
        self.attack("empty_and_nul")

    def test_long_names(self):
        self.attack("long_names")

    def test_links_before(self):
        outward = {
            "absolute": self.tree.outside, "absolute-in": self.tree.first / "real", "root": "/",
            "up": "..", "up-slash": "../", "beside": "../outside", "beside-dotted": "./../outside/.", "back-in": "../first",
            "second": "../second", "winding": "real/../../outside", "from-the-top": "../" * 40 + str(self.tree.outside)[1:],
            "real/climbing": "../../outside", "through": "real/climbing", "through-through": "through",
            "cwd": "/proc/self/cwd", "fd": "/proc/self/fd/3", "proc-root": f"/proc/self/root{self.tree.outside}",
        }
        inward = {
            "in": "real", "in-slash": "./real/", "in-winding": "real/../real/way/..", "real/in": "../real", "in-in": "real/in",
        }
        for name, target in {**outward, **inward}.items():
            self.link(target, name)
        self.attack("links_before", *outward, "--", *inward)

    def test_links_during(self):
        self.turning()
        process = self.start("links_during", stdin=subprocess.PIPE)
        for _ in range(2):
            self.assertEqual(process.stdout.readline(), "exchange\n")
            self.exchange("turn")
            process.stdin.write("\n")
            process.stdin.flush()
        self.finish(process)

    def test_links_by_guest(self):
        self.attack("links_by_guest", self.tree.outside)

    def test_links_at_the_end(self):
        self.attack("links_at_the_end")

    def test_links_moved(self):
        self.attack("links_moved")

    def test_links_in_chains(self):
        self.attack("links_in_chains")

    def test_hard_links(self):
        self.link("../outside/file", "out-file")
        self.link(self.tree.outside / "file", "out-absolute")
        self.link("../outside/new", "out-new")
        self.attack("hard_links")

    def opened(self, path: Path, flags: int) -> int:
        fd = os.open(path, flags)
        self.addCleanup(os.close, fd)
        return fd

    def test_proc_self_fd(self):
        fds = [self.opened(self.tree.outside, os.O_RDONLY | os.O_DIRECTORY), self.opened(self.tree.outside / "file", os.O_RDONLY)]
        self.attack("proc_self_fd", *fds, self.tree.outside, options=["--dir", "/::/root"], pass_fds=fds)

    def test_proc_granted(self):
        for directory in ("/proc", "/proc/self", "/proc/self/fd"):
            with self.subTest(directory):
                command = [self.options.wasmc, "run", "--dir", directory, self.artifact, "--", "slashes_and_dots"]
                done = subprocess.run(command, capture_output=True, text=True)
                self.assertEqual((done.returncode, done.stdout), (1, ""))
                self.assertRegex(done.stderr, rf"^wasmc: .*{directory}: .*procfs\n$")

    def test_renames_across(self):
        self.attack("renames_across")

    def test_read_only(self):
        (self.tree.read_only / "in").symlink_to("real")
        (self.tree.read_only / "dangling").symlink_to("nothing")
        self.attack("read_only")

    def test_renumber(self):
        self.attack("renumber")

    def test_rights(self):
        self.attack("rights")

    def test_removed(self):
        self.attack("removed")

    def test_entry_above(self):
        self.attack("entry_above", os.stat(self.tree.top).st_ino)

    def test_host_descriptors(self):
        flags = os.O_RDONLY | os.O_DIRECTORY
        self.attack("host_descriptors", pass_fds=[self.opened(self.tree.outside, flags) for _ in range(50)])

    def test_stream_directory(self):
        self.attack("stream_directory", stdin=self.opened(self.tree.outside, os.O_RDONLY | os.O_DIRECTORY))

    def test_closed_streams(self):
        """The guest cannot always say what it found: its exit code tells."""
        grants = shlex.join(map(str, self.tree.granted()))
        compiled, module = shlex.quote(str(self.artifact)), shlex.quote(self.options.guest)
        for file in (compiled, f"-O0 {module}", f"<(cat {compiled})", f"-O0 <(cat {module})"):
            for closed in ("0", "1", "2", "0 1", "0 2", "1 2", "0 1 2"):
                with self.subTest(file=file, closed=closed):
                    self.seal()
                    closing = "".join(f" {stream}>&-" for stream in closed.split())
                    command = f"exec {shlex.quote(self.options.wasmc)} run {grants} {file} -- closed_streams {closed}{closing}"
                    done = subprocess.run(["bash", "-c", command], stdin=subprocess.DEVNULL, capture_output=True, text=True)
                    self.assertEqual((done.returncode, done.stderr, self.sealed.changes()), (0, "", []), done.stdout)

    def test_streams_onto_the_code(self):
        artifact = shutil.copy(self.artifact, self.tree.first / "guest.aot")
        for stream in (0, 1, 2):
            with self.subTest(stream):
                with open(artifact, "r+b") as file:
                    streams = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
                    streams[("stdin", "stdout", "stderr")[stream]] = file
                    done = subprocess.run([self.options.wasmc, "run", artifact, "--", "artifact", "guest.aot"], text=True, **streams)
                # On standard error, wasmc's own word is the last that is written there.
                said = done.stderr if stream != 2 else Path(artifact).read_bytes()[:200].decode(errors="replace")
                self.assertEqual((done.returncode, done.stdout or ""), (1, ""))
                self.assertIn(f"standard stream {stream} would let the guest write to what it runs from", said)

    def test_artifact(self):
        artifact = Path(shutil.copy(self.artifact, self.tree.first / "guest.aot"))
        before = artifact.read_bytes()
        self.attack("artifact", artifact.name, artifact=artifact)
        self.assertEqual(artifact.read_bytes(), before)

    def test_cached_code(self):
        """As `artifact`, but the code is mapped from the cache, which lies in what is granted."""
        if os.geteuid() != 0:
            self.skipTest("permissions alone refuse to write to an entry, but for root")
        cache = self.tree.first / "cache"
        environment = {"env": {**os.environ, "WASMC_CACHE_DIR": str(cache)}}
        subprocess.run([self.options.wasmc, "run", self.options.guest], stdout=subprocess.DEVNULL, check=True, **environment)
        (entry,) = cache.iterdir()
        before = entry.read_bytes()
        self.attack("artifact", f"cache/{entry.name}", artifact=self.options.guest, **environment)
        self.assertEqual(entry.read_bytes(), before)

    def test_last_bytes(self):
        self.attack("last_bytes")

    def test_wrapping(self):
        self.attack("wrapping")

    def test_four_gibibytes(self):
        self.attack("four_gibibytes")


class Races(Attacks):
    """Those that are decided by what happens meanwhile. In memory: disks are slow at a million changes, and then few matter."""

    place = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None

    def met(self, out: str) -> dict[str, dict[str, int]]:
        """Of each attempt, how often it met which side."""
        lines = re.findall(r"(?m)^(\w+): (.*)$", out)
        return {name: {side: int(count) for side, count in re.findall(r"(\w+) (\d+)", sides)} for name, sides in lines}

    def all_met(self, out: str, side: str):
        for name, sides in self.met(out).items():
            self.assertEqual({side}, {side for side, count in sides.items() if count}, name)

    def race(self, case: str, still, how: str, *pairs: str):
        """Attempts while nothing moves, on the one side and on the other, then in the race. `still` makes the one into the other.
        The guest is told the inode of the directory that is exchanged, if one is."""
        inode = os.stat(self.tree.first / pairs[0]).st_ino if how == "exchange" else 0
        self.all_met(self.attack(case, 3, inode), "inside")
        still()
        self.all_met(self.attack(case, 3, inode), "refused")
        streams = dict.fromkeys(("stdin", "stdout", "stderr"), subprocess.PIPE)
        mover = subprocess.Popen([self.options.mover, how, *pairs], cwd=self.tree.first, text=True, **streams)
        self.addCleanup(self.stop, mover)
        if mover.stdout.readline() != "moving\n":
            self.skipTest(f"nothing moves here: {mover.communicate()[1].strip()}")
        out = self.attack(case, RACE_ROUNDS, inode)
        moved, err = mover.communicate(timeout=TIMEOUT_SECONDS)
        self.assertEqual((mover.returncode, err), (0, ""))
        print(f"\n{case}, meanwhile {moved.strip()}", *(f"  {line}" for line in out.splitlines()), sep="\n", flush=True)

    def test_race_on_the_way(self):
        self.turning()
        self.race("race_on_the_way", lambda: self.exchange("turn"), "exchange", "turn", "turn-other")

    def test_race_at_the_end(self):
        self.turning()
        names = ["turn", "turn-file", "turn-empty"]
        pairs = [name + suffix for name in names for suffix in ("", "-other")]
        self.race("race_at_the_end", lambda: self.exchange(*names), "exchange", *pairs)

    def test_race_dot_dot(self):
        deep, shallow = self.tree.first / "x/y/z", self.tree.first / "z"
        deep.mkdir(parents=True)
        (self.tree.first / "x/file").write_text(PUBLIC)
        # The mover wants to begin where the attempts ended.
        self.race("race_dot_dot", lambda: deep.rename(shallow), "move", "z", "x/y/z")


def has_openat2() -> bool:
    libc = ctypes.CDLL(None, use_errno=True)
    libc.syscall(OPENAT2, -1, None, None, 0)
    return ctypes.get_errno() == errno.EINVAL


def main():
    rest = "What else is given goes to unittest: Escapes.test_links_before, -f, …"
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0], epilog=rest)
    parser.add_argument("--wasmc", type=os.path.abspath, required=True, help="the program to test")
    parser.add_argument("--guest", type=os.path.abspath, required=True, help="escapes/*.c built for WASI")
    parser.add_argument("--mover", type=os.path.abspath, required=True, help="escapes/mover.c built for this machine")
    Attacks.options, rest = parser.parse_known_args()
    print("paths are resolved", "by openat2" if has_openat2() else "component by component", flush=True)
    with tempfile.TemporaryDirectory(prefix="wasmc-escapes-") as holder:
        os.environ["WASMC_CACHE_DIR"] = os.path.join(holder, "cache")
        Attacks.artifact = Path(holder) / "guest.aot"
        subprocess.run([Attacks.options.wasmc, "compile", Attacks.options.guest, "-o", Attacks.artifact], check=True)
        unittest.main(argv=[sys.argv[0], *rest], verbosity=2)


if __name__ == "__main__":
    main()
