#!/usr/bin/env python3
"""Reading valgrind's count."""
import unittest

from harness import main

from counting import count


class Count(unittest.TestCase):
    def test_summary(self):
        self.assertEqual(count("==7== Command: x\n==7== \n==7== I   refs:      88,636,730\n"), 88636730)  # 3.19
        self.assertEqual(count("==7== I refs:        1,234\n"), 1234)  # since 3.21

    def test_none(self):
        self.assertIsNone(count("==7== Illegal opcode at address 0x1\n"))
        self.assertIsNone(count("==7== LLi refs: 5\n"))


if __name__ == "__main__":
    main()
