#!/usr/bin/env python3
"""Running at once while better code is compiled beside the guest: what is said and done is the same, whichever code runs."""
import os
import pathlib
import signal
import subprocess
import time

from harness import SMALL, TRAPPED, WASMC, CliTest, main

PATIENCE = 60  # seconds: for a machine that is very busy

# Reads bytes: for each but the last it calls and loops, in code of whichever tier, and writes a byte that says how that came out; then it traps.
ECHO = """(module
  (import "wasi_snapshot_preview1" "fd_read" (func $fd_read (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_write" (func $fd_write (param i32 i32 i32 i32) (result i32)))
  (memory (export "memory") 1)
  (table 2 funcref) (elem (i32.const 0) $sum)
  (type $i_i (func (param i32) (result i32)))
  (func $sum (type $i_i) (local i32)
    (loop $again
      (local.set 1 (i32.add (local.get 1) (local.get 0)))
      (br_if $again (local.tee 0 (i32.sub (local.get 0) (i32.const 1)))))
    (local.get 1))
  (func $read (result i32)
    (i32.store (i32.const 0) (i32.const 16)) (i32.store (i32.const 4) (i32.const 1))
    (drop (call $fd_read (i32.const 0) (i32.const 0) (i32.const 1) (i32.const 8)))
    (i32.load8_u (i32.const 16)))
  (func $write (param i32)
    (i32.store8 (i32.const 16) (local.get 0))
    (i32.store (i32.const 0) (i32.const 16)) (i32.store (i32.const 4) (i32.const 1))
    (drop (call $fd_write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 8))))
  (func $fail (param i32) (i32.store (i32.sub (i32.const 0) (local.get 0)) (local.get 0)))
  (func $work (local $total i32) (local $byte i32)
    (loop $again
      (if (i32.ne (local.tee $byte (call $read)) (i32.const 0x21)) (then
        (local.set $total (i32.add (local.get $total) (call $sum (i32.const 10))))
        (local.set $total (i32.add (local.get $total) (call_indirect (type $i_i) (i32.const 10) (i32.const 0))))
        (call $write (i32.add (i32.const 0x30) (i32.rem_u (local.get $total) (i32.const 7))))
        (br $again))))
    (call $fail (local.get $byte)))
  (func (export "_start") (call $work))
)"""


# Functions whose better code takes a core a second or more: what is looked at meanwhile is not gone before it is looked at.
BALLAST = "".join(
    f"(func (param i32) (result i32) (loop (br_if 0 (local.tee 0 (i32.shr_u (local.get 0) (i32.const 1))))) "
    + "".join(f"(local.set 0 (i32.add (i32.mul (local.get 0) (i32.const {i})) (i32.load offset={i} (i32.const 8))))" for i in range(1, 200)) + " (local.get 0))"
    for _ in range(100))
SLOW_ECHO = ECHO.removesuffix(")") + BALLAST + ")"


class TierUpTest(CliTest):
    def entries(self):
        return sorted(path.name for path in self.cache.glob("*.aot")) if self.cache.is_dir() else []

    def wait_for(self, condition):
        end = time.monotonic() + PATIENCE
        while not condition():
            self.assertLess(time.monotonic(), end, "nothing came")
            time.sleep(0.01)

    def is_first_tier(self, entry):
        return "first tier" in self.wasmc("inspect", self.cache / entry).out

    def wait_for_best(self):
        """Until the cache has that code and no first tier any more."""
        self.wait_for(lambda: len(self.entries()) == 1 and not self.is_first_tier(self.entries()[0]))

    def start(self, *options, file="app.wasm", **how):
        pipe = subprocess.PIPE
        return subprocess.Popen([WASMC, "run", *options, file], cwd=self.dir, stdin=pipe, stdout=pipe, stderr=pipe, **how)

    def talk(self, guest, text):
        """What the guest answers to each byte."""
        answers = ""
        for byte in text:
            guest.stdin.write(byte.encode())
            guest.stdin.flush()
            answers += guest.stdout.read(1).decode()
        return answers

    def finish(self, guest):
        out, err = guest.communicate(b"!", timeout=PATIENCE)
        return guest.returncode, out.decode(), err.decode()

    @staticmethod
    def group(number):
        """The processes of a group, but for those that have ended and that nobody has asked about."""
        found = []
        for path in pathlib.Path("/proc").glob("[0-9]*/stat"):
            try:
                state, _, group = path.read_text().rsplit(")", 1)[1].split()[:3]
            except OSError:
                continue
            if int(group) == number and state != "Z":
                found.append(path.parent.name)
        return found

    def test_the_guest_sees_no_difference(self):
        self.module(SLOW_ECHO)
        waiting = self.start("--tier-up=never", "--no-cache")
        expected = self.talk(waiting, "x" * 40), self.finish(waiting)
        guest = self.start("--tier-up=always")
        answers = self.talk(guest, "x" * 10)
        self.wait_for_best()
        answers += self.talk(guest, "x" * 10)  # functions are the better code's by now, or soon; `work` asks for a continuation
        time.sleep(0.5)                        # which is there when it goes on, or not: that is all the same too
        answers += self.talk(guest, "x" * 20)
        code, rest, err = self.finish(guest)
        self.assertEqual((answers, code, rest), (expected[0], TRAPPED, ""))
        self.assertEqual(expected[1][:2], (TRAPPED, ""))
        self.assertEqual(err.splitlines()[:2], expected[1][2].splitlines()[:2])  # -O2 knows nothing of `work`, which it has inlined
        self.assertEqual([line.split()[1] for line in err.splitlines()[1:]], ["fail", "work", "_start"])

    def test_the_next_run_has_the_best_code(self):
        self.module()
        self.ok(self.wasmc("run", "--tier-up=always", "--invoke", "add", "app.wasm", "2", "40"), "42\n")
        self.wait_for_best()
        done = self.wasmc("run", "--tier-up=always", "--time", "--invoke", "add", "app.wasm", "2", "40")
        self.assertEqual((done.code, done.out), (0, "42\n"))
        self.assertIn("nothing was compiled", done.err)
        (entry,) = self.entries()
        self.ok(self.wasmc("compile", "--strip-wasm", "app.wasm", "-o", "app.aot"))
        self.assertEqual((self.cache / entry).read_bytes(), (self.dir / "app.aot").read_bytes())

    def test_time_tells(self):
        self.module()
        done = self.wasmc("run", "--tier-up=always", "--time", "-O3", "--invoke", "add", "app.wasm", "2", "40")
        self.assertEqual((done.code, done.out), (0, "42\n"))
        self.assertRegex(done.err, r"(?s)\Aphase .*\nthat is the first tier; a process beside this one compiles at -O3 \(--tier-up=never waits for it\)\n\Z")

    def test_small_modules_and_o0_wait(self):
        self.module()
        for options in ([], ["-O0", "--tier-up=always"], ["--tier-up=never"]):
            done = self.wasmc("run", *options, "--no-cache", "--time", "--invoke", "add", "app.wasm", "2", "40")
            self.assertNotIn("first tier", done.err)
            done = self.wasmc("run", *options, "--time", "--invoke", "add", "app.wasm", "2", "40")
            self.assertNotIn("first tier", done.err)

    def test_pipes_end_with_the_guest(self):
        self.module(f"(module (memory 1) {BALLAST} (func (export \"one\") (result i32) (i32.const 1)))")
        self.ok(self.wasmc("run", "--invoke", "one", "app.wasm"), "1\n")  # returns when nobody holds the pipes any more
        (entry,) = self.entries()
        self.assertTrue(self.is_first_tier(entry), "it returned when all was compiled")
        self.wait_for_best()  # so that nothing is left behind, and because it goes on without the guest

    def test_many_at_once(self):
        self.module()
        runs = [self.start("--tier-up=always", "--invoke=load") for _ in range(8)]
        for run in runs:
            run.communicate(timeout=PATIENCE)
        runs = [self.start("--tier-up=always") for _ in range(8)]
        for run in runs:
            self.assertEqual(run.communicate(timeout=PATIENCE), (b"", b""))
            self.assertEqual(run.returncode, 0)
        self.wait_for_best()

    def test_without_a_cache(self):
        self.module(ECHO)
        os.environ["WASMC_CACHE_SIZE"] = "0"
        guest = self.start("--tier-up=always")
        answers = self.talk(guest, "x" * 5)
        time.sleep(0.5)
        answers += self.talk(guest, "x" * 5)
        code, _, err = self.finish(guest)
        self.assertEqual((code, answers[0], self.entries()), (TRAPPED, "5", []))
        self.assertIn("at work", err)

    def test_a_damaged_first_tier(self):
        self.module(SLOW_ECHO)
        guest = self.start("--tier-up=always")
        self.talk(guest, "x")
        (entry,) = self.entries()
        self.assertTrue(self.is_first_tier(entry))
        guest.kill()
        guest.communicate()
        self.wait_for_best()
        for path in self.cache.glob("*.aot"):
            path.unlink()
        damaged = self.cache / entry
        damaged.write_bytes(b"\x7fELF" + bytes(5000))
        damaged.chmod(0o500)
        guest = self.start("--tier-up=always")
        self.assertEqual(self.talk(guest, "x"), "5")
        self.assertEqual(self.finish(guest)[0], TRAPPED)
        self.wait_for_best()

    def test_interrupting_ends_both(self):
        self.module(SLOW_ECHO)
        guest = self.start("--tier-up=always", start_new_session=True)
        self.talk(guest, "x")
        os.killpg(guest.pid, signal.SIGINT)
        guest.communicate(timeout=PATIENCE)
        self.assertEqual(guest.returncode, -signal.SIGINT)

        self.wait_for(lambda: not self.group(guest.pid))

    def test_who_never_runs_leaves_nobody(self):
        self.module(SMALL.replace("(memory", "(import \"env\" \"missing\" (func)) (memory"))
        run = self.start("--tier-up=always", start_new_session=True)
        self.assertIn(b"missing", run.communicate(timeout=PATIENCE)[1])
        self.assertEqual(run.returncode, 1)
        self.wait_for(lambda: not self.group(run.pid))

    def test_no_cache_waits(self):
        self.module()
        self.refused(self.wasmc("run", "--tier-up=always", "--no-cache", "app.wasm"), "--tier-up=always", "--no-cache")


if __name__ == "__main__":
    main()
