"""Makes the modules of bench/ known to tests."""
import pathlib
import sys
import unittest

BENCH = pathlib.Path(__file__).resolve().parents[2] / "bench"
sys.path.insert(0, str(BENCH))


def main():
    unittest.main(verbosity=2)
