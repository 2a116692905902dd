#!/usr/bin/env python3
"""That all sides of a session must say the same."""
import unittest

from harness import main

from measure import Usage
from session import check_equal


def used(output, code=0):
    return Usage(1, 1, 1, code, output, "as said")


class Equality(unittest.TestCase):
    def test_equal(self):
        check_equal("lu", {"native": [used(b"1"), used(b"1")], "wasmc": [used(b"1")]})

    def test_another_output(self):
        with self.assertRaisesRegex(SystemExit, r"lu: wasmc prints b'2' and exits with 0, native prints b'1' and exits with 0\nas said"):
            check_equal("lu", {"native": [used(b"1")], "wasmc": [used(b"1"), used(b"2")]})

    def test_another_exit_code(self):
        with self.assertRaisesRegex(SystemExit, "exits with 134"):
            check_equal("lu", {"native": [used(b"1")], "wasmc": [used(b"1", 134)]})

    def test_native_with_itself(self):
        with self.assertRaisesRegex(SystemExit, "lu: native prints"):
            check_equal("lu", {"native": [used(b"1"), used(b"")]})


if __name__ == "__main__":
    main()
