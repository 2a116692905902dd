#!/usr/bin/env python3
"""The cache of compiled modules: what is found again, what never is, and that no trouble with it ever shows."""
import os
import pathlib
import platform
import shutil
import stat
import struct
import subprocess
import time

from harness import SMALL, WASMC, CliTest, Done, main

OTHER = {"x86_64": "aarch64", "aarch64": "x86_64"}[platform.machine()]
NOT_COMPILED = "nothing was compiled: the code was in the cache (--no-cache compiles)\n"
MINUS = SMALL.replace("i32.add", "i32.sub")
NOBODY = 65534


def has_attributes(path):
    """Whether the file system keeps what `list` calls an entry by."""
    try:
        os.setxattr(path, "user.wasmc.test", b"1")
    except OSError:
        return False
    return True


class CacheTest(CliTest):
    def add(self, *options, file="app.wasm", **surroundings):
        return self.wasmc("run", *options, "--invoke", "add", file, "2", "40", **surroundings)

    def entries(self):
        return sorted(self.cache.iterdir()) if self.cache.is_dir() else []

    def filled(self):
        """The module in the test's directory, and its entry."""
        self.module()
        self.ok(self.add(), "42\n")
        (entry,) = self.entries()
        return entry

    def put(self, entry, contents, mode=0o500):
        """Another file in the entry's place."""
        entry.unlink(missing_ok=True)
        entry.write_bytes(contents)
        entry.chmod(mode)

    def minus(self):
        """The code of a module whose `add` takes away."""
        self.artifact(MINUS, name="minus.aot", options=["--strip-wasm"])
        self.module()
        return (self.dir / "minus.aot").read_bytes()

    def compiles(self, *options, **how):
        done = self.add("--time", *options, **how)
        self.assertEqual((done.code, done.out), (0, "42\n"), done)
        self.assertRegex(done.err, r"\Aphase ")

    def compiles_nothing(self, *options, **how):
        done = self.add("--time", *options, **how)
        self.assertEqual((done.code, done.out, done.err), (0, "42\n", NOT_COMPILED), done)

    def with_environment(self, **variables):
        return {"env": {**os.environ, **variables}}


class Hits(CacheTest):
    def test_the_second_run_compiles_nothing(self):
        self.module()
        self.compiles()
        self.compiles_nothing()
        self.assertEqual(len(self.entries()), 1)

    def test_the_compiler_is_not_even_opened(self):
        self.module()
        opened = "libwasmc_compiler.so" in self.add(**self.with_environment(LD_DEBUG="files")).err
        if not opened:
            self.skipTest("the dynamic linker does not tell here what it opens")
        self.assertNotIn("libwasmc_compiler.so", self.add(**self.with_environment(LD_DEBUG="files")).err)

    def test_what_runs_is_the_entry(self):
        self.put(self.filled(), self.minus())
        self.ok(self.add(), "-38\n")

    def test_the_entry_is_what_compile_writes(self):
        entry = self.filled()
        self.artifact(options=["--strip-wasm"])
        self.assertEqual(entry.read_bytes(), (self.dir / "app.aot").read_bytes())
        self.assertEqual(stat.S_IMODE(entry.stat().st_mode), 0o500)
        self.assertEqual(stat.S_IMODE(self.cache.stat().st_mode), 0o700)

    def test_the_code_that_runs_cannot_be_written(self):
        entry = self.filled()
        why = "overwrite what it runs from" if os.geteuid() == 0 else "Permission denied"
        self.refused(self.wasmc("run", "--stdout", entry, "app.wasm"), why)
        self.compiles_nothing()

    def test_a_hit_is_a_use(self):
        entry = self.filled()
        os.utime(entry, (1000000000, 1000000000))
        self.compiles_nothing()
        self.assertGreater(entry.stat().st_mtime, time.time() - 3600)
        os.utime(entry, (1 << 32, 1 << 32))  # a clock that was wrong
        self.compiles_nothing()
        self.assertLess(entry.stat().st_mtime, time.time() + 3600)

    def test_traps_tell_the_same(self):
        self.module("(module (func $deep (unreachable)) (func (export \"_start\") (call $deep)))")
        first, second = self.wasmc("run", "app.wasm"), self.wasmc("run", "app.wasm")
        self.assertEqual((first.code, first.err), (second.code, second.err))
        self.assertIn("at deep (function 0, offset 0x", second.err)

    def test_no_cache(self):
        self.module()
        self.compiles("--no-cache")
        self.assertEqual(self.entries(), [])
        entry = self.filled()
        self.put(entry, self.minus())
        self.ok(self.add("--no-cache"), "42\n")
        self.ok(self.add(), "-38\n")

    def test_size_zero_is_no_cache(self):
        self.module()
        none = self.with_environment(WASMC_CACHE_SIZE="0")
        self.compiles(**none)
        self.assertEqual(self.entries(), [])
        self.filled()
        self.compiles(**none)


class Keys(CacheTest):
    def test_options_that_change_the_code(self):
        self.module()
        changes = [[], ["-O0"], ["-O1"], ["-O3"], ["-Os"], ["--bounds=explicit"], ["--deterministic"], ["--strict-traps"], ["--cpu=generic"],
                   ["--cpu=generic", "--features=" + ("+sse3" if OTHER == "aarch64" else "+crc")]]
        for count, options in enumerate(changes, 1):
            with self.subTest(options):
                self.compiles(*options)
                self.assertEqual(len(self.entries()), count)
                self.compiles_nothing(*options)

    def test_options_that_do_not(self):
        self.filled()
        for options in (["-O2"], ["-j1"], ["-j7"], ["--no-progress"], ["--bounds=guard"], ["--max-wasm-stack=1M"], ["--dir=."]):
            self.compiles_nothing(*options)

    def test_the_module_counts_not_its_name(self):
        self.filled()
        shutil.copy(self.dir / "app.wasm", self.dir / "other")
        (self.dir / "app.wasm").unlink()
        self.compiles_nothing(file="other")

    def test_another_module(self):
        self.filled()
        self.module(MINUS)
        self.ok(self.add(), "-38\n")
        self.assertEqual(len(self.entries()), 2)

    def test_text(self):
        (self.dir / "app.wat").write_text(SMALL)
        self.ok(self.add(file="app.wat"), "42\n")
        self.ok(self.wasmc("wat", "app.wat", "-o", "app.wasm"))
        self.compiles_nothing()
        (self.dir / "app.wat").write_text(SMALL + ";; the same module\n")
        self.compiles_nothing(file="app.wat")

    def test_universal(self):
        self.filled()
        self.ok(self.wasmc("compile", "app.wasm", "-o", "fat.wasm", "--target=x86_64", "--target=aarch64"))
        self.compiles_nothing(file="fat.wasm")

    def test_preloaded_modules(self):
        self.module(name="library.wasm")
        self.module('(module (import "library" "add" (func $add (param i32 i32) (result i32))) (export "add" (func $add)))')
        self.ok(self.add("--preload=library=library.wasm"), "42\n")
        self.assertEqual(len(self.entries()), 2)
        done = self.ok_but_for(NOT_COMPILED * 2, self.add("--time", "--preload=library=library.wasm"))
        self.assertEqual(done.out, "42\n")

    def ok_but_for(self, err, done):
        self.assertEqual((done.code, done.err), (0, err), done)
        return done

    def test_artifacts_of_other_machines(self):
        self.artifact(options=[f"--target={OTHER}"])
        self.assertEqual(self.add("--fallback=jit", file="app.aot").out, "42\n")
        self.compiles_nothing()

    def test_what_is_compiled_already(self):
        self.ok(self.add(file=self.artifact()), "42\n")
        self.ok(self.wasmc("compile", "app.wasm", "-o", "fat.wasm", "--universal"))
        self.ok(self.add("--allow-precompiled", file="fat.wasm"), "42\n")
        self.assertEqual(self.entries(), [])

    def test_what_does_not_compile(self):
        self.module('(module (func (export "_start") (i32.add)))', options=["--no-check"])
        self.assertEqual(self.refused(self.wasmc("run", "app.wasm")).err, self.refused(self.wasmc("run", "app.wasm")).err)
        self.assertEqual(self.entries(), [])

    def test_another_compiler(self):
        build, tree = pathlib.Path(WASMC).resolve().parent.parent, self.dir / "tree"
        shutil.copytree(build / "lib/wasmc", tree / "lib/wasmc")
        (tree / "bin").mkdir()
        copy, library = shutil.copy(WASMC, tree / "bin"), tree / "lib/wasmc/libwasmc_compiler.so"

        def run():
            done = Done(subprocess.run([copy, "run", "--time", "--invoke", "add", "app.wasm", "2", "40"], cwd=self.dir, capture_output=True))
            self.assertEqual((done.code, done.out), (0, "42\n"), done)
            return done.err == NOT_COMPILED

        self.module()
        self.assertEqual([run(), run()], [False, True])
        os.utime(library, (1000000000, 1000000000))
        self.assertEqual([run(), run()], [False, True])


class Damage(CacheTest):
    def recovers(self, entry, whole):
        self.ok(self.add(), "42\n")
        self.assertEqual(entry.read_bytes(), whole)
        self.compiles_nothing()

    def test_truncated(self):
        entry = self.filled()
        whole = entry.read_bytes()
        for length in (0, 1, 63, 64, 4096, len(whole) // 2, len(whole) - 1):
            with self.subTest(length):
                self.put(entry, whole[:length])
                self.recovers(entry, whole)

    def test_flipped(self):
        entry = self.filled()
        whole = entry.read_bytes()
        for at in (0, 5, 18, 40, 60, *range(64, len(whole), len(whole) // 12), len(whole) - 1):
            with self.subTest(at):
                flipped = bytearray(whole)
                flipped[at] ^= 1 << at % 8
                self.put(entry, flipped)
                self.recovers(entry, whole)

    def test_of_another_kind(self):
        entry = self.filled()
        whole = entry.read_bytes()
        version = whole.index(b"wasmcAOT") + 8
        self.artifact(options=[f"--target={OTHER}"], name="other.aot")
        for contents in (b"text", whole + b"\0", whole[:version] + struct.pack("<I", 999) + whole[version + 4:],
                         (self.dir / "other.aot").read_bytes(), pathlib.Path(WASMC).read_bytes()):
            self.put(entry, contents)
            self.recovers(entry, whole)

    def test_no_file(self):
        entry = self.filled()
        whole = entry.read_bytes()
        entry.unlink()
        os.mkfifo(entry)
        self.recovers(entry, whole)
        entry.unlink()
        entry.mkdir()
        self.ok(self.add(), "42\n")
        self.ok(self.add(), "42\n")
        entry.rmdir()
        self.recovers(entry, whole)

    def test_links_are_not_followed(self):
        entry = self.filled()
        whole = entry.read_bytes()
        target = self.dir / "minus"
        self.put(target, self.minus())
        entry.unlink()
        entry.symlink_to(target)
        self.recovers(entry, whole)
        self.assertFalse(entry.is_symlink())
        self.assertEqual(target.read_bytes(), (self.dir / "minus.aot").read_bytes())


class Trust(CacheTest):
    """Code of others is not run: each of these entries would say something else."""

    def test_permissions_of_entries(self):
        entry = self.filled()
        whole, minus = entry.read_bytes(), self.minus()
        for mode in (0o600, 0o700, 0o400, 0o520, 0o502, 0o555, 0o4500, 0o1500):
            with self.subTest(oct(mode)):
                self.put(entry, minus, mode)
                self.ok(self.add(), "42\n")
                self.assertEqual((entry.read_bytes(), stat.S_IMODE(entry.stat().st_mode)), (whole, 0o500))

    def test_owner_of_entries(self):
        self.needs_root()
        entry = self.filled()
        self.put(entry, self.minus())
        os.chown(entry, NOBODY, NOBODY)
        self.ok(self.add(), "42\n")
        self.assertEqual(entry.stat().st_uid, 0)

    def needs_root(self):
        if os.geteuid() != 0:
            self.skipTest("only root can give files to others")

    def is_unused(self, why, path=None):
        """The directory with an entry that would say something else."""
        before = [entry.name for entry in self.entries()]
        self.ok(self.add(), "42\n")
        self.ok(self.add("-O0"), "42\n")
        self.assertEqual([entry.name for entry in self.entries()], before)
        for action in ("list", "prune", "clear"):
            self.refused(self.wasmc("cache", action), f"wasmc: {path or self.cache}: ", why)
        self.ok(self.wasmc("cache", "dir"), f"{self.cache}\n")

    def test_permissions_of_the_directory(self):
        self.put(self.filled(), self.minus())
        for mode in (0o755, 0o770, 0o701, 0o1777):
            self.cache.chmod(mode)
            self.is_unused("it is open to other users (chmod 700 closes it)")
        self.cache.chmod(0o700)
        self.ok(self.add(), "-38\n")

    def test_owner_of_the_directory(self):
        self.needs_root()
        self.put(self.filled(), self.minus())
        os.chown(self.cache, NOBODY, NOBODY)
        self.is_unused("it belongs to another user")

    def test_a_directory_through_a_link(self):
        self.put(self.filled(), self.minus())
        self.cache.rename(self.dir / "real")
        self.cache.symlink_to(self.dir / "real")
        self.is_unused("Not a directory")
        self.ok(self.add(**self.with_environment(WASMC_CACHE_DIR=f"{self.cache}/")), "42\n")

    def test_other_rights(self):
        self.needs_root()
        self.put(self.filled(), self.minus())
        other = {"preexec_fn": lambda: os.setresuid(NOBODY, 0, 0)}
        self.ok(self.add(**other), "42\n")
        self.refused(self.wasmc("cache", **other), "another user's rights")

    def test_nothing_is_made_where_others_live(self):
        """As under sudo, with HOME still the user's."""
        self.needs_root()
        self.module()
        home = self.dir / "home"
        home.mkdir()
        os.chown(home, NOBODY, NOBODY)
        self.ok(self.add(**self.with_environment(WASMC_CACHE_DIR="", XDG_CACHE_HOME="", HOME=str(home))), "42\n")
        self.assertEqual(list(home.iterdir()), [])


class Troubles(CacheTest):
    """All of them only mean that nothing is kept."""

    def test_a_directory_that_cannot_be_made(self):
        self.module()
        (self.dir / "file").touch()
        for place in ("/proc/wasmc", "/dev/null/cache", self.dir / "file/cache", self.dir / "a/b/c", self.dir / ("x" * 300)):
            self.ok(self.add(**self.with_environment(WASMC_CACHE_DIR=str(place))), "42\n")
        self.assertEqual(self.files(), ["app.wasm", "file"])

    def test_no_environment(self):
        self.module()
        self.ok(self.add(env={}), "42\n")
        self.refused(self.wasmc("cache", env={}), "there is no place for a cache")

    def mounted(self, options, *commands):
        """Runs the commands with a small file system in the cache's place, which nobody else sees."""
        self.cache.mkdir(exist_ok=True)
        script = f'set -e; mount -t tmpfs -o mode=700,{options} none "$WASMC_CACHE_DIR"; ' + "; ".join(commands)
        root = [] if os.geteuid() == 0 else ["--map-root-user"]
        if subprocess.run(["unshare", "--mount", *root, "mount", "-t", "tmpfs", "none", self.dir], capture_output=True).returncode != 0:
            self.skipTest("mounting is not allowed here")
        return Done(subprocess.run(["unshare", "--mount", *root, "sh", "-c", script], cwd=self.dir, capture_output=True, timeout=120))

    def test_full_disk(self):
        self.module()
        run = f"{WASMC} run --time --invoke add app.wasm 2 40 2>/dev/null"
        self.ok(self.mounted("size=32k", run, run, 'ls -A "$WASMC_CACHE_DIR"'), "42\n42\n")

    def test_read_only(self):
        self.module()
        run = f"{WASMC} run --invoke add app.wasm 2 40"
        self.ok(self.mounted("size=1m", 'mount -o remount,bind,ro "$WASMC_CACHE_DIR"', run, run, f"{WASMC} cache list"), "42\n42\n0 modules, 0 bytes of at most 2.0G\n")
        # What was there before is still of use, though its time stays.
        again = f"touch -d 2001-01-01 \"$WASMC_CACHE_DIR\"/*; mount -o remount,bind,ro \"$WASMC_CACHE_DIR\"; {WASMC} run --time --invoke add app.wasm 2 40 2>&1"
        self.ok(self.mounted("size=1m", run, again), "42\n" + NOT_COMPILED + "42\n")

    def test_a_file_system_that_no_code_runs_from(self):
        self.module()
        run = f"{WASMC} run --invoke add app.wasm 2 40"
        self.ok(self.mounted("size=1m,noexec", run, run, 'ls -A "$WASMC_CACHE_DIR"', f"{WASMC} cache 2>&1 || true"),
                f"42\n42\nwasmc: {self.cache}: not used as the cache: no code can run from that file system (noexec)\n")

    def test_a_bad_size_is_a_warning(self):
        self.module()
        for size in ("2X", "-1", "K", "1.5G", "99999999999G", "10GB"):
            bad = self.with_environment(WASMC_CACHE_SIZE=size)
            done = self.add(**bad)
            self.assertEqual((done.code, done.out, done.err), (0, "42\n", f"wasmc: warning: WASMC_CACHE_SIZE: not a number of bytes: {size}; nothing is cached\n"))
            self.refused(self.wasmc("cache", **bad), f"WASMC_CACHE_SIZE: not a number of bytes: {size}")
            self.ok(self.wasmc("run", "--no-cache", "app.wasm", **bad))
        self.assertEqual(self.entries(), [])

    def test_eight_at_once(self):
        self.module()
        for round in range(3):
            running = [subprocess.Popen([WASMC, "run", "--invoke", "add", "app.wasm", "2", "40"], cwd=self.dir, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
                       for _ in range(8)]
            self.assertEqual([(*process.communicate(timeout=120), process.returncode) for process in running], [(b"42\n", b"", 0)] * 8)
            (entry,) = self.entries()
            whole = entry.read_bytes()
            self.put(entry, whole[:5000])  # for the next round
        self.ok(self.add(), "42\n")
        self.assertEqual(entry.read_bytes(), whole)

    def test_others_empty_it_meanwhile(self):
        self.module()
        running = subprocess.Popen(["sh", "-c", f'while :; do {WASMC} cache clear || exit 1; rmdir "$WASMC_CACHE_DIR"; done 2>&1'], stdout=subprocess.DEVNULL)
        self.addCleanup(running.wait)
        self.addCleanup(running.kill)
        for _ in range(20):
            self.ok(self.add(), "42\n")
        self.assertIsNone(running.poll())


class Size(CacheTest):
    """The modules differ in a number; each comes to the same size."""

    def run_number(self, number, limit):
        self.module(SMALL.replace("i32.const 3", f"i32.const {number}"), name=f"{number}.wasm")
        before = set(self.entries())
        self.ok(self.add(file=f"{number}.wasm", **self.with_environment(WASMC_CACHE_SIZE=str(limit))), "42\n")
        (new,) = set(self.entries()) - before or {None}
        return new

    def setUp(self):
        super().setUp()
        self.size = self.filled().stat().st_size
        self.ok(self.wasmc("cache", "clear"))

    def test_those_not_used_for_longest_go(self):
        limit = 3 * self.size + 100
        first, second, third = (self.run_number(number, limit) for number in (11, 12, 13))
        for age, entry in ((3, second), (2, first), (1, third)):
            os.utime(entry, (time.time() - 1000 * age,) * 2)
        fourth = self.run_number(14, limit)
        self.assertEqual(set(self.entries()), {first, third, fourth})
        self.assertIsNone(self.run_number(11, limit))  # used
        fifth = self.run_number(15, limit)
        self.assertEqual(set(self.entries()), {first, fourth, fifth})
        sixth = self.run_number(16, self.size)
        self.assertEqual(self.entries(), [sixth])

    def test_what_is_larger_than_the_cache(self):
        kept = self.run_number(11, self.size)
        self.assertIsNone(self.run_number(12, self.size - 1))
        self.assertEqual(self.entries(), [kept])

    def test_prune(self):
        entries = [self.run_number(number, "1G") for number in (11, 12, 13)]
        for age, entry in enumerate(entries):
            os.utime(entry, (time.time() - 1000 * age,) * 2)
        self.assertRegex(self.ok(self.wasmc("cache", "prune")).out, r"\Aremoved 0 modules, 0 bytes\n\Z")
        self.assertRegex(self.ok(self.wasmc("cache", "prune", 2 * self.size)).out, r"\Aremoved 1 module, \d+\.\dK\n\Z")
        self.assertEqual(self.entries(), sorted(entries[:2]))
        self.ok(self.wasmc("cache", "prune", **self.with_environment(WASMC_CACHE_SIZE=f"{self.size // 1024 + 1}K")))
        self.assertEqual(self.entries(), entries[:1])
        self.assertRegex(self.ok(self.wasmc("cache", "prune", "0")).out, "removed 1 module, ")
        self.assertEqual(self.entries(), [])

    def test_what_dead_processes_left(self):
        old, young = self.cache / ".new-0123456789abcdef", self.cache / ".new-fedcba9876543210"
        others = [self.cache / name for name in ("notes.aot", ".newer", "0" * 64, "0" * 63 + "x.aot")]
        for file in (old, young, *others):
            file.write_text("x" * self.size)
        os.utime(old, (time.time() - 100000,) * 2)
        first = self.run_number(11, self.size)
        self.assertEqual(set(self.entries()), {young, first, *others})
        self.ok(self.wasmc("cache", "clear"))
        self.assertEqual(self.entries(), sorted(others))


class Command(CacheTest):
    def test_list(self):
        for action in ([], ["list"]):
            self.ok(self.wasmc("cache", *action), "0 modules, 0 bytes of at most 2.0G\n")
        self.assertFalse(self.cache.exists())
        entry = self.filled()
        os.utime(entry, (1000000000, 1000000000))
        size = entry.stat().st_size
        out = self.ok(self.wasmc("cache", **self.with_environment(TZ="UTC", WASMC_CACHE_SIZE="1500M"))).out
        name = "app\\.wasm" if has_attributes(self.cache.parent) else ""
        self.assertRegex(out, rf"\A +{size / 1024:.1f}K  2001-09-09 01:46  {entry.name[:12]}  {name}\n1 module, {size / 1024:.1f}K of at most 1.5G\n\Z")

    def test_names_are_escaped(self):
        self.filled()
        os.rename(self.dir / "app.wasm", self.dir / "a\nb\x1b")
        self.ok(self.add("-O0", file="a\nb\x1b"), "42\n")
        self.assertEqual(self.ok(self.wasmc("cache")).out.count("\n"), 3)

    def test_clear(self):
        self.filled()
        self.ok(self.add("-O0"))
        self.assertRegex(self.ok(self.wasmc("cache", "clear")).out, r"\Aremoved 2 modules, \d+\.\dK\n\Z")
        self.assertEqual(self.entries(), [])
        self.ok(self.wasmc("cache", "clear"), "removed 0 modules, 0 bytes\n")

    def test_places(self):
        home = {"HOME": "/home/me"}
        for variables, place in (({**home, "XDG_CACHE_HOME": "/x", "WASMC_CACHE_DIR": "/own//"}, "/own"), ({**home, "XDG_CACHE_HOME": "/x"}, "/x/wasmc"),
                                 ({**home, "XDG_CACHE_HOME": "relative"}, "/home/me/.cache/wasmc"), ({**home, "WASMC_CACHE_DIR": ""}, "/home/me/.cache/wasmc"),
                                 ({"WASMC_CACHE_DIR": "here"}, "here")):
            self.ok(self.wasmc("cache", "dir", env=variables), f"{place}\n")

    def test_the_directory_is_made(self):
        self.module()
        home = self.dir / "home"
        home.mkdir()
        self.ok(self.add(env={"HOME": str(home)}), "42\n")
        self.assertEqual(len(list((home / ".cache/wasmc").iterdir())), 1)
        self.assertEqual(stat.S_IMODE((home / ".cache/wasmc").stat().st_mode), 0o700)
        self.ok(self.add(env={"WASMC_CACHE_DIR": "here"}), "42\n")
        self.assertEqual(len(list((self.dir / "here").iterdir())), 1)

    def test_errors(self):
        self.refused(self.wasmc("cache", "frobnicate"), "frobnicate", "wasmc cache --help")
        self.refused(self.wasmc("cache", "prune", "2X"), "not a number of bytes: 2X")
        self.refused(self.wasmc("cache", "clear", "2M"), "only prune takes BYTES")
        with open("/dev/full", "w") as full:
            self.assertEqual(self.wasmc("cache", stdout=full).err, "wasmc: cannot write to standard output: No space left on device\n")


if __name__ == "__main__":
    main()
