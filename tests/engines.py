"""What the run.py of the folders share that compare engines (wasmc_engines_test in CMakeLists.txt): their options, running commands, and the engines that run scripts."""
import argparse
import contextlib
import pathlib
import shlex
import subprocess
import sys
import tempfile


def parser(description):
    out = argparse.ArgumentParser(description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
    out.add_argument("--wasmc", required=True, type=pathlib.Path)
    out.add_argument("--aarch64-wasmc", type=pathlib.Path, help="a wasmc for AArch64")
    out.add_argument("--emulator", default="", help="what runs it")
    out.add_argument("--keep", type=pathlib.Path, help="leave the modules in this directory")
    return out


@contextlib.contextmanager
def directory(options):
    """For the modules: --keep's, or one that is gone afterwards."""
    with tempfile.TemporaryDirectory() as temporary:
        out = options.keep or pathlib.Path(temporary)
        out.mkdir(exist_ok=True)
        yield out


def run(*command, check=True):
    done = subprocess.run([str(word) for word in command], capture_output=True)
    if check and done.returncode != 0:
        sys.exit(f"{shlex.join(map(str, command))}: exit code {done.returncode}\n{done.stderr.decode(errors='replace')[:2000]}")
    return done


def for_scripts(options, working, modes, aarch64_levels):
    """[(name, engine)], where an engine runs a script for `wasmc wast` and returns the finished process: natively with each of `modes` (options), and on AArch64."""
    def native(flags):
        return lambda path: run(options.wasmc, "wast", "-q", *flags, path, check=False)

    def aarch64(level):
        def engine(path):
            with tempfile.TemporaryDirectory(dir=working) as artifacts:
                run(options.wasmc, "wast", "-q", level, "--target=aarch64-linux-gnu", "--compile-to", artifacts, path)
                return run(*shlex.split(options.emulator), options.aarch64_wasmc, "wast", "-q", "--artifacts", artifacts, path, check=False)
        return engine

    return [(" ".join(flags), native(flags)) for flags in modes] + \
        [(f"aarch64 {level}", aarch64(level)) for level in aarch64_levels if options.aarch64_wasmc]
