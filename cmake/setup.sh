#!/usr/bin/env bash
# Installs what building and testing wasmc needs on Debian 12, and only what is missing. Without anything missing it needs no rights.
set -euo pipefail

packages=(
  g++ cmake ninja-build ccache python3                                         # build tools; g++ for libstdc++
  clang-22 llvm-22-dev lld-22 liblld-22-dev libpolly-22-dev libclang-rt-22-dev bolt-22 # compiler, LLVM as libraries, and what lays them out
  libcli11-dev libgtest-dev libgmock-dev libbenchmark-dev                      # libraries
  libxxhash-dev libzstd-dev zlib1g-dev libxml2-dev
  wasi-libc libclang-rt-22-dev-wasm32 libc++-22-dev-wasm32 libc++abi-22-dev-wasm32  # C and C++ to Wasm
  wabt binaryen                                                                # tools for .wat and .wasm
  gcc-aarch64-linux-gnu g++-aarch64-linux-gnu qemu-user                        # AArch64
  valgrind gnuplot-nox                                                         # what the benchmarks count and plot with
)
command -v node >/dev/null || packages+=(nodejs)
command -v npm >/dev/null || packages+=(npm)

missing=()
for package in "${packages[@]}"; do
  [ "$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null)" = installed ] || missing+=("$package")
done
[ ${#missing[@]} -gt 0 ] || exit 0

echo "setup: installing ${missing[*]}"
as_root=()
[ "$(id -u)" = 0 ] || as_root=(sudo)
export DEBIAN_FRONTEND=noninteractive
"${as_root[@]}" apt-get update -qq
for package in "${missing[@]}"; do
  if [ -z "$(apt-cache policy "$package" | sed -n 's/^  Candidate: \((none)\)\?//p')" ]; then
    echo "setup: the configured package sources have no $package." >&2
    case $package in
      *-22*) echo "setup: LLVM 22 comes with Debian 12's security updates (bookworm-security), or from LLVM's own repository, apt.llvm.org (llvm-toolchain-bookworm-22); add one of them." >&2 ;;
      *) echo "setup: this script is for Debian 12 (bookworm), with its section 'main'." >&2 ;;
    esac
    exit 1
  fi
done
"${as_root[@]}" apt-get install -qq -y --no-install-recommends "${missing[@]}" >/dev/null
