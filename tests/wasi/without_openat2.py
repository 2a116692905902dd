#!/usr/bin/env python3
"""Runs a command on a system without openat2(2), as a seccomp profile of a container may make one: without_openat2.py COMMAND…

The filter is a BPF program of four instructions; see seccomp(2). It needs no privileges, and what the command starts inherits it.
"""

import ctypes
import errno
import os
import struct
import sys

OPENAT2 = 437  # on every architecture
PR_SET_NO_NEW_PRIVS, PR_SET_SECCOMP, SECCOMP_MODE_FILTER = 38, 22, 2
LOAD_WORD, JUMP_IF_EQUAL, RETURN = 0x20, 0x15, 0x06
ALLOW, REFUSE = 0x7FFF0000, 0x00050000 | errno.ENOSYS


def instruction(code, k, if_true=0, if_false=0):
    return struct.pack("HBBI", code, if_true, if_false, k)


def forbid_openat2():
    program = instruction(LOAD_WORD, 0) + instruction(JUMP_IF_EQUAL, OPENAT2, 0, 1) + instruction(RETURN, REFUSE) + instruction(RETURN, ALLOW)
    code = ctypes.create_string_buffer(program)
    filter_ = ctypes.create_string_buffer(struct.pack("HxxxxxxP", len(program) // 8, ctypes.addressof(code)))
    libc = ctypes.CDLL(None, use_errno=True)
    for arguments in ((PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), (PR_SET_SECCOMP, SECCOMP_MODE_FILTER, filter_, 0, 0)):
        if libc.prctl(*arguments) != 0:
            raise OSError(ctypes.get_errno(), "prctl")
    if libc.syscall(OPENAT2, -1, None, None, 0) != -1 or ctypes.get_errno() != errno.ENOSYS:
        raise OSError("openat2 is there nevertheless")


if __name__ == "__main__":
    forbid_openat2()
    os.execvp(sys.argv[1], sys.argv[1:])
