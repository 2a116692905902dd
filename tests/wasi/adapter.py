"""Adapter of the official WASI test runner (WebAssembly/wasi-testsuite) for wasmc.

Copy it as adapters/wasmc.py into a checkout of the suite (branch prod/testsuite-base has the tests built) or name its path:
./run-tests --runtime …/tests/wasi/adapter.py. WASMC names the command, `wasmc` by default, with options if you like:
WASMC="build/release/cli/wasmc run --no-cache -O0". The runner wants Python 3.12. WASI 0.1 is what wasmc has; the runner leaves suites of later versions out.
"""

import os
import shlex
import subprocess

WASMC = shlex.split(os.getenv("WASMC", "wasmc"))


def get_name():
    return "wasmc"


def get_version():
    done = subprocess.run([WASMC[0], "--version"], encoding="UTF-8", capture_output=True, check=True)
    return done.stdout.split()[1]


def get_timeout_seconds():
    """A test is compiled first."""
    return 60


def get_wasi_versions():
    return ["wasm32-wasip1"]


def get_wasi_worlds():
    return ["wasi:cli/command"]


def compute_argv(test_path, args_env_root, proposals, wasi_world, wasi_version):
    args, env, root = args_env_root
    command = list(WASMC) if len(WASMC) > 1 else WASMC + ["run", "--no-cache"]
    for name, value in env.items():
        command += ["--env", f"{name}={value}"]
    if root:
        command += ["--dir", f"{root}::/"]
    return command + [test_path, "--", *args]
