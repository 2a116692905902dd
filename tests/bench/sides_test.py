#!/usr/bin/env python3
"""Commands of sides and peers."""
import argparse
import contextlib
import io
import unittest

from harness import main

import sides
from sides import Side


class Commands(unittest.TestCase):
    def test_places_and_arguments(self):
        side = Side("wasmc", ["wasmc", "run", "--dir={dir}::.", "{wasm}", "{args}"])
        self.assertEqual(side.command({"dir": "/tmp/a b", "wasm": "x.wasm"}, ["quick", "{dir}"]),
                         ["wasmc", "run", "--dir=/tmp/a b::.", "x.wasm", "quick", "{dir}"])

    def test_no_arguments(self):
        self.assertEqual(Side("native", ["{native}", "{args}"]).command({"native": "x"}), ["x"])

    def test_saved_without_the_path(self):
        self.assertEqual(str(Side("peer", ["/home/me/bin/peer", "run", "{wasm}"])), "peer: peer run '{wasm}'")


class Options(unittest.TestCase):
    def parse(self, *arguments):
        parser = argparse.ArgumentParser()
        sides.add_arguments(parser)
        return parser.parse_args(arguments)

    def test_peers(self):
        options = self.parse("--peer", "a=b --dir={dir}::. {wasm}", "--peer", "c='d e' {wasm}", "--prepare", "make {wasm}")
        self.assertEqual([(each.name, each.words[0]) for each in options.peer], [("a", "b"), ("c", "d e")])
        self.assertEqual(options.prepare[0].words, ["make", "{wasm}"])

    def test_peers_that_cannot_be_meant(self):
        for text in ("wasmtime", "=x {wasm}", "wasmtime=wasmtime run"):
            with self.assertRaises(SystemExit), contextlib.redirect_stderr(io.StringIO()):
                self.parse("--peer", text)

    def test_a_name_twice(self):
        with self.assertRaises(SystemExit):
            sides.check_names([Side("native", ["x"]), Side("native", ["y"])])


if __name__ == "__main__":
    main()
