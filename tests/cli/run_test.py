#!/usr/bin/env python3
"""Running: exit codes, what the guest is given, traps."""
import os
import socket
import subprocess
import time

from harness import TRAPPED, WASMC, CliTest, main

# Exits with the number that an expression gives. `$count` counts what args_sizes_get and environ_sizes_get tell.
WASI = """(module
  (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
  (import "wasi_snapshot_preview1" "args_sizes_get" (func $args_sizes_get (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "args_get" (func $args_get (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "environ_sizes_get" (func $environ_sizes_get (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "environ_get" (func $environ_get (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_prestat_get" (func $fd_prestat_get (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_prestat_dir_name" (func $fd_prestat_dir_name (param i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "path_open" (func $path_open (param i32 i32 i32 i32 i32 i64 i64 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_read" (func $fd_read (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_write" (func $fd_write (param i32 i32 i32 i32) (result i32)))
  (memory (export "memory") 1)
  (data (i32.const 16) "secret.txt")
  (func $print (param $at i32) (param $size i32)
    (i32.store (i32.const 0) (local.get $at))
    (i32.store (i32.const 4) (local.get $size))
    (drop (call $fd_write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 8))))
  (func (export "_start") %s))
"""
PRINT_ARGS = """(drop (call $args_sizes_get (i32.const 100) (i32.const 104)))
  (drop (call $args_get (i32.const 1000) (i32.const 2000)))
  (call $print (i32.const 2000) (i32.load (i32.const 104)))"""
PRINT_ENVIRONMENT = """(drop (call $environ_sizes_get (i32.const 100) (i32.const 104)))
  (drop (call $environ_get (i32.const 1000) (i32.const 2000)))
  (call $print (i32.const 2000) (i32.load (i32.const 104)))"""
FIRST_DIRECTORY = "(call $exit (call $fd_prestat_get (i32.const 3) (i32.const 100)))"
OPEN_SECRET = """(call $exit (call $path_open (i32.const 3) (i32.const 0) (i32.const 16) (i32.const 10)
  (i32.const 0) (i64.const 2) (i64.const 0) (i32.const 0) (i32.const 100)))"""
# Accepts one connection on descriptor 4 (3 is a directory) and sends back what comes first.
SERVER = """(module
  (import "wasi_snapshot_preview1" "sock_accept" (func $accept (param i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "sock_recv" (func $receive (param i32 i32 i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "sock_send" (func $send (param i32 i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "sock_shutdown" (func $shutdown (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
  (memory (export "memory") 1)
  (func $must (param $error i32) (if (local.get $error) (then (call $exit (local.get $error)))))
  (func (export "_start")
    (call $must (call $accept (i32.const 4) (i32.const 0) (i32.const 0)))
    (i32.store (i32.const 8) (i32.const 100))
    (i32.store (i32.const 12) (i32.const 100))
    (call $must (call $receive (i32.load (i32.const 0)) (i32.const 8) (i32.const 1) (i32.const 0) (i32.const 16) (i32.const 20)))
    (i32.store (i32.const 12) (i32.load (i32.const 16)))
    (call $must (call $send (i32.load (i32.const 0)) (i32.const 8) (i32.const 1) (i32.const 0) (i32.const 16)))
    (call $must (call $shutdown (i32.load (i32.const 0)) (i32.const 3)))))"""
BADF, NOENT, ROFS = 8, 44, 69


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Run(CliTest):
    """Each program runs as an artifact and by the JIT."""

    def each_way(self, text, options=(), arguments=(), **surroundings):
        self.artifact(text)
        yield self.wasmc("run", *options, "app.aot", *arguments, **surroundings)
        yield self.wasmc("run", *options, "app.wasm", *arguments, **surroundings)

    def exits(self, text, code, out="", err="", **how):
        for done in self.each_way(text, **how):
            self.assertEqual((done.code, done.out, done.err), (code, out, err))

    def test_exit_codes(self):
        for code in (0, 1, 7, 134, 255):
            self.exits(WASI % f"(call $exit (i32.const {code}))", code)
        self.exits(WASI % "", 0)

    def test_arguments(self):
        for between in ([], ["--"]):
            self.artifact(WASI % PRINT_ARGS)
            for file in ("app.aot", "app.wasm"):
                done = self.ok(self.wasmc("run", file, *between, "--dir=/", "-x", "two words", "", "--", "ü"))
                self.assertEqual(done.out.split("\0")[1:], ["--dir=/", "-x", "two words", "", "--", "ü", ""])

    def test_environment(self):
        text = WASI % PRINT_ENVIRONMENT
        surroundings = {"env": {**os.environ, "FROM_HERE": "passed on"}}
        self.exits(text, 0, "", **surroundings)
        self.exits(text, 0, "A=1\0B=\0C=x=y\0", options=["--env=A=1", "--env", "B=", "--env=C=x=y"], **surroundings)
        self.exits(text, 0, "FROM_HERE=passed on\0", options=["--env=FROM_HERE", "--env=NOT_HERE"], **surroundings)

    def test_directories(self):
        (self.dir / "granted").mkdir()
        (self.dir / "granted" / "secret.txt").touch()
        (self.dir / "secret.txt").touch()
        (self.dir / "other").mkdir()
        self.exits(WASI % FIRST_DIRECTORY, BADF)
        self.exits(WASI % FIRST_DIRECTORY, 0, options=["--dir=granted"])
        self.exits(WASI % OPEN_SECRET, BADF)
        self.exits(WASI % OPEN_SECRET, 0, options=["--dir=granted"])
        self.exits(WASI % OPEN_SECRET, 0, options=["--dir", "granted::/data"])
        self.exits(WASI % OPEN_SECRET, NOENT, options=["--dir=other"])
        name = "(drop (call $fd_prestat_dir_name (i32.const 3) (i32.const 200) (i32.const 5))) (call $print (i32.const 200) (i32.const 5))"
        self.exits(WASI % name, 0, "/data", options=["--dir=granted::/data"])
        for done in self.each_way(WASI % FIRST_DIRECTORY, options=["--dir=absent"]):
            self.refused(done, "wasmc: absent: ", "No such file or directory")

    def test_the_snapshot_before(self):
        old = (WASI % PRINT_ARGS).replace("wasi_snapshot_preview1", "wasi_unstable")
        for done in self.each_way(old, options=["--argv0=old"], arguments=["x"]):
            self.ok(done, "old\0x\0")

    def test_a_server(self):
        self.artifact(SERVER)
        for file in ("app.aot", "app.wasm"):
            port = free_port()
            server = subprocess.Popen([WASMC, "run", f"--tcp-listen=127.0.0.1:{port}", "--dir=.", file], cwd=self.dir)
            with self.connection(port, server) as client:
                client.sendall(b"ping")
                self.assertEqual(client.recv(10), b"ping")
                self.assertEqual(client.recv(10), b"")
            self.assertEqual(server.wait(60), 0)

    def connection(self, port, server):
        """As soon as it listens."""
        while server.poll() is None:
            try:
                return socket.create_connection(("127.0.0.1", port))
            except ConnectionRefusedError:
                time.sleep(0.01)
        self.fail(f"the server is gone: {server.returncode}")

    def test_inherited_environment(self):
        surroundings = {"env": {"HERE": "1", "CHANGED": "2", "EMPTY": ""}}
        self.exits(WASI % PRINT_ENVIRONMENT, 0, "HERE=1\0CHANGED=3\0EMPTY=\0NEW=4\0",
                   options=["--env=NEW=4", "--inherit-env", "--env=CHANGED=3"], **surroundings)

    def test_name_of_the_program(self):
        for done in self.each_way(WASI % PRINT_ARGS, options=["--argv0", "other"], arguments=["x"]):
            self.ok(done, "other\0x\0")

    def test_read_only_directories(self):
        (self.dir / "granted").mkdir()
        (self.dir / "granted" / "secret.txt").touch()
        to_write = OPEN_SECRET.replace("(i64.const 2)", "(i64.const 64)", 1)
        for options, code in ((["--dir=granted"], 0), (["--dir=granted:ro"], ROFS), (["--dir=granted::/data:ro"], ROFS), (["--dir=granted::ro"], 0)):
            self.exits(WASI % to_write, code, options=options)
            self.exits(WASI % OPEN_SECRET, 0, options=options)

    def test_streams_in_files(self):
        copy = """(i32.store (i32.const 0) (i32.const 200)) (i32.store (i32.const 4) (i32.const 100))
          (drop (call $fd_read (i32.const 0) (i32.const 0) (i32.const 1) (i32.const 8)))
          (call $print (i32.const 200) (i32.load (i32.const 8)))
          (i32.store (i32.const 4) (i32.const 2))
          (drop (call $fd_write (i32.const 2) (i32.const 0) (i32.const 1) (i32.const 8)))"""
        (self.dir / "in").write_text("hello")
        (self.dir / "out").write_text("longer than what comes")
        for done in self.each_way(WASI % copy, options=["--stdin=in", "--stdout=out", "--stderr=err"]):
            self.assertEqual((done.code, done.out, done.err), (0, "", ""))
            self.assertEqual(((self.dir / "out").read_text(), (self.dir / "err").read_text()), ("hello", "he"))
        for done in self.each_way(WASI % copy, options=["--stdin=in", "--stdout=both", "--stderr=both"]):
            self.assertEqual((self.dir / "both").read_text(), "hellohe")
        for options, why in ((["--stdin=missing"], "missing: cannot open"), (["--stdout=missing/out"], "missing/out: cannot open"),
                             (["--stderr=app.aot"], "app.aot: the guest's output would overwrite what it runs from")):
            self.refused(self.wasmc("run", *options, "app.aot"), why)
        for done in self.each_way(WASI % copy, options=["--stdin=in", "--stdout=same", "--stderr=./same"]):
            self.assertEqual((self.dir / "same").read_text(), "hellohe")

    def test_a_refused_command_empties_no_file(self):
        self.artifact(WASI % "")
        self.module('(module (import "no" "where" (func)))', "lost.wasm")
        (self.dir / "out").write_text("kept")
        for options in (["--dir=missing", "app.aot"], ["--dir=::", "app.aot"], ["lost.wasm"]):
            self.assertEqual(self.wasmc("run", "--stdout=out", "--stderr=out", *options).code, 1)
            self.assertEqual((self.dir / "out").read_text(), "kept")

    def test_options_without_a_value(self):
        self.artifact(WASI % PRINT_ARGS)
        for option in ("--env=", "--dir=", "--stdin=", "--argv0=", "--invoke=", "--unknown-imports=", "--preload="):
            self.refused(self.wasmc("run", option, "app.aot", "app.aot"), f"run: {option} needs a value")
            self.refused(self.wasmc("run", "--env", "A=1", option, "app.aot"), f"run: {option} needs a value")
        self.refused(self.wasmc("compile", "--target=", "app.wasm"), "compile: --target= needs a value")
        self.ok(self.wasmc("run", "--env", "--odd=", "app.aot", "--env=", "-"), "app.aot\0--env=\0-\0")

    def test_directories_that_are_no_grant(self):
        self.artifact(WASI % "")
        for wrong in ("::/x", ".::", ".::/a::/b", "::"):
            self.refused(self.wasmc("run", "--dir", wrong, "app.aot"), f'--dir: not HOST[::GUEST][:ro]: "{wrong}"')

    def test_addresses_to_listen_at(self):
        self.artifact(WASI % "")
        for wrong in ("8080", "localhost:0", "localhost:http"):
            self.refused(self.wasmc("run", "--tcp-listen", wrong, "app.aot"), "not an address to listen at, HOST:PORT")

    def test_the_artifact_that_runs_cannot_be_written(self):
        # The code is mapped from the file. 0x74… is its name, 64 the right to write, 74 TXTBSY.
        self.artifact(WASI % """(i64.store (i32.const 200) (i64.const 0x746f612e707061))
            (call $exit (call $path_open (i32.const 3) (i32.const 0) (i32.const 200) (i32.const 7)
                                         (i32.const 0) (i64.const 64) (i64.const 0) (i32.const 0) (i32.const 300)))""")
        done = self.wasmc("run", "--dir=.", "app.aot")
        self.assertEqual(done.code, 74, done)

    def test_traps(self):
        trap = "(func $inner (result i32) (i32.load (i32.const -4)))\n(func $outer (export \"_start\") (global.set $result (call $inner)))"
        for done in self.each_way(f"(module (memory 1) (global $result (mut i32) (i32.const 0)) {trap})"):
            self.assertEqual((done.code, done.out), (TRAPPED, ""), done)
            lines = done.err.splitlines()
            self.assertEqual(lines[0], "wasmc: trap: out of bounds memory access")
            self.assertRegex(done.err, r"\n    at inner \(function 0, offset 0x[0-9a-f]+\)\n")

    def test_a_trap_tells_its_instruction(self):
        # Whatever is inlined, or folded into another instruction: here an addition takes the load up.
        self.artifact("""(module (memory 1) (global $result (mut i32) (i32.const 0))
          (func $inner (param i32) (result i32)
            (i32.store offset=8 (local.get 0) (i32.const 1)) (i32.load offset=0x1111 (i32.const -4)))
          (func $middle (param i32) (result i32) (i32.add (i32.load (i32.const 0)) (call $inner (i32.const 7))))
          (func $outer (export "_start") (global.set $result (call $middle (i32.const 5)))))""")
        module = (self.dir / "app.wasm").read_bytes()
        load, in_middle, in_start = (module.index(code) for code in (b"\x28\x02\x91\x22", b"\x10\x00", b"\x10\x01"))
        for level in "0123s":
            self.ok(self.wasmc("compile", "-O", level, "app.wasm", "-o", "app.aot"))
            done = self.wasmc("run", "app.aot")
            self.assertIn(f"\n    at inner (function 0, offset 0x{load:x})\n", done.err, level)
            if level in "01":  # not inlined
                self.assertIn(f"\n    at middle (function 1, offset 0x{in_middle:x})\n    at outer (function 2, offset 0x{in_start:x})\n", done.err, level)

    def test_a_trap_in_a_copy_of_a_dispatch_tells_its_instruction(self):
        # An addition takes the load up in front of a computed goto, whose copies stand behind each handler. Each handler moves $p on; at the end of memory it traps.
        labels = range(18)
        handlers = "\n".join(f"""(local.set $x (i32.{("sub", "xor", "mul", "rotl")[i % 4]} (local.get $x) (i32.load offset={8192 + 4 * i} (local.get $at))))
          (local.set $p (i32.add (local.get $p) (i32.const {i * 16384 + 16383}))) (local.set $at (i32.add (local.get $at) (i32.const 1))) (br $next))""" for i in labels)
        numbers = "".join(f"\\{i + 1:02x}\\00\\00\\00" for i in labels)
        self.artifact(f"""(module (memory 1) (data (i32.const 1024) "{numbers}") (data (i32.const 4096) "\\00\\01\\02\\03\\04")
          (func $run (export "run") (param $at i32) (param $p i32) (param $x i32) (result i32)
            (loop $next (block $end {" ".join(f"(block $l{i}" for i in reversed(labels))}
              (local.set $x (i32.add (local.get $x) (i32.load offset=0x111 (local.get $p))))
              (br_table $end {" ".join(f"$l{i}" for i in labels)} $end
                (i32.load offset=1024 (i32.shl (i32.load8_u offset=4096 (local.get $at)) (i32.const 2)))))
              {handlers})
            (local.get $x)))""")
        load = (self.dir / "app.wasm").read_bytes().index(b"\x28\x02\x91\x02")
        for level in "0123s":
            self.ok(self.wasmc("compile", "-O", level, "app.wasm", "-o", "app.aot"))
            self.assertIn(f"\n    at run (function 0, offset 0x{load:x})\n", self.wasmc("run", "--invoke", "run", "app.aot", "0", "0", "5").err, level)

    def test_every_kind_of_trap(self):
        table = "(type $t (func)) (type $u (func (param i32))) (table 2 funcref) (elem (i32.const 0) $f) (func $f)"
        for body, message in (("unreachable", "unreachable"),
                              ("(drop (i32.div_s (i32.const 1) (global.get $zero)))", "integer divide by zero"),
                              ("(drop (i32.div_s (i32.const 0x80000000) (global.get $minus)))", "integer overflow"),
                              ("(drop (i32.trunc_f32_s (f32.const nan)))", "invalid conversion to integer"),
                              ("(call_indirect (type $t) (i32.const 5))", "undefined element"),
                              ("(call_indirect (type $t) (i32.const 1))", "uninitialized element"),
                              ("(call_indirect (type $u) (i32.const 1) (i32.const 0))", "indirect call type mismatch"),
                              ("(call $start)", "call stack exhausted")):
            text = f"(module {table} (global $zero (mut i32) (i32.const 0)) (global $minus (mut i32) (i32.const -1)) (func $start (export \"_start\") {body}))"
            for done in self.each_way(text):
                self.assertEqual((done.code, done.out), (TRAPPED, ""), (body, done))
                self.assertTrue(done.err.startswith(f"wasmc: trap: {message}"), (body, done))

    def test_stack_size(self):
        deep = """(module (func $down (param i32) (result i32)
          (if (result i32) (local.get 0) (then (i32.add (i32.const 1) (call $down (i32.sub (local.get 0) (i32.const 1))))) (else (i32.const 0))))
          (func (export "go") (param i32) (result i32) (call $down (local.get 0))))"""
        self.artifact(deep, options=["-O0"])
        self.ok(self.wasmc("run", "--invoke", "go", "app.aot", "10000"), "10000\n")
        self.ok(self.wasmc("run", "--max-wasm-stack=256M", "--invoke", "go", "app.aot", "1000000"), "1000000\n")
        done = self.wasmc("run", "--max-wasm-stack=64K", "--invoke", "go", "app.aot", "1000000")
        self.assertEqual(done.code, TRAPPED, done)
        self.assertIn("call stack exhausted", done.err)
        self.assertRegex(done.err, r"\n    at down \(function 0, offset 0x[0-9a-f]+\)\n       … and 6\d times more\n")
        # What the host needs for itself is not taken from the guest's stack.
        hello = WASI % "(call $print (i32.const 200) (i32.const 0))"
        self.exits(hello, 0, options=["--max-wasm-stack=16K"])
        for size in (1 << 60, (1 << 64) - 131072, (1 << 64) - 1):
            self.refused(self.wasmc("run", f"--max-wasm-stack={size}", "--invoke", "go", "app.aot", "1"), "cannot allocate the stack")

    def test_reactor(self):
        text = """(module (global $ready (mut i32) (i32.const 5)) (func (export "_initialize") (global.set $ready (i32.const 42)))
          (func (export "get") (result i32) (global.get $ready)))"""
        self.exits(text, 0, "42\n", options=["--invoke", "get"])
        self.exits(text, 0)

    def test_start_function(self):
        self.exits("(module (func $main) (start $main))", 0)
        for done in self.each_way("(module (func $main unreachable) (start $main))"):
            self.assertEqual(done.code, TRAPPED, done)

    def test_nothing_to_run(self):
        for done in self.each_way('(module (func (export "one")) (func (export "two")) (memory (export "m") 1))'):
            self.refused(done, "no _start", "--invoke", "one, two")
        for done in self.each_way("(module)"):
            self.refused(done, "it exports no function")

    def test_wrong_start(self):
        for done in self.each_way('(module (func (export "_start") (param i32)))'):
            self.refused(done, "'_start' should have the type () -> ()")

    def test_unknown_imports(self):
        for done in self.each_way('(module (import "host" "magic" (func)) (func (export "_start")))'):
            self.assertEqual((done.code, done.out), (1, ""), done)
            self.assertIn("unknown import", done.err)
            self.assertIn('"host" "magic"', done.err)
        for done in self.each_way('(module (import "wasi_snapshot_preview1" "proc_exit" (func)) (func (export "_start")))'):
            self.refused(done, "incompatible import type", "proc_exit")

    def test_an_option_that_is_not_ours(self):
        self.refused(self.wasmc("run", "--frobnicate", self.module()), "unknown option --frobnicate")

    def test_levels(self):
        for level in ("-O0", "-O1", "-O2", "-O3", "-Os"):
            self.artifact(options=[level])
            self.ok(self.wasmc("run", "--invoke", "add", "app.aot", "2", "40"), "42\n")
            self.ok(self.wasmc("run", level, "--bounds=explicit", "--invoke", "add", "app.wasm", "2", "40"), "42\n")
        self.assertIn("-Os", self.wasmc("inspect", "app.aot").out)


if __name__ == "__main__":
    main()
