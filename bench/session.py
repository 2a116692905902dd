"""One session of run.py: what is measured, on what sides, and how a program becomes the files that the sides run."""
import shlex
import sys
from dataclasses import dataclass

import sides
from measure import Launcher, build_native, build_wasm, machine
from sides import Side


@dataclass
class Compiled:
    """What one `wasmc compile` took and made."""

    usage: object
    artifact: object


class Session:
    def __init__(self, options, scratch):
        self.options, self.scratch = options, scratch
        self.launcher = Launcher(options.clang, scratch)
        self.compilers = {"wasmc": (options.wasmc, options.wasmc_flags)}
        if options.against:
            self.compilers["against"] = (options.against, options.against_flags or options.wasmc_flags)

    def conditions(self):
        options = self.options
        return {"machine": machine(), "native": f"{options.clang} -O3 -ffp-contract=off {options.native_flags}".rstrip(),
                "wasm": f"{options.wasm_clang or options.clang} --target=wasm32-wasi -O3 -ffp-contract=off {options.wasm_flags}".rstrip(),
                "peers": "; ".join(map(str, options.peer)) or "none",
                **{name: f"compile {flags}{self.profile_words(name)}, run {options.run_flags}".removesuffix(", run ") for name, (_, flags) in self.compilers.items()}}

    def profile_words(self, name):
        return " --profile-use" if self.options.profile and name == "wasmc" else ""

    def own_sides(self):
        """Native code first: the others are compared with it."""
        run = ["run", *shlex.split(self.options.run_flags)]
        return [Side("native", ["{native}", "{args}"]),
                *(Side(name, [binary, *run, "{" + name + "}", "{args}"]) for name, (binary, _) in self.compilers.items())]

    def all_sides(self):
        return sides.check_names([*self.own_sides(), *self.options.peer])

    def build(self, source):
        """Builds the program for this machine and as Wasm; gives the places for sides."""
        native, wasm = self.scratch / source.stem, self.scratch / (source.stem + ".wasm")
        build_native(source, native, self.options.clang, shlex.split(self.options.native_flags))
        build_wasm(source, wasm, self.options.wasm_clang or self.options.clang, shlex.split(self.options.wasm_flags))
        return {"native": native, "wasm": wasm, "dir": self.scratch}

    def compile(self, name, wasm, *more):
        """Compiles for the side of this name."""
        binary, flags = self.compilers[name]
        artifact = wasm.with_suffix(".aot" if name == "wasmc" else f".{name}.aot")
        if self.options.profile and name == "wasmc":
            more = [*more, f"--profile-use={self.record_profile(binary, wasm)}"]
        usage = self.launcher.run([binary, "compile", *shlex.split(flags), *more, str(wasm), "-o", str(artifact)])
        if usage.code != 0:
            sys.exit(f"{wasm.stem}: {binary} compile exits with {usage.code}\n{usage.errors}".rstrip())
        return Compiled(usage, artifact)

    def record_profile(self, binary, wasm):
        """Of a run without arguments, as the sides run it."""
        profile = wasm.with_suffix(".profile")
        usage = self.launcher.run([binary, "run", f"--profile-out={profile}", str(wasm)])
        if not profile.exists():
            sys.exit(f"{wasm.stem}: {binary} run --profile-out exits with {usage.code}\n{usage.errors}".rstrip())
        return profile

    def build_all(self, source):
        """The places with the artifacts, and what compiling them took."""
        places = self.build(source)
        compiled = {name: self.compile(name, places["wasm"]) for name in self.compilers}
        sides.prepare(self.options.prepare, places, self.launcher)
        return {**places, **{name: each.artifact for name, each in compiled.items()}}, compiled


def check_equal(name, runs):
    """All runs of all sides must print the same and exit alike. `runs`: side → usages."""
    reference, expected = next((side, used[0]) for side, used in runs.items())
    for side, used in runs.items():
        for each in used:
            if (each.output, each.code) != (expected.output, expected.code):
                sys.exit(f"{name}: {side} prints {each.output!r} and exits with {each.code}, "
                         f"{reference} prints {expected.output!r} and exits with {expected.code}\n{each.errors}".rstrip())
