#!/usr/bin/env bash
# From a fresh clone to a program in the sandbox: installs, builds wasmc, compiles an example to native code and runs it.
set -euo pipefail
cd "$(dirname "$0")/.."

cmake/setup.sh
cmake --preset release
cmake --build --preset release --target wasmc

step() { echo; echo "\$ $*"; "$@"; }
out=build/release/try
mkdir -p $out
export PATH=$PWD/build/release/cli:$PATH
step clang-22 -Wno-deprecated --target=wasm32-wasi --sysroot=/usr -O2 tests/programs/hello.c -o $out/hello.wasm
step wasmc compile $out/hello.wasm -o $out/hello.aot
step wasmc run $out/hello.aot
