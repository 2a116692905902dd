#!/usr/bin/env bash
# Installs, builds and runs every test. Official test suites take part if you name their directories:
#   WASMC_SPEC_TESTS=…  scripts of the WebAssembly test suite (see tests/spec/README.md)
#   WASMC_WASI_TESTS=…  a checkout of the WASI test suite, prebuilt (see tests/wasi)
# Arguments go to ctest: cmake/test.sh -L programs
set -euo pipefail
cd "$(dirname "$0")/.."

cmake/setup.sh
cmake --preset release -DWASMC_SPEC_TESTS="${WASMC_SPEC_TESTS:-}" -DWASMC_WASI_TESTS="${WASMC_WASI_TESTS:-}"
cmake --build --preset release
ctest --preset release -j "$(nproc)" "$@"
