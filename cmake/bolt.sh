#!/usr/bin/env bash
# Lays the compiler's shared object out by what runs in it, with LLVM's BOLT: LLVM comes as finished archives, so no profile can go into compiling it.
#   bolt.sh LIBRARY WASMC PROFILE OUTPUT
# LIBRARY as linked (with --emit-relocs) becomes OUTPUT by PROFILE. A profile that does not exist is made first: WASMC compiles programs of bench/ with an
# instrumented copy of LIBRARY. What cannot be done is told and is no error: OUTPUT is LIBRARY as it is then.
set -euo pipefail
library=$1 wasmc=$2 profile=$3 output=$4
programs=$(cd "$(dirname "$0")/../bench/programs" && pwd)
work=$(mktemp -d "$output.XXXXXX")
trap 'rm -rf "$work"' EXIT

# Of each kind of work one program: first runs, the levels, vectors, the other target.
trainings=('lz.c -O0' 'lz.c -O1' 'minichess.c -O2' 'image_simd.c -O3' 'regex.c -O2 --target=aarch64')

# step WHAT COMMAND…: without its output, unless it fails.
step() {
  "${@:2}" >"$work/log" 2>&1 && return
  echo "bolt.sh: $1 failed, so the compiler stays as it was linked, and is slower for it:" >&2
  tail -n 5 "$work/log" >&2
  cp "$library" "$work/output"
  mv "$work/output" "$output"
  exit 0
}

make_profile() {
  local training source options
  for training in "${trainings[@]}"; do
    source=${training%% *}
    step "compiling $source to Wasm" clang-22 -w --target=wasm32-wasi --sysroot=/usr --no-wasm-opt -O2 "$programs/$source" -o "$work/$source.wasm"
  done
  cp "$wasmc" "$work/wasmc"
  step instrumenting llvm-bolt-22 "$library" -instrument -o "$work/libwasmc_compiler.so" --instrumentation-file="$work/counts" --instrumentation-file-append-pid
  for training in "${trainings[@]}"; do
    read -r source options <<<"$training"
    # shellcheck disable=SC2086 # several words
    step "compiling $source with the instrumented compiler" "$work/wasmc" compile -j1 $options "$work/$source.wasm" -o "$work/program.aot"
  done
  step 'adding up the counts' merge-fdata-22 "$work"/counts.*.fdata -o "$work/profile"
  mv "$work/profile" "$profile"
}

[ -e "$profile" ] || make_profile
step 'the layout' llvm-bolt-22 "$library" -o "$work/output" -data="$profile" \
  -reorder-blocks=ext-tsp -reorder-functions=cdsort -split-functions -split-all-cold -icf=safe
mv "$work/output" "$output"
