#!/usr/bin/env python3
"""Help, versions, and errors in the command line itself."""
from harness import CliTest, main

COMMANDS = ("compile", "run", "validate", "inspect", "wat", "print", "wast", "cache", "version")


class Help(CliTest):
    def test_no_command_shows_the_overview_as_an_error(self):
        done = self.wasmc()
        self.assertEqual((done.code, done.out), (1, ""))
        for command in COMMANDS:
            self.assertIn(f"\n  {command} ", done.err)

    def test_overview(self):
        for option in ("--help", "-h", "help"):
            done = self.ok(self.wasmc(option))
            self.assertIn("Usage: wasmc COMMAND", done.out)

    def test_each_command(self):
        for command in COMMANDS:
            done = self.ok(self.wasmc(command, "--help"))
            self.assertIn(f"Usage: wasmc {command}", done.out)
            self.assertEqual(done.out, self.wasmc(command, "-h").out)
            self.assertLessEqual(max(map(len, done.out.splitlines())), 132)
        for command in COMMANDS[:-1]:
            self.assertIn("\nExamples:\n  wasmc " + command, self.wasmc(command, "--help").out)

    def test_help_to_a_full_disk(self):
        with open("/dev/full", "w") as full:
            for arguments in (["version"], ["run", "--help"]):
                done = self.wasmc(*arguments, stdout=full)
                self.assertEqual(done.code, 1)
                self.assertEqual(done.err, "wasmc: cannot write to standard output: No space left on device\n")

    def test_version(self):
        done = self.ok(self.wasmc("version"))
        self.assertRegex(done.out, r"\Awasmc +\d+\.\d+\.\d+\nABI +\d+\ncompiler +LLVM 22\.1\.\d+\n")
        self.assertEqual(done.out, self.ok(self.wasmc("--version")).out)


class CommandLine(CliTest):
    def test_unknown_command(self):
        self.refused(self.wasmc("frobnicate"), "unknown command 'frobnicate'", "wasmc --help")

    def test_a_file_instead_of_a_command(self):
        self.refused(self.wasmc(self.module()), "to run that file: wasmc run app.wasm")

    def test_unknown_options(self):
        for command in COMMANDS:
            self.refused(self.wasmc(command, "--frobnicate"), "--frobnicate", f"wasmc {command} --help")

    def test_missing_file(self):
        for command in ("compile", "run", "validate", "inspect", "wat", "print", "wast"):
            self.refused(self.wasmc(command), "FILE is required")

    def test_bad_values(self):
        for option in ("-O4", "-Ofast", "-j=x", "--bounds=soft", "--emit=c"):
            self.refused(self.wasmc("compile", option, self.module()), "wasmc compile --help")
        for option in ("--fallback=perhaps", "--max-wasm-stack=8X", "--max-wasm-stack=-1", "--max-wasm-stack="):
            self.refused(self.wasmc("run", option, self.module()), "wasmc run --help")


if __name__ == "__main__":
    main()
